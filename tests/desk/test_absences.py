"""The page on which one enters who is away and who stands in."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Absence, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.notifications.models import Message
from app.tickets.workflow.states import Status
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")
Browse = Callable[[User | Actor], FlaskClient]
KEY = "0123456789abcdef0123456789abcdef"
PAGE = "/settings/absences"


@pytest.fixture
def office() -> Office:
    made = open_office()
    made.walk_to(Status.IN_PROGRESS)
    return made


def typed(office: Office, **more: Any) -> dict[str, Any]:
    return {
        "idempotency_key": KEY,
        "deputy_id": office.more["colleague"].user_id,
        "from_on": "2026-09-21",
        "to_on": "2026-09-23",
        "reason": "党校学习",
    } | more


def noted() -> list[Absence]:
    db.session.rollback()
    return list(db.session.scalars(select(Absence)))


def test_one_enters_ones_own_and_the_deputy_has_the_tickets(
    office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.HANDLER))
    assert 'name="user_id"' not in browser.get(PAGE).text

    first = browser.post(PAGE, data=typed(office))
    second = browser.post(PAGE, data=typed(office))  # a double click

    assert (first.status_code, second.status_code, len(noted())) == (303, 303, 1)
    assert office.ticket.handler_id == office.more["colleague"].user_id
    shown = browser.get(PAGE).text
    assert "党校学习" in shown
    assert "代理中" in shown
    told = select(Message.recipient_id).where(Message.rule == "absence")
    assert db.session.scalars(told).all() == [office.more["colleague"].user_id]


def test_it_is_ended_once_and_the_ticket_comes_back(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.HANDLER))
    browser.post(PAGE, data=typed(office))
    found = noted()[0]
    address = f"{PAGE}/{found.id}"
    shown = browser.get(address).text
    assert "党校学习" in shown
    assert 'value="党校学习"' not in shown  # why one is away is not why one is back

    def end(key: str, version: object, reason: str = "提前回来") -> int:
        given = {"idempotency_key": key * 32, "version": version, "reason": reason}
        return browser.post(address, data=given).status_code

    assert (end("1", 99), end("2", found.version, ""), noted()[0].ended_at) == (409, 422, None)
    assert (end("3", found.version), end("4", "")) == (303, 409)
    assert [one.ended_at is not None for one in noted()] == [True]
    assert office.ticket.handler_id == office.actor(Role.HANDLER).user_id
    assert "已结束" in browser.get(PAGE).text


def test_a_head_enters_the_absence_of_their_people(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.DEPT_HEAD))
    assert 'name="user_id"' in browser.get(PAGE).text
    whose = {"user_id": office.actor(Role.HANDLER).user_id}

    answer = browser.post(PAGE, data=typed(office) | whose)

    assert answer.status_code == 303
    assert noted()[0].user_id == office.actor(Role.HANDLER).user_id


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"deputy_id": ""}, "deputy_id"),
        ({"deputy_id": "胡写"}, "deputy_id"),
        ({"deputy_id": "99999999999999999999"}, "deputy_id"),
        ({"deputy_id": "987654"}, "deputy_id"),
        ({"from_on": ""}, "from_on"),
        ({"from_on": "明天"}, "from_on"),
        ({"from_on": "2026-09-01"}, "from_on"),
        ({"to_on": "2026-09-20"}, "to_on"),
        ({"to_on": "9999-12-31"}, "to_on"),
        ({"reason": ""}, "reason"),
        ({"reason": "长" * 201}, "reason"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(
    office: Office, client_for: Browse, wrong: dict[str, str], field: str
) -> None:
    browser = client_for(office.actor(Role.HANDLER))

    answer = browser.post(PAGE, data=typed(office) | wrong)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'value="{wrong.get("reason", "党校学习")}"' in answer.text
    assert noted() == []


def test_somebody_elses_absence_is_not_there_and_not_entered(
    office: Office, client_for: Browse
) -> None:
    client_for(office.actor(Role.HANDLER)).post(PAGE, data=typed(office))
    stranger = client_for(office.actor(Role.LIAISON))

    assert stranger.get(f"{PAGE}/{noted()[0].id}").status_code == 404
    theirs = {"user_id": office.actor(Role.DEPT_HEAD).user_id, "idempotency_key": "4" * 32}
    answer = stranger.post(PAGE, data=typed(office) | theirs)
    assert answer.status_code == 403
    assert len(noted()) == 1


def test_whoever_holds_no_such_role_sees_the_page_and_no_form(
    office: Office, client_for: Browse
) -> None:
    for role in (Role.AUDIT_ADMIN, Role.ENTERPRISE_USER):
        shown = client_for(office.actor(role)).get(PAGE)
        assert shown.status_code == 200
        assert 'name="deputy_id"' not in shown.text
    assert noted() == []


def test_the_administrator_finds_it_in_the_menu(office: Office, client_for: Browse) -> None:
    shown = client_for(office.actor(Role.SYS_ADMIN)).get(PAGE).text

    assert 'name="user_id"' in shown
    assert date(2026, 9, 21).isoformat() not in shown
