"""Moments of the invented year: in working hours, and the same at every load."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.demo.service import Pace
from app.workdays.calendar import WorkCalendar

CALENDAR = WorkCalendar()
MONDAY = date(2026, 9, 21)


@given(st.integers(0, 10_000), st.integers(1, 500))
def test_what_follows_is_later_and_in_working_hours(seed: int, minutes: int) -> None:
    pace = Pace(CALENDAR, seed)
    begun = pace.at(MONDAY)

    after = pace.after(begun, 1, minutes)

    assert CALENDAR.is_working_time(begun)
    assert CALENDAR.is_working_time(after)
    assert after > begun


def test_one_seed_gives_one_year() -> None:
    assert Pace(CALENDAR, 7).at(MONDAY) == Pace(CALENDAR, 7).at(MONDAY)


def test_two_hours_that_are_one_are_that_moment() -> None:
    moment = Pace(CALENDAR, 7).at(MONDAY, "14:50", "14:50")

    assert f"{clock.local(moment):%H:%M}" == "14:50"
