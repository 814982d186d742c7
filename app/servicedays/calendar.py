"""The dates of a service day: by the month's rule, its notice, its slots. Pure.

Source: the office's reminder rules, C3.3 (R11: three working days before the day), and the
practice of the field: a fixed day of the month, moved on where it is not worked.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.workdays.calendar import WorkCalendar

ANNOUNCED_AT = time(8, 35)  # not on the whole or half hour
MIDNIGHT = time(0)
MONTHS_AHEAD = 13
DECEMBER = 12


def by_rule(year: int, month: int, *, nth: int, calendar: WorkCalendar) -> date:
    """Return the day that the rule gives a month: its nth day, or the next that is worked."""
    return calendar.add(date(year, month, nth), 0)


def next_by_rule(
    after: date, taken: Collection[date], *, nth: int, calendar: WorkCalendar
) -> date | None:
    """Return the first day by the rule later than `after`, in a month without a day yet.

    None where every month of the coming year has one.
    """
    months = {(day.year, day.month) for day in taken}
    year, month = after.year, after.month
    for _ in range(MONTHS_AHEAD):
        day = by_rule(year, month, nth=nth, calendar=calendar)
        if day > after and (day.year, day.month) not in months:
            return day
        year, month = year + month // DECEMBER, month % DECEMBER + 1
    return None


def notice_on(held_on: date, *, workdays: int, calendar: WorkCalendar) -> date:
    """Return the working day on which a day is announced: so many before it."""
    return calendar.add(held_on, -workdays)


def noticed_at(held_on: date, *, workdays: int, calendar: WorkCalendar) -> datetime:
    """Return the moment from which a day is announced: 08:35 of that working day."""
    return clock.at(notice_on(held_on, workdays=workdays, calendar=calendar), ANNOUNCED_AT)


def slots(begins: time, ends: time, minutes: int | None) -> tuple[time, ...]:
    """Return when appointments may begin; none where the day is not divided."""
    if not minutes:
        return ()
    first, last = _minute(begins), _minute(ends)
    return tuple(time(at // 60, at % 60) for at in range(first, last - minutes + 1, minutes))


def opens(held_on: date) -> datetime:
    """Return the first moment of a day."""
    return clock.at(held_on, MIDNIGHT)


def month_after(year: int, month: int, by: int) -> tuple[int, int]:
    """Return the month so many months later, or earlier where `by` is negative."""
    first = date(year, month, 1)
    moved = first + timedelta(days=31) if by > 0 else first - timedelta(days=1)
    return moved.year, moved.month


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
