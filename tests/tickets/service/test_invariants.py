"""What holds whatever people do: random walks by random persons at random times."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from app.accounts import roles
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import ProposalState, Ticket
from app.tickets.queries import facts
from app.tickets.service import Kind, Offer, StepInput
from app.tickets.service.moving import COLUMNS
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import OPEN, RUNNING, Event, Note, Solved, Status
from app.tickets.workflow.table import TABLE
from tests.conftest import MONDAY_MORNING
from tests.office import Office, open_office

LISTED = {(row.source, row.event.value, row.target) for row in TABLE}
NOTES = {note.value for note in Note}
STEPS = 30


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_promises_hold_on_every_walk(
    data: DataObject, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    frozen_clock.move_to(MONDAY_MORNING)
    complained = data.draw(st.sampled_from([None, office.unit_id, office.other_unit_id]))
    office.open(complained_unit_id=complained)
    everybody = [*office.people.values(), *office.more.values(), roles.system(office.tenant_id)]
    for _ in range(STEPS):
        frozen_clock.shift(timedelta(hours=data.draw(st.sampled_from([1, 3, 20, 80]))))
        act(data, office, data.draw(st.sampled_from(everybody)))
        db.session.rollback()
        check(office.ticket)


def act(data: DataObject, office: Office, actor: Actor) -> None:
    """Let a person do one of the things offered to them, or try something that is not."""
    offered = [o for o in service.offers(office.ticket, actor=actor) if o.refusal is None]
    if offered and data.draw(st.integers(0, 9)):
        attempt(data, office, actor, data.draw(st.sampled_from(offered)))
        return
    event = data.draw(st.sampled_from(list(Event)))
    kind = data.draw(st.sampled_from([Kind.TAKE, Kind.ASK]))
    attempt(data, office, actor, Offer(kind, event.value, event.label, event=event))


def attempt(data: DataObject, office: Office, actor: Actor, offer: Offer) -> None:
    db.session.rollback()
    try:
        with transaction():
            carry_out(data, office, actor, offer)
    except DomainError:
        return


def carry_out(data: DataObject, office: Office, actor: Actor, offer: Offer) -> None:
    ticket = office.ticket
    units = [office.unit_id, office.other_unit_id]
    more = {"lead_unit_id": data.draw(st.sampled_from(units))} if offer.event in HANDS else {}
    if offer.kind is Kind.DECIDE:
        approve = data.draw(st.booleans()) or data.draw(st.booleans())
        words = StepInput(comment="意见如上")
        service.decide(office.proposal, words, approve=approve, actor=actor)
    elif offer.event in {Event.REVISIT_CLOSE, Event.REVISIT_REWORK}:
        service.revisit(ticket, _answers(data), actor=actor)
    elif offer.kind is Kind.ASK and offer.event is not None:
        given = office.given(offer.event, **LIFT if offer.event is Event.REVISIT_REWORK else {})
        service.propose(ticket, offer.event, given, actor=actor)
    elif offer.kind is Kind.TAKE and offer.event is not None:
        service.take(ticket, offer.event, office.given(offer.event, **more), actor=actor)
    elif offer.name == Note.URGED:
        service.urge(ticket, "请抓紧", actor=actor)


HANDS = {Event.DISPATCH, Event.REASSIGN}
LIFT = {"level": 2, "owner_id": None}


def _answers(data: DataObject) -> StepInput:
    reached = data.draw(st.booleans())
    channel = data.draw(st.sampled_from(list(ContactChannel)))
    if not reached:
        return StepInput(reached=False, channel=channel)
    return StepInput(
        channel=channel,
        solved=data.draw(st.sampled_from(list(Solved))),
        result_score=data.draw(st.sampled_from([None, 1, 3, 5])),
        comment="企业这样说",
    )


def check(ticket: Ticket) -> None:
    """Hold every promise against the ticket as it stands."""
    events_follow_the_table(ticket)
    closed_only_through_a_revisit(ticket)
    handlers_never_revisit(ticket)
    nobody_decides_what_they_proposed(ticket)
    a_complaint_never_goes_to_its_unit(ticket)
    deadlines_never_move_without_a_row(ticket)
    assert ticket.is_open == (ticket.status in OPEN)
    assert ticket.is_running == (ticket.status in RUNNING)


def events_follow_the_table(ticket: Ticket) -> None:
    here = Status.DRAFT
    for event in ticket.events:
        assert event.source is here
        if event.kind in NOTES:
            assert event.target is here
        else:
            assert (event.source, event.kind, event.target) in LISTED
        here = event.target
    assert ticket.status is here


def closed_only_through_a_revisit(ticket: Ticket) -> None:
    for event in ticket.events:
        if event.target is Status.CLOSED and event.source is not Status.CLOSED:
            assert event.source is Status.PENDING_REVISIT
            assert [r for r in ticket.revisits if r.at <= event.at]


def handlers_never_revisit(ticket: Ticket) -> None:
    handled = facts.handled_by(ticket.id)
    revisited = {r.by_id for r in ticket.revisits if r.by_id}
    first = {r.by_id: r.at for r in reversed(ticket.revisits)}
    for user_id in handled & revisited:
        acts = [e.at for e in ticket.events if e.actor_id == user_id and _handles(e.actor_role)]
        assert min(acts) > first[user_id]


def _handles(role: Role) -> bool:
    return role in {Role.HANDLER, Role.DEPT_HEAD}


def nobody_decides_what_they_proposed(ticket: Ticket) -> None:
    for proposal in ticket.proposals:
        if proposal.state in {ProposalState.APPROVED, ProposalState.REFUSED}:
            people = [proposal.asked_by_id, proposal.checked_by_id, proposal.decided_by_id]
            named = [user_id for user_id in people if user_id is not None]
            assert len(set(named)) == len(named)


def a_complaint_never_goes_to_its_unit(ticket: Ticket) -> None:
    units = {d.lead_unit_id for d in ticket.dispatches} | {t.unit_id for t in ticket.co_tasks}
    assert ticket.complained_unit_id not in units


def deadlines_never_move_without_a_row(ticket: Ticket) -> None:
    newest = {change.clock: change.due_at for change in ticket.due_history}
    for which, column in COLUMNS.items():
        assert getattr(ticket, column) == newest.get(which), which
    for before, after in zip(ticket.due_history, ticket.due_history[1:], strict=False):
        assert before.at <= after.at
