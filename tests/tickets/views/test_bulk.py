"""Many tickets at once: each by its own rules, each refusal named, nothing done twice."""

import html
import re
import sys
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import OrgUnit
from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import Category, Ticket, TicketEvent
from app.tickets.queries.chosen import MOST
from app.tickets.workflow.states import Complexity, Event, Status
from tests import make
from tests.office import Office, open_office

Browse = Callable[[Actor], FlaskClient]
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    made = open_office()
    with transaction():
        category = db.session.get_one(Category, made.category_id)
        category.lead_unit_id = made.unit_id
        category.co_units = [db.session.get_one(OrgUnit, made.other_unit_id)]
    return made


def several(office: Office, status: Status, n: int = 3) -> list[int]:
    return [office.walk_to(status).id for _ in range(n)]


def send(browser: FlaskClient, name: str, ids: list[int], **typed: object) -> TestResponse:
    data = {"ids": ids, "idempotency_key": KEY} | typed
    return browser.post(f"/tickets/bulk/{name}", data=data)


def words(answer: TestResponse) -> str:
    return html.unescape(answer.text)


def states(ids: list[int]) -> list[Status]:
    db.session.rollback()
    return [db.session.get_one(Ticket, id_).status for id_ in ids]


def events(kind: str) -> int:
    db.session.rollback()
    return db.session.query(TicketEvent).filter_by(kind=kind).count()


def test_each_is_accepted_with_the_classification_it_has(
    office: Office, client_for: Browse
) -> None:
    ids = several(office, Status.PENDING_ACCEPTANCE)

    answer = send(client_for(office.actor(Role.DISPATCHER)), "accept", ids, duplicates_checked="y")

    assert answer.status_code == 200
    assert states(ids) == [Status.PENDING_DISPATCH] * 3
    accepted = db.session.get_one(Ticket, ids[0])
    assert (accepted.category_id, accepted.complexity) == (office.category_id, Complexity.SIMPLE)


def test_duplicates_must_be_checked_for_all(office: Office, client_for: Browse) -> None:
    ids = several(office, Status.PENDING_ACCEPTANCE)

    answer = send(client_for(office.actor(Role.DISPATCHER)), "accept", ids)

    assert answer.status_code == 422
    assert "请核对后打勾" in words(answer)
    assert words(answer).count(" checked") == 3  # what was ticked stays ticked
    assert states(ids) == [Status.PENDING_ACCEPTANCE] * 3


def test_each_goes_to_the_unit_of_the_catalogue(office: Office, client_for: Browse) -> None:
    ids = several(office, Status.PENDING_DISPATCH)

    send(client_for(office.actor(Role.DISPATCHER)), "dispatch", ids)

    assert states(ids) == [Status.PENDING_SIGN] * 3
    ticket = db.session.get_one(Ticket, ids[1])
    assert ticket.lead_unit_id == office.unit_id
    assert [task.unit_id for task in ticket.co_tasks] == [office.other_unit_id]


def test_all_go_to_the_one_unit_that_was_chosen(office: Office, client_for: Browse) -> None:
    ids = several(office, Status.PENDING_DISPATCH, 2)
    browser = client_for(office.actor(Role.DISPATCHER))

    send(browser, "dispatch", ids, lead_unit_id=office.other_unit_id)

    led = [db.session.get_one(Ticket, id_).lead_unit_id for id_ in ids]
    assert led == [office.other_unit_id] * 2


def test_what_cannot_be_done_is_named_and_stops_nothing_else(
    office: Office, client_for: Browse
) -> None:
    good = several(office, Status.PENDING_DISPATCH, 1)
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.HARD)
    hard, number = office.ticket_id, office.ticket.number
    signed = several(office, Status.IN_PROGRESS, 1)

    answer = send(client_for(office.actor(Role.DISPATCHER)), "dispatch", [*signed, hard, *good])

    page = words(answer)
    assert states([*signed, hard, *good]) == [
        Status.IN_PROGRESS,
        Status.PENDING_DISPATCH,
        Status.PENDING_SIGN,
    ]
    assert "交办 1 件" in page
    assert number in page
    assert "由营商办主任交办" in page
    assert "现在是“办理中”" in page


def test_the_director_dispatches_what_only_the_director_may(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.HARD)

    send(client_for(office.actor(Role.OFFICE_DIRECTOR)), "dispatch", [office.ticket_id])

    assert states([office.ticket_id]) == [Status.PENDING_SIGN]


