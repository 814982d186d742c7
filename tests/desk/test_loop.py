"""One ticket round the loop: it is always on the worklist of whoever holds the ball."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.desk.queries import worklist
from app.desk.queries.parts import Row
from app.desk.views import words
from app.tickets.service import offers
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import OPEN, Event, Solved, Status
from tests import office
from tests.office import Office

D, OD, C = Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.CHIEF
LI, DH, H = Role.LIAISON, Role.DEPT_HEAD, Role.HANDLER

HOLDERS = {
    Status.DRAFT: {LI},
    Status.PENDING_ACCEPTANCE: {D},
    Status.PENDING_DISPATCH: {D},
    Status.PENDING_SIGN: {DH, H},
    Status.IN_PROGRESS: {H},
    Status.PENDING_REVIEW: {D},
    Status.PENDING_REVISIT: {D, LI},
    Status.CLOSED: set(),
}

Clients = Callable[[User | Actor], FlaskClient]


@pytest.fixture
def town(app: Flask) -> Office:
    del app
    return office.open_office()


def rows_of(town: Office, role: Role) -> list[Row]:
    desk = worklist.of(town.actor(role))
    return [row for part in desk.parts if part.is_mine for row in part.rows]


def holders(town: Office) -> set[Role]:
    title = town.ticket.title
    return {role for role in PEOPLE if any(row.title == title for row in rows_of(town, role))}


@pytest.mark.parametrize("status", HOLDERS)
def test_a_ticket_is_on_the_worklist_of_whoever_holds_the_ball(
    town: Office, status: Status
) -> None:
    town.walk_to(status)

    assert holders(town) == HOLDERS[status]


@pytest.mark.parametrize("status", [*sorted(OPEN), Status.DRAFT])
def test_what_the_button_says_may_be_done(
    town: Office, client_for: Clients, app: Flask, status: Status
) -> None:
    town.walk_to(status)

    for role in holders(town):
        for row in rows_of(town, role):
            with app.test_request_context():
                target = words.address(row.go)
            assert client_for(town.actor(role)).get(target).status_code == 200, (role, target)


def test_a_suspension_goes_from_the_head_by_the_director_to_the_chief(town: Office) -> None:
    town.walk_to(Status.IN_PROGRESS)
    town.propose(Event.APPROVE_SUSPENSION, DH)
    assert holders(town) == {OD}

    town.decide(OD)
    assert holders(town) == {C}

    town.decide(C)
    assert holders(town) == set()


def test_a_suspended_ticket_comes_back_to_the_director_before_its_review_day(
    town: Office,
) -> None:
    town.walk_to(Status.SUSPENDED)

    with clock.held(clock.now() + timedelta(days=50)):
        assert holders(town) == {OD}


def test_an_answer_goes_from_the_handler_by_the_head_to_the_office(town: Office) -> None:
    town.walk_to(Status.IN_PROGRESS)
    town.take(Event.FIRST_CONTACT, H)
    town.propose(Event.SUBMIT_REPLY, H)
    assert holders(town) == {DH}

    town.decide(DH)
    assert holders(town) == {D}


def test_a_return_waits_for_the_director_and_then_for_the_office(town: Office) -> None:
    town.walk_to(Status.PENDING_SIGN)
    town.propose(Event.APPROVE_RETURN, DH)
    assert holders(town) == {OD}

    town.decide(OD)
    assert holders(town) == {D}


def test_what_was_sent_back_for_more_is_its_creators_move(town: Office) -> None:
    town.walk_to(Status.PENDING_ACCEPTANCE)

    town.take(Event.REQUEST_SUPPLEMENT, D)

    assert holders(town) == {LI}


def test_after_two_rounds_without_a_yes_the_director_and_then_the_chief_go_on(
    town: Office,
) -> None:
    no = {"channel": ContactChannel.PHONE, "solved": Solved.NO, "result_score": 1}
    town.walk_to(Status.PENDING_REVISIT)
    town.revisit(**no)
    assert holders(town) == {H}
    if town.ticket.first_contact_at is None:
        town.take(Event.FIRST_CONTACT, H)
    office.reply(town)
    office.approve(town)

    town.revisit(**no)

    assert holders(town) == {OD}
    town.propose(Event.CLOSE_UNSATISFIED, OD)
    assert holders(town) == {C}
    town.decide(C)
    assert holders(town) == set()


@pytest.mark.parametrize("status", [status for status in HOLDERS if status is not Status.CLOSED])
def test_nobody_is_sent_to_a_ticket_they_can_do_nothing_with(town: Office, status: Status) -> None:
    town.walk_to(status)

    for role in holders(town):
        possible = [o for o in offers(town.ticket, actor=town.actor(role)) if o.refusal is None]
        assert possible, role
    db.session.rollback()
