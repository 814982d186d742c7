"""The ladder, told again from the history: who should have been urged on which morning.

Nothing of the product's arithmetic is used: the working days of the season stand here.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core import clock
from app.tickets.models import Ticket
from app.tickets.workflow.states import Clock, Event, Note, NoteLevel, Status

AWAY = {date(2026, 9, 25), *(date(2026, 10, day) for day in (1, 2, 5, 6, 7))}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}
DAYS = [date(2026, 8, 1) + timedelta(days=n) for n in range(365)]
WORKDAYS = [d for d in DAYS if d in WORKED or (d.isoweekday() <= 5 and d not in AWAY)]
FIRST_LATE, SECOND_LATE, FOURTH_LATE, SIXTH_LATE = 1, 2, 4, 6
RUNNING = {Status.PENDING_SIGN, Status.IN_PROGRESS}
NOTES = {value.value for value in Note}
Step = tuple[str, datetime]


def between(after: date, through: date) -> int:
    """Return how many working days lie after one day, up to and with another."""
    return bisect_right(WORKDAYS, through) - bisect_right(WORKDAYS, after)


@dataclass(frozen=True)
class Then:
    """A ticket as it stood on a morning."""

    status: Status
    due_at: datetime | None
    limit: int


def expected(ticket: Ticket, mornings: list[datetime]) -> list[Step]:
    """Return the steps that the ladder owed this ticket, in order, each with its moment."""
    found: list[Step] = []
    told: set[tuple[str, datetime]] = set()  # a step, and the deadline it was taken for
    for morning in mornings:
        if clock.local(morning).date() not in WORKED and not _is_workday(morning):
            continue
        then = _at(ticket, morning)
        if then.status not in RUNNING or then.due_at is None:
            continue
        for step in _steps(ticket, then, morning, told):
            told.add((step, then.due_at))
            found.append((step, morning))
    return found


def _is_workday(morning: datetime) -> bool:
    return clock.local(morning).date() in WORKDAYS


def _steps(
    ticket: Ticket, then: Then, morning: datetime, told: set[tuple[str, datetime]]
) -> list[str]:
    assert then.due_at is not None
    today, due_on = clock.local(morning).date(), clock.local(then.due_at).date()
    if morning <= then.due_at:
        near = 1 if then.limit <= 5 else 2 if then.limit <= 15 else 3
        if between(today, due_on) > near or ("yellow", then.due_at) in told:
            return []
        return ["yellow"]
    late = between(due_on, today)
    if late < FIRST_LATE:
        return []
    steps = [] if ("overdue", then.due_at) in told else ["overdue"]
    level = _level(ticket, then.due_at, morning, told, late)
    return [*steps, level] if level else steps


def _level(
    ticket: Ticket, due_at: datetime, morning: datetime, told: set[tuple[str, datetime]], late: int
) -> str:
    limits = {"blue": SECOND_LATE, "orange": FOURTH_LATE, "red": SIXTH_LATE}
    before = ""
    for level, after in limits.items():
        if (level, due_at) not in told:
            waited = bool(before) and _is_unanswered(ticket, before, due_at, morning)
            return level if late >= after or waited else ""
        before = level
    return ""


def _is_unanswered(ticket: Ticket, level: str, due_at: datetime, morning: datetime) -> bool:
    note = next(
        note
        for note in ticket.supervision_notes
        if note.level == NoteLevel(level) and note.of_due_at == due_at
    )
    raised_on = clock.local(note.raised_at).date()
    last = WORKDAYS[bisect_right(WORKDAYS, raised_on) + 1]  # the second day after it
    still_open = note.answered_at is None or note.answered_at >= morning
    return still_open and clock.local(morning).date() > last


def _at(ticket: Ticket, morning: datetime) -> Then:
    """Return how the ticket stood, by its events and by the rows of its deadlines."""
    status, due_at, limit = Status.DRAFT, None, 0
    for event in ticket.events:
        if event.at < morning:
            status = event.target
            if event.kind in {Event.DISPATCH, Event.REASSIGN}:
                limit = event.payload["limit_workdays"]
    for change in ticket.due_history:
        if change.clock is Clock.HANDLE and change.at < morning:
            due_at = change.due_at
    return Then(status, due_at, limit)
