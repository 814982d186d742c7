"""Pausing really pauses: what is suspended, reviewed or revisited is late nowhere."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from sqlalchemy import select

from app.accounts import roles
from app.accounts.models import Tenant
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.desk.queries import worklist
from app.tickets import clocks, jobs, policy, queries, service
from app.tickets.models import CoTaskState, SupervisionNote, Ticket, Urge
from app.tickets.queries import Colour, Reading, TicketFilter, View
from app.tickets.workflow.states import Event, Status
from app.workdays.queries import calendar_of
from tests.conftest import MONDAY_MORNING
from tests.office import Office, moment, open_office
from tests.tickets.service.test_invariants import act

STEPS = 8
#: The moves of the office itself, whose own clocks run while the handling stands still.
OWN = {Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.LIAISON, Role.LEADER, Role.CHIEF}


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


def reading(office: Office) -> Reading:
    tenant = db.session.get_one(Tenant, office.tenant_id)
    return Reading(calendar_of(office.tenant_id), tenant.parameters, clock.now())


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_stands_still_is_late_nowhere_on_any_walk(
    data: DataObject, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    frozen_clock.move_to(MONDAY_MORNING)
    status = st.sampled_from([Status.SUSPENDED, Status.PENDING_REVIEW, Status.PENDING_REVISIT])
    office.walk_to(data.draw(status))
    everybody = [*office.people.values(), *office.more.values(), roles.system(office.tenant_id)]
    for _ in range(data.draw(st.integers(1, STEPS))):
        frozen_clock.shift(timedelta(hours=data.draw(st.sampled_from([1, 20, 80, 400]))))
        if office.ticket.status in clocks.PAUSED:
            is_late_nowhere(office, data.draw(st.sampled_from(everybody[:-1])))
        act(data, office, data.draw(st.sampled_from(everybody)))
        db.session.rollback()


def is_late_nowhere(office: Office, actor: Actor) -> None:
    """Neither a list, nor a light, nor the desk, nor the ladder calls the ticket late."""
    if policy.may_see(actor, office.ticket):
        is_not_late_in_lists(office, actor, reading(office))
    is_not_late_on_the_desk(office, actor)
    is_left_alone_by_the_ladder(office)


def is_not_late_in_lists(office: Office, actor: Actor, by: Reading) -> None:
    for view in (View.RED, View.YELLOW):
        found = queries.search_page(TicketFilter(view=view), viewer=actor, reading=by)
        assert office.ticket_id not in [row.id for row in found.items]
    late = queries.search_page(
        TicketFilter(view=View.ALL, light=Colour.RED), viewer=actor, reading=by
    )
    assert office.ticket_id not in [row.id for row in late.items]
    grey = TicketFilter(view=View.ALL, light=Colour.GREY)
    rows = {row.id: row for row in queries.search_page(grey, viewer=actor, reading=by).items}
    light = rows[office.ticket_id].light
    assert light is not None
    assert light.colour == "grey"


def is_not_late_on_the_desk(office: Office, actor: Actor) -> None:
    """Its own clock of review and revisit runs for whoever owes that; nothing else does."""
    ticket, number = office.ticket, office.ticket.number
    for part in worklist.of(actor).parts:
        for row in part.rows:
            theirs = part.is_mine and actor.role in OWN and ticket.status is not Status.SUSPENDED
            is_a_level = row.light is not None and row.light.icon == "bell"  # of a note
            if row.number == number and row.light is not None and not (theirs or is_a_level):
                assert row.light.colour != "red", (part.key, actor.role)


def is_left_alone_by_the_ladder(office: Office) -> None:
    def raised() -> tuple[int, int]:
        urges = select(Urge.id).where(Urge.ticket_id == office.ticket_id)
        notes = select(SupervisionNote.id).where(SupervisionNote.ticket_id == office.ticket_id)
        return len(db.session.scalars(urges).all()), len(db.session.scalars(notes).all())

    before = raised()
    day = calendar_of(office.tenant_id).following(clock.today())
    with clock.held(clock.at(day, moment("2026-01-01T09:00").astimezone(clock.LOCAL).time())):
        jobs.climb_ladder()
        with transaction():
            service.climb(office.ticket_id)
    assert raised() == before


def test_after_the_pause_everybody_has_the_time_that_was_left(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    """The co-unit, the first contact and the answer to a note wait with the handling."""
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))
    office.take(Event.SIGN, Role.HANDLER)
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)
    frozen_clock.move_to(moment("2026-11-02T10:00"))  # a Monday, six weeks later

    office.take(Event.RESUME, Role.OFFICE_DIRECTOR)

    (task,) = office.ticket.co_tasks
    assert task.state is CoTaskState.OPEN
    assert task.due_at == moment("2026-11-05T17:30")  # three working days were left
    assert office.ticket.contact_due_at == moment("2026-11-03T17:30")  # one was left
    assert office.ticket.due_at == moment("2026-11-09T17:30")  # five at least
    assert isinstance(office.ticket, Ticket)
