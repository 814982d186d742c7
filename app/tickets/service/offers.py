"""What a person may do with a ticket now, and what has just become impossible and why."""

from dataclasses import dataclass
from enum import StrEnum

from app.accounts.roles import Actor, Permission, Role
from app.core.errors import DomainError
from app.tickets.models import Proposal, Ticket
from app.tickets.service import (
    beside,
    co_tasks,
    comments,
    confidential,
    directives,
    guards,
    handover,
    meetings,
    moving,
    proposals,
    splitting,
    steps,
    urging,
)
from app.tickets.service.given import StepInput
from app.tickets.workflow import table
from app.tickets.workflow.states import RUNNING, Event, Note, Status
from app.tickets.workflow.table import Step


class Kind(StrEnum):
    """What pressing the button does."""

    TAKE = "take"
    ASK = "ask"
    DECIDE = "decide"
    BESIDE = "beside"


#: Shown as a grey sentence when the moment has passed; others just vanish.
EXPLAINED = frozenset(
    {
        Event.DISPATCH,
        Event.APPROVE_RETURN,
        Event.REASSIGN,
        Event.APPROVE_EXTENSION,
        Event.APPROVE_SUSPENSION,
        Event.SUBMIT_REPLY,
        Event.CLOSE_UNREACHABLE,
        Event.CLOSE_UNSATISFIED,
        Event.REOPEN,
        Event.REVISIT_CLOSE,
        Event.APPROVE_REPLY,
    }
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that may be done, or, with a refusal, one that may not and why.

    `name` is the value of the Event or Note; `proposal` is the one to decide on.
    """

    kind: Kind
    name: str
    label: str
    event: Event | None = None
    proposal: Proposal | None = None
    refusal: DomainError | None = None


def offers(ticket: Ticket, *, actor: Actor) -> tuple[Offer, ...]:
    """Return what `actor` may do with `ticket` now, in the order of the table."""
    found: list[Offer] = []
    for step in table.steps_from(ticket.status):
        found += _of_step(step, ticket, actor)
    return (*_decisions(ticket, actor), *found, *_beside(ticket, actor))


def _of_step(step: Step, ticket: Ticket, actor: Actor) -> list[Offer]:
    asked = any(p.is_open and p.event is step.event for p in ticket.proposals)
    found = []
    takes = not step.two_person or steps.acts_alone(step, ticket, actor)
    if takes and steps.may_take(step, ticket, actor):
        found.append(_offer(Kind.TAKE, step, ticket, actor))
    elif not asked and (step.asks or step.lifts) and proposals.may_ask(step, ticket, actor):
        found.append(_offer(Kind.ASK, step, ticket, actor))
    return [offer for offer in found if offer is not None]


def _offer(kind: Kind, step: Step, ticket: Ticket, actor: Actor) -> Offer | None:
    move = moving.begin(ticket, StepInput(), actor=actor)
    refusal = guards.objection(step.event, move)
    lifting = kind is Kind.ASK and step.lifts is not None
    if lifting and ticket.round < move.parameters.max_round:
        return None
    if refusal is not None and step.event not in EXPLAINED:
        return None
    return Offer(kind, step.event.value, step.event.label, event=step.event, refusal=refusal)


def _decisions(ticket: Ticket, actor: Actor) -> list[Offer]:
    found = []
    for proposal in ticket.proposals:
        if not proposal.is_open:
            continue
        step = table.step(ticket.status, proposal.event)
        if proposals.may_decide(step, proposal, actor):
            event = proposal.event
            found.append(
                Offer(Kind.DECIDE, event.value, event.label, event=event, proposal=proposal)
            )
    return found


def _beside(ticket: Ticket, actor: Actor) -> list[Offer]:
    wanted: list[Note] = []
    leads = actor.unit_id is not None and actor.unit_id == ticket.lead_unit_id
    heads = actor.role is Role.DEPT_HEAD and leads
    if ticket.status in RUNNING:
        if heads:
            wanted.append(Note.ASSIGNED)
        if handover.may_hand_over(actor, ticket):
            wanted.append(Note.HANDED_OVER)
    wanted += co_tasks.offered(ticket, actor=actor)
    if splitting.may_split(actor, ticket):
        wanted.append(Note.SPLIT)
    if heads and any(beside.waits(note) for note in ticket.supervision_notes):
        wanted.append(Note.SUPERVISION_ANSWERED)
    if ticket.status is Status.SUSPENDED and actor.role is Role.OFFICE_DIRECTOR:
        wanted.append(Note.RENEWED)
    wanted += directives.offered(ticket, actor=actor) + meetings.offered(ticket, actor=actor)
    wanted += _of_readers(ticket, actor)
    wanted += [Note.COMMENTED] if comments.may_comment(actor, ticket) else []
    found = [Offer(Kind.BESIDE, note.value, note.label) for note in wanted]
    return [*_urging(ticket, actor), *found]


def _urging(ticket: Ticket, actor: Actor) -> list[Offer]:
    """Return that one may urge, or why not today: once a working day is enough."""
    if ticket.status not in RUNNING or not actor.may(Permission.TICKET_URGE):
        return []
    note = Note.URGED
    refusal = urging.objection(ticket)
    return [Offer(Kind.BESIDE, note.value, note.label, refusal=refusal)]


def _of_readers(ticket: Ticket, actor: Actor) -> list[Note]:
    """Return what may be done about who reads it, by the director, and by the chief."""
    if ticket.is_over or not confidential.may_name(actor, ticket):
        return []
    directs = actor.role is Role.OFFICE_DIRECTOR
    if ticket.confidential:
        named = [Note.READER_ADDED, Note.READER_ENDED]
        return [*named, Note.MADE_OPEN] if directs else named
    return [Note.MADE_CONFIDENTIAL] if directs and ticket.number is not None else []
