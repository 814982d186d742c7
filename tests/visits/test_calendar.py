"""The month of a visit: its anchors, as the office's own table has them."""

from datetime import date

import pytest

from app.core import clock
from app.visits.calendar import Month
from app.workdays.calendar import WorkCalendar

D = date.fromisoformat


def days(*texts: str) -> frozenset[date]:
    """Return the days written as 2026-10-01 or 2026-10-01..07."""
    found = []
    for text in texts:
        first, _dots, last = text.partition("..")
        begin = D(first)
        end = begin.replace(day=int(last)) if last else begin
        found += [date.fromordinal(n) for n in range(begin.toordinal(), end.toordinal() + 1)]
    return frozenset(found)


#: The notice of the State Council for 2026.
CALENDAR = WorkCalendar(
    holidays=days(
        "2026-01-01..03",
        "2026-02-15..23",
        "2026-04-04..06",
        "2026-05-01..05",
        "2026-06-19..21",
        "2026-09-25..27",
        "2026-10-01..07",
    ),
    makeup_days=days(
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"
    ),
    confirmed_years=frozenset({2026}),
)

ANCHORS = [
    ("2026-02", "2026-02-02", "2026-02-28"),
    ("2026-05", "2026-05-06", "2026-05-29"),
    ("2026-09", "2026-09-01", "2026-09-30"),
    ("2026-10", "2026-10-08", "2026-10-30"),
    ("2026-11", "2026-11-02", "2026-11-30"),
]


@pytest.mark.parametrize(("period", "first", "due"), ANCHORS)
def test_the_reminder_and_the_due_day_are_counted_in_working_days(
    period: str, first: str, due: str
) -> None:
    month = Month.read(period)

    reminded = clock.local(month.reminded_at(CALENDAR))
    assert (reminded.date(), f"{reminded:%H:%M}") == (D(first), "08:35")
    generated = clock.local(month.generated_at(CALENDAR))
    assert (generated.date(), f"{generated:%H:%M}") == (D(first), "06:00")
    assert month.due_on(CALENDAR) == D(due)


def test_a_visit_may_be_recorded_until_the_fifth_working_day_of_the_next_month() -> None:
    assert Month.read("2026-09").late_entry_until(CALENDAR, 5) == D("2026-10-13")
    assert Month.read("2026-10").late_entry_until(CALENDAR, 5) == D("2026-11-06")
    assert Month.read("2026-09").late_entry_until(CALENDAR, 0) == D("2026-09-30")


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-12-31", "2026-12-01", "2026-12-31"),
        ("2026-01-01", "2026-01-01", "2026-01-31"),
        ("2028-02-29", "2028-02-01", "2028-02-29"),
    ],
)
def test_a_month_has_a_first_and_a_last_day(day: str, first: str, last: str) -> None:
    month = Month.of(D(day))

    assert (month.first, month.last) == (D(first), D(last))
    assert month.following.preceding == month
    assert Month.read(month.period) == month


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "now", "2026-00", "2026-09-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="."):  # noqa: RUF043 - any reason will do
        Month.read(text)
