"""Counting working days and working hours. Pure: the calendar is a value.

`effective_date` is the day on which something counts as received: that day if it is a
workday and work is not over yet, else the next workday. The day of receipt is not counted:
a deadline of n workdays is the end of the n-th workday after it. A year whose official
calendar is not known counts Monday to Friday, and never raises.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from app.core import clock

DAY = timedelta(days=1)
SATURDAY = 5
WEEK = 7
WEEKDAYS = 5  # in a week


@dataclass(frozen=True, slots=True)
class Windows:
    """The two working windows of a day, in the office's time. Raises ValueError if they cross."""

    morning_from: time = time(8, 30)
    morning_to: time = time(12)
    afternoon_from: time = time(14, 30)
    afternoon_to: time = time(17, 30)

    def __post_init__(self) -> None:
        morning = self.morning_from < self.morning_to
        if not (morning and self.morning_to <= self.afternoon_from < self.afternoon_to):
            raise ValueError("The working windows of a day must follow one another.")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of working time, in UTC."""

    begins: datetime
    ends: datetime


class CountedKind(StrEnum):
    """What a day is to a count."""

    START = "start"  # counts as the day of receipt, and is not counted
    DUE = "due"
    WORKDAY = "workday"
    MAKEUP = "makeup"  # a weekend day that is worked
    HOLIDAY = "holiday"
    OFF = "off"  # an ordinary weekend


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day of a count; `ordinal` says the how manieth workday it is, where it is one."""

    day: date
    kind: CountedKind
    ordinal: int | None = None
    name: str = ""
    is_makeup: bool = False


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked, and what is known of it.

    `names` names holidays and the make-up days that were exchanged for them.
    """

    holidays: frozenset[date] = frozenset()
    makeup_days: frozenset[date] = frozenset()
    confirmed_years: frozenset[int] = frozenset()
    names: Mapping[date, str] = field(default_factory=dict)
    windows: Windows = Windows()
    _lost: tuple[date, ...] = field(init=False, repr=False, compare=False)  # weekdays not worked
    _won: tuple[date, ...] = field(init=False, repr=False, compare=False)  # weekend days worked

    def __post_init__(self) -> None:
        lost = sorted(d for d in self.holidays - self.makeup_days if d.weekday() < SATURDAY)
        won = sorted(d for d in self.makeup_days if d.weekday() >= SATURDAY)
        object.__setattr__(self, "_lost", tuple(lost))
        object.__setattr__(self, "_won", tuple(won))

    # ---- days ----

    def is_workday(self, day: date) -> bool:
        """Tell whether the office works on `day`."""
        if day in self.makeup_days:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays

    def is_confirmed(self, day: date) -> bool:
        """Tell whether the official calendar of the day's year is known."""
        return day.year in self.confirmed_years

    def name_of(self, day: date) -> str:
        """Return the holiday that `day` is, or is worked for; empty for an ordinary day."""
        return self.names.get(day, "")

    def following(self, day: date) -> date:
        """Return the first workday after `day`."""
        return self.add(day, 1)

    def preceding(self, day: date) -> date:
        """Return the last workday before `day`."""
        return self.add(day, -1)

    def add(self, day: date, n: int) -> date:
        """Return the n-th workday after `day`, or before it where `n` is negative.

        Nothing added gives the day itself if it is worked, else the next workday.
        """
        if n == 0:
            return day if self.is_workday(day) else self.following(day)
        step, left = (DAY, n) if n > 0 else (-DAY, -n)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def between(self, after: date, through: date) -> int:
        """Return how many workdays lie after `after` up to and including `through`.

        Negative where `through` lies before `after`. Costs the same however far apart.
        """
        return self._count(through) - self._count(after)

    def month_end(self, year: int, month: int) -> date:
        """Return the last workday of a month."""
        return self.preceding(date(year + month // 12, month % 12 + 1, 1))

    def first_workday(self, year: int, month: int) -> date:
        """Return the first workday of a month."""
        return self.add(date(year, month, 1), 0)

    # ---- deadlines ----

    def effective_date(self, moment: datetime) -> date:
        """Return the day on which what comes in at `moment` counts as received."""
        here = clock.local(moment)
        if self.is_workday(here.date()) and here.time() < self.windows.afternoon_to:
            return here.date()
        return self.following(here.date())

    def due_at(self, moment: datetime, workdays: int) -> datetime:
        """Return the end of the n-th workday after the day of receipt."""
        received = self.effective_date(moment)
        return self.end_of(self.add(received, workdays) if workdays else received)

    def late_before(self, now: datetime, workdays: int) -> datetime:
        """Return before which moment that has come in, of which so many workdays are over by `now`.

        What came in before it is late, and nothing else: `due_at(moment, workdays) < now`.
        """
        day = clock.local(now).date()
        over = self.is_workday(day) and self.end_of(day) < now
        last = day if over else self.preceding(day)
        return self.end_of(self.add(last, -workdays))

    def start_of(self, day: date) -> datetime:
        """Return when work begins on `day`, if it is worked."""
        return clock.at(day, self.windows.morning_from)

    def noon_of(self, day: date) -> datetime:
        """Return when the morning of `day` ends."""
        return clock.at(day, self.windows.morning_to)

    def end_of(self, day: date) -> datetime:
        """Return when work ends on `day`."""
        return clock.at(day, self.windows.afternoon_to)

    def next_noon(self, moment: datetime) -> datetime:
        """Return noon of the next workday after the day of `moment`."""
        return self.noon_of(self.following(clock.local(moment).date()))

    def same_day_or_next_noon(self, moment: datetime, latest: time | None = None) -> datetime:
        """Return the end of the same workday, or the next noon for what comes too late.

        Too late is `latest`, or else the end of work; a day that is not worked is too late.
        """
        here = clock.local(moment)
        if self.is_workday(here.date()) and here.time() < (latest or self.windows.afternoon_to):
            return self.end_of(here.date())
        return self.next_noon(moment)

    def remaining(self, due: datetime, today: date) -> int:
        """Return how many workdays lie after `today` up to the due day; 0 on it and after it."""
        return max(self.between(today, clock.local(due).date()), 0)

    def overdue(self, due: datetime, now: datetime) -> int:
        """Return how many workdays after the due day have begun by `now`; 0 while not overdue.

        It is 0 also in the evening of the due day, and on a weekend right after it: what is
        past its time is told by `now > due`, not by this number.
        """
        if now <= due:
            return 0
        return self.between(clock.local(due).date(), clock.local(now).date())

    def warn_on(self, due: datetime, threshold: int) -> date:
        """Return the first day on which no more than `threshold` workdays remain."""
        day = clock.local(due).date()
        return self.add(day if self.is_workday(day) else self.preceding(day), -threshold)

    # ---- hours ----

    def is_working_time(self, moment: datetime) -> bool:
        """Tell whether the office is at work at `moment`."""
        day = clock.local(moment).date()
        return any(span.begins <= moment < span.ends for span in self._spans(day))

    def after_hours(self, moment: datetime, hours: float) -> datetime:
        """Return the moment at which so many working hours have passed since `moment`."""
        spans = self.counted_hours(moment, hours)
        return spans[-1].ends if spans else moment.astimezone(UTC)

    def counted_hours(self, moment: datetime, hours: float) -> tuple[Span, ...]:
        """Return the stretches of working time that make up so many hours since `moment`."""
        left, day = timedelta(hours=hours), clock.local(moment).date()
        found: list[Span] = []
        while left > timedelta(0):
            for span in self._spans(day):
                begins = max(span.begins, moment.astimezone(UTC))
                ends = min(span.ends, begins + left)
                if begins < ends:
                    found.append(Span(begins, ends))
                    left -= ends - begins
            day += DAY
        return tuple(found)

    # ---- how it was reached ----

    def described(self, day: date) -> CountedDay:
        """Return what `day` is, outside of any count."""
        return CountedDay(
            day, self._ordinary_kind(day), name=self.name_of(day), is_makeup=self._is_makeup(day)
        )

    def counted(self, moment: datetime, workdays: int) -> tuple[CountedDay, ...]:
        """Return every day from the day of `moment` to the due day of so many workdays."""
        start = self.effective_date(moment)
        due = clock.local(self.due_at(moment, workdays)).date()
        day, ordinal = clock.local(moment).date(), 0
        found: list[CountedDay] = []
        while day <= due:
            counts = day > start and self.is_workday(day)
            ordinal += counts
            found.append(
                CountedDay(
                    day=day,
                    kind=self._kind(day, start=start, due=due),
                    ordinal=ordinal if counts else None,
                    name=self.name_of(day),
                    is_makeup=self._is_makeup(day),
                )
            )
            day += DAY
        return tuple(found)

    def _kind(self, day: date, *, start: date, due: date) -> CountedKind:
        if day == due:
            return CountedKind.DUE
        if day == start:
            return CountedKind.START
        return self._ordinary_kind(day)

    def _ordinary_kind(self, day: date) -> CountedKind:
        if self._is_makeup(day):
            return CountedKind.MAKEUP
        if self.is_workday(day):
            return CountedKind.WORKDAY
        return CountedKind.HOLIDAY if day in self.holidays else CountedKind.OFF

    def _is_makeup(self, day: date) -> bool:
        return day in self.makeup_days and day.weekday() >= SATURDAY

    def _count(self, through: date) -> int:
        """Return how many workdays there have been through `through`, since the year 1."""
        weeks, rest = divmod(through.toordinal(), WEEK)  # day 1 was a Monday
        ordinary = weeks * WEEKDAYS + min(rest, WEEKDAYS)
        return ordinary - bisect_right(self._lost, through) + bisect_right(self._won, through)

    def _spans(self, day: date) -> Iterator[Span]:
        if self.is_workday(day):
            hours = self.windows
            yield Span(clock.at(day, hours.morning_from), clock.at(day, hours.morning_to))
            yield Span(clock.at(day, hours.afternoon_from), clock.at(day, hours.afternoon_to))