def test_a_double_click_repeats_nothing_and_says_the_same(
    office: Office, client_for: Browse
) -> None:
    ids = several(office, Status.PENDING_DISPATCH)
    browser = client_for(office.actor(Role.DISPATCHER))

    first, second = (send(browser, "dispatch", ids) for _ in range(2))

    assert "交办 3 件" in words(first)
    assert "交办 3 件" in words(second)
    assert events("dispatch") == 3


def test_parts_under_one_key_add_up_and_answer_in_json(office: Office, client_for: Browse) -> None:
    ids = several(office, Status.PENDING_DISPATCH)
    browser = client_for(office.actor(Role.DISPATCHER))
    typed = {"idempotency_key": KEY}
    ask = {"Accept": "application/json"}

    found = [
        browser.post("/tickets/bulk/dispatch", data=typed | {"ids": part}, headers=ask).json
        for part in (ids[:2], ids[1:], [4711])
    ]

    assert [(one["done"], len(one["refused"])) for one in found if one] == [(2, 0), (2, 0), (0, 1)]
    assert events("dispatch") == 3


def test_urging_twice_a_day_is_refused_ticket_by_ticket(office: Office, client_for: Browse) -> None:
    ids = several(office, Status.IN_PROGRESS, 2)
    browser = client_for(office.actor(Role.DISPATCHER))

    send(browser, "urged", ids[:1], comment="请抓紧")
    again = send(browser, "urged", ids, comment="请抓紧", idempotency_key="f" * 32)

    assert "今天已经催过一次" in words(again)
    assert events("urged") == 2


def test_a_head_names_one_handler_for_many_of_the_own_unit(
    office: Office, client_for: Browse
) -> None:
    ids = several(office, Status.IN_PROGRESS, 2)
    colleague = office.more["colleague"].user_id

    send(client_for(office.actor(Role.DEPT_HEAD)), "assigned", ids, handler_id=colleague)
    other = send(client_for(office.more["other head"]), "assigned", ids, handler_id=colleague)

    db.session.rollback()
    assert {db.session.get_one(Ticket, id_).handler_id for id_ in ids} == {colleague}
    assert "没有找到这件企业问题" in words(other)
    assert office.ticket.title not in words(other)


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [([], "请至少选一件"), (list(range(1, MOST + 2)), "一次最多 200 件"), (["胡写"], "请从列出的")],
)
def test_nothing_too_much_or_nonsense_is_refused(
    office: Office, client_for: Browse, ids: list[int], sentence: str
) -> None:
    answer = send(client_for(office.actor(Role.DISPATCHER)), "dispatch", ids)

    assert answer.status_code == 422
    assert sentence in words(answer)


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("name", ["accept", "dispatch", "urged", "assigned", "nonsense"])
def test_an_action_is_a_page_only_for_those_whose_it_is(
    office: Office, client_for: Browse, role: Role, name: str
) -> None:
    whose = {
        "accept": {Role.DISPATCHER},
        "dispatch": {Role.DISPATCHER, Role.OFFICE_DIRECTOR},
        "urged": {
            Role.DISPATCHER,
            Role.OFFICE_DIRECTOR,
            Role.CHIEF,
            Role.LEADER,
            Role.SUPERVISOR,
        },
        "assigned": {Role.DEPT_HEAD},
    }
    browser = client_for(office.actor(role))

    shown = browser.get(f"/tickets/bulk/{name}").status_code

    assert shown == (200 if role in whose.get(name, set()) else 404)
    assert send(browser, name, [1]).status_code in ({200, 422} if shown == 200 else {404})


def test_all_that_a_filter_finds_can_be_chosen_up_to_the_limit(
    office: Office, client_for: Browse
) -> None:
    several(office, Status.PENDING_DISPATCH, 2)
    office.walk_to(Status.IN_PROGRESS)

    page = words(
        client_for(office.actor(Role.DISPATCHER)).get("/tickets/bulk/dispatch?all=1&view=open")
    )

    assert page.count('name="ids"') == 2
    assert "交办 2 件" in page


def test_what_is_not_at_this_step_is_shown_apart(office: Office, client_for: Browse) -> None:
    ready, other = several(office, Status.PENDING_DISPATCH, 1)[0], make.ticket(title="早已办理").id

    page = words(
        client_for(office.actor(Role.DISPATCHER)).get(
            f"/tickets/bulk/dispatch?ids={ready}&ids={other}&ids=abc&ids=99999999999"
        )
    )

    assert page.count('name="ids"') == 1
    assert "这些现在不能交办" in page
    assert "早已办理" in page


