"""The pages of common problems, and what resembles a problem where it is accepted or merged."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import CommonProblem, Ticket
from app.tickets.service import common as service
from app.tickets.service.common import Answer, CommonDraft
from app.tickets.workflow.states import Complexity, Event, Outcome, Status
from tests import make
from tests.office import REPLY, Office, open_office
from tests.tickets.views.cases import KEY

Browse = Callable[[Actor], FlaskClient]
KEEPERS = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)
READERS = {
    *KEEPERS,
    Role.CHIEF,
    Role.SUPERVISOR,
    Role.DEPT_HEAD,
    Role.HANDLER,
    Role.LEADER,
    Role.LIAISON,
}


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


@pytest.fixture
def common(office: Office) -> CommonProblem:
    """Return a common problem with one member, which waits for dispatch."""
    clerk = office.actor(Role.DISPATCHER)
    ticket = office.walk_to(Status.PENDING_DISPATCH)
    with transaction():
        made = service.begin(
            CommonDraft("限高架挡住大件运输", "", office.category_id, office.unit_id), actor=clerk
        )
        service.group(ticket, made, actor=clerk)
    return made


def send(browser: FlaskClient, path: str, **typed: Any) -> TestResponse:
    return browser.post(path, data={"idempotency_key": KEY} | typed)


def read(answer: TestResponse) -> str:
    return html.unescape(answer.text)


# ---- who may look, who may write ----


@pytest.mark.parametrize("role", PEOPLE)
def test_it_is_seen_by_who_sees_a_member_and_never_by_the_enterprise(
    office: Office, common: CommonProblem, client_for: Browse, role: Role
) -> None:
    browser = client_for(office.actor(role))

    page = browser.get(f"/tickets/common/{common.id}")
    listed = read(browser.get("/tickets/common"))

    seen = role in READERS - {Role.HANDLER} or role is Role.HANDLER  # the unit leads it
    assert page.status_code == (200 if seen else 404)
    assert (common.title in listed) == seen


@pytest.mark.parametrize("role", [role for role in PEOPLE if role not in KEEPERS])
def test_only_the_office_writes(
    office: Office, common: CommonProblem, client_for: Browse, role: Role
) -> None:
    browser = client_for(office.actor(role))
    seen = {403} if role in READERS else {403, 404}
    paths = [f"/tickets/common/{common.id}/{verb}" for verb in ("dispatch", "end", "edit")]

    for path in [*paths, "/tickets/common/new"]:
        assert send(browser, path, title="又一个").status_code in seen, path
    assert browser.get("/tickets/common/new").status_code == 403
    assert browser.get(f"/tickets/common/{common.id}/edit").status_code in seen


def test_a_stranger_to_the_township_finds_nothing(
    office: Office, common: CommonProblem, client_for: Browse
) -> None:
    browser = client_for(make.actor(Role.DISPATCHER, tenant=make.tenant()))

    assert browser.get(f"/tickets/common/{common.id}").status_code == 404
    assert browser.get(f"/tickets/{office.ticket_id}/common").status_code == 404
    assert send(browser, f"/tickets/common/{common.id}/publish").status_code == 404


# ---- from the first to the last ----


def test_it_is_begun_from_a_ticket_and_another_joins(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))
    first = office.walk_to(Status.PENDING_DISPATCH)
    other = make.ticket(Status.PENDING_DISPATCH, category_id=office.category_id)
    path = f"/tickets/common/new?ticket={first.id}"

    assert first.title in read(browser.get(path))
    made = send(browser, path, title="限高架", lead_unit_id=office.unit_id)
    joined = send(
        browser,
        f"/tickets/{other.id}/common",
        common_id="1",
        version=other.version,
        idempotency_key="f" * 32,
    )

    assert (made.status_code, joined.status_code) == (303, 303)
    db.session.rollback()
    assert {first.common_id, other.common_id} == {1}
    page = read(browser.get("/tickets/common/1"))
    assert first.title in page
    assert other.title in page
    assert "2 件等着交办" in page
    detail = read(browser.get(f"/tickets/{first.id}"))
    assert "/tickets/common/1" in detail
    assert "归入共性问题" in detail


@pytest.mark.parametrize(
    "typed",
    [
        {"title": ""},
        {"title": "长" * 51},
        {"title": "题", "category_id": "99999"},
        {"title": "题", "lead_unit_id": "99999999999"},
        {"title": "题", "lead_unit_id": "nobody"},
        {"title": "题", "description": "长" * 2001},
    ],
)
def test_what_is_wrong_is_refused_and_what_was_typed_is_kept(
    office: Office, client_for: Browse, typed: dict[str, str]
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))

    answer = send(browser, "/tickets/common/new", **({"description": "几家都说"} | typed))

    assert answer.status_code == 422
    assert "bh-errors" in answer.text
    assert typed.get("description", "几家都说")[:10] in read(answer)
    assert db.session.query(CommonProblem).count() == 0


def test_all_are_dispatched_and_a_refusal_is_named(
    office: Office, common: CommonProblem, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))
    hard = make.ticket(
        Status.PENDING_DISPATCH, common_id=common.id, complexity=Complexity.HARD, title="疑难的一件"
    )

    answer = send(browser, f"/tickets/common/{common.id}/dispatch", version=common.version)
    page = read(browser.get(answer.headers["Location"]))

    assert answer.status_code == 303
    assert "已交办 1 件" in page
    assert f"{hard.number} 疑难的一件" in page
    assert "主任" in page


def test_the_unit_drafts_and_its_head_publishes(
    office: Office, common: CommonProblem, client_for: Browse
) -> None:
    office.take(Event.DISPATCH, Role.DISPATCHER)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    path = f"/tickets/common/{common.id}"
    handler, head = (client_for(office.actor(role)) for role in (Role.HANDLER, Role.DEPT_HEAD))

    drafted = send(handler, f"{path}/answer", outcome="resolved", answer=REPLY)
    denied = send(handler, f"{path}/publish", idempotency_key="e" * 32)
    published = send(head, f"{path}/publish", idempotency_key="d" * 32)

    assert (drafted.status_code, denied.status_code) == (303, 403)
    assert published.status_code == 303
    db.session.rollback()
    assert office.ticket.status is Status.PENDING_REVIEW
    assert "已发布" in read(head.get(path))
    assert REPLY in read(head.get(f"/tickets/{office.ticket_id}"))


@pytest.mark.parametrize(
    "typed", [{"outcome": ""}, {"answer": "太短"}, {"outcome": "explained"}, {"outcome": "x"}]
)
def test_a_bad_answer_is_refused_and_kept(
    office: Office, common: CommonProblem, client_for: Browse, typed: dict[str, str]
) -> None:
    browser = client_for(office.actor(Role.HANDLER))
    given = {"outcome": "resolved", "answer": REPLY} | typed

    answer = send(browser, f"/tickets/common/{common.id}/answer", **given)

    assert answer.status_code == 422
    assert given["answer"] in read(answer)
    assert office.ticket.common_id == common.id


def test_a_member_leaves_with_a_reason(
    office: Office, common: CommonProblem, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))
    path = f"/tickets/common/{common.id}/leave/{office.ticket_id}"

    assert browser.get(path).status_code == 200
    assert send(browser, path, reason="").status_code == 422
    assert send(browser, path, reason="原因不同").status_code == 303
    assert browser.get(path).status_code == 404


def test_the_enterprise_is_shown_nothing_of_a_common_problem(
    office: Office, common: CommonProblem, client_for: Browse
) -> None:
    own = client_for(office.actor(Role.ENTERPRISE_USER))

    page = read(own.get(f"/tickets/{office.ticket_id}"))

    assert common.number not in page
    assert "共性问题" not in page


# ---- what resembles it ----


@pytest.fixture
def alike(office: Office) -> tuple[Ticket, Ticket]:
    """Return a problem like the walked one of the same enterprise, and one of another."""
    office.walk_to(Status.PENDING_ACCEPTANCE)
    words = {"title": "园区东路限高架挡住运输", "description": office.ticket.description}
    more: dict[str, Any] = words | {"category_id": office.category_id}
    own = make.ticket(Status.PENDING_ACCEPTANCE, enterprise=office.ticket.enterprise, **more)
    return own, make.ticket(Status.IN_PROGRESS, **more)


def test_acceptance_offers_what_is_alike_with_the_way_into_one(
    office: Office, alike: tuple[Ticket, Ticket], client_for: Browse
) -> None:
    own, other = alike
    page = read(
        client_for(office.actor(Role.DISPATCHER)).get(f"/tickets/{office.ticket_id}/steps/accept")
    )

    assert f"/tickets/{office.ticket_id}/steps/merge?master={own.id}" in page
    assert f"/tickets/{office.ticket_id}/common?like={other.id}" in page
    assert "相似 " in page


def test_a_merger_begins_with_the_one_that_is_alike_and_is_one_click_away(
    office: Office, alike: tuple[Ticket, Ticket], client_for: Browse
) -> None:
    own, other = alike
    browser = client_for(office.actor(Role.DISPATCHER))
    path = f"/tickets/{office.ticket_id}/steps/merge"

    page = read(browser.get(f"{path}?master={own.id}"))
    merged = send(browser, path, master_id=own.id, same_matter="y", version=office.ticket.version)

    assert f'checked class="" value="{own.id}"' in page or f'value="{own.id}"' in page
    assert f'value="{other.id}"' not in page
    assert merged.status_code == 303
    db.session.rollback()
    assert office.ticket.master_id == own.id


def test_a_published_answer_without_a_draft_is_refused(
    office: Office, common: CommonProblem, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.DEPT_HEAD))

    answer = send(browser, f"/tickets/common/{common.id}/publish")

    assert answer.status_code == 409
    assert "先起草" in read(answer)


def test_what_one_draft_says_to_all_is_kept_with_its_author(
    office: Office, common: CommonProblem
) -> None:
    with transaction():
        service.draft_answer(
            common, Answer(REPLY, Outcome.RESOLVED), version=None, actor=office.actor(Role.HANDLER)
        )

    assert common.drafted_by_id == office.actor(Role.HANDLER).user_id
