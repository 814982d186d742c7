"""Moments at which people of the office act: deterministic, and inside working hours."""

import random
from datetime import date, datetime, time, timedelta

from app.core import clock
from app.workdays.calendar import WorkCalendar

NOON = time(12)
MINUTE = timedelta(minutes=1)


class Pace:
    """Draws moments by one calendar and one seed: the same year at every load."""

    def __init__(self, calendar: WorkCalendar, seed: int) -> None:
        self.calendar = calendar
        self.random = random.Random(seed)  # noqa: S311 - it plays, it keeps no secret

    def at(self, day: date, earliest: str = "08:40", latest: str = "17:20") -> datetime:
        """Return a moment of a workday between two hours, never in the noon break."""
        windows = self.calendar.windows
        low, high = _minutes(time.fromisoformat(earliest)), _minutes(time.fromisoformat(latest))
        noon = range(_minutes(windows.morning_to), _minutes(windows.afternoon_from))
        free = [minute for minute in range(low, high + 1) if minute not in noon]
        minute = self.random.choice(free)
        return clock.at(day, time(minute // 60, minute % 60))

    def after(self, moment: datetime, least: int = 8, most: int = 60) -> datetime:
        """Return a working moment some minutes later; past the day's end, the next morning."""
        later = moment + self.random.randint(least, most) * MINUTE
        while not self.calendar.is_working_time(later):
            local = clock.local(later)
            windows = self.calendar.windows
            works = self.calendar.is_workday(local.date())
            if works and local.time() < windows.morning_from:
                later = self._soon(local.date(), windows.morning_from)
            elif works and local.time() < windows.afternoon_from:
                later = self._soon(local.date(), windows.afternoon_from)
            else:
                later = self._soon(self.calendar.following(local.date()), windows.morning_from)
        return later

    def _soon(self, day: date, begins: time) -> datetime:
        return clock.at(day, begins) + self.random.randint(3, 35) * MINUTE


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
