"""What a page offers is exactly what the services let: for each role in each state."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import ProposalState
from app.tickets.service import Kind, Offer, StepInput
from app.tickets.workflow import table
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Note, Solved, Status
from app.tickets.workflow.table import TABLE, Step
from tests.office import ROADS, Office, approve, open_office, reply

pytestmark = pytest.mark.usefixtures("app")

Clock = time_machine.Traveller
Found = set[tuple[Kind, str]]


class Undone(Exception):
    """Thrown to take back what was only tried."""


@pytest.fixture
def office() -> Office:
    return open_office()


def everybody(office: Office) -> dict[str, Actor]:
    people = {role.value: office.actor(role) for role in (*PEOPLE, Role.SYSTEM)}
    return people | office.more


def undo() -> None:
    raise Undone


def is_let(act: Callable[[], object]) -> bool:
    """Try something, and take it back."""
    try:
        with transaction():
            act()
            undo()
    except Undone:
        return True
    except DomainError:
        return False


def offered(office: Office, actor: Actor, kinds: Iterable[Kind]) -> Found:
    found = service.offers(office.ticket, actor=actor)
    return {(o.kind, o.name) for o in found if o.refusal is None and o.kind in kinds}


def possible(office: Office, actor: Actor, more: dict[Event, dict[str, Any]]) -> Found:
    """Return what can be taken or asked for when everything is given well."""
    found: Found = set()
    for step in table.steps_from(office.ticket.status):
        given = office.given(step.event, **more.get(step.event, {}))
        for kind, act in ((Kind.TAKE, service.take), (Kind.ASK, service.propose)):
            if is_let(lambda a=act, e=step.event, g=given: a(office.ticket, e, g, actor=actor)):
                found.add((kind, step.event.value))
    return found


def agree(office: Office, more: dict[Event, dict[str, Any]] | None = None) -> None:
    for name, actor in everybody(office).items():
        shown = offered(office, actor, {Kind.TAKE, Kind.ASK})
        assert shown == possible(office, actor, more or {}), name


def give(office: Office) -> dict[Event, dict[str, Any]]:
    master = office.merge_master()
    return {Event.MERGE: {"master_id": master, "same_matter": True}}


@pytest.mark.parametrize("status", ROADS)
def test_what_is_offered_is_what_is_let(status: Status, office: Office) -> None:
    office.walk_to(status)

    agree(office, give(office))


@pytest.mark.parametrize("days", [1, 2, 8, 12, 18, 31])
@pytest.mark.parametrize("status", [Status.PENDING_SIGN, Status.IN_PROGRESS, Status.CLOSED])
def test_it_is_so_as_time_passes(
    status: Status, days: int, office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(status)
    frozen_clock.shift(timedelta(days=days))
    later = office.workday_after(office.ticket.due_at.date()) if office.ticket.due_at else None

    agree(office, {Event.APPROVE_EXTENSION: {"new_due_on": later}})


def test_it_is_so_for_a_question_and_once_the_firm_was_called(office: Office) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.CONSULT)
    agree(office, give(office))

    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    agree(office)


def test_it_is_so_after_the_last_round(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    twice_no(office)
    agreed = {(Kind.ASK, Event.CLOSE_UNSATISFIED.value), (Kind.ASK, Event.REVISIT_REWORK.value)}

    assert offered(office, office.actor(Role.OFFICE_DIRECTOR), {Kind.ASK}) == agreed
    lift = {"level": 2, "owner_id": office.actor(Role.LEADER).user_id}
    found = possible(office, office.actor(Role.OFFICE_DIRECTOR), {Event.REVISIT_REWORK: lift})
    assert found == agreed

    office.walk_to(Status.PENDING_REVISIT)
    for channel in (ContactChannel.PHONE, ContactChannel.PHONE, ContactChannel.LINK):
        office.revisit(reached=False, channel=channel, solved=None, result_score=None)
        frozen_clock.shift(timedelta(days=1))
    agree(office)


def twice_no(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1)
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=1)


TWO_PERSON = [step for step in TABLE if step.two_person]
PREPARED: dict[Event, Callable[[Office], object]] = {
    Event.SUBMIT_REPLY: lambda office: office.take(Event.FIRST_CONTACT, Role.HANDLER),
    Event.CLOSE_UNSATISFIED: twice_no,
}


def _may_decide(office: Office, actor: Actor) -> bool:
    words = StepInput(comment="同意")
    return is_let(lambda: service.decide(office.proposal, words, approve=True, actor=actor))


@pytest.mark.parametrize("step", TWO_PERSON, ids=lambda step: f"{step.id}-{step.source}")
def test_who_is_offered_a_decision_is_who_may_decide(step: Step, office: Office) -> None:
    office.walk_to(step.source)
    PREPARED.get(step.event, lambda _office: None)(office)
    (asker,) = step.asks
    office.propose(step.event, asker)
    while any(p.is_open for p in office.ticket.proposals):
        deciders = {n for n, a in everybody(office).items() if _may_decide(office, a)}
        shown = {n for n, a in everybody(office).items() if offered(office, a, {Kind.DECIDE})}
        assert shown == deciders
        assert (Kind.ASK, step.event.value) not in offered(office, office.actor(asker), {Kind.ASK})
        checking = step.checks and office.proposal.state is ProposalState.PENDING
        assert len(deciders) == 1
        office.decide(Role(deciders.pop()))
        assert bool(checking) == any(p.is_open for p in office.ticket.proposals)


def test_what_has_become_impossible_is_shown_with_the_reason(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    frozen_clock.shift(timedelta(days=9))
    found: dict[str, Offer] = {
        o.name: o for o in service.offers(office.ticket, actor=office.actor(Role.DEPT_HEAD))
    }

    for event in (Event.APPROVE_RETURN, Event.APPROVE_EXTENSION, Event.APPROVE_SUSPENSION):
        assert str(found[event.value].refusal)


#: What is tested where it is at home.
ELSEWHERE = {
    Note.COMMENTED.value,
    Note.MADE_CONFIDENTIAL.value,
    Note.MADE_OPEN.value,
    Note.READER_ADDED.value,
    Note.READER_ENDED.value,
    Note.DIRECTED.value,
    Note.DIRECTIVE_ANSWERED.value,
    Note.MEETING.value,
    Note.CO_ACCEPTED.value,
    Note.CO_RETURNED.value,
    Note.CO_ASSIGNED.value,
    Note.CO_OPENED.value,
    Note.HANDED_OVER.value,
    Note.SPLIT.value,
}


def beside(office: Office) -> dict[str, set[str]]:
    people = {role.value: office.actor(role) for role in PEOPLE}
    return {
        name: {n for _, n in offered(office, actor, {Kind.BESIDE})} - ELSEWHERE
        for name, actor in people.items()
        if {n for _, n in offered(office, actor, {Kind.BESIDE})} - ELSEWHERE
    }


def test_what_may_be_done_beside_the_steps(office: Office) -> None:
    urging = {
        role.value: {Note.URGED.value}
        for role in (
            Role.CHIEF,
            Role.LEADER,
            Role.OFFICE_DIRECTOR,
            Role.DISPATCHER,
            Role.SUPERVISOR,
        )
    }
    office.walk_to(Status.IN_PROGRESS)
    assert beside(office) == urging | {"dept_head": {Note.ASSIGNED.value}}

    with transaction():
        service.urge(office.ticket, "请抓紧", actor=office.actor(Role.SUPERVISOR))
    assert beside(office) == {"dept_head": {Note.ASSIGNED.value}}
    urging = {}  # once a working day is enough

    office.take(
        Event.REASSIGN,
        Role.OFFICE_DIRECTOR,
        co_unit_ids=(office.unit_id,),
    )
    helping = {Note.CO_SUBMITTED.value}
    assert beside(office) == urging | {"dept_head": helping, "handler": helping}
    leading = offered(office, office.more["other head"], {Kind.BESIDE})
    assert {name for _, name in leading} - ELSEWHERE == {Note.ASSIGNED.value, Note.CO_WAIVED.value}

    office.walk_to(Status.SUSPENDED)
    assert beside(office) == {"office_director": {Note.RENEWED.value}}
