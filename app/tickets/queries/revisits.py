"""Whom to call: the tickets whose enterprise the viewer may ask, the most pressing first."""

from datetime import time

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from app.accounts.roles import Actor, Permission
from app.core import clock
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.tickets import policy
from app.tickets.models import Revisit, Ticket
from app.tickets.queries import deciding


def require_revisit(viewer: Actor) -> None:
    """Raise NotAllowed unless the viewer's role asks enterprises."""
    if not viewer.may(Permission.TICKET_REVISIT):
        raise NotAllowed(N_("回访由营商办、联络员和包联领导来做。"))


def to_call(viewer: Actor) -> Select[Ticket]:
    """Return the tickets whose enterprise the viewer may call, and that wait for it.

    Whom nobody tried today comes first, then by the day until which it must be done. What the
    viewer had a part in is left out, and so is what still waits for its parts.
    """
    require_revisit(viewer)
    tried = _tried_today()
    return (
        select(Ticket)
        .where(policy.visible_to(viewer, numbered=True), ~policy.rates(viewer))
        .where(deciding.to_revisit())
        .options(
            joinedload(Ticket.enterprise).load_only(Enterprise.name, Enterprise.short_name),
            selectinload(Ticket.revisits).joinedload(Revisit.letter),
        )
        .options(
            load_only(
                Ticket.number,
                Ticket.title,
                Ticket.status,
                Ticket.round,
                Ticket.contact_name,
                Ticket.contact_phone,
                Ticket.revisit_due_at,
                Ticket.confidential,
                Ticket.enterprise_id,
            )
        )
        .order_by(tried, Ticket.revisit_due_at, Ticket.id)
    )


def _tried_today() -> ColumnElement[bool]:
    begins = clock.at(clock.today(), time.min)
    return exists().where(
        Revisit.ticket_id == Ticket.id,
        Revisit.round == Ticket.round,
        Revisit.at >= begins,
        Revisit.by_id.is_not(None),  # a link that the timetable sent is no call
    )
