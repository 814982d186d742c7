"""K02 of what is known now, as a condition of SQL: for counts that no cut-off bounds."""

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from app.tickets.models import Revisit, Ticket
from app.tickets.workflow.states import Closing, Outcome, Solved, Status

SOLVED = frozenset({Outcome.RESOLVED, Outcome.PARTIAL})


def is_solved() -> ColumnElement[bool]:
    """Return the condition that a ticket is closed and solved, as its last revisit says.

    Left out is what the enterprise called unsolved when it was last reached.
    """
    last, later = aliased(Revisit), aliased(Revisit)
    unsolved = exists().where(
        last.ticket_id == Ticket.id,
        last.reached,
        last.solved == Solved.NO,
        ~exists().where(later.ticket_id == last.ticket_id, later.reached, later.id > last.id),
    )
    return and_(
        Ticket.status.in_((Status.CLOSED, Status.ARCHIVED)),
        Ticket.outcome.in_(sorted(SOLVED)),
        or_(Ticket.closing.is_(None), Ticket.closing != Closing.UNSATISFIED),
        ~unsolved,
    )
