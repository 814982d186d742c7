"""What a ticket was split from, and what was split off it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor
from app.core.db import db
from app.tickets import clocks, policy
from app.tickets.models import Ticket
from app.tickets.queries.rows import Reading, status_label
from app.tickets.workflow.states import RING, Note, Status

MOST = 50  # of one family


@dataclass(frozen=True, slots=True)
class Relative:
    """A ticket of the same family: where it stands, and its light."""

    id: int
    number: str
    title: str
    unit: str
    status_label: str
    ring: int
    is_paused: bool
    is_parent: bool
    light: clocks.Light | None
    due_at: datetime | None


def open_parts(ticket_id: int) -> int:
    """Return how many of the parts that were split off a ticket are still being handled."""
    found = select(func.count()).where(Ticket.split_from_id == ticket_id, Ticket.is_open)
    return db.session.scalar(found) or 0


def family(
    ticket: Ticket, kinds: frozenset[str], *, viewer: Actor, reading: Reading
) -> tuple[Relative, ...]:
    """Return the ticket that it was split from, its other parts, and its own parts.

    Only what the viewer may know of. `kinds` are those of its history: where nothing was
    split, nothing is asked.
    """
    if ticket.split_from_id is None and Note.SPLIT not in kinds:
        return ()
    near = [Ticket.split_from_id == ticket.id]
    if ticket.split_from_id is not None:
        near += [
            Ticket.id == ticket.split_from_id,
            Ticket.split_from_id == ticket.split_from_id,
        ]
    lines = db.session.execute(
        select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.round,
            Ticket.due_at,
            Ticket.warn_on,
            OrgUnit.name.label("unit"),
        )
        .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
        .where(policy.visible_to(viewer, numbered=True), Ticket.number.is_not(None))
        .where(or_(*near), Ticket.id != ticket.id)
        .order_by(Ticket.id)
        .limit(MOST)
    )
    return tuple(
        Relative(
            id=line.id,
            number=line.number or "",
            title=line.title,
            unit=line.unit or "",
            status_label=status_label(line.status, line.round),
            ring=RING[line.status],
            is_paused=line.status is Status.SUSPENDED,
            is_parent=line.id == ticket.split_from_id,
            light=clocks.handling_light(
                line.status, line.due_at, line.warn_on, calendar=reading.calendar, now=reading.now
            ),
            due_at=line.due_at,
        )
        for line in lines
    )
