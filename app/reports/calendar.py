"""When leaders are written to, and which stretch of time a figure is counted in. Pure.

Source: the office's reminder rules, C3.3 (08:35, not on the whole or half hour), and C4.1, C6.1.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.core.spans import Span
from app.visits.calendar import Month
from app.workdays.calendar import WorkCalendar

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
SENT_AT = time(8, 35)
FROZEN_AT = time(6)
REMINDED_AT = time(8, 40)
REPORT_DAY = 3  # the workday of a month on which the month before is reported
UNREAD_AFTER = 2  # workdays until somebody who has not confirmed is reminded


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday to Sunday."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week in which `day` lies."""
        return cls(day - day.weekday() * DAY)

    @property
    def period(self) -> str:
        """The week as it is stored: 2026-W41."""
        year, number, _day = self.monday.isocalendar()
        return f"{year:04}-W{number:02}"

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return clock.at(self.monday + WEEK, time())

    def sends_at(self, calendar: WorkCalendar) -> datetime | None:
        """Return 08:35 of its first workday; None where no day of it is worked."""
        first = calendar.add(self.monday, 0)
        return clock.at(first, SENT_AT) if first < self.monday + WEEK else None


def unread_by(promised_at: datetime, calendar: WorkCalendar) -> datetime:
    """Return when somebody who has not confirmed is reminded: two workdays later."""
    day = calendar.add(clock.local(promised_at).date(), UNREAD_AFTER)
    return clock.at(day, REMINDED_AT)


def span_of(month: Month) -> Span:
    """Return a month as a stretch of time; its end is the cut-off of its report."""
    return Span(clock.at(month.first, time()), clock.at(month.following.first, time()))


def year_to(month: Month) -> Span:
    """Return the stretch from the first of January to the end of a month."""
    return Span(clock.at(month.first.replace(month=1), time()), span_of(month).ends)


def reported_on(month: Month, calendar: WorkCalendar) -> date:
    """Return on which day a month is reported: the third workday of the month after."""
    after = month.following
    return calendar.add(calendar.first_workday(after.year, after.month), REPORT_DAY - 1)
