"""After two returns a meeting says whose it is: nobody can return for ever (T10)."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from app.accounts.models import OrgUnit
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError
from app.tickets import service
from app.tickets.models import JointMeeting
from app.tickets.workflow.states import Event, Note, Status
from tests import make
from tests.conftest import MONDAY_MORNING
from tests.office import Office, moment, open_office
from tests.tickets.refusals import LET_IN, refused_at
from tests.tickets.returning import ask_back, meet, returned_twice

Clock = time_machine.Traveller


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


def test_after_the_second_return_it_is_dispatched_only_after_a_meeting(office: Office) -> None:
    returned_twice(office)

    for role in (Role.DISPATCHER, Role.OFFICE_DIRECTOR):
        assert refused_at(lambda role=role: office.take(Event.DISPATCH, role)) == ""
    meet(office)
    elsewhere = {"lead_unit_id": office.other_unit_id}
    refused = refused_at(lambda: office.take(Event.DISPATCH, Role.DISPATCHER, **elsewhere))
    assert refused == "lead_unit_id"
    office.take(Event.DISPATCH, Role.DISPATCHER)
    assert office.ticket.lead_unit_id == office.unit_id


def test_one_return_needs_no_meeting(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id)
    office.decide(Role.OFFICE_DIRECTOR)

    assert refused_at(lambda: meet(office)) == ""
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=office.other_unit_id)
    assert office.ticket.status is Status.PENDING_SIGN


def test_only_the_director_notes_a_meeting(office: Office) -> None:
    returned_twice(office)

    let_in = [role for role in PEOPLE if refused_at(lambda role=role: meet(office, role)) == LET_IN]

    assert let_in == [Role.OFFICE_DIRECTOR]
    assert refused_at(lambda: meet(office)) == ""  # it is settled


def test_a_meeting_has_a_day_units_a_decision_and_a_conclusion(office: Office) -> None:
    returned_twice(office)
    today = clock.today()
    cases: list[tuple[dict[str, object], str]] = [
        ({"held_on": None}, "held_on"),
        ({"held_on": today + timedelta(days=1)}, "held_on"),
        ({"held_on": date(2026, 9, 1)}, "held_on"),
        ({"unit_ids": ()}, "unit_ids"),
        ({"unit_ids": (office.unit_id, office.unit_id)}, "unit_ids"),
        ({"unit_ids": (office.unit_id, 4711)}, "unit_ids"),
        ({"lead_unit_id": None}, "lead_unit_id"),
        ({"lead_unit_id": 4711}, "lead_unit_id"),
        ({"conclusion": "九个字说不清楚的事"}, "comment"),
        ({}, LET_IN),
    ]

    assert [
        (more, refused_at(lambda more=more: meet(office, **more))) for more, _ in cases
    ] == cases
    kept = db.session.query(JointMeeting).one()
    assert (kept.return_count, kept.lead_unit_id) == (2, office.unit_id)
    assert kept.unit_ids == [office.unit_id, office.other_unit_id]
    assert office.ticket.events[-1].kind == Note.MEETING


def test_the_unit_that_a_meeting_named_cannot_return_it(office: Office) -> None:
    third = make.unit()
    head = make.actor(Role.DEPT_HEAD, unit=third)
    returned_twice(office)
    meet(office, lead_unit_id=third.id)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=third.id)

    assert refused_at(lambda: ask_back(office, head, office.unit_id)) == ""
    assert not [p for p in office.ticket.proposals if p.is_open]


def handed_to_a_third_unit(office: Office) -> int:
    """Walk a ticket that a meeting gave to a unit of its own to that unit."""
    third = make.unit()
    make.actor(Role.DEPT_HEAD, unit=third)
    returned_twice(office)
    meet(office, lead_unit_id=third.id)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=third.id)
    return third.id


def offered(office: Office, name: str) -> list[bool]:
    """Return whether the director is offered something, and whether only to be told why not."""
    offers = service.offers(office.ticket, actor=office.actor(Role.OFFICE_DIRECTOR))
    return [offer.refusal is None for offer in offers if offer.name == name]


def test_what_a_meeting_settled_the_director_does_not_reassign(office: Office) -> None:
    third = handed_to_a_third_unit(office)

    for unit_id in (office.unit_id, office.other_unit_id, third):
        given = {"lead_unit_id": unit_id}
        assert (
            refused_at(lambda g=given: office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR, **g)) == ""
        )
    assert office.ticket.lead_unit_id == third
    assert offered(office, Event.REASSIGN) == [False]  # with the reason


def test_another_meeting_settles_it_anew_and_binds_as_well(office: Office) -> None:
    third = handed_to_a_third_unit(office)
    assert offered(office, Note.MEETING) == [True]

    meet(office, lead_unit_id=office.other_unit_id)
    elsewhere = {"lead_unit_id": office.unit_id}
    refused = refused_at(lambda: office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR, **elsewhere))
    assert (refused, office.ticket.lead_unit_id) == ("lead_unit_id", third)
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR, lead_unit_id=office.other_unit_id)

    assert office.ticket.lead_unit_id == office.other_unit_id
    assert refused_at(lambda: ask_back(office, office.more["other head"], third)) == ""
    assert offered(office, Event.REASSIGN) == [False]


def test_without_a_meeting_the_director_reassigns_and_holds_none(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    assert refused_at(lambda: meet(office)) == ""
    assert offered(office, Note.MEETING) == []
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)

    assert office.ticket.lead_unit_id == office.other_unit_id


def test_a_refused_return_locks_the_unit_also_when_it_comes_back_to_it(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    due = office.ticket.due_at
    ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id)
    office.decide(Role.OFFICE_DIRECTOR, approve=False, comment="就是你们管的")
    assert (office.ticket.due_at, office.ticket.return_count) == (due, 0)  # the clock went on

    assert (
        refused_at(lambda: ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id))
        == ""
    )
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR, lead_unit_id=office.unit_id)

    assert (
        refused_at(lambda: ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id))
        == ""
    )
    assert offered(office, Event.APPROVE_RETURN) == []


def test_another_unit_may_still_return_what_the_first_was_refused(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id)
    office.decide(Role.OFFICE_DIRECTOR, approve=False, comment="就是你们管的")
    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)

    ask_back(office, office.more["other head"], office.unit_id)
    office.decide(Role.OFFICE_DIRECTOR)

    assert office.ticket.return_count == 1


def test_the_days_are_counted_from_the_visit_else_from_handing_in(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    assert office.ticket.first_heard_on == date(2026, 9, 21)
    frozen_clock.move_to(moment("2026-10-01T10:00"))
    assert (clock.today() - office.ticket.first_heard_on).days == 10

    office.open(heard_on=date(2026, 9, 28))
    assert office.ticket.first_heard_on == date(2026, 9, 28)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nobody_can_return_for_ever(data: DataObject, office: Office, frozen_clock: Clock) -> None:
    frozen_clock.move_to(MONDAY_MORNING)
    heads = {
        office.unit_id: office.actor(Role.DEPT_HEAD),
        office.other_unit_id: office.more["other head"],
    }
    while len(heads) < 5:
        unit = make.unit()
        heads[unit.id] = make.actor(Role.DEPT_HEAD, unit=unit)
    office.walk_to(Status.PENDING_DISPATCH)

    returns = 0
    for _ in range(12):
        unit_id = data.draw(st.sampled_from(sorted(heads)))
        if not dispatched(office, unit_id):
            break
        lead = office.ticket.lead_unit_id
        assert lead is not None
        if not returned(office, heads[lead], next(one for one in heads if one != lead)):
            break
        returns += 1
        if data.draw(st.booleans()) or returns > 1:
            attempt_meeting(office, unit_id, data.draw(st.sampled_from(sorted(heads))))

    assert returns <= 2
    assert office.ticket.return_count == returns
    assert office.ticket.status is Status.PENDING_SIGN  # somebody has it, and keeps it


def dispatched(office: Office, unit_id: int) -> bool:
    """Dispatch to a unit, or where a meeting settled it, to the one it named."""
    for wanted in (unit_id, settled(office)):
        try:
            office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=wanted)
        except DomainError:
            db.session.rollback()
            continue
        return True
    return False


def settled(office: Office) -> int | None:
    found = db.session.query(JointMeeting).filter_by(ticket_id=office.ticket_id).first()
    return found.lead_unit_id if found else None


def returned(office: Office, head: Actor, suggested: int) -> bool:
    try:
        ask_back(office, head, suggested)
        office.decide(Role.OFFICE_DIRECTOR)
    except DomainError:
        db.session.rollback()
        return False
    return True


def attempt_meeting(office: Office, one: int, lead: int) -> None:
    other = db.session.query(OrgUnit.id).filter(OrgUnit.id != one).first()
    assert other is not None
    try:
        meet(office, unit_ids=(one, other[0]), lead_unit_id=lead)
    except DomainError:
        db.session.rollback()
    else:
        assert service.offers(office.ticket, actor=office.actor(Role.DISPATCHER))
