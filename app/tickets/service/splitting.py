"""Splitting a ticket 分办: its parts become tickets of their own, each with its own revisit."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.service import drafting, moving, steps
from app.tickets.service.given import StepInput, TicketDraft
from app.tickets.service.moving import Written
from app.tickets.workflow import table
from app.tickets.workflow.states import Event, Note, Status

SPLITTERS = frozenset({Role.DISPATCHER, Role.OFFICE_DIRECTOR})
MOST_PARTS = 5
#: The fields of a part; what a rule says of any other is said of the first.
FIELDS = ("title", "description", "lead_unit_id", "co_unit_ids")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a problem, and the units that handle it."""

    title: str
    description: str
    lead_unit_id: int | None
    co_unit_ids: tuple[int, ...] = ()


def may_split(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether the actor may split this ticket now."""
    return (
        actor.role in SPLITTERS
        and actor.tenant_id == ticket.tenant_id
        and ticket.status is Status.PENDING_DISPATCH
    )


def split(ticket: Ticket, parts: Sequence[Part], *, actor: Actor) -> list[Ticket]:
    """Make each part a ticket of its own, accepted and handed to its units; all or none.

    The ticket keeps what is its own and still waits to be dispatched. Raises what the rules of
    each step raise; `field` names the field and, after a low line, the number of the part.
    """
    if actor.role not in SPLITTERS or actor.tenant_id != ticket.tenant_id:
        raise NotAllowed(N_("分办由交办员或营商办主任来做。"))
    policy.check_named(actor, ticket)
    if ticket.status is not Status.PENDING_DISPATCH:
        raise DomainError(N_("这件企业问题现在是“{status}”，不能分办。"), status=ticket.status)
    if not parts:
        raise DomainError(N_("请至少写一部分。"), field="title_1")
    if len(parts) > MOST_PARTS:
        raise DomainError(N_("一次最多分出 {most} 部分。"), most=MOST_PARTS)
    children = [_split_off(ticket, part, n, actor) for n, part in enumerate(parts, 1)]
    move = moving.begin(ticket, StepInput(), actor=actor)
    move.payload["children"] = [child.number for child in children]
    moving.close(move, Note.SPLIT)
    return children


def _split_off(ticket: Ticket, part: Part, n: int, actor: Actor) -> Ticket:
    try:
        child = _hand_in(ticket, part, actor)
        _note(child, ticket, actor)
        _accept(child, ticket, actor)
        dispatched = StepInput(lead_unit_id=part.lead_unit_id, co_unit_ids=part.co_unit_ids)
        steps.take(child, Event.DISPATCH, dispatched, actor=actor)
    except DomainError as error:
        error.field = f"{error.field if error.field in FIELDS else FIELDS[0]}_{n}"
        raise
    return child


def _hand_in(ticket: Ticket, part: Part, actor: Actor) -> Ticket:
    """Write the part down and hand it in: T01, by whoever splits."""
    with db.session.no_autoflush:  # the part and its first event are written together
        child = drafting.write_down(_draft(ticket, part), actor)
        child.split_from_id = ticket.id
        submit = table.step(child.status, Event.SUBMIT)
        steps.carry_out(submit, moving.begin(child, StepInput(), actor=actor))
    return child


def _accept(child: Ticket, ticket: Ticket, actor: Actor) -> None:
    """Take the part in as the whole was taken in: T02, with the same classification."""
    given = StepInput(
        category_id=ticket.category_id,
        subcategory_id=ticket.subcategory_id,
        urgency=ticket.urgency,
        complexity=ticket.complexity,
        duplicates_checked=True,
    )
    accept = table.step(child.status, Event.ACCEPT)
    steps.carry_out(accept, moving.begin(child, given, actor=actor))


def _note(child: Ticket, ticket: Ticket, actor: Actor) -> Written:
    move = moving.begin(child, StepInput(), actor=actor)
    move.payload |= {"parent_id": ticket.id, "parent": ticket.number}
    return moving.close(move, Note.SPLIT_OFF)


def _draft(ticket: Ticket, part: Part) -> TicketDraft:
    """Return the part as it was heard: from the same firm, on the same way, at the same visit."""
    return TicketDraft(
        enterprise_id=ticket.enterprise_id,
        title=part.title,
        description=part.description,
        wish=ticket.wish,
        category_id=ticket.category_id,
        subcategory_id=ticket.subcategory_id,
        contact_name=ticket.contact_name,
        contact_phone=ticket.contact_phone or "",
        source=ticket.source,
        campaign=ticket.campaign,
        visit_id=ticket.visit_id,
        heard_on=ticket.first_heard_on,
        urgency=ticket.urgency,
        complained_unit_id=ticket.complained_unit_id,
        external_system=ticket.external_system,
        external_no=ticket.external_no,
        external_due_at=ticket.external_due_at,
        leader_directive=ticket.leader_directive,
        no_secrets=ticket.no_secrets,
    )
