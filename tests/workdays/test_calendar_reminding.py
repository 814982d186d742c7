"""When reminders may go out, which day begins a week, and before which holidays one warns."""

from datetime import date, datetime

import pytest

from app.core import clock
from app.workdays.calendar import WorkCalendar, may_remind, occasion_on, occasions, week_begins_on
from tests.visits.test_calendar import CALENDAR, days

D = date.fromisoformat
NAMES = {
    **dict.fromkeys(days("2026-02-15..23"), "春节"),
    **dict.fromkeys(days("2026-09-25..27"), "中秋"),
    **dict.fromkeys(days("2026-10-01..07"), "国庆节"),
}
NAMED = WorkCalendar(
    holidays=CALENDAR.holidays,
    makeup_days=CALENDAR.makeup_days,
    confirmed_years=CALENDAR.confirmed_years,
    names=NAMES,
)


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        ("2026-10-08T08:34", False),
        ("2026-10-08T08:35", True),
        ("2026-10-08T17:30", True),
        ("2026-10-08T17:31", False),
        ("2026-10-07T10:00", False),  # a holiday
        ("2026-10-10T10:00", True),  # a Saturday that is worked
        ("2026-10-11T10:00", False),
    ],
)
def test_reminders_go_out_on_workdays_from_0835_to_the_end_of_work(
    moment: str, *, may: bool
) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=clock.LOCAL)

    assert may_remind(CALENDAR, now) is may


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        ("2026-09-21", "2026-09-21"),
        ("2026-09-24", "2026-09-21"),
        ("2026-10-10", "2026-10-08"),
        ("2026-02-24", "2026-02-24"),  # the Monday was off
        ("2026-04-07", "2026-04-07"),
        ("2026-09-20", "2026-09-14"),  # a Sunday that is worked ends its week
    ],
)
def test_a_week_begins_on_its_first_workday(day: str, begins: str) -> None:
    assert week_begins_on(CALENDAR, D(day)) == D(begins)


def test_holidays_are_known_by_their_names_and_fixed_ones_by_their_day() -> None:
    found = {one.names[-1]: (one.reminder_on, one.begins_on) for one in occasions(NAMED, 2026)}

    assert found == {
        "元旦": (D("2025-12-30"), D("2026-01-01")),
        "春节": (D("2026-02-13"), D("2026-02-15")),
        "劳动节": (D("2026-04-29"), D("2026-05-01")),
        "中秋节": (D("2026-09-23"), D("2026-09-25")),
        "国庆节": (D("2026-09-29"), D("2026-10-01")),
    }
    assert all(one.is_official for one in occasions(NAMED, 2026))


def test_of_a_year_without_an_official_calendar_only_fixed_days_are_known_and_marked() -> None:
    found = occasions(NAMED, 2027)

    assert [one.names for one in found] == [("元旦",), ("劳动节",), ("国庆节",)]
    assert not any(one.is_official for one in found)


def test_holidays_that_begin_together_are_one_occasion() -> None:
    both = WorkCalendar(
        holidays=days("2025-10-01..08"),
        makeup_days=days("2025-09-28"),
        confirmed_years=frozenset({2025}),
        names={**dict.fromkeys(days("2025-10-01..08"), "国庆节"), D("2025-10-06"): "中秋"},
    )

    (found,) = [one for one in occasions(both, 2025) if one.begins_on.month == 10]
    assert found.names == ("国庆节", "中秋节")
    assert (found.reminder_on, found.begins_on) == (D("2025-09-29"), D("2025-10-01"))
    assert found.period == "2025/国庆节、中秋节"


def test_new_years_may_begin_in_the_old_year() -> None:
    early = WorkCalendar(
        holidays=days("2022-12-31", "2023-01-01..02"),
        confirmed_years=frozenset({2022, 2023}),
        names=dict.fromkeys(days("2022-12-31", "2023-01-01..02"), "元旦"),
    )

    found = occasion_on(early, D("2022-12-30"))

    assert found is not None
    assert (found.period, found.begins_on) == ("2023/元旦", D("2022-12-31"))
    assert occasion_on(early, D("2022-12-28")) is None
    assert occasion_on(early, D("2022-12-29")) == found
    assert occasion_on(early, D("2022-12-31")) is None
