"""The ladder, told again from the history: who should have been urged at which hour.

Nothing of the product's arithmetic is used: the working days of the season stand here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.tickets.models import SupervisionNote, Ticket, Urge
from app.tickets.workflow.states import Clock, Event, Note, NoteLevel, Status

AWAY = {date(2026, 9, 25), *(date(2026, 10, day) for day in (1, 2, 5, 6, 7))}
WORKED = {date(2026, 9, 20), date(2026, 10, 10)}
DAYS = [date(2026, 8, 1) + timedelta(days=n) for n in range(365)]
WORKDAYS = [d for d in DAYS if d in WORKED or (d.isoweekday() <= 5 and d not in AWAY)]
AT_WORK = ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))
LATE = {"overdue": 1, "blue": 2, "orange": 4, "red": 6}  # working days
RUNNING = {Status.PENDING_SIGN, Status.IN_PROGRESS}
URGES = {Note.URGED.value, Note.OVERDUE_NOTICE.value}
Step = tuple[str, datetime]


def between(after: date, through: date) -> int:
    """Return how many working days lie after one day, up to and with another."""
    return bisect_right(WORKDAYS, through) - bisect_right(WORKDAYS, after)


def is_working_time(moment: datetime) -> bool:
    """Tell whether the office is at work."""
    here = clock.local(moment)
    return here.date() in WORKDAYS and any(a <= here.time() < b for a, b in AT_WORK)


def working_day(moment: datetime) -> date:
    """Return the working day for which something counts that comes at a moment."""
    here = clock.local(moment)
    if here.date() in WORKDAYS and here.time() < time(17, 30):
        return here.date()
    return WORKDAYS[bisect_right(WORKDAYS, here.date())]


@dataclass
class Told:
    """The history of one ticket as it is read again, and what the ladder owed so far."""

    ticket: Ticket
    steps: list[Step] = field(default_factory=list)
    taken: set[tuple[str, datetime]] = field(default_factory=set)  # a step, for a deadline
    urged_on: set[date] = field(default_factory=set)
    raised_on: set[date] = field(default_factory=set)
    status: Status = Status.DRAFT
    due_at: datetime | None = None
    limit: int = 0

    def take(self, step: str, moment: datetime) -> None:
        assert self.due_at is not None
        self.taken.add((step, self.due_at))
        self.steps.append((step, moment))

    def is_open_for(self, step: str) -> bool:
        return (step, self.due_at) not in self.taken

    # ---- what happens ----

    def run(self, moment: datetime) -> None:
        """Let the timetable climb."""
        if self.status not in RUNNING or self.due_at is None or not is_working_time(moment):
            return
        today = clock.local(moment).date()
        step = self.owed(moment)
        if step and today not in self.urged_on:
            self.urged_on.add(today)
            self.take(step, moment)
        level = self.level(moment)
        if level and today not in self.raised_on:
            self.raised_on.add(today)
            self.take(level, moment)

    def urge(self, urge: Urge) -> None:
        """Let somebody urge: on the day of a step, it is that step."""
        day = working_day(urge.at)
        assert urge.on == day
        assert not {day, clock.local(urge.at).date()} & self.urged_on
        self.urged_on |= {day, clock.local(urge.at).date()}
        step = self.owed(max(urge.at, clock.at(day, time(8, 30))))
        assert urge.step == step
        if step:
            self.take(step, urge.at)

    def direct(self, at: datetime) -> None:
        """Let a leader write: where nothing blue was raised for the deadline, that is."""
        if self.status in RUNNING and self.due_at and self.is_open_for("blue"):
            self.raised_on.add(clock.local(at).date())
            self.take("blue", at)

    # ---- what is owed ----

    def owed(self, moment: datetime) -> str:
        if self.due_at is None:
            return ""
        today, due_on = clock.local(moment).date(), clock.local(self.due_at).date()
        if moment <= self.due_at:
            near = 1 if self.limit <= 5 else 2 if self.limit <= 15 else 3
            is_near = between(today, due_on) <= near
            return "yellow" if is_near and self.is_open_for("yellow") else ""
        is_late = between(due_on, today) >= LATE["overdue"]
        return "overdue" if is_late and self.is_open_for("overdue") else ""

    def level(self, moment: datetime) -> str:
        assert self.due_at is not None
        late = 0
        if moment > self.due_at:
            late = between(clock.local(self.due_at).date(), clock.local(moment).date())
        before: SupervisionNote | None = None
        for level in NoteLevel:
            if self.is_open_for(level.value):
                waited = before is not None and self.is_unanswered(before, moment)
                return level.value if late >= LATE[level.value] or waited else ""
            before = self.note(level)
        return ""

    def note(self, level: NoteLevel) -> SupervisionNote:
        notes = self.ticket.supervision_notes
        return next(n for n in notes if n.level is level and n.of_due_at == self.due_at)

    def is_unanswered(self, note: SupervisionNote, moment: datetime) -> bool:
        waits = note.answered_at is None or note.answered_at >= moment
        return waits and moment > self.until(note, moment)

    def until(self, note: SupervisionNote, moment: datetime) -> datetime:
        """Return until when a note is to be answered: two days, or later after a pause."""
        raised_on = working_day(note.raised_at)
        until = clock.at(WORKDAYS[bisect_right(WORKDAYS, raised_on) + 1], time(17, 30))
        for change in self.ticket.due_history:
            moved = change.clock is Clock.SUPERVISION and change.at < moment
            if moved and change.before == until and change.due_at and change.at > note.raised_at:
                until = change.due_at
        return until


def expected(ticket: Ticket, runs: Sequence[datetime], urges: Iterable[Urge]) -> list[Step]:
    """Return the steps that this ticket was owed, in order, each with its moment.

    `runs` are those of the timetable, `urges` what people urged.
    """
    told, by_hand = Told(ticket), {urge.at: urge for urge in urges}
    dues: dict[int | None, datetime | None] = {
        change.event_id: change.due_at
        for change in ticket.due_history
        if change.clock is Clock.HANDLE
    }
    done = 0
    for event in ticket.events:
        while done < len(runs) and runs[done] <= event.at:
            told.run(runs[done])
            done += 1
        if event.kind in URGES and event.actor_id is not None:
            told.urge(by_hand[event.at])
        if event.kind == Note.DIRECTED:
            told.direct(event.at)
        told.status = event.target
        if event.kind in {Event.DISPATCH, Event.REASSIGN}:
            told.limit = event.payload["limit_workdays"]
        if event.id in dues:
            told.due_at = dues[event.id]
    for moment in runs[done:]:
        told.run(moment)
    return told.steps
