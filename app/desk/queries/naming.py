"""What waits for the director to name a dispatcher: what none of them knows of."""

from sqlalchemy import ColumnElement, and_, exists

from app.accounts.models import RoleHolding
from app.accounts.roles import Role
from app.core.i18n import N_
from app.desk.queries.ask import Ask, Kind, Verbs
from app.tickets.models import Ticket, TicketReader
from app.tickets.workflow.states import Note, Status

#: Where a dispatcher has the next step.
FOR_A_DISPATCHER = (Status.PENDING_ACCEPTANCE, Status.PENDING_DISPATCH, Status.PENDING_REVIEW)
NAME_ONE: Verbs = {status: (N_("指定交办员"), Note.READER_ADDED) for status in FOR_A_DISPATCHER}


def to_name_a_dispatcher() -> Ask:
    """Return the part of the director's worklist that keeps confidential tickets from resting."""
    return Ask(
        "named",
        N_("限知件，等您指定交办员"),
        Kind.TICKETS,
        tuple(_without_dispatcher(status) for status in FOR_A_DISPATCHER),
        hot=True,
        sub=N_("交办员里还没有知情人"),
        verbs=NAME_ONE,
    )


def _without_dispatcher(status: Status) -> ColumnElement[bool]:
    knows = exists().where(
        TicketReader.ticket_id == Ticket.id,
        TicketReader.ended_at.is_(None),
        RoleHolding.user_id == TicketReader.user_id,
        RoleHolding.role == Role.DISPATCHER,
        RoleHolding.is_active,
    )
    return and_(Ticket.status == status, Ticket.confidential.is_(True), ~knows)
