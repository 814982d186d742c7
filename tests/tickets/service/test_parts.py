"""A problem that was split is revisited as a whole when every part of it has ended."""

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.roles import Role
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.desk.queries import worklist
from app.tickets import policy, service
from app.tickets.models import Ticket
from app.tickets.service import Part
from app.tickets.workflow.states import Clock, Event, Note, Status
from tests.office import Office, approve, moment, open_office, reply

pytestmark = pytest.mark.usefixtures("app")
Clocks = time_machine.Traveller


@pytest.fixture
def office() -> Office:
    made = open_office()
    made.walk_to(Status.PENDING_DISPATCH)
    return made


def split(office: Office, n: int = 1) -> tuple[int, list[int]]:
    """Split parts off the ticket; return its id and theirs."""
    parts = [
        Part(f"第{one}部分路面破损", "园区东路三百米路面破损，雨天积水。", office.unit_id)
        for one in range(n)
    ]
    with transaction():
        service.split(office.ticket, parts, actor=office.actor(Role.DISPATCHER))
    found = select(Ticket.id).where(Ticket.split_from_id == office.ticket_id).order_by(Ticket.id)
    return office.ticket_id, list(db.session.scalars(found))


def answer(office: Office, ticket_id: int) -> None:
    """Walk a ticket until the enterprise is to be asked."""
    office.ticket_id = ticket_id
    if office.ticket.status is Status.PENDING_DISPATCH:
        office.take(Event.DISPATCH, Role.DISPATCHER)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    approve(office)


def close(office: Office, ticket_id: int) -> None:
    answer(office, ticket_id)
    office.revisit()
    assert office.ticket.status is Status.CLOSED


def to_ask(office: Office, role: Role = Role.LIAISON) -> int:
    """Return how many tickets are to be revisited, as the worklist counts them."""
    parts = {part.key: part.count for part in worklist.of(office.actor(role)).parts}
    return parts["mine"]


def test_the_whole_is_not_revisited_while_a_part_is_open(
    office: Office, frozen_clock: Clocks
) -> None:
    whole, parts = split(office, 2)
    answer(office, whole)
    assert office.ticket.revisit_due_at is None  # it is nobody's fault that it waits
    assert office.ticket.move_due_at is None
    assert (to_ask(office), to_ask(office, Role.DISPATCHER)) == (0, 0)

    for event in (Event.REVISIT_CLOSE, Event.CLOSE_UNREACHABLE):
        with pytest.raises(DomainError), transaction():
            service.take(
                office.ticket, event, office.given(event), actor=office.actor(Role.LIAISON)
            )
    with pytest.raises(DomainError):
        office.revisit()
    db.session.rollback()

    close(office, parts[0])
    office.ticket_id = whole
    assert office.ticket.revisit_due_at is None
    assert office.ticket.events[-1].kind == Event.APPROVE_REPLY  # nothing is told before the last
    frozen_clock.move_to(moment("2026-09-22T09:00"))
    close(office, parts[1])

    office.ticket_id = whole
    assert office.ticket.revisit_due_at == moment("2026-09-24T17:30")
    assert office.ticket.events[-1].kind == Note.PARTS_ENDED
    assert office.ticket.due_history[-1].clock is Clock.REVISIT
    assert to_ask(office) == 1
    office.revisit()
    assert office.ticket.status is Status.CLOSED


def test_parts_that_ended_before_let_the_whole_go_its_way(office: Office) -> None:
    whole, parts = split(office)
    close(office, parts[0])

    answer(office, whole)

    assert office.ticket.revisit_due_at == moment("2026-09-23T17:30")
    assert Note.PARTS_ENDED not in {event.kind for event in office.ticket.events}


def test_a_part_that_is_cancelled_has_ended_and_the_others_go_on(office: Office) -> None:
    whole, parts = split(office, 2)
    answer(office, whole)

    office.ticket_id = parts[0]
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)
    office.ticket_id = whole
    assert office.ticket.revisit_due_at is None
    office.ticket_id = parts[1]
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    office.ticket_id = whole
    assert office.ticket.revisit_due_at is not None


def test_the_whole_is_cancelled_without_its_parts(office: Office) -> None:
    whole, parts = split(office)

    office.ticket_id = whole
    office.take(Event.CANCEL, Role.DISPATCHER)
    close(office, parts[0])

    assert db.session.get_one(Ticket, whole).status is Status.CANCELLED


def test_a_part_that_is_opened_again_lets_the_whole_wait_again(office: Office) -> None:
    whole, parts = split(office)
    close(office, parts[0])
    answer(office, whole)

    office.ticket_id = parts[0]
    office.propose(Event.REOPEN, Role.DISPATCHER)
    office.decide(Role.OFFICE_DIRECTOR)

    office.ticket_id = whole
    assert office.ticket.revisit_due_at is None
    assert office.ticket.events[-1].kind == Note.PART_OPEN
    assert to_ask(office) == 0


def test_what_ends_before_the_whole_is_answered_is_not_told_to_it(office: Office) -> None:
    whole, parts = split(office)

    close(office, parts[0])

    assert db.session.get_one(Ticket, whole).events[-1].kind == Note.SPLIT


def test_the_parts_of_a_confidential_ticket_are_for_the_same_few(office: Office) -> None:
    with transaction():
        service.make_confidential(
            office.ticket,
            "涉及个人",
            office.actor(Role.DISPATCHER).user_id,
            actor=office.actor(Role.OFFICE_DIRECTOR),
        )
    whole, parts = split(office)

    child = db.session.get_one(Ticket, parts[0])
    assert child.confidential
    assert not policy.may_see(office.more["second dispatcher"], child)
    for role in (Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.CHIEF):
        assert policy.may_see(office.actor(role), child), role
    assert policy.may_see(office.actor(Role.DEPT_HEAD), child)  # whose part it is
    assert not policy.may_see(office.actor(Role.DEPT_HEAD), db.session.get_one(Ticket, whole))
