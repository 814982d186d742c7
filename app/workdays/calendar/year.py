"""A year's special days, put together as people speak of them."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.workdays.calendar.arithmetic import CountedDay, WorkCalendar

DAY = timedelta(days=1)
WEEK = 7
FIRST_YEAR, LAST_YEAR = 2000, 2100  # that a calendar is kept of
INTEGRITY_WORKDAYS = 2  # before a holiday, everybody who visits is reminded


@dataclass(frozen=True, slots=True)
class Festival:
    """One holiday: its stretches off, the days worked in exchange, the integrity reminder."""

    name: str
    off: tuple[tuple[date, date], ...]
    makeup_days: tuple[date, ...]
    reminder_on: date | None


def festivals(calendar: WorkCalendar, year: int) -> tuple[Festival, ...]:
    """Return the holidays of `year` in the order of their first day off."""
    off = sorted(day for day in calendar.holidays if day.year == year)
    won = sorted(day for day in calendar.makeup_days if day.year == year)
    names = dict.fromkeys(calendar.name_of(day) for day in [*off, *won])
    return tuple(
        _festival(
            calendar,
            name,
            off=[day for day in off if calendar.name_of(day) == name],
            won=[day for day in won if calendar.name_of(day) == name],
        )
        for name in names
    )


def weeks_of(days: Iterable[CountedDay]) -> tuple[tuple[CountedDay | None, ...], ...]:
    """Return consecutive `days` in weeks from Monday to Sunday, filled up with None."""
    cells: list[CountedDay | None] = []
    for day in days:
        if not cells:
            cells += [None] * day.day.weekday()
        cells.append(day)
    cells += [None] * (-len(cells) % WEEK)
    return tuple(tuple(cells[n : n + WEEK]) for n in range(0, len(cells), WEEK))


def month_of(calendar: WorkCalendar, year: int, month: int) -> tuple[CountedDay, ...]:
    """Return the days of a month."""
    _, length = monthrange(year, month)
    return tuple(calendar.described(date(year, month, n + 1)) for n in range(length))


def _festival(calendar: WorkCalendar, name: str, *, off: list[date], won: list[date]) -> Festival:
    reminder = calendar.add(off[0], -INTEGRITY_WORKDAYS) if off else None
    return Festival(name, _stretches(off), tuple(won), reminder)


def _stretches(days: list[date]) -> tuple[tuple[date, date], ...]:
    """Return the runs of days that follow one another, each by its first and its last."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day == runs[-1][1] + DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return tuple(runs)
