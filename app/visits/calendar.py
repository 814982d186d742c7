"""The month of a visit and the week of a village day: from when to when, until when recorded. Pure.

Source: the office's visit rules, C3.1 (late entry), C3.2 (generation), C3.3 (anchors).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.workdays.calendar import WorkCalendar

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
TO_THURSDAY = timedelta(days=3)  # a week belongs to the month in which its Thursday lies
NEAR = timedelta(days=7)  # two visits to one firm within it are too many
LAST_START = 15  # a linkage begun later in the month owes its first visit next month
GENERATED_AT = time(6)
REMINDED_AT = time(8, 35)  # not on the whole or half hour


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

    def reminded_at(self, calendar: WorkCalendar) -> datetime:
        """Return when R1 goes out: 08:35 of the first workday."""
        return clock.at(calendar.first_workday(self.year, self.month), REMINDED_AT)

    def still_begins(self, today: date, calendar: WorkCalendar) -> bool:
        """Tell whether it is early enough for R1: from the 15th on, R2 reminds instead."""
        return today < calendar.add(self.last_start, 0)


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