def test_the_page_takes_as_many_statements_for_twenty_as_for_two(
    office: Office, client_for: Browse, statements: list[str]
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))
    taken = []
    for n in (2, 18):
        for _ in range(n):
            make.ticket(Status.PENDING_DISPATCH, category_id=office.category_id)
        browser.get("/tickets/bulk/dispatch?all=1")
        statements.clear()
        browser.get("/tickets/bulk/dispatch?all=1")
        taken.append(len(statements))

    assert taken[0] == taken[1]


def test_the_register_offers_the_boxes_and_what_may_be_done(
    office: Office, client_for: Browse
) -> None:
    several(office, Status.PENDING_DISPATCH, 1)

    page = words(client_for(office.actor(Role.DISPATCHER)).get("/tickets"))

    assert 'form="bulk"' in page
    assert "/tickets/bulk/accept" in page
    assert "/tickets/bulk/assigned" not in page
    outside = words(client_for(office.actor(Role.ENTERPRISE_USER)).get("/tickets"))
    assert office.ticket.title in outside
    assert 'form="bulk"' not in outside


def test_after_signing_in_again_the_choice_is_there_and_nothing_was_done(
    office: Office, client_for: Browse
) -> None:
    ids = several(office, Status.PENDING_DISPATCH, 2)
    browser = client_for(office.actor(Role.DISPATCHER))

    shown = send(browser, "dispatch", ids[:1], comment="请先到现场", returning="1")

    assert "请先到现场" in words(shown)
    assert words(shown).count(" checked") == 1
    assert states(ids) == [Status.PENDING_DISPATCH] * 2


def test_what_was_changed_since_the_page_was_read_is_refused_by_name(
    office: Office, client_for: Browse
) -> None:
    ids = several(office, Status.PENDING_DISPATCH, 2)
    browser = client_for(office.actor(Role.DISPATCHER))
    page = words(browser.get(f"/tickets/bulk/dispatch?ids={ids[0]}&ids={ids[1]}"))
    seen = re.findall(r'name="seen" value="([^"]*)"', page)
    with transaction():  # a colleague leaves a note, or changes the category
        db.session.get_one(Ticket, ids[1]).wish = "请尽快"

    answer = send(browser, "dispatch", ids, seen=seen[0])

    assert states(ids) == [Status.PENDING_SIGN, Status.PENDING_DISPATCH]
    assert "刚才有人办过这件企业问题" in words(answer)
    nonsense = send(browser, "dispatch", ids, seen="1-x", idempotency_key="e" * 32)
    assert nonsense.status_code == 422


def test_more_than_may_be_done_at_once_is_said(
    office: Office, client_for: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(office, Status.PENDING_DISPATCH, 3)
    for module in ("app.tickets.views.bulk", "app.tickets.queries.chosen"):
        monkeypatch.setattr(sys.modules[module], "MOST", 2)
    browser = client_for(office.actor(Role.DISPATCHER))

    page = words(browser.get("/tickets/bulk/dispatch?all=1"))

    assert "一次最多 2 件，这里是前 2 件。" in page
    assert page.count('name="ids"') == 2
    make.ticket(Status.IN_PROGRESS)
    fewer = words(browser.get("/tickets/bulk/urged?all=1"))
    assert "一次最多" not in fewer


def test_nothing_ticked_is_not_taken_for_nothing_to_do(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))

    assert "还没有选中任何一件" in words(browser.get("/tickets/bulk/dispatch?view=open"))
    assert "还没有选中任何一件" not in words(browser.get("/tickets/bulk/dispatch?all=1"))


def test_a_condition_that_cannot_be_read_is_named_before_more_is_done_than_meant(
    office: Office, client_for: Browse
) -> None:
    several(office, Status.PENDING_DISPATCH, 1)
    browser = client_for(office.actor(Role.DISPATCHER))

    page = words(browser.get("/tickets/bulk/dispatch?all=1&category=4711&view=open"))

    assert "这些条件看不懂，没有用上，选中的可能比您要的多：类别。" in page
    assert "看不懂" not in words(browser.get("/tickets/bulk/dispatch?all=1&view=open"))


def test_the_way_back_leads_to_the_list_one_came_from(office: Office, client_for: Browse) -> None:
    ids = several(office, Status.PENDING_DISPATCH, 1)
    browser = client_for(office.actor(Role.DISPATCHER))

    page = words(browser.get(f"/tickets/bulk/dispatch?ids={ids[0]}&view=open&page=3"))
    address = re.findall(r'action="(/tickets/bulk/dispatch[^"]*)"', page)[0]
    done = browser.post(address, data={"ids": ids, "idempotency_key": KEY})

    assert page.count('href="/tickets?view=open"') == 2
    assert 'href="/tickets?view=open"' in words(done)
