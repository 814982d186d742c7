"""The enterprise has the last word: what it says by its link takes effect in the same moment."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from threading import Barrier
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.attachments.models import Attachment
from app.core import clock, links
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.links import PublicLink
from app.core.transactions import DoneOnce, transaction
from app.tickets import jobs, service
from app.tickets.models import Revisit, Ticket
from app.tickets.service import StepInput
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Closing, Event, Note, Outcome, Solved, Status
from tests import make
from tests.office import Office
from tests.portal.visitor import carried
from tests.tickets.asking import (
    CONTENT,
    NOT_CONTENT,
    SEALED,
    answer_again,
    ask,
    asked_office,
    confirm,
    go_to,
    letters,
    phone,
    rate,
    ratings,
    read_back,
    token,
    told,
)

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User | Actor], FlaskClient]


@pytest.fixture
def office() -> Office:
    return asked_office()


@pytest.fixture
def firm(app: Flask) -> FlaskClient:
    """Return the browser of somebody without an account."""
    return app.test_client()


def picture(
    name: str = "桥.jpg", colour: str | tuple[int, int, int] = "red"
) -> tuple[io.BytesIO, str]:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "JPEG")
    made.seek(0)
    return made, name


# ---- what it says, and what comes of it ----

OUTCOMES = (Outcome.RESOLVED, Outcome.EXPLAINED, Outcome.REFERRED_UP)
COMBINATIONS = list(product(("yes", "partial", "no"), (2, 3), OUTCOMES, (1, 2)))


def expected(solved: str, score: int, outcome: Outcome, round_: int) -> str:
    """Return what the office's table says: T21, T22, or the director's decision."""
    explained = outcome in {Outcome.EXPLAINED, Outcome.REFERRED_UP}
    if score >= 3 and (solved != "no" or explained):
        return Event.REVISIT_CLOSE
    return Event.REVISIT_REWORK if round_ == 1 else Note.REVISITED


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_each_answer_brings_about_what_the_table_says(
    combination: tuple[str, int, Outcome, int], office: Office, firm: FlaskClient
) -> None:
    solved, score, outcome, round_ = combination
    with transaction():
        ticket = office.ticket
        ticket.outcome, ticket.round = outcome, round_
        ticket.replies[-1].round = round_

    answer = rate(
        firm,
        ask(),
        solved=solved,
        result_score=str(score),
        attitude_score="4",
        reasons="slow",
    )

    assert answer.status_code == 303
    wanted = expected(solved, score, outcome, round_)
    ticket = office.ticket
    assert ticket.events[-1].kind == wanted
    (said,) = ratings()
    assert (said.solved, said.result_score, said.attitude_score) == (Solved(solved), score, 4)
    assert said.channel is ContactChannel.LINK
    assert (ticket.status, ticket.round) == {
        Event.REVISIT_CLOSE: (Status.CLOSED, round_),
        Event.REVISIT_REWORK: (Status.IN_PROGRESS, round_ + 1),
        Note.REVISITED: (Status.PENDING_REVISIT, round_),
    }[wanted]
    assert said.closes is (wanted == Event.REVISIT_CLOSE)


def test_a_low_mark_for_the_manner_alone_closes_but_says_why(
    office: Office, firm: FlaskClient
) -> None:
    at = ask()
    bad_manner = {"solved": "yes", "result_score": "4", "attitude_score": "2"}

    assert read_back(firm, at, **bad_manner).status_code == 422
    assert rate(firm, at, **bad_manner, reasons="manner").status_code == 303

    assert office.ticket.status is Status.CLOSED
    assert ratings()[0].reasons == ["manner"]


def test_a_no_is_told_with_its_reason_to_the_unit_the_co_unit_and_the_leader(
    app: Flask, firm: FlaskClient
) -> None:
    office = asked_office()
    at = ask()

    rate(firm, at, **NOT_CONTENT, comment="桥还是只能过五吨", words="找小王要，打三分太多")

    why = "问题没有解决：桥还是只能过五吨"
    for role in (Role.HANDLER, Role.DEPT_HEAD, Role.LEADER):
        last = told(office.people[role].user_id)[-1]
        assert last.context["why"] == why
        assert "小王" not in str(last.context)
    ticket = office.ticket
    assert ticket.rework_due_at == ticket.due_at
    assert ticket.events[-1].comment == why
    assert ticket.events[-1].actor_id is None
    assert ticket.events[-1].actor_role is Role.ENTERPRISE_USER
    days = office.workday_after(clock.today(), 5)
    assert clock.local(ticket.due_at).date() == days
    del app


def test_after_the_last_round_the_director_is_told_and_the_ticket_waits(
    office: Office, firm: FlaskClient
) -> None:
    rate(firm, ask(), **NOT_CONTENT)
    answer_again(office)

    rate(firm, ask(), **NOT_CONTENT)

    ticket = office.ticket
    assert (ticket.status, ticket.round, ticket.closing) == (Status.PENDING_REVISIT, 2, None)
    assert "提级重办" in told(office.people[Role.OFFICE_DIRECTOR].user_id)[-1].context["what_label"]
    page = firm.get(f"/rate/{token()}")
    assert "营商办主任" in page.text


def test_whoever_is_rated_reads_the_reason_but_neither_words_nor_marks_nor_pictures(
    office: Office, firm: FlaskClient, client_for: ClientFor
) -> None:
    at = ask()
    page = firm.post(
        f"/rate/{at}",
        data={
            "idempotency_key": "a" * 32,
            **NOT_CONTENT,
            "comment": "桥还是只能过五吨",
            "words": "找小王要",
            "files": picture(),
        },
        content_type="multipart/form-data",
    )
    assert "桥.jpg" in page.text
    confirm(firm, at, page)
    (kept,) = db.session.scalars(select(Attachment)).all()
    assert kept.revisit_id == ratings()[0].id
    assert kept.added_by_id is None
    address = f"/tickets/{office.ticket_id}/attachments/{kept.id}"

    rated = client_for(office.people[Role.HANDLER])
    seen = rated.get(f"/tickets/{office.ticket_id}").text
    assert "桥还是只能过五吨" in seen
    assert "小王" not in seen
    assert "桥.jpg" not in seen
    assert rated.get(address).status_code == 404

    free = client_for(office.people[Role.DISPATCHER])
    seen = free.get(f"/tickets/{office.ticket_id}").text
    assert "小王" in seen
    assert "桥.jpg" in seen
    assert "企业自己填写" in seen
    assert free.get(address).status_code == 200


# ---- the two steps ----


def test_what_is_answered_is_read_back_and_nothing_is_written_before_it_is_confirmed(
    office: Office, firm: FlaskClient
) -> None:
    at = ask()

    page = read_back(firm, at, **NOT_CONTENT, words="还是过不去")

    assert page.status_code == 200
    for words in ("没有解决", "非常不满意", "基本满意", "还是过不去", "是的，提交评价"):
        assert words in page.text
    assert ratings() == []
    assert office.ticket.status is Status.PENDING_REVISIT


def test_nothing_is_chosen_beforehand(office: Office, firm: FlaskClient) -> None:
    del office
    page = firm.get(f"/rate/{ask()}").text

    assert page.count('type="radio"') == 15
    assert " checked" not in page
    assert page.count("<legend") == 5


@pytest.mark.parametrize("missing", ["solved", "result_score", "attitude_score"])
def test_each_question_wants_an_answer(missing: str, office: Office, firm: FlaskClient) -> None:
    del office
    given = {name: value for name, value in CONTENT.items() if name != missing}

    page = read_back(firm, ask(), **given)

    assert page.status_code == 422
    assert f'href="#{missing}' in page.text


@pytest.mark.parametrize(
    "bad",
    [
        {"solved": "maybe"},
        {"result_score": "6"},
        {"attitude_score": "0"},
        {"contacted": "perhaps"},
        {"solved": "no"},  # without a reason
        {"result_score": "2"},
        {"reasons": "nonsense", "solved": "no"},
        {"reasons": "other", "solved": "no"},  # and which
        {"words": "长" * 1001},
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    bad: dict[str, str], office: Office, firm: FlaskClient
) -> None:
    page = read_back(firm, ask(), **(CONTENT | bad))

    assert page.status_code == 422
    assert not SEALED.search(page.text)
    assert (ratings(), office.ticket.status) == ([], Status.PENDING_REVISIT)


def test_one_may_go_back_and_change_it(office: Office, firm: FlaskClient) -> None:
    at = ask()
    sealed = SEALED.search(read_back(firm, at, **NOT_CONTENT, words="还是过不去").text)
    assert sealed

    page = firm.post(f"/rate/{at}", data={"answers": sealed.group(1), "change": "1"})

    assert page.status_code == 200
    assert page.text.count(" checked") == 4
    assert "还是过不去" in page.text
    assert (ratings(), office.ticket.status) == ([], Status.PENDING_REVISIT)


def with_pictures(
    browser: FlaskClient, at: str, *pictures: tuple[io.BytesIO, str], **more: Any
) -> TestResponse:
    """Send the questions as a browser does, with the pictures that are chosen."""
    fields = {"idempotency_key": "a" * 32, **NOT_CONTENT, "files": list(pictures), **more}
    return browser.post(f"/rate/{at}", data=fields, content_type="multipart/form-data")


def kept(page: TestResponse) -> dict[str, Any]:
    """Return what a page keeps of pictures that were chosen: all of them ticked."""
    key = re.search(r'name="idempotency_key" value="(\w+)"', page.text)
    return {"idempotency_key": key[1] if key else "", "keep": carried(page)}


def to_change(browser: FlaskClient, at: str, page: TestResponse) -> TestResponse:
    """Go back from what was read back."""
    sealed = SEALED.search(page.text)
    assert sealed, page.text
    return browser.post(f"/rate/{at}", data={"answers": sealed.group(1), "change": "1"})


def attached() -> list[str]:
    """Return the names of the pictures that belong to a rating."""
    db.session.rollback()
    return list(db.session.scalars(select(Attachment.name).order_by(Attachment.id)))


def test_who_goes_back_to_change_something_need_not_choose_the_pictures_again(
    office: Office, firm: FlaskClient
) -> None:
    del office
    at = ask()
    changing = to_change(firm, at, with_pictures(firm, at, picture()))
    assert "桥.jpg" in changing.text

    again = with_pictures(firm, at, picture("路.jpg", "blue"), **kept(changing))
    confirm(firm, at, again)

    assert attached() == ["桥.jpg", "路.jpg"]


def test_a_picture_that_was_chosen_can_be_left_out_again(office: Office, firm: FlaskClient) -> None:
    del office
    at = ask()
    both = with_pictures(firm, at, picture(), picture("路.jpg", "blue"))
    chosen = kept(to_change(firm, at, both))

    confirm(firm, at, with_pictures(firm, at, **chosen | {"keep": chosen["keep"][1:]}))

    assert attached() == ["路.jpg"]


@pytest.mark.parametrize("wrong", ["an answer", "another file"])
def test_where_something_is_wrong_the_pictures_stay_chosen(
    wrong: str, office: Office, firm: FlaskClient
) -> None:
    del office
    at = ask()
    bad = {"an answer": {"reasons": ""}, "another file": {}}[wrong]
    more = [(io.BytesIO(b"no"), "坏.exe")] if wrong == "another file" else []

    page = with_pictures(firm, at, picture(), *more, **bad)
    assert page.status_code == 422
    confirm(firm, at, with_pictures(firm, at, **kept(page)))

    assert attached() == ["桥.jpg"]


def test_what_was_chosen_at_one_link_is_good_at_no_other(office: Office, firm: FlaskClient) -> None:
    at = ask()
    chosen = kept(to_change(firm, at, with_pictures(firm, at, picture())))
    phone(office, Solved.NO, 1)
    answer_again(office)
    new = ask()

    confirm(firm, new, with_pictures(firm, new, **chosen))

    assert len(ratings()) == 1
    assert attached() == []


def test_all_pictures_together_are_at_most_ten(office: Office, firm: FlaskClient) -> None:
    del office
    at = ask()
    nine = [picture(f"{n}.jpg", (n, n, n)) for n in range(0, 250, 28)]
    chosen = kept(to_change(firm, at, with_pictures(firm, at, *nine)))

    page = with_pictures(firm, at, picture("a.jpg"), picture("b.jpg", "blue"), **chosen)

    assert page.status_code == 422
    assert "最多 10 个附件" in page.text


def test_a_scanner_that_opens_every_link_and_sends_every_form_changes_nothing(
    office: Office, firm: FlaskClient
) -> None:
    at = ask()
    rows = db.session.scalar(select(func.count()).select_from(AuditRow))

    firm.get(f"/rate/{at}")
    firm.head(f"/rate/{at}")
    page = firm.post(f"/rate/{at}", data={"idempotency_key": "b" * 32, "words": "", "comment": ""})
    again = firm.post(f"/rate/{at}", data={})

    assert (page.status_code, again.status_code) == (422, 422)
    assert not SEALED.search(page.text)
    assert (ratings(), office.ticket.status) == ([], Status.PENDING_REVISIT)
    assert db.session.scalar(select(func.count()).select_from(AuditRow)) == rows


# ---- once, and no other way ----


def test_a_double_click_writes_one_answer_and_leads_to_it_twice(
    office: Office, firm: FlaskClient
) -> None:
    at = ask()
    page = read_back(firm, at, **NOT_CONTENT)

    first, second = confirm(firm, at, page), confirm(firm, at, page)

    assert first.status_code == second.status_code == 303
    assert first.location == second.location == "?said=1"
    assert len(ratings()) == 1
    assert office.ticket.round == 2
    kept = db.session.scalars(select(DoneOnce)).all()
    assert all(at not in row.location for row in kept)


def test_the_link_afterwards_shows_what_was_said_first(office: Office, firm: FlaskClient) -> None:
    at = ask()
    old = read_back(firm, at, **CONTENT)
    rate(firm, at, **NOT_CONTENT, words="还是过不去")

    shown = firm.get(f"/rate/{at}")
    again = confirm(firm, at, old)
    third = read_back(firm, at, **CONTENT)

    assert shown.status_code == 200
    assert again.status_code == 410
    assert third.status_code == 200
    for page in (shown, again, third):
        assert "已经记下您的评价" in page.text
        assert "还是过不去" in page.text
        assert "重办" in page.text
        assert "<form class" not in page.text.split("</main>")[0]
    assert len(ratings()) == 1
    assert office.ticket.round == 2


def test_a_link_of_an_earlier_round_says_that_it_is_old(office: Office, firm: FlaskClient) -> None:
    old = ask()
    phone(office, Solved.NO, 1)
    assert "是上一次答复的" in firm.get(f"/rate/{old}").text
    answer_again(office)
    new = ask()

    assert new != old
    assert firm.get(f"/rate/{old}").status_code == 410
    assert read_back(firm, old).status_code == 410
    assert firm.get(f"/rate/{new}").status_code == 200


def test_a_link_of_what_was_closed_after_a_call_says_so(office: Office, firm: FlaskClient) -> None:
    at = ask()
    page = read_back(firm, at, **NOT_CONTENT)
    phone(office, Solved.YES, 5)

    assert "已经听您说过了" in firm.get(f"/rate/{at}").text
    late = confirm(firm, at, page)

    assert late.status_code == 410
    assert "已经听您说过了" in late.text
    assert office.ticket.status is Status.CLOSED
    assert ratings() == []


def test_a_link_of_what_ended_without_a_word_says_so(office: Office, firm: FlaskClient) -> None:
    at = ask()
    with transaction():
        ticket = office.ticket
        ticket.status, ticket.closing = Status.CLOSED, Closing.UNREACHABLE

    page = firm.get(f"/rate/{at}")

    assert page.status_code == 410
    assert "已经结束" in page.text


def test_an_expired_or_revoked_link_asks_nothing(
    office: Office, firm: FlaskClient, frozen_clock: time_machine.Traveller
) -> None:
    at = ask()
    page = read_back(firm, at)
    go_to(frozen_clock, "2026-10-22")
    assert firm.get(f"/rate/{at}").status_code == 410
    assert confirm(firm, at, page).status_code in {410, 422}

    go_to(frozen_clock, "2026-09-21", "10:00")
    with transaction():
        links.revoke(
            tenant_id=office.tenant_id, purpose="rate", subject=f"ticket:{office.ticket_id}"
        )
    assert firm.get(f"/rate/{at}").status_code == 410
    assert read_back(firm, at).status_code == 410
    assert ratings() == []


def test_nobody_can_forge_swap_or_borrow_a_link(office: Office, firm: FlaskClient) -> None:
    at = ask()
    number, serial, signed = at.split("-", 2)
    with transaction():
        foreign = links.make(
            "follow",
            f"ticket:{office.ticket_id}",
            tenant_id=office.tenant_id,
            lasts=timedelta(days=1),
        )
        other = links.token_of(foreign)

    wrong = [
        f"{number}-{serial}-{'A' * len(signed)}",
        f"{int(number) + 1}-{serial}-{signed}",
        f"{number}-{int(serial) + 1}-{signed}",
        other,
        "x",
        "1-1-" + "é",
    ]

    for one in wrong:
        assert firm.get(f"/rate/{one}").status_code == 404
        assert read_back(firm, one).status_code == 404


def test_answers_sealed_for_one_link_are_good_for_no_other(
    office: Office, firm: FlaskClient
) -> None:
    at = ask()
    page = read_back(firm, at, **CONTENT)
    phone(office, Solved.NO, 1)
    answer_again(office)
    new = ask()

    swapped = confirm(firm, new, page)
    forged = firm.post(f"/rate/{new}", data={"answers": "e30.x.y", "idempotency_key": "c" * 32})

    assert (swapped.status_code, forged.status_code) == (422, 422)
    assert ratings() == []
    assert office.ticket.status is Status.PENDING_REVISIT


def test_a_form_without_its_token_is_shown_again_and_writes_nothing(
    office: Office, app: Flask, firm: FlaskClient
) -> None:
    at = ask()
    page = read_back(firm, at)
    app.config["WTF_CSRF_ENABLED"] = True

    answer = confirm(firm, at, page)

    assert answer.status_code == 422
    assert SEALED.search(answer.text)
    assert (ratings(), office.ticket.status) == ([], Status.PENDING_REVISIT)


# ---- who may ----


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.ENTERPRISE_USER}))
def test_nobody_of_the_office_s_side_answers_with_the_link_and_it_is_written_down(
    role: Role, office: Office, client_for: ClientFor
) -> None:
    at = ask()
    browser = client_for(office.people[role])

    page, posted = browser.get(f"/rate/{at}"), read_back(browser, at)

    assert (page.status_code, posted.status_code) == (403, 403)
    assert "只有企业自己能评价" in page.text
    assert "radio" not in page.text
    assert (ratings(), office.ticket.status) == ([], Status.PENDING_REVISIT)
    kept = db.session.scalars(select(AuditRow).where(AuditRow.action == "拒绝代企业评价")).all()
    assert [row.user_id for row in kept] == [office.people[role].user_id]


def test_who_reads_back_signed_out_cannot_confirm_signed_in(
    office: Office, firm: FlaskClient, client_for: ClientFor
) -> None:
    at = ask()
    page = read_back(firm, at)

    answer = confirm(client_for(office.people[Role.HANDLER]), at, page)

    assert answer.status_code == 403
    assert ratings() == []


def test_somebody_of_the_enterprise_who_also_works_for_an_office_does_not_answer(
    office: Office, client_for: ClientFor
) -> None:
    person = office.people[Role.ENTERPRISE_USER]
    make.holding(db.session.get_one(User, person.user_id), Role.HANDLER)
    at = ask()

    assert read_back(client_for(person), at).status_code == 403


def test_somebody_of_another_enterprise_who_is_signed_in_does_not_answer(
    office: Office, client_for: ClientFor
) -> None:
    del office
    other = make.actor(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id)

    assert read_back(client_for(other), ask()).status_code == 403


def test_somebody_of_the_enterprise_who_is_signed_in_comes_to_the_same_page(
    office: Office, client_for: ClientFor
) -> None:
    at = ask()
    browser = client_for(office.people[Role.ENTERPRISE_USER])
    last = told(office.people[Role.ENTERPRISE_USER].user_id)[-1]
    assert last.link == f"/rate/mine/{office.ticket_id}"

    led = browser.get(last.link)
    assert led.location.endswith(f"/rate/{at}")
    assert rate(browser, at, **CONTENT).status_code == 303

    ticket = office.ticket
    assert ticket.status is Status.CLOSED
    assert ticket.events[-1].actor_id == office.people[Role.ENTERPRISE_USER].user_id
    assert ratings()[0].by_id is None


def test_somebody_of_the_enterprise_who_is_signed_in_is_asked_on_the_page_of_the_ticket(
    office: Office, client_for: ClientFor
) -> None:
    at = ask()
    browser = client_for(office.people[Role.ENTERPRISE_USER])
    address, button = f"/tickets/{office.ticket_id}", f'href="/rate/mine/{office.ticket_id}"'

    page = browser.get(address).text
    assert "请您评价" in page
    assert button in page
    for role in set(Role) - {Role.SYSTEM, Role.ENTERPRISE_USER}:
        assert button not in client_for(office.people[role]).get(address).text

    rate(browser, at, **CONTENT)
    assert button not in browser.get(address).text


def test_nobody_is_asked_on_the_page_of_the_ticket_before_the_timetable_asks(
    office: Office, client_for: ClientFor
) -> None:
    browser = client_for(office.people[Role.ENTERPRISE_USER])

    page = browser.get(f"/tickets/{office.ticket_id}").text

    assert "/rate/mine/" not in page


def test_the_table_lets_the_enterprise_answer_by_its_link_alone(office: Office) -> None:
    ask()
    given = StepInput(
        channel=ContactChannel.LINK, solved=Solved.YES, result_score=5, attitude_score=5
    )

    person = office.people[Role.ENTERPRISE_USER]

    with pytest.raises(NotAllowed), transaction():
        service.revisit(office.ticket, given, actor=person)
    with pytest.raises(NotAllowed), transaction():
        service.take(office.ticket, Event.REVISIT_CLOSE, given, actor=person)

    assert office.ticket.status is Status.PENDING_REVISIT


# ---- at the same moment ----


def test_of_a_call_and_a_link_at_the_same_moment_exactly_one_is_written(
    office: Office, app: Flask
) -> None:
    at = ask()
    browser = app.test_client()
    page = read_back(browser, at, **NOT_CONTENT)
    start = Barrier(2)
    ticket_id, liaison = office.ticket_id, office.people[Role.LIAISON]

    def by_link() -> bool:
        with app.app_context():
            start.wait()
            return confirm(browser, at, page).status_code == 303

    def by_phone() -> bool:
        given = StepInput(channel=ContactChannel.PHONE, solved=Solved.YES, result_score=5)
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    found = db.session.get_one(Ticket, ticket_id)
                    service.revisit(found, given, actor=liaison)
            except DomainError:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        done = [one.result() for one in (pool.submit(by_link), pool.submit(by_phone))]

    assert sorted(done) == [False, True]
    db.session.rollback()
    heard = db.session.scalars(select(Revisit).where(Revisit.reached.is_(True))).all()
    assert len(heard) == 1
    assert (office.ticket.status is Status.CLOSED) is done[1]


def test_after_the_last_round_too_a_call_and_a_link_are_not_both_written(
    office: Office, app: Flask
) -> None:
    with transaction():
        ticket = office.ticket
        ticket.round = ticket.replies[-1].round = 2
    version = office.ticket.version
    at = ask()
    assert office.ticket.version == version  # asking makes no open form old

    rate(app.test_client(), at, **NOT_CONTENT)

    assert office.ticket.version == version + 1  # but an answer does


# ---- what it costs ----


def test_the_page_asks_the_same_few_statements_however_much_there_is(
    office: Office, firm: FlaskClient
) -> None:
    at = ask()

    def cost() -> int:
        asked: list[str] = []
        engine = db.engine

        def note(_c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        firm.get(f"/rate/{at}")
        event.remove(engine, "before_cursor_execute", note)
        return len([one for one in asked if one.lstrip().upper().startswith("SELECT")])

    cost()  # the first time, things are looked up that are remembered
    before = cost()
    for _ in range(5):
        make.ticket()
    with transaction():
        ticket = office.ticket
        for _ in range(5):
            ticket.revisits.append(
                Revisit(
                    round=1, at=clock.now(), channel=ContactChannel.PHONE, reached=False, words=""
                )
            )

    assert cost() == before <= 8


def test_an_answer_by_link_is_not_asked_for_again(office: Office, firm: FlaskClient) -> None:
    rate(firm, ask(), **CONTENT)

    jobs.ask_for_ratings()

    assert len(letters()) == 1
    assert office.ticket.status is Status.CLOSED
    links_made = db.session.scalars(select(PublicLink)).all()
    assert [one.used_at is not None for one in links_made] == [True]
