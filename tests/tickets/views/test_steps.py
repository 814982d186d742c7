"""Every form about a ticket: it does its work once, and takes nothing that is wrong."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.forms.steps import FORMS
from app.tickets.models import Category
from app.tickets.workflow.states import Event, Note, Status
from tests import make, remembered
from tests.office import REPLY, Office, open_office
from tests.tickets.views.cases import CASES, KEY, Case, Typed

Browse = Callable[[Actor], FlaskClient]
BY_NAME = {case.name: case for case in CASES}
TEXTS = {"comment", "guidance", "items", "reply", "basis", "plan", "opinion", "words", "evidence"}
TEXTS |= {"statement", "person"}
CHOICES = {"reason", "urgency", "complexity", "outcome", "channel", "level", "solved", "reached"}
DAYS = {"new_due_on", "next_review_on", "at"}


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest, office: Office) -> Case:
    found: Case = request.param

    def come() -> Office:
        found.come(office)
        return office

    vars(office).update(vars(remembered.once(f"{found.name} {office}", come)))
    return found


def address(office: Office, name: str) -> str:
    return f"/tickets/{office.ticket_id}/steps/{name}"


def post(browser: FlaskClient, office: Office, name: str, typed: Typed) -> TestResponse:
    data = {"idempotency_key": KEY, "version": office.ticket.version} | typed
    return browser.post(address(office, name), data=data)


def history(office: Office) -> list[str]:
    db.session.rollback()
    return [event.kind for event in office.ticket.events]


def test_there_is_a_form_for_everything_that_people_may_do() -> None:
    by_people = {event.value for event in Event if event is not Event.AUTO_SIGN}
    assert by_people <= set(FORMS)
    assert set(BY_NAME) == set(FORMS) - {Note.ATTACHED}


def test_a_form_does_its_work_once(case: Case, office: Office, client_for: Browse) -> None:
    browser, before = client_for(case.actor(office)), history(office)
    shown = browser.get(address(office, case.name))
    assert shown.status_code == 200
    typed = case.typed(office) | {"version": office.ticket.version}

    first = post(browser, office, case.name, typed)
    second = post(browser, office, case.name, typed)  # a double click

    leads = case.leads or f"/tickets/{office.ticket_id}"
    assert (first.status_code, first.location) == (303, leads)
    assert (second.status_code, second.location) == (303, first.location)
    assert [kind for kind in history(office)[len(before) :] if kind == case.leaves] == [case.leaves]
    assert _proposals(office) == int(case.asks) or not case.asks
    assert browser.get(first.location).status_code in {200, 404}  # it may be theirs no more
    office_page = client_for(office.actor(Role.OFFICE_DIRECTOR)).get(first.location)
    assert office_page.status_code == (404 if case.name == "discard" else 200)


def _proposals(office: Office) -> int:
    return sum(proposal.is_open for proposal in office.ticket.proposals)


def test_what_is_missing_is_asked_for(case: Case, office: Office, client_for: Browse) -> None:
    browser, before = client_for(case.actor(office)), history(office)
    for name in case.needs:
        typed = case.typed(office)
        del typed[name]

        answer = post(browser, office, case.name, typed)

        assert answer.status_code == 422, name
        assert 'id="errors-title"' in answer.text, name
        assert _kept(answer, typed), name
    assert history(office) == before


def test_what_is_too_long_is_refused_and_kept(
    case: Case, office: Office, client_for: Browse
) -> None:
    browser, before = client_for(case.actor(office)), history(office)
    for name in TEXTS & set(case.typed(office)):
        typed = case.typed(office) | {name: "长" * 2001}

        answer = post(browser, office, case.name, typed)

        assert answer.status_code == 422, name
        assert "长" * 2001 in answer.text, name
    assert history(office) == before


def test_what_is_of_the_wrong_kind_is_refused(
    case: Case, office: Office, client_for: Browse
) -> None:
    browser, before = client_for(case.actor(office)), history(office)
    fields = set(case.typed(office)) & (CHOICES | DAYS) | set(case.ids)
    for name in fields:
        for nonsense in ("胡写", "-1", "0001-01-01"):
            answer = post(browser, office, case.name, case.typed(office) | {name: nonsense})

            assert answer.status_code == 422, (name, nonsense)
    assert history(office) == before


def test_an_id_of_nothing_or_of_another_township_is_refused(
    case: Case, office: Office, client_for: Browse
) -> None:
    elsewhere = make.tenant()
    foreign = {
        "category_id": make.category(tenant=elsewhere).id,
        "lead_unit_id": make.unit(tenant=elsewhere).id,
        "co_unit_ids": make.unit(tenant=elsewhere).id,
        "suggested_unit_id": make.unit(tenant=elsewhere).id,
        "master_id": make.ticket(tenant=elsewhere).id,
        "owner_id": make.user(Role.LEADER, tenant=elsewhere).id,
        "handler_id": make.user(Role.HANDLER, tenant=elsewhere).id,
        "reader_id": make.user(Role.DISPATCHER, tenant=elsewhere).id,
        "co_task_id": 4711,
        "unit_id": make.unit(tenant=elsewhere).id,
        "lead_unit_id_1": make.unit(tenant=elsewhere).id,
        "co_unit_ids_2": make.unit(tenant=elsewhere).id,
        "note_id": 4711,
        "directive_id": 4711,
        "mentions": make.user(Role.HANDLER, tenant=elsewhere).id,
    }
    browser, before = client_for(case.actor(office)), history(office)
    for name in case.ids:
        for id_ in (foreign[name], 987654, 99999999999999999999):
            typed = case.typed(office) | {name: id_}

            answer = post(browser, office, case.name, typed)

            assert answer.status_code in {403, 422}, (name, id_)
            assert 'id="errors-title"' in answer.text, (name, id_)
    assert history(office) == before


def test_the_second_of_two_people_is_told_and_keeps_what_they_typed(
    case: Case, office: Office, client_for: Browse
) -> None:
    browser = client_for(case.actor(office))
    typed = case.typed(office)
    seen = office.ticket.version
    with transaction():
        office.ticket.campaign = "别人改过"
    before = history(office)

    answer = post(browser, office, case.name, typed | {"version": seen})

    assert answer.status_code == 409
    assert "有人办过" in answer.text
    assert _kept(answer, typed)
    assert history(office) == before

    again = {"version": _hidden(answer, "version"), "idempotency_key": KEY[::-1]}
    assert post(browser, office, case.name, typed | again).status_code == 303


def test_where_it_is_impossible_it_says_so(case: Case, office: Office, client_for: Browse) -> None:
    typed = case.typed(office)
    late = case.late or (lambda o: o.walk_to(Status.CLOSED))
    if case.late is None:
        office.ticket_id = 0
    late(office)
    browser, before = client_for(case.actor(office)), history(office)

    shown = browser.get(address(office, case.name))
    answer = post(browser, office, case.name, typed)

    assert shown.status_code in {403, 404, 409}
    assert answer.status_code in {403, 404, 409, 422}
    assert history(office) == before


def test_nobody_else_may(case: Case, office: Office, client_for: Browse) -> None:
    before = history(office)
    typed = case.typed(office)
    for role in PEOPLE:
        actor = office.actor(role)
        if _may(case, office, actor):
            continue
        browser = client_for(actor)

        assert post(browser, office, case.name, typed).status_code in {403, 404, 409, 422}, role
    assert history(office) == before


def _may(case: Case, office: Office, actor: Actor) -> bool:
    names = {"revisit_close", "revisit_rework"} if "revisit" in case.name else {case.name}
    return any(
        offer.name in names and offer.refusal is None
        for offer in service.offers(office.ticket, actor=actor)
    )


def _kept(answer: TestResponse, typed: Typed) -> bool:
    """Tell whether every text that was typed stands in the answer."""
    texts = [value for name, value in typed.items() if name in TEXTS and value]
    return all(str(text) in answer.text for text in texts)


def _hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found
    return found[1]


# ---- what is particular to one form ----


def test_no_such_step_is_no_page(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_SIGN)
    browser = client_for(office.actor(Role.HANDLER))

    assert browser.get(address(office, "auto_sign")).status_code == 404
    assert post(browser, office, "auto_sign", {}).status_code == 404
    assert browser.get(address(office, "no-such-step")).status_code == 404


def test_dispatching_starts_from_the_catalogue_and_says_which_deadline_results(
    office: Office, client_for: Browse
) -> None:
    with transaction():
        category = db.session.get_one(Category, office.category_id)
        category.lead_unit_id = office.unit_id
    office.walk_to(Status.PENDING_DISPATCH)

    page = client_for(office.actor(Role.DISPATCHER)).get(address(office, "dispatch")).text

    assert f'<option selected value="{office.unit_id}">' in page
    assert "5 个工作日" in page
    assert "9月29日（周二）17:30" in page


def test_a_grave_step_names_its_consequence(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_DISPATCH)

    page = client_for(office.actor(Role.DISPATCHER)).get(address(office, "cancel")).text

    assert "不能恢复" in page
    assert "btn-grave" in page


def test_a_reply_that_was_sent_back_is_where_one_goes_on_from(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_REVIEW)
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)

    page = client_for(office.actor(Role.HANDLER)).get(address(office, "submit_reply")).text

    assert REPLY in page


@pytest.mark.parametrize(
    ("said", "leaves", "status"),
    [
        (
            {"solved": "no", "result_score": "1", "words": "还是过不去"},
            "revisit_rework",
            "in_progress",
        ),
        ({"solved": "yes"}, "revisit_close", "closed"),
        ({"reached": "no", "words": "没有人接"}, "attempt", "pending_revisit"),
    ],
)
def test_what_the_enterprise_says_decides(
    said: Typed, leaves: str, status: str, office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    browser = client_for(office.actor(Role.LIAISON))

    answer = post(browser, office, "revisit_close", {"reached": "yes", "channel": "phone"} | said)

    assert answer.status_code == 303
    assert history(office)[-1] == leaves
    assert office.ticket.status.value == status


def test_files_are_added_and_told(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.IN_PROGRESS)
    browser = client_for(office.actor(Role.HANDLER))
    pdf = (io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"), "现场说明.pdf")

    answer = post(browser, office, "attached", {"files": [pdf]})

    assert answer.status_code == 303
    assert history(office)[-1] == "attached"
    assert "现场说明.pdf" in browser.get(f"/tickets/{office.ticket_id}").text


def test_no_file_and_a_file_of_the_wrong_kind_are_refused(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    browser, before = client_for(office.actor(Role.HANDLER)), history(office)

    assert post(browser, office, "attached", {}).status_code == 422
    program = (io.BytesIO(b"MZ\x90"), "工具.exe")
    assert post(browser, office, "attached", {"files": [program]}).status_code == 422
    assert history(office) == before


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.CHIEF])
def test_who_only_looks_adds_no_files(role: Role, office: Office, client_for: Browse) -> None:
    office.walk_to(Status.IN_PROGRESS)
    browser = client_for(office.actor(role))

    assert browser.get(address(office, "attached")).status_code == 403
    assert post(browser, office, "attached", {}).status_code == 403


@pytest.mark.parametrize("divided", [True, False])
def test_acceptance_asks_for_the_second_level_where_there_is_one(
    office: Office, client_for: Browse, *, divided: bool
) -> None:
    parent_id = office.category_id if divided else make.category("融资金融", code="01").id
    make.category("进厂道路", code="07.1", parent_id=parent_id)
    office.walk_to(Status.PENDING_ACCEPTANCE)
    browser = client_for(office.people[Role.DISPATCHER])
    page = browser.get(address(office, "accept")).text

    typed = {"category_id": str(office.category_id), "subcategory_id": "", "urgency": "normal"}
    typed |= {"complexity": "simple", "duplicates_checked": "y"}
    answer = post(browser, office, "accept", typed)

    assert "不分小类" not in page
    assert "请选小类" in page
    assert "没有小类的类别不用选" in page
    assert answer.status_code == (422 if divided else 303)
