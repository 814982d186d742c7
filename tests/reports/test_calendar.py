"""When leaders are written to, and where a month ends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.core.spans import Span
from app.reports import calendar
from app.reports.calendar import Week, reported_on, span_of, unread_by, year_to
from app.visits.calendar import Month
from app.workdays.calendar import WorkCalendar

D = date.fromisoformat
NATIONAL_DAY = WorkCalendar(
    holidays=frozenset(D(f"2026-10-0{day}") for day in range(1, 8)),
    makeup_days=frozenset({D("2026-09-20"), D("2026-10-10")}),
)
DAYS = st.dates(D("2025-01-01"), D("2030-12-31"))


def local(moment: datetime | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""


@pytest.mark.parametrize(
    ("day", "period", "sends_at"),
    [
        ("2026-09-21", "2026-W39", "2026-09-21 08:35"),
        ("2026-09-20", "2026-W38", "2026-09-14 08:35"),  # a Sunday that is worked ends its week
        ("2026-10-01", "2026-W40", "2026-09-28 08:35"),
        ("2026-10-05", "2026-W41", "2026-10-08 08:35"),  # the holiday ends on Wednesday
        ("2027-01-01", "2026-W53", "2026-12-28 08:35"),
    ],
)
def test_a_week_is_written_on_its_first_workday(day: str, period: str, sends_at: str) -> None:
    week = Week.of(D(day))

    assert week.period == period
    assert local(week.sends_at(NATIONAL_DAY)) == sends_at


def test_a_week_without_a_workday_is_not_written_at_all() -> None:
    spring = WorkCalendar(holidays=frozenset(D(f"2026-02-{day}") for day in range(16, 23)))

    assert Week.of(D("2026-02-18")).sends_at(spring) is None


@pytest.mark.parametrize(
    ("period", "day"),
    [("2026-09", "2026-10-10"), ("2026-08", "2026-09-03"), ("2026-12", "2027-01-05")],
)
def test_a_month_is_reported_on_the_third_workday_after_it(period: str, day: str) -> None:
    assert reported_on(Month.read(period), NATIONAL_DAY) == D(day)


def test_a_month_holds_its_first_moment_and_not_that_of_the_next() -> None:
    september = span_of(Month(2026, 9))

    assert local(september.begins) == "2026-09-01 00:00"
    assert local(september.ends) == "2026-10-01 00:00"
    assert september.holds(september.begins)
    assert not september.holds(september.ends)
    assert not september.holds(None)
    assert (september.first_on, september.last_on) == (D("2026-09-01"), D("2026-09-30"))
    assert year_to(Month(2026, 9)).first_on == D("2026-01-01")
    assert year_to(Month(2026, 9)).ends == september.ends


@given(DAYS)
def test_every_day_lies_in_one_week_and_one_month(day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    week, month = Week.of(day), span_of(Month.of(day))

    assert week.monday <= day < week.monday + calendar.WEEK
    assert clock.local(week.ends_at).date() == week.monday + timedelta(days=7)
    assert month.holds(noon)
    assert Span(month.begins, month.begins).holds(month.begins) is False


def test_who_has_not_confirmed_is_reminded_two_workdays_later() -> None:
    promised_at = clock.at(D("2026-09-29"), calendar.SENT_AT)

    assert local(unread_by(promised_at, NATIONAL_DAY)) == "2026-10-08 08:40"
