"""Counting a deadline again, once, when the official calendar of its year has come.

Source: C2.2. A due date is never moved earlier by it. The day on which a light turns yellow is
no deadline: it follows the calendar and the settings as they are.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select, update

from app.accounts import roles
from app.accounts.models import Tenant
from app.core import clock
from app.core.db import db
from app.tickets import clocks
from app.tickets.clocks import Deadline
from app.tickets.models import CoTaskState, DueChange, Ticket
from app.tickets.service import moving, pausing
from app.tickets.service.given import StepInput
from app.tickets.service.moving import COLUMNS, Move
from app.tickets.workflow.states import Clock, DueReason, Note, Urgency
from app.workdays.queries import calendar_of

#: These are counted in hours, or to noon, where it is urgent.
IN_HOURS = {Clock.SIGN: clocks.sign_deadline, Clock.CONTACT: clocks.contact_deadline}
BEGINS = frozenset({DueReason.STARTED, DueReason.REASSIGNED})
PAGE = 500  # tickets whose lights are looked at together
_TICKETS = cast("Table", Ticket.__table__)
_WARN = (
    update(_TICKETS)
    .where(_TICKETS.c.id == bindparam("of"), _TICKETS.c.due_at == bindparam("for_due"))
    .values(warn_on=bindparam("turns_on"))
)


def recompute(ticket_id: int) -> None:
    """Count the deadlines of an open ticket again that an unconfirmed year had a part in.

    Does nothing while the year is still unconfirmed, and nothing the second time. An answer that
    came too late by the calendar that was guessed, and in time by the official one, was in time.
    """
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    if not ticket.is_open:
        return
    move = moving.begin(ticket, StepInput(), actor=roles.system(ticket.tenant_id))
    newest: dict[Clock, DueChange] = {change.clock: change for change in ticket.due_history}
    count_again(newest, move)
    count_beside(move)
    if not move.changes:
        return
    if ticket.on_time is False and _in_time(ticket):
        ticket.on_time = move.payload["on_time"] = True
    moving.close(move, Note.DUE_RECOMPUTED)


def _in_time(ticket: Ticket) -> bool:
    return bool(ticket.replied_at and ticket.due_at and ticket.replied_at <= ticket.due_at)


def count_again(newest: Mapping[Clock, DueChange], move: Move) -> None:
    """Count the clocks of the ticket itself again, each from the newest that was written of it.

    The limit of a rework goes along with the handling of which it is a part.
    """
    for which in COLUMNS:
        again = _counted(newest.get(which), move) if which is not Clock.REWORK else None
        if again is not None:
            move.set_due(which, again, DueReason.CALENDAR)


def count_beside(move: Move) -> None:
    """Count again what is owed beside the handling: opinions, and answers to notes and leaders."""
    ticket = move.ticket
    for task in ticket.co_tasks:
        if task.state is CoTaskState.OPEN:
            task.due_at = _moved(Clock.CO_TASK, task.due_at, move)
    for note in ticket.supervision_notes:
        if note.answered_at is None:
            note.answer_due_at = _moved(Clock.SUPERVISION, note.answer_due_at, move)
    for directive in pausing.waiting(ticket):
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

    What was given as a day, or in hours of the clock, stays; nothing moves earlier.
    """
    if change is None or change.confirmed or change.due_at is None:
        return None
    again = _again(change, change.counted_from, move)
    if again is None:
        return None
    later = max(again.due_at, change.due_at)
    if not move.calendar.is_confirmed(clock.local(later).date()):
        return None
    return Deadline(later, again.counted_from, again.workdays)


def _again(change: DueChange, since: datetime | None, move: Move) -> Deadline | None:
    """Return a deadline as it is counted from its beginning, where the calendar has a part."""
    if since is None:
        return None
    if change.workdays is not None:
        return Deadline(move.calendar.due_at(since, change.workdays), since, change.workdays)
    urgent = move.ticket.urgency is Urgency.URGENT and change.reason in BEGINS
    if urgent and change.clock in IN_HOURS:
        counted = IN_HOURS[change.clock]
        return counted(move.ticket.urgency, since, move.calendar, move.parameters)
    return None


def turn_lights(tenant_id: int, *, after: int = 0) -> int | None:
    """Let the lights of a page of open tickets turn yellow on the day that the rules name now.

    Settings and single days of the calendar may have changed since their deadlines were set. No
    deadline moves. Return the last ticket that was looked at, or None where there is none.
    """
    rules = db.session.get_one(Tenant, tenant_id).parameters
    calendar = calendar_of(tenant_id)
    lines = db.session.execute(
        select(Ticket.id, Ticket.due_at, Ticket.limit_workdays, Ticket.warn_on)
        .where(Ticket.tenant_id == tenant_id, Ticket.is_open, Ticket.id > after)
        .where(Ticket.due_at.is_not(None))
        .order_by(Ticket.id)
        .limit(PAGE)
    ).all()
    turned = [
        {"of": line.id, "for_due": line.due_at, "turns_on": day}
        for line in lines
        if (day := clocks.warns_on(line.due_at, line.limit_workdays, calendar, rules))
        != line.warn_on
    ]
    if turned:
        db.session.execute(_WARN, turned)
    return lines[-1].id if lines else None
