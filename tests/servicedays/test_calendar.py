"""The dates of a service day over the twelve months of 2026, against a table by hand."""

from datetime import date, datetime, time, timedelta

import pytest

from app.core import clock
from app.servicedays import calendar
from app.workdays.calendar import WorkCalendar

D = date.fromisoformat
#: The State Council's notice for 2026: days off that are not plain weekends, and days worked.
HOLIDAYS = (
    ("01-01", "01-03"),
    ("02-15", "02-23"),
    ("04-04", "04-06"),
    ("05-01", "05-05"),
    ("06-19", "06-21"),
    ("09-25", "09-27"),
    ("10-01", "10-07"),
)
MAKEUP = ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")
OFF = frozenset(
    D(f"2026-{first}") + timedelta(days=n)
    for first, last in HOLIDAYS
    for n in range((D(f"2026-{last}") - D(f"2026-{first}")).days + 1)
)
YEAR = WorkCalendar(
    holidays=OFF,
    makeup_days=frozenset(D(f"2026-{day}") for day in MAKEUP),
    confirmed_years=frozenset({2026}),
)
#: By hand, from a wall calendar: the 10th of the month or the next working day, and the third
#: working day before it.
TABLE = (
    # month  the day    R11        because
    (1, "01-12", "01-07"),  # the 10th is a Saturday; before: Fri 9, Thu 8, Wed 7
    (2, "02-10", "02-05"),  # a Tuesday; Mon 9, Fri 6, Thu 5
    (3, "03-10", "03-05"),  # a Tuesday; Mon 9, Fri 6, Thu 5
    (4, "04-10", "04-07"),  # a Friday; Thu 9, Wed 8, Tue 7 (the 6th is a holiday)
    (5, "05-11", "05-07"),  # the 10th is a Sunday; Sat 9 is worked, Fri 8, Thu 7
    (6, "06-10", "06-05"),  # a Wednesday; Tue 9, Mon 8, Fri 5
    (7, "07-10", "07-07"),  # a Friday; Thu 9, Wed 8, Tue 7
    (8, "08-10", "08-05"),  # a Monday; Fri 7, Thu 6, Wed 5
    (9, "09-10", "09-07"),  # a Thursday; Wed 9, Tue 8, Mon 7
    (10, "10-10", "09-30"),  # a Saturday that is worked; Fri 9, Thu 8, and then Wed 30 September
    (11, "11-10", "11-05"),  # a Tuesday; Mon 9, Fri 6, Thu 5
    (12, "12-10", "12-07"),  # a Thursday; Wed 9, Tue 8, Mon 7
)
#: Days that the rule does not give, with the same count.
OTHERS = (
    ("02-24", "02-12"),  # after the Spring Festival: Sat 14, Fri 13, Thu 12
    ("02-25", "02-13"),  # Tue 24, Sat 14, Fri 13
    ("05-06", "04-28"),  # after Labour Day: Thu 30, Wed 29, Tue 28 April
    ("09-28", "09-22"),  # after the Mid-Autumn: Thu 24, Wed 23, Tue 22
    ("10-08", "09-28"),  # Wed 30, Tue 29, Mon 28 September
    ("10-11", "10-08"),  # a Sunday off, held all the same: Sat 10, Fri 9, Thu 8
    ("10-15", "10-12"),
)


@pytest.mark.parametrize(("month", "day", "notice"), TABLE)
def test_the_rule_and_r11_give_every_month_of_2026_its_dates(
    month: int, day: str, notice: str
) -> None:
    held_on = calendar.by_rule(2026, month, nth=10, calendar=YEAR)

    assert held_on == D(f"2026-{day}")
    assert calendar.notice_on(held_on, workdays=3, calendar=YEAR) == D(f"2026-{notice}")


@pytest.mark.parametrize(("day", "notice"), OTHERS)
def test_r11_counts_working_days_across_holidays_and_make_up_days(day: str, notice: str) -> None:
    assert calendar.notice_on(D(f"2026-{day}"), workdays=3, calendar=YEAR) == D(f"2026-{notice}")


def test_r11_goes_out_at_0835() -> None:
    at = calendar.noticed_at(D("2026-10-15"), workdays=3, calendar=YEAR)

    assert at == datetime(2026, 10, 12, 8, 35, tzinfo=clock.LOCAL)


@pytest.mark.parametrize(
    ("after", "taken", "following"),
    [
        ("2026-09-21", (), "2026-10-10"),  # September's is over
        ("2026-09-09", (), "2026-09-10"),
        ("2026-09-10", (), "2026-10-10"),  # never today
        ("2026-09-21", ("2026-10-15",), "2026-11-10"),  # October has one
        ("2026-12-21", (), "2027-01-11"),  # over the year's end, and over a weekend
    ],
)
def test_the_suggestion_is_the_next_month_without_a_day(
    after: str, taken: tuple[str, ...], following: str
) -> None:
    found = calendar.next_by_rule(D(after), [D(one) for one in taken], nth=10, calendar=YEAR)

    assert found == D(following)


def test_where_every_month_has_a_day_nothing_is_suggested() -> None:
    taken = [date(2026 + (8 + n) // 12, (8 + n) % 12 + 1, 20) for n in range(14)]

    assert calendar.next_by_rule(D("2026-09-21"), taken, nth=10, calendar=YEAR) is None


@pytest.mark.parametrize(
    ("begins", "ends", "minutes", "found"),
    [
        ("09:00", "11:30", None, ()),
        ("09:00", "10:30", 30, ("09:00", "09:30", "10:00")),
        ("09:00", "10:40", 30, ("09:00", "09:30", "10:00")),  # no slot is cut short
        ("09:00", "09:30", 30, ("09:00",)),
        ("09:00", "09:20", 30, ()),
        ("08:45", "10:15", 45, ("08:45", "09:30")),
    ],
)
def test_a_day_is_divided_into_whole_slots(
    begins: str, ends: str, minutes: int | None, found: tuple[str, ...]
) -> None:
    made = calendar.slots(time.fromisoformat(begins), time.fromisoformat(ends), minutes)

    assert [f"{at:%H:%M}" for at in made] == list(found)
