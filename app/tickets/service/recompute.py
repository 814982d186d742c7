"""Counting a deadline again, once, when the official calendar of its year has come.

Source: C2.2. A due date is never moved earlier by it.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app.accounts import roles
from app.core import clock
from app.core.db import db
from app.tickets.clocks import Deadline
from app.tickets.models import CoTaskState, DueChange, LeaderDirective, Ticket
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
    count_again(newest, move)
    _count_beside(move)
    if move.changes:
        moving.close(move, Note.DUE_RECOMPUTED)


def count_again(newest: Mapping[Clock, DueChange], move: Move) -> None:
    """Count the clocks of the ticket itself again, each from the newest that was written of it.

    The limit of a rework goes along with the handling of which it is a part.
    """
    for which in COLUMNS:
        again = _counted(newest.get(which), move) if which is not Clock.REWORK else None
        if again is not None:
            move.set_due(which, again, DueReason.CALENDAR)


def _count_beside(move: Move) -> None:
    """Count again what is owed beside the handling: opinions, and answers to notes and leaders."""
    ticket = move.ticket
    for task in ticket.co_tasks:
        if task.state is CoTaskState.OPEN:
            task.due_at = _moved(Clock.CO_TASK, task.due_at, move)
    for note in ticket.supervision_notes:
        if note.answered_at is None:
            note.answer_due_at = _moved(Clock.SUPERVISION, note.answer_due_at, move)
    asked = select(LeaderDirective).where(LeaderDirective.ticket_id == ticket.id)
    for directive in db.session.scalars(asked.where(LeaderDirective.answered_at.is_(None))):
        directive.due_at = _moved(Clock.DIRECTIVE, directive.due_at, move)


def _moved(which: Clock, due_at: datetime, move: Move) -> datetime:
    """Return a deadline that is kept beside the ticket as it is counted now, with its row.

    Several may run at once; each finds its own row by its deadline.
    """
    rows = move.ticket.due_history
    own = next((r for r in reversed(rows) if (r.clock, r.due_at) == (which, due_at)), None)
    again = _counted(own, move)
    if again is None:
        return due_at
    written = {change["before"] for change in move.changes if change["clock"] is which}
    if due_at not in written:  # those that end together are told in one row
        move.note_due(which, again, DueReason.CALENDAR, before=due_at)
    return again.due_at


def _counted(change: DueChange | None, move: Move) -> Deadline | None:
    """Return the deadline by the calendar that came; None where it has no part in it.

    What was given as a day or in hours stays; nothing moves earlier.
    """
    if change is None or change.confirmed or change.due_at is None:
        return None
    if change.counted_from is None or change.workdays is None:
        return None
    due_at = move.calendar.due_at(change.counted_from, change.workdays)
    later = max(due_at, change.due_at)
    if not move.calendar.is_confirmed(clock.local(later).date()):
        return None
    return Deadline(later, change.counted_from, change.workdays)
