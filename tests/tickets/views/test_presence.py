"""Who else is at work on a ticket: told in time, forgotten soon, and only to those who see it."""

import html
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import jobs
from app.tickets.models import Presence
from app.tickets.workflow.states import Event, Status
from tests.office import Office, open_office

Browse = Callable[[Actor], FlaskClient]


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    made = open_office()
    made.walk_to(Status.PENDING_DISPATCH)
    with transaction():
        db.session.get_one(User, made.actor(Role.DISPATCHER).user_id).name = "沈知夏"
    return made


def come(browser: FlaskClient, office: Office) -> list[str]:
    answer = browser.post(f"/tickets/{office.ticket_id}/presence")
    assert answer.status_code == 200
    assert answer.json is not None
    return list(answer.json["others"])


def rows() -> int:
    db.session.rollback()
    return db.session.query(Presence).count()


def test_two_people_hear_of_each_other_and_nobody_of_themselves(
    office: Office, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    first = client_for(office.actor(Role.DISPATCHER))
    second = client_for(office.more["second dispatcher"])

    assert come(first, office) == []
    assert come(second, office) == ["沈知夏也在办这件。"]
    frozen_clock.shift(70)
    assert come(second, office) == ["沈知夏 1 分钟前也在办这件。"]
    assert rows() == 2


def test_after_ninety_seconds_somebody_is_gone(
    office: Office, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    come(client_for(office.actor(Role.DISPATCHER)), office)
    frozen_clock.shift(91)

    assert come(client_for(office.more["second dispatcher"]), office) == []


def test_the_form_says_it_without_scripts_and_writes_nothing(
    office: Office, client_for: Browse
) -> None:
    come(client_for(office.actor(Role.DISPATCHER)), office)
    second = client_for(office.more["second dispatcher"])

    page = html.unescape(second.get(f"/tickets/{office.ticket_id}/steps/dispatch").text)

    assert "沈知夏也在办这件。" in page
    assert rows() == 1


def test_it_is_told_to_nobody_who_does_not_see_the_ticket(
    office: Office, client_for: Browse
) -> None:
    for actor in (office.more["other head"], office.actor(Role.SYS_ADMIN)):
        answer = client_for(actor).post(f"/tickets/{office.ticket_id}/presence")
        assert answer.status_code == 404
    outside = client_for(office.actor(Role.ENTERPRISE_USER))
    assert outside.post(f"/tickets/{office.ticket_id}/presence").status_code == 403
    assert outside.post("/tickets/4711/presence").status_code == 404
    assert rows() == 0


def test_what_was_noted_long_ago_is_removed(
    office: Office, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    come(client_for(office.actor(Role.DISPATCHER)), office)

    jobs.tidy()
    assert rows() == 1
    frozen_clock.shift(3601)
    jobs.tidy()

    assert rows() == 0


def test_a_form_that_stands_open_keeps_nobody_signed_in(
    office: Office, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))
    for _half_hour in range(2):
        frozen_clock.shift(16 * 60)
        answer = browser.post(f"/tickets/{office.ticket_id}/presence")

    assert answer.status_code == 401


def test_who_decides_hears_of_others_too(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_SIGN)
    asked = office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    come(client_for(office.actor(Role.DISPATCHER)), office)

    director = client_for(office.actor(Role.OFFICE_DIRECTOR))
    page = html.unescape(director.get(f"/tickets/{office.ticket_id}/proposals/{asked.id}").text)

    assert "沈知夏也在办这件。" in page


def test_of_a_confidential_ticket_only_its_few_are_told_who_is_there(
    office: Office, client_for: Browse
) -> None:
    with transaction():
        office.ticket.confidential = True
    browser = client_for(office.more["second dispatcher"])

    assert browser.post(f"/tickets/{office.ticket_id}/presence").status_code == 404
    assert rows() == 0
