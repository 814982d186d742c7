"""The month of a visit and the week of a village day: from when to when, until when recorded. Pure.

Source: the office's visit rules, C3.1 (late entry), C3.2 (generation), C3.3 (anchors).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.workdays.calendar import WorkCalendar, reminded_at

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
TO_THURSDAY = timedelta(days=3)  # a week belongs to the month in which its Thursday lies
NEAR = timedelta(days=7)  # two visits to one firm within it are too many
LAST_START = 15  # a linkage begun later in the month owes its first visit next month
GENERATED_AT = time(6)
#: The rules that remind of a month's visits, in order; R5 looks back on it, R12 warns of gifts.
R1, R2, R3, R4, R5, R12 = "R1", "R2", "R3", "R4", "R5", "R12"
COUNTDOWN = {R3: 5, R4: 1}  # workdays before the last one
TOLD_AHEAD = 3  # workdays before a visit, on which the enterprise hears of it
TIMELY = 3  # workdays after a visit, within which it is recorded (V4)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the office's calendar."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """Return the month in which `day` lies."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, period: str) -> "Month":
        """Return the month written as 2026-09; raise ValueError for anything else."""
        return cls.of(date.fromisoformat(f"{period}-01"))

    @property
    def period(self) -> str:
        """The month as it is stored: 2026-09."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year + self.month // 12, self.month % 12 + 1, 1) - DAY

    @property
    def following(self) -> "Month":
        """The month after."""
        return Month.of(self.last + DAY)

    @property
    def preceding(self) -> "Month":
        """The month before."""
        return Month.of(self.first - DAY)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it: what is recorded later is not in the figures at its end."""
        return clock.at(self.following.first, time(0))

    @property
    def last_start(self) -> date:
        """The last day on which a new linkage still owes a visit in this month."""
        return self.first.replace(day=LAST_START)

    def due_on(self, calendar: WorkCalendar) -> date:
        """Return the last workday: the day by which its visits are made."""
        return calendar.month_end(self.year, self.month)

    def late_entry_until(self, calendar: WorkCalendar, workdays: int) -> date:
        """Return the last day on which everybody may still record a visit of this month."""
        return calendar.add(self.last, workdays) if workdays else self.last

    def generated_at(self, calendar: WorkCalendar) -> datetime:
        """Return when its tasks are made: 06:00 of the first workday."""
        return clock.at(calendar.first_workday(self.year, self.month), GENERATED_AT)

    def reminders(self, calendar: WorkCalendar) -> Mapping[str, date]:
        """Return on which day each of R1 to R4 goes out, in order; one that comes too late is not.

        R2 gives way to R3 where holidays push it there; so does any rule to the one before it
        in a month of very few workdays.
        """
        due_on = self.due_on(calendar)
        meant = {
            R1: calendar.first_workday(self.year, self.month),
            R2: calendar.add(self.last_start, 0),
            **{rule: calendar.add(due_on, -days) for rule, days in COUNTDOWN.items()},
        }
        if meant[R2] >= meant[R3]:
            del meant[R2]
        return {rule: day for rule, day in meant.items() if rule == R1 or day > meant[R1]}

    def reminder_on(self, day: date, calendar: WorkCalendar) -> str | None:
        """Return which of R1 to R4 reminds on `day`: the last whose day has come, until all is due.

        So who slept over one of them is reminded by the next, and never by both.
        """
        come = [rule for rule, goes_on in self.reminders(calendar).items() if goes_on <= day]
        return come[-1] if come and day <= self.due_on(calendar) else None

    def matters_until(self, rule: str, calendar: WorkCalendar) -> datetime:
        """Return until when one of R1 to R4 matters: until the next, or the due day is over."""
        days = self.reminders(calendar)
        later = [day for day in days.values() if day > days[rule]]
        return reminded_at(later[0]) if later else clock.at(self.due_on(calendar) + DAY, time())


def told_on(planned_on: date, calendar: WorkCalendar) -> date:
    """Return the day from which an enterprise is told of a visit planned for `planned_on`."""
    return calendar.add(planned_on, -TOLD_AHEAD)


def timely_until(visited_on: date, calendar: WorkCalendar) -> date:
    """Return the last day on which recording a visit is in time."""
    return calendar.add(visited_on, TIMELY)


def days_to_choose(month: Month, today: date, calendar: WorkCalendar) -> Iterator[date]:
    """Return the workdays that an enterprise may ask for: of the month and the next, to come."""
    day = max(today + DAY, month.first)
    while day <= month.following.last:
        if calendar.is_workday(day):
            yield day
        day += DAY


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the office's calendar, from its Monday on."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week in which `day` lies."""
        return cls(day - day.weekday() * DAY)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + WEEK - DAY

    @property
    def month(self) -> Month:
        """The month to which it is counted."""
        return Month.of(self.monday + TO_THURSDAY)

    @property
    def following(self) -> "Week":
        """The week after."""
        return Week(self.monday + WEEK)

    def is_worked(self, calendar: WorkCalendar) -> bool:
        """Tell whether anybody works in it; a week of holidays asks for nothing."""
        return calendar.between(self.monday - DAY, self.sunday) > 0


def weeks_of(month: Month) -> list[Week]:
    """Return the weeks that are counted to a month, in order."""
    week = Week.of(month.first)
    if week.month != month:
        week = week.following
    found = []
    while week.month == month:
        found.append(week)
        week = week.following
    return found
