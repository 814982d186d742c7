"""Quick filters: what waits for me, comes up for review, came back; never more than nine."""

from datetime import timedelta

import pytest

from app.accounts.parameters import Parameters
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.tickets import queries
from app.tickets.queries import Reading, TicketFilter, View
from app.tickets.queries.quick import shown_to
from app.tickets.workflow.states import Complexity, Event, Status
from app.workdays.calendar import WorkCalendar
from tests import make
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")


def reading() -> Reading:
    return Reading(WorkCalendar(), Parameters(), clock.now())


def found(view: View, viewer: Actor) -> set[int]:
    page = queries.search_page(TicketFilter(view=view), viewer=viewer, reading=reading(), size=100)
    return {row.id for row in page.items}


def waits(office: Office, role: Role) -> bool:
    db.session.rollback()
    return office.ticket_id in found(View.WAITING, office.actor(role))


@pytest.mark.parametrize(
    ("status", "whose"),
    [
        (Status.PENDING_ACCEPTANCE, {Role.DISPATCHER}),
        (Status.PENDING_DISPATCH, {Role.DISPATCHER}),
        (Status.PENDING_SIGN, {Role.DEPT_HEAD, Role.HANDLER}),
        (Status.IN_PROGRESS, {Role.DEPT_HEAD, Role.HANDLER}),
        (Status.PENDING_REVIEW, {Role.DISPATCHER}),
        (Status.PENDING_REVISIT, {Role.LIAISON, Role.DISPATCHER}),
        (Status.SUSPENDED, set()),
        (Status.CLOSED, set()),
    ],
)
def test_a_ticket_waits_for_those_whose_move_it_is(status: Status, whose: set[Role]) -> None:
    office = open_office()
    office.walk_to(status)

    assert {role for role in PEOPLE if waits(office, role)} == whose


def test_a_hard_one_waits_for_the_director_to_dispatch_it() -> None:
    office = open_office()
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.HARD)

    assert {role for role in PEOPLE if waits(office, role)} == {Role.OFFICE_DIRECTOR}


def test_what_is_asked_waits_for_whoever_checks_and_then_for_whoever_decides() -> None:
    office = open_office()
    office.walk_to(Status.IN_PROGRESS)

    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    assert (waits(office, Role.OFFICE_DIRECTOR), waits(office, Role.CHIEF)) == (True, False)
    office.decide(Role.OFFICE_DIRECTOR)
    assert (waits(office, Role.OFFICE_DIRECTOR), waits(office, Role.CHIEF)) == (False, True)


def test_a_co_task_waits_for_the_co_unit() -> None:
    office = open_office()
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))

    assert office.ticket_id in found(View.WAITING, office.more["other head"])
    assert office.ticket_id not in found(View.WAITING, office.more["vertical head"])


def test_a_suspension_comes_up_five_working_days_before_its_review() -> None:
    viewer = make.actor(Role.OFFICE_DIRECTOR)
    near = make.ticket(Status.SUSPENDED, move_due_at=clock.now() + timedelta(days=6))
    make.ticket(Status.SUSPENDED, move_due_at=clock.now() + timedelta(days=9))
    make.ticket(Status.IN_PROGRESS, move_due_at=clock.now())

    assert found(View.REVIEW_DUE, viewer) == {near.id}


def test_what_came_back_or_is_asked_back_is_a_return() -> None:
    office = open_office()
    back = make.ticket(Status.PENDING_DISPATCH, return_count=1).id
    make.ticket(Status.PENDING_DISPATCH)
    make.ticket(Status.PENDING_SIGN, return_count=1)  # handed out again since
    office.walk_to(Status.PENDING_SIGN)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)

    assert found(View.RETURNED, office.actor(Role.DISPATCHER)) == {back, office.ticket_id}


def test_another_townships_are_not_counted() -> None:
    office = open_office()
    office.walk_to(Status.PENDING_DISPATCH)
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant())

    assert found(View.WAITING, stranger) == set()


@pytest.mark.parametrize("role", PEOPLE)
def test_every_role_has_at_most_nine_and_all_at_the_end(role: Role) -> None:
    views = shown_to(role)

    assert len(set(views)) == len(views) <= 9
    assert views[-1] is View.ALL
