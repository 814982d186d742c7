"""Counting a deadline again, once, when the official calendar of its year has come.

Source: C2.2. A due date is never moved earlier by it.
"""

from app.accounts import roles
from app.core import clock
from app.core.db import db
from app.tickets.clocks import Deadline
from app.tickets.models import DueChange, Ticket
from app.tickets.service import moving
from app.tickets.service.given import StepInput
from app.tickets.service.moving import COLUMNS, Move
from app.tickets.workflow.states import Clock, DueReason, Note


def recompute(ticket_id: int) -> None:
    """Count the deadlines of an open ticket again that an unconfirmed year had a part in.

    Does nothing while the year is still unconfirmed, and nothing the second time.
    """
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    if not ticket.is_open:
        return
    move = moving.begin(ticket, StepInput(), actor=roles.system(ticket.tenant_id))
    newest: dict[Clock, DueChange] = {change.clock: change for change in ticket.due_history}
    for which, change in newest.items():
        if which in COLUMNS and not change.confirmed:
            _count_again(which, change, move)
    if move.changes:
        moving.close(move, Note.DUE_RECOMPUTED)


def _count_again(which: Clock, change: DueChange, move: Move) -> None:
    if change.due_at is None or change.counted_from is None or change.workdays is None:
        return
    due_at = move.calendar.due_at(change.counted_from, change.workdays)
    later = max(due_at, change.due_at)
    if move.calendar.is_confirmed(clock.local(later).date()):
        deadline = Deadline(later, change.counted_from, change.workdays)
        move.set_due(which, deadline, DueReason.CALENDAR)
