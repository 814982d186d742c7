"""Who may read a confidential ticket, who may be asked to, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, or_, select

from app.accounts.models import RoleHolding, User
from app.accounts.roles import GRANTS, Permission, Role
from app.core.db import db
from app.tickets.models import Ticket, TicketReader

#: Whoever sees all tickets may be asked to read any; the others have a part in it.
SEE_ALL = tuple(role for role in GRANTS if Permission.TICKET_SEE_ALL in GRANTS[role])
OF_UNIT = (Role.DEPT_HEAD, Role.HANDLER)


@dataclass(frozen=True, slots=True)
class Reader:
    """One of the named few, why, and since when."""

    user_id: int
    name: str
    post: str
    why: str
    added_at: datetime


def of(ticket: Ticket) -> Sequence[Reader]:
    """Return the named few of a ticket, the first of them first; nobody where it is open to all."""
    if not ticket.confidential:
        return ()
    found = (
        select(User.id, User.name, User.post, TicketReader.why, TicketReader.added_at)
        .join(TicketReader, TicketReader.user_id == User.id)
        .where(TicketReader.ticket_id == ticket.id, TicketReader.ended_at.is_(None))
        .order_by(TicketReader.id)
    )
    return [Reader(*line) for line in db.session.execute(found)]


def to_name(ticket: Ticket) -> list[tuple[int, str]]:
    """Return whom one may choose as a further reader."""
    units = [task.unit_id for task in ticket.co_tasks]
    units += [ticket.lead_unit_id] if ticket.lead_unit_id else []
    linked = {ticket.leader_id, ticket.liaison_id, ticket.escalation_owner_id} - {None}
    there = select(TicketReader.user_id).where(
        TicketReader.ticket_id == ticket.id, TicketReader.ended_at.is_(None)
    )
    complained = select(RoleHolding.user_id).where(
        RoleHolding.unit_id == ticket.complained_unit_id, RoleHolding.is_active
    )
    meant = or_(
        RoleHolding.role.in_(SEE_ALL),
        RoleHolding.role.in_(OF_UNIT) & RoleHolding.unit_id.in_(units),
        RoleHolding.user_id.in_(linked),
    )
    asked = (
        select(User.id, User.name, User.post)
        .join(RoleHolding, RoleHolding.user_id == User.id)
        .where(RoleHolding.tenant_id == ticket.tenant_id, RoleHolding.is_active, User.is_active)
        .where(meant, User.id.not_in(there))
        .distinct()
        .order_by(User.id)
    )
    if ticket.complained_unit_id is not None:
        asked = asked.where(User.id.not_in(complained))
    return _named(db.session.execute(asked).all())


def without_a_namer(roles: frozenset[Role]) -> Select[int]:
    """Return the confidential tickets of whose few nobody holds one of `roles` any more."""
    reads = (TicketReader.ticket_id == Ticket.id, TicketReader.ended_at.is_(None))
    named = (
        exists()
        .where(*reads, RoleHolding.user_id == TicketReader.user_id)
        .where(RoleHolding.role.in_(roles), RoleHolding.is_active)
        .where(User.id == TicketReader.user_id, User.is_active)
    )
    kept = select(TicketReader.ticket_id).where(TicketReader.ended_at.is_(None))
    return select(Ticket.id).where(Ticket.id.in_(kept), Ticket.confidential, ~named)


def dispatchers(ticket: Ticket) -> list[tuple[int, str]]:
    """Return the office's dispatchers, one of whom works on a confidential ticket."""
    asked = (
        select(User.id, User.name, User.post)
        .join(RoleHolding, RoleHolding.user_id == User.id)
        .where(RoleHolding.tenant_id == ticket.tenant_id, RoleHolding.role == Role.DISPATCHER)
        .where(RoleHolding.is_active, User.is_active)
        .distinct()
        .order_by(User.id)
    )
    return _named(db.session.execute(asked).all())


def to_end(ticket: Ticket) -> list[tuple[int, str]]:
    """Return the named few for a list to choose from."""
    return [(one.user_id, f"{one.name} {one.post}".strip()) for one in of(ticket)]


def _named(lines: Sequence[tuple[int, str, str]]) -> list[tuple[int, str]]:
    return [(id_, f"{name} {post}".strip()) for id_, name, post in lines]
