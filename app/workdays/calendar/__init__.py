"""The arithmetic of working days, and reading a year's official notice."""

from app.workdays.calendar.arithmetic import (
    SATURDAY,
    CountedDay,
    CountedKind,
    Span,
    Windows,
    WorkCalendar,
)
from app.workdays.calendar.notice import Notice, NoticeDay, read_notice
from app.workdays.calendar.year import (
    FIRST_YEAR,
    LAST_YEAR,
    Festival,
    festivals,
    month_of,
    weeks_of,
)

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "SATURDAY",
    "CountedDay",
    "CountedKind",
    "Festival",
    "Notice",
    "NoticeDay",
    "Span",
    "Windows",
    "WorkCalendar",
    "festivals",
    "month_of",
    "read_notice",
    "weeks_of",
]
