"""When reminders may go out, and before which holidays the one on integrity does. Pure.

Source: the office's reminder rules, C3.3: at 08:35, off the whole and half hours at which chat
channels choke; never on a day off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.workdays.calendar.arithmetic import WorkCalendar
from app.workdays.calendar.year import INTEGRITY_WORKDAYS, festivals

REMINDED_AT = time(8, 35)
DAY = timedelta(days=1)
#: The holidays before which everybody who visits is reminded. Three fall on the same day every
#: year, notice or not; of the others, by which word a calendar's entry is known.
FIXED = {"元旦": (1, 1), "劳动节": (5, 1), "国庆节": (10, 1)}
NAMED = {"春节": "春节", "清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Holidays that begin together: when to remind of integrity, and their first day.

    Where no official calendar says how long they last, `is_official` is false.
    """

    year: int
    names: tuple[str, ...]
    reminder_on: date
    begins_on: date
    is_official: bool

    @property
    def period(self) -> str:
        """What its reminder is promised under: once for these holidays of a year."""
        return f"{self.year}/{'、'.join(self.names)}"


def reminded_at(day: date) -> datetime:
    """Return when the reminders of a working day go out."""
    return clock.at(day, REMINDED_AT)


def may_remind(calendar: WorkCalendar, now: datetime) -> bool:
    """Tell whether a reminder may go out now: on a workday, from 08:35 to the end of work."""
    today = clock.local(now).date()
    return calendar.is_workday(today) and reminded_at(today) <= now <= calendar.end_of(today)


def week_begins_on(calendar: WorkCalendar, day: date) -> date:
    """Return the first workday of the week in which `day` lies, or the next one without any."""
    return calendar.add(day - timedelta(days=day.weekday()), 0)


def occasion_on(calendar: WorkCalendar, day: date) -> Occasion | None:
    """Return the holidays that are so near on `day` that everybody is reminded, if any are."""
    for one in (*occasions(calendar, day.year), *occasions(calendar, day.year + 1)):
        if one.reminder_on <= day < one.begins_on:
            return one
    return None


def occasions(calendar: WorkCalendar, year: int) -> tuple[Occasion, ...]:
    """Return the holidays of a year that everybody is reminded of, those of one day together.

    Of a year whose official calendar is not known, only those on a fixed day.
    """
    found: dict[date, list[tuple[date, str, bool]]] = {}
    for name, begins_on, is_official in _begin(calendar, year):
        reminder_on = calendar.add(begins_on, -INTEGRITY_WORKDAYS)
        found.setdefault(reminder_on, []).append((begins_on, name, is_official))
    return tuple(
        Occasion(
            year=year,
            names=tuple(dict.fromkeys(name for _day, name, _official in together)),
            reminder_on=reminder_on,
            begins_on=min(day for day, _name, _official in together),
            is_official=all(official for _day, _name, official in together),
        )
        for reminder_on, together in sorted(found.items())
    )


def _begin(calendar: WorkCalendar, year: int) -> Iterator[tuple[str, date, bool]]:
    """Return each holiday, its first day off, and whether an official calendar says so."""
    is_official = year in calendar.confirmed_years
    begin = {name: date(year, month, day) for name, (month, day) in FIXED.items()}
    begin |= {
        name: festival.off[0][0]
        for festival in festivals(calendar, year)
        for word, name in NAMED.items()
        if festival.off and word in festival.name
    }
    for name, begins_on in begin.items():
        yield name, _first_off(calendar, begins_on), is_official


def _first_off(calendar: WorkCalendar, day: date) -> date:
    """Return the first of the days off that end in `day`: New Year's may lie in the old year."""
    while day - DAY in calendar.holidays:
        day -= DAY
    return day
