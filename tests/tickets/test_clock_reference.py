"""A thousand random cases against a reference that walks a row of minutes.

The reference knows no workdays, no effective dates and no counts: only a line of minutes,
each of them worked or not. What it says of deadlines and lights, the rules must say too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from app.accounts import roles
from app.accounts.parameters import Parameters
from app.core import clock
from app.tickets import clocks
from app.tickets.models import CoTaskState
from app.tickets.service.effects import EFFECTS, opening
from app.tickets.service.given import StepInput
from app.tickets.service.moving import COLUMNS, Move
from app.tickets.service.recompute import count_again, count_beside
from app.tickets.workflow.states import Clock, Complexity, DueReason, Event, Status, Urgency
from app.workdays.calendar import Windows, WorkCalendar

FIRST = date(2026, 1, 1)
DAYS = 800  # of the line, so that no count reaches its end
DAY = 24 * 60
ORIGIN = clock.at(FIRST, time())
RULES = Parameters()
BESIDE = (Clock.CO_TASK, Clock.SUPERVISION, Clock.DIRECTIVE)

# ---------------------------------------------------------------- the reference


@dataclass
class Minutes:
    """A line of minutes since the first day; 1 where the office is at work."""

    worked: frozenset[int]  # days, counted from the first
    windows: tuple[tuple[int, int], tuple[int, int]]  # in minutes of the day
    line: bytes = field(init=False)

    def __post_init__(self) -> None:
        (a, b), (c, d) = self.windows
        day = bytes(int(a <= m < b or c <= m < d) for m in range(DAY))
        rest = bytes(DAY)
        self.line = b"".join(day if n in self.worked else rest for n in range(DAYS))

    def next(self, minute: int) -> int:
        """Return the first minute of work from `minute` on."""
        return self.line.index(b"\x01", minute)

    def due(self, minute: int, workdays: int) -> int:
        """Return the end of the n-th day of work after the one on which it came in."""
        at = self.next(minute)
        day, left = at // DAY, workdays
        while True:
            following = self.next(at + 1)
            if following // DAY != day:  # `at` was the last minute of work of its day
                if left == 0:
                    return at + 1
                left, day = left - 1, following // DAY
            at = following

    def end(self, day: int) -> int:
        """Return when work ends, or would end, on a day."""
        return day * DAY + self.windows[1][1]

    def hours(self, minute: int, hours: int) -> int:
        """Return the minute at which so many hours were worked."""
        left = hours * 60
        while left:
            if self.line[minute]:
                left -= 1
            minute += 1
        return minute

    def days_between(self, after: int, through: int) -> int:
        """Return on how many days after one and through another there is any work."""
        return sum(1 in self.line[d * DAY : (d + 1) * DAY] for d in range(after + 1, through + 1))


@dataclass
class Reference:
    """What the rules say of one ticket, told again in minutes."""

    minutes: Minutes
    confirmed: set[int]
    limit: int = 0
    dues: dict[Clock, int | None] = field(default_factory=dict)
    again: dict[Clock, Callable[[Minutes], int] | None] = field(default_factory=dict)
    unsure: dict[Clock, bool] = field(default_factory=dict)
    saved: int = 0
    paused_at: int = 0
    contacted: bool = False
    owed: dict[Clock, int] = field(default_factory=dict)  # beside the handling, since when
    submitted: int = 0
    on_time: bool | None = None
    status: Status = Status.PENDING_SIGN

    def count(self, which: Clock, at: int, workdays: int) -> None:
        self.by(which, lambda minutes: minutes.due(at, workdays))

    def by(self, which: Clock, rule: Callable[[Minutes], int]) -> None:
        """Put a clock by a rule that another calendar would answer differently."""
        self.put(which, rule(self.minutes), rule)

    def put(self, which: Clock, due: int, again: Callable[[Minutes], int] | None = None) -> None:
        self.dues[which], self.again[which] = due, again
        self.unsure[which] = year(due) not in self.confirmed
        if which is Clock.HANDLE and self.dues.get(Clock.REWORK) is not None:
            self.put(Clock.REWORK, due, again)

    def owe(self, which: Clock, now: int, workdays: int) -> None:
        """Begin what is owed beside the handling."""
        self.owed[which] = now
        self.count(which, now, workdays)

    def go_on(self, now: int, since: int) -> None:
        """Give back what the pause took; what was late before stays late."""
        begun = dict(self.owed) if self.contacted else {Clock.CONTACT: 0, **self.owed}
        for which, at in begun.items():
            due, paused = self.dues[which] or 0, max(since, at)
            if due <= paused:
                continue
            left = max(self.left(due, paused), 1)
            if self.minutes.due(now, left) > due:
                self.count(which, now, left)

    def light(self, now: int, due: int) -> tuple[str, int]:
        """Return the colour of the handling clock, and the days that its word counts."""
        today, day = now // DAY, (due - 1) // DAY
        if now > due:
            return "red", self.minutes.days_between(day, today)
        left = self.minutes.days_between(today, day)
        near = 1 if self.limit <= 5 else 2 if self.limit <= 15 else 3
        return ("yellow" if left <= near else "green"), left

    def left(self, due: int, now: int) -> int:
        return self.minutes.days_between(now // DAY, (due - 1) // DAY)


def year(minute: int) -> int:
    return (FIRST + timedelta(days=(minute - 1) // DAY)).year


# ---------------------------------------------------------------- a case


class Whole(Move):
    """A move of a ticket that was never split: the reference knows no database."""

    def waits_for_parts(self) -> bool:
        return False


@dataclass
class Case:
    """One ticket that both walk: the rules by their own code, the reference beside them."""

    data: DataObject
    calendar: WorkCalendar
    reference: Reference
    now: int
    ticket: Any = None
    rows: list[dict[str, Any]] = field(default_factory=list)

    def move(self, **given: Any) -> Move:
        return Whole(
            ticket=self.ticket,
            given=StepInput(**given),
            actor=roles.system(1),
            calendar=self.calendar,
            parameters=RULES,
            at=moment(self.now),
        )

    def take(self, event: Event, **given: Any) -> None:
        move = self.move(**given)
        EFFECTS[event](move)
        self.rows += move.changes

    def drawn(self, low: int, high: int) -> int:
        return self.data.draw(st.integers(low, high))


def moment(minute: int) -> datetime:
    return ORIGIN + timedelta(minutes=minute)


def minute_of(at: datetime) -> int:
    return int((at - ORIGIN).total_seconds()) // 60


def some_days(data: DataObject) -> set[int]:
    """Return days, single and in rows, as holidays and the days worked for them come."""
    chance = Random(data.draw(st.integers(0, 9999)))  # noqa: S311 - a calendar, not a secret
    found: set[int] = set()
    for _ in range(chance.randrange(16)):
        first = chance.randrange(400)
        found |= set(range(first, first + chance.choice([1, 1, 2, 3, 8])))
    return found


HALF_HOURS = st.integers(0, 8).map(lambda n: n * 15)


def windows(data: DataObject) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return two windows of work, near the usual ones."""
    return (
        (480 + data.draw(HALF_HOURS), 690 + data.draw(HALF_HOURS) // 2),
        (780 + data.draw(HALF_HOURS), 1020 + data.draw(HALF_HOURS)),
    )


def begin(data: DataObject) -> Case:
    """Return a ticket just dispatched, on some day under some calendar."""
    hours = windows(data)
    away, extra = some_days(data), some_days(data)
    confirmed = data.draw(st.sampled_from([{2026}, {2026, 2027}]))
    calendar = calendar_of(away, extra, confirmed, hours)
    minutes = minutes_of(away, extra, hours)
    case = Case(
        data, calendar, Reference(minutes, set(confirmed)), data.draw(st.integers(0, 364 * DAY))
    )
    ticket(case)
    return case


def calendar_of(
    away: set[int], extra: set[int], confirmed: set[int], hours: tuple[tuple[int, int], ...]
) -> WorkCalendar:
    (a, b), (c, d) = hours
    return WorkCalendar(
        holidays=frozenset(FIRST + timedelta(days=n) for n in away),
        makeup_days=frozenset(FIRST + timedelta(days=n) for n in extra),
        confirmed_years=frozenset(confirmed),
        windows=Windows(of_day(a), of_day(b), of_day(c), of_day(d)),
    )


def of_day(minute: int) -> time:
    return time(minute // 60, minute % 60)


def minutes_of(
    away: set[int], extra: set[int], hours: tuple[tuple[int, int], tuple[int, int]]
) -> Minutes:
    """Return the line: weekdays but holidays, and whatever day is worked instead."""
    worked = {
        n
        for n in range(DAYS)
        if n in extra or ((FIRST + timedelta(days=n)).isoweekday() <= 5 and n not in away)
    }
    return Minutes(frozenset(worked), hours)


def ticket(case: Case) -> None:
    """Dispatch it: the clocks of the unit start."""
    data, ref = case.data, case.reference
    co_tasks: list[SimpleNamespace] = []
    complexity = data.draw(st.sampled_from(list(Complexity)))
    urgency = data.draw(st.sampled_from(list(Urgency)))
    ref.limit = {"consult": 1, "simple": 5, "complex": 15, "hard": 30}[complexity.value]
    case.ticket = SimpleNamespace(
        **dict.fromkeys(COLUMNS.values()),
        status=Status.PENDING_SIGN,
        complexity=complexity,
        urgency=urgency,
        limit_workdays=ref.limit,
        external_due_at=None,
        original_due_at=None,
        warn_on=None,
        escalation_level=0,
        escalation_owner_id=None,
        extension_count=0,
        review_reject_count=0,
        reopened_count=0,
        renewal_count=0,
        round=1,
        co_tasks=co_tasks,
        present_co_tasks=co_tasks,
        supervision_notes=[],
        directives=[],
        leader_directive=True,
        replies=[],
        revisits=[],
        tenant_id=1,
        handler_id=None,
        first_contact_at=None,
        suspended_at=None,
        saved_workdays=None,
        next_review_on=None,
        reply_submitted_at=None,
        replied_at=None,
        on_time=None,
    )
    move = case.move()
    opening.start_handling_clocks(move, DueReason.STARTED)
    case.rows += move.changes
    started(case, urgency, complexity)


def started(case: Case, urgency: Urgency, complexity: Complexity) -> None:
    now, ref = case.now, case.reference
    ref.count(Clock.HANDLE, now, ref.limit)
    if complexity is Complexity.HARD:
        ref.count(Clock.INTERIM, now, 10)
    if case.drawn(0, 1):
        ask_a_co_unit(case)
    if urgency is Urgency.NORMAL:
        ref.count(Clock.SIGN, now, 1)
        ref.count(Clock.CONTACT, now, 1)
    elif urgency is Urgency.URGENT:
        ref.by(Clock.SIGN, lambda minutes: minutes.hours(now, 4))
        ref.by(Clock.CONTACT, lambda minutes: same_day_or_noon(minutes, now))
    else:
        ref.put(Clock.SIGN, now + 60)
        ref.put(Clock.CONTACT, now + 120)


def same_day_or_noon(minutes: Minutes, now: int) -> int:
    """Return the end of today's work while some of it is to come, else noon of the next."""
    today = now // DAY
    if minutes.next(now) // DAY == today:
        return minutes.end(today)
    return minutes.next((today + 1) * DAY) // DAY * DAY + minutes.windows[0][1]


# ---------------------------------------------------------------- what may happen


def ask_a_co_unit(case: Case) -> None:
    due = beside(case, Clock.CO_TASK, RULES.co_unit_workdays)
    case.ticket.co_tasks.append(SimpleNamespace(state=CoTaskState.OPEN, due_at=due, unit=None))
    case.reference.owe(Clock.CO_TASK, case.now, 3)


def supervise(case: Case) -> None:
    if Clock.SUPERVISION in case.reference.owed:
        return
    due = beside(case, Clock.SUPERVISION, RULES.note_answer_workdays)
    note = SimpleNamespace(answered_at=None, answer_due_at=due, raised_at=moment(case.now))
    case.ticket.supervision_notes.append(note)
    case.reference.owe(Clock.SUPERVISION, case.now, 2)


def direct(case: Case) -> None:
    if Clock.DIRECTIVE in case.reference.owed:
        return
    due = beside(case, Clock.DIRECTIVE, RULES.note_answer_workdays)
    given = SimpleNamespace(answered_at=None, due_at=due, given_at=moment(case.now))
    case.ticket.directives.append(given)
    case.reference.owe(Clock.DIRECTIVE, case.now, 2)


def beside(case: Case, which: Clock, workdays: int) -> datetime:
    """Begin what is kept beside the ticket, as the rules of notes and co-tasks do."""
    move = case.move()
    due = move.after(workdays)
    move.note_due(which, due, DueReason.STARTED)
    case.rows += move.changes
    return due.due_at


def give_opinion(case: Case) -> None:
    for task in case.ticket.co_tasks:
        task.state = CoTaskState.ACCEPTED
    case.reference.owed.pop(Clock.CO_TASK, None)


def sign(case: Case) -> None:
    case.take(Event.SIGN)
    become(case, Status.IN_PROGRESS)


def contact(case: Case) -> None:
    case.take(Event.FIRST_CONTACT, at=moment(case.now))
    case.reference.contacted = True


def extend(case: Case) -> None:
    due = case.reference.dues[Clock.HANDLE] or 0
    day = (due - 1) // DAY + case.drawn(1, 14)
    case.take(Event.APPROVE_EXTENSION, new_due_on=FIRST + timedelta(days=day))
    case.reference.put(Clock.HANDLE, case.reference.minutes.end(day))


def escalate(case: Case) -> None:
    case.take(Event.ESCALATE, level=1)
    ref = case.reference
    ref.count(Clock.HANDLE, case.now, 10)
    ref.count(Clock.INTERIM, case.now, 5)


def interim(case: Case) -> int:
    return 5 if case.ticket.escalation_level else 10


def progress(case: Case) -> None:
    case.take(Event.PROGRESS_NOTE, comment="已经看过现场")
    if case.ticket.escalation_level or case.ticket.complexity is Complexity.HARD:
        case.reference.count(Clock.INTERIM, case.now, interim(case))


def suspend(case: Case) -> None:
    day = case.now // DAY + case.drawn(1, 90)
    case.take(Event.APPROVE_SUSPENSION, next_review_on=FIRST + timedelta(days=day))
    ref = case.reference
    ref.saved, ref.paused_at = ref.left(ref.dues[Clock.HANDLE] or 0, case.now), case.now
    ref.put(Clock.SUSPENSION, ref.minutes.end(day))
    become(case, Status.SUSPENDED)


def resume(case: Case) -> None:
    case.take(Event.RESUME)
    ref = case.reference
    ref.count(Clock.HANDLE, case.now, max(ref.saved, 5))
    if ref.dues.get(Clock.INTERIM) is not None:
        ref.count(Clock.INTERIM, case.now, interim(case))
    ref.go_on(case.now, ref.paused_at)
    become(case, Status.IN_PROGRESS)


def reply(case: Case) -> None:
    if not case.reference.contacted:
        contact(case)
    give_opinion(case)
    case.take(Event.SUBMIT_REPLY, reply="已经办好")
    case.reference.submitted = case.now
    case.reference.count(Clock.REVIEW, case.now, 1)
    become(case, Status.PENDING_REVIEW)


def return_reply(case: Case) -> None:
    case.take(Event.RETURN_REPLY)
    ref, old = case.reference, case.reference.dues[Clock.HANDLE] or 0
    if ref.minutes.due(case.now, 1) > old:
        ref.count(Clock.HANDLE, case.now, 1)
    late = ref.dues.get(Clock.INTERIM)
    if late is not None and late < case.now:
        ref.count(Clock.INTERIM, case.now, interim(case))
    ref.go_on(case.now, ref.submitted)
    become(case, Status.IN_PROGRESS)


def approve(case: Case) -> None:
    case.take(Event.APPROVE_REPLY)
    ref = case.reference
    ref.on_time = ref.submitted <= (ref.dues[Clock.HANDLE] or 0)
    assert case.ticket.on_time is ref.on_time
    ref.count(Clock.REVISIT, case.now, 2)
    become(case, Status.PENDING_REVISIT)


def rework(case: Case) -> None:
    case.take(Event.REVISIT_REWORK)
    ref = case.reference
    ref.go_on(case.now, ref.submitted)
    ref.count(Clock.REWORK, case.now, 5)
    ref.count(Clock.HANDLE, case.now, 5)
    if ref.dues.get(Clock.INTERIM) is not None:
        ref.count(Clock.INTERIM, case.now, interim(case))
    become(case, Status.IN_PROGRESS)


def publish(case: Case) -> None:
    """Let the official calendar of the next year come, and count again what it touches."""
    ref = case.reference
    if 2027 in ref.confirmed:
        return
    away, extra = some_days(case.data), some_days(case.data)
    edges = (case.calendar.holidays, case.calendar.makeup_days)
    old_away, old_extra = ({(d - FIRST).days for d in days} for days in edges)
    away = {n for n in old_away if n < 365} | {n for n in away if n >= 365}
    extra = {n for n in old_extra if n < 365} | {n for n in extra if n >= 365}
    ref.confirmed.add(2027)
    hours = ref.minutes.windows
    case.calendar = calendar_of(away, extra, ref.confirmed, hours)
    ref.minutes = minutes_of(away, extra, hours)
    recompute(case)
    for which, unsure in dict(ref.unsure).items():
        again, old = ref.again[which], ref.dues[which]
        runs = which in COLUMNS or which in ref.owed
        if unsure and runs and again is not None and old is not None:
            ref.put(which, max(old, again(ref.minutes)), again)


def edit(case: Case) -> None:
    """Let the administrator change days of a known year: lights follow, deadlines stay."""
    away, extra = some_days(case.data), some_days(case.data)
    hours = case.reference.minutes.windows
    case.calendar = calendar_of(away, extra, case.reference.confirmed, hours)
    case.reference.minutes = minutes_of(away, extra, hours)
    turn_lights(case)


def turn_lights(case: Case) -> None:
    ticket = case.ticket
    limit = ticket.limit_workdays
    ticket.warn_on = clocks.warns_on(ticket.due_at, limit, case.calendar, RULES)


def recompute(case: Case) -> None:
    recount(case)
    assert recount(case) == []  # once
    turn_lights(case)


def recount(case: Case) -> list[dict[str, Any]]:
    move = case.move()
    case.ticket.due_history = [SimpleNamespace(**row) for row in case.rows]
    newest = {row["clock"]: cast("Any", SimpleNamespace(**row)) for row in case.rows}
    count_again(newest, move)
    count_beside(move)
    case.rows += move.changes
    return move.changes


def become(case: Case, status: Status) -> None:
    case.ticket.status = case.reference.status = status


MAY = {
    Status.PENDING_SIGN: (sign, supervise, direct, publish, edit),
    Status.IN_PROGRESS: (
        *(contact, extend, escalate, progress, suspend, reply, give_opinion),
        *(supervise, direct, publish, edit),
    ),
    Status.SUSPENDED: (resume, resume, direct, publish, edit),
    Status.PENDING_REVIEW: (return_reply, approve, direct, publish, edit),
    Status.PENDING_REVISIT: (rework, direct, publish, edit),
}


# ---------------------------------------------------------------- the comparison


@settings(max_examples=1000)
@given(data=st.data())
def test_deadlines_and_lights_are_those_that_somebody_counts_minute_by_minute(
    data: DataObject,
) -> None:
    case = begin(data)
    compare(case)
    for _ in range(case.drawn(1, 7)):
        case.now = min(case.now + case.drawn(0, 12 * DAY), 450 * DAY)
        compare(case)
        data.draw(st.sampled_from(MAY[case.ticket.status]))(case)
        compare(case)


def compare(case: Case) -> None:
    """Everything that is stored and shown is what the reference says."""
    stored = {which: getattr(case.ticket, column) for which, column in COLUMNS.items()}
    told = {which: minute_of(due) for which, due in stored.items() if due is not None}
    assert told == {w: due for w, due in case.reference.dues.items() if w in COLUMNS}
    kept = {minute_of(task.due_at) for task in case.ticket.co_tasks}
    kept |= {minute_of(note.answer_due_at) for note in case.ticket.supervision_notes}
    kept |= {minute_of(given.due_at) for given in case.ticket.directives}
    assert kept == {case.reference.dues[w] for w in BESIDE if w in case.reference.dues}
    newest = {row["clock"]: row["due_at"] for row in case.rows}
    assert {which: minute_of(due) for which, due in newest.items()} == case.reference.dues
    lights(case)


def lights(case: Case) -> None:
    found = clocks.handling_light(
        case.ticket.status,
        case.ticket.due_at,
        case.ticket.warn_on,
        calendar=case.calendar,
        now=moment(case.now),
    )
    assert found is not None
    if case.ticket.status in {Status.PENDING_SIGN, Status.IN_PROGRESS}:
        due = case.reference.dues[Clock.HANDLE] or 0
        assert (found.colour, found.n) == case.reference.light(case.now, due)
    else:
        assert found.colour == "grey"
