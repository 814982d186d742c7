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
from app.workdays.calendar.reminding import (
    REMINDED_AT,
    Occasion,
    may_remind,
    occasion_on,
    occasions,
    reminded_at,
    week_begins_on,
)
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
    "REMINDED_AT",
    "SATURDAY",
    "CountedDay",
    "CountedKind",
    "Festival",
    "Notice",
    "NoticeDay",
    "Occasion",
    "Span",
    "Windows",
    "WorkCalendar",
    "festivals",
    "may_remind",
    "month_of",
    "occasion_on",
    "occasions",
    "read_notice",
    "reminded_at",
    "week_begins_on",
    "weeks_of",
]
