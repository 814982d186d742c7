"""Pausing really pauses: what is owed beside the handling gets back what a pause took.

While a ticket is suspended, reviewed or revisited nothing that its unit owes runs: neither the
opinions of co-units nor the answers to notes and directives. When it goes on, each has the
working days that were left, and one at least. What was late before the pause stays late.
"""

from datetime import datetime

from app.core import clock
from app.tickets.clocks import STILL, Deadline
from app.tickets.models import CoTaskState, LeaderDirective, SupervisionNote, Ticket
from app.tickets.service.moving import Move
from app.tickets.workflow.states import Clock, DueReason, Status


def paused_at(ticket: Ticket) -> datetime | None:
    """Return since when nothing runs that the unit owes; None while it does."""
    if ticket.status is Status.SUSPENDED:
        return ticket.suspended_at
    return ticket.reply_submitted_at if ticket.status in STILL else None


def go_on(move: Move, since: datetime | None, reason: DueReason) -> None:
    """Give back what the pause since a moment took from whoever owes something."""
    if since is None:
        return
    ticket = move.ticket
    _contact_goes_on(move, since, reason)
    for task in ticket.co_tasks:
        if task.state is CoTaskState.OPEN:
            task.due_at = _again(move, Clock.CO_TASK, task.due_at, since, reason)
    for note in ticket.supervision_notes:
        if note.answered_at is None:
            _note_goes_on(move, note, since, reason)
    for directive in waiting(ticket):
        _directive_goes_on(move, directive, since, reason)


def waiting(ticket: Ticket) -> list[LeaderDirective]:
    """Return the directives on a ticket that nobody answered; without one, without a look."""
    if not ticket.leader_directive:
        return []
    return [one for one in ticket.directives if one.answered_at is None]


def answer_in_pause(move: Move, owed: SupervisionNote | LeaderDirective) -> None:
    """Let an answer that comes while nothing runs be judged by the time that was left."""
    since = paused_at(move.ticket)
    if since is None:
        return
    if isinstance(owed, SupervisionNote):
        _note_goes_on(move, owed, since, DueReason.PAUSED)
    else:
        _directive_goes_on(move, owed, since, DueReason.PAUSED)


def _contact_goes_on(move: Move, since: datetime, reason: DueReason) -> None:
    due = move.ticket.contact_due_at
    if move.ticket.first_contact_at is None and due is not None:
        again = _left_over(move, due, since)
        if again is not None:
            move.set_due(Clock.CONTACT, again, reason)


def _note_goes_on(move: Move, note: SupervisionNote, since: datetime, reason: DueReason) -> None:
    since = max(since, note.raised_at)
    note.answer_due_at = _again(move, Clock.SUPERVISION, note.answer_due_at, since, reason)


def _directive_goes_on(
    move: Move, directive: LeaderDirective, since: datetime, reason: DueReason
) -> None:
    since = max(since, directive.given_at)
    directive.due_at = _again(move, Clock.DIRECTIVE, directive.due_at, since, reason)


def _again(
    move: Move, which: Clock, due_at: datetime, since: datetime, reason: DueReason
) -> datetime:
    """Return a deadline kept beside the ticket as it goes on, with its row where it moves."""
    again = _left_over(move, due_at, since)
    if again is None:
        return due_at
    move.note_due(which, again, reason, before=due_at)
    return again.due_at


def _left_over(move: Move, due_at: datetime, since: datetime) -> Deadline | None:
    """Return the deadline with the working days that were left, where it comes to be later."""
    if due_at <= since:
        return None
    left = move.calendar.remaining(due_at, clock.local(since).date())
    again = move.after(max(left, 1))
    return again if again.due_at > due_at else None
