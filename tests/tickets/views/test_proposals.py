"""What one person asks for, another decides on; nobody decides twice."""

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
from app.tickets.models import ProposalState
from app.tickets.workflow.states import Event, Status
from tests.office import Office, open_office
from tests.tickets.views.cases import KEY

Browse = Callable[[Actor], FlaskClient]


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    made = open_office()
    made.walk_to(Status.IN_PROGRESS)
    made.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    return made


def here(office: Office) -> str:
    return f"/tickets/{office.ticket_id}/proposals/{office.ticket.proposals[-1].id}"


def decide(browser: FlaskClient, office: Office, **typed: Any) -> TestResponse:
    data = {"idempotency_key": KEY, "version": office.ticket.version, "comment": "设备确实要等"}
    return browser.post(here(office), data=data | {"decision": "approve"} | typed)


def state(office: Office) -> ProposalState:
    db.session.rollback()
    return office.ticket.proposals[-1].state


def test_the_page_tells_what_is_asked_for(office: Office, client_for: Browse) -> None:
    page = html.unescape(client_for(office.actor(Role.OFFICE_DIRECTOR)).get(here(office)).text)

    assert "9月30日" in page
    assert "设备要从外地调来，需要时间" in page
    assert office.actor(Role.DEPT_HEAD).name in page
    assert 'name="decision"' in page


def test_it_is_approved_once(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))
    version = office.ticket.version

    first = decide(browser, office, version=version)
    second = decide(browser, office, version=version)

    assert (first.status_code, second.status_code) == (303, 303)
    assert state(office) is ProposalState.APPROVED
    assert office.ticket.extension_count == 1
    assert "已同意" in browser.get(here(office)).text


def test_a_refusal_needs_a_reason(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))

    assert decide(browser, office, decision="refuse", comment="").status_code == 422
    assert state(office) is ProposalState.PENDING
    assert decide(browser, office, decision="refuse", comment="不用延").status_code == 303
    assert state(office) is ProposalState.REFUSED


@pytest.mark.parametrize(
    "typed", [{"decision": ""}, {"decision": "perhaps"}, {"comment": "长" * 2001}]
)
def test_what_is_missing_or_wrong_is_refused_and_kept(
    typed: dict[str, str], office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))

    answer = decide(browser, office, **typed)

    assert answer.status_code == 422
    assert typed.get("comment", "设备确实要等") in answer.text
    assert state(office) is ProposalState.PENDING


@pytest.mark.parametrize("role", PEOPLE)
def test_only_the_one_it_waits_for_decides(role: Role, office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(role))

    answer = decide(browser, office)

    if role is Role.OFFICE_DIRECTOR:
        assert answer.status_code == 303
        return
    assert answer.status_code in {403, 404}
    assert state(office) is ProposalState.PENDING
    page = browser.get(here(office))
    assert page.status_code == 404 or 'name="decision"' not in page.text


def test_who_asked_takes_it_back(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.DEPT_HEAD))
    data = {"idempotency_key": KEY, "version": office.ticket.version}
    stranger = client_for(office.actor(Role.DISPATCHER))

    assert stranger.post(f"{here(office)}/withdraw", data=data).status_code == 403
    assert f"{here(office)}/withdraw" in browser.get(here(office)).text
    assert browser.post(f"{here(office)}/withdraw", data=data).status_code == 303
    assert state(office) is ProposalState.WITHDRAWN


def test_what_was_decided_is_not_decided_again(office: Office, client_for: Browse) -> None:
    office.decide(Role.OFFICE_DIRECTOR)

    answer = decide(client_for(office.actor(Role.OFFICE_DIRECTOR)), office)

    assert answer.status_code == 409
    assert "已同意" in answer.text


def test_the_second_of_two_people_is_told(office: Office, client_for: Browse) -> None:
    seen = office.ticket.version
    with transaction():
        office.ticket.campaign = "别人改过"

    answer = decide(client_for(office.actor(Role.OFFICE_DIRECTOR)), office, version=seen)

    assert answer.status_code == 409
    assert "设备确实要等" in answer.text
    assert state(office) is ProposalState.PENDING


def test_a_proposal_of_another_ticket_is_not_found(office: Office, client_for: Browse) -> None:
    theirs = office.ticket.proposals[-1].id
    other = office.walk_to(Status.IN_PROGRESS).id
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))

    assert browser.get(f"/tickets/{other}/proposals/{theirs}").status_code == 404
    assert browser.post(f"/tickets/{other}/proposals/{theirs}", data={}).status_code == 404
