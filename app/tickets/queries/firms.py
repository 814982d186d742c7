"""What is open at many firms, read at once: for those who visit them."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from app.accounts.models import OrgUnit
from app.core.db import db
from app.tickets.models import Ticket, TicketReader
from app.tickets.queries.rows import status_label
from app.tickets.workflow.states import Status


class FirmTicket(NamedTuple):
    """An open problem of a firm, and whose business it is."""

    id: int
    enterprise_id: int
    number: str | None
    title: str
    status: Status
    round: int
    confidential: bool
    leader_id: int | None
    liaison_id: int | None
    created_by_id: int | None
    escalation_owner_id: int | None
    in_charge_id: int | None  # of the unit that leads

    @property
    def status_label(self) -> str:
        """The word for where it stands."""
        return status_label(self.status, self.round)


def open_of(firms: Collection[int]) -> dict[int, list[FirmTicket]]:
    """Return what somebody works on, by firm, the most urgent first; the caller asks for whom."""
    found: dict[int, list[FirmTicket]] = {}
    if not firms:
        return found
    asked: Select[*tuple[Any, ...]] = (
        select(
            Ticket.id,
            Ticket.enterprise_id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.round,
            Ticket.confidential,
            Ticket.leader_id,
            Ticket.liaison_id,
            Ticket.created_by_id,
            Ticket.escalation_owner_id,
            OrgUnit.in_charge_id,
        )
        .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
        .where(Ticket.enterprise_id.in_(firms), Ticket.is_open)
        .order_by(Ticket.move_due_at, Ticket.id)
    )
    for line in db.session.execute(asked):
        found.setdefault(line.enterprise_id, []).append(FirmTicket(*line))
    return found


def readers_of(tickets: Collection[int]) -> dict[int, set[int]]:
    """Return who may read each of these confidential tickets now."""
    found: dict[int, set[int]] = {}
    if not tickets:
        return found
    rows = db.session.execute(
        select(TicketReader.ticket_id, TicketReader.user_id).where(
            TicketReader.ticket_id.in_(tickets), TicketReader.ended_at.is_(None)
        )
    )
    for ticket_id, user_id in rows:
        found.setdefault(ticket_id, set()).add(user_id)
    return found
