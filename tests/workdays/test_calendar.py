"""The arithmetic of working days, against the table of the specification and slow oracles."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.workdays.calendar import CountedKind, Windows, WorkCalendar

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def official(years: Iterable[int] = range(2024, 2027)) -> WorkCalendar:
    """Return the calendar as the library knows it."""
    off, worked = chinese_calendar.holidays, chinese_calendar.workdays
    return WorkCalendar(
        holidays=frozenset(day for day in off if day.year in years),
        makeup_days=frozenset(day for day in worked if day.year in years),
        confirmed_years=frozenset(years),
        names={day: chinese_calendar.Holiday(name).chinese for day, name in (off | worked).items()},
    )


CALENDAR = official()


def local(text: str) -> datetime:
    """Return the moment at which the office's clock shows `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL).astimezone(UTC)


# ---- the table of C2.2 ----

VECTORS = [
    ("2026-09-18 10:00", 1, "2026-09-20"),
    ("2026-09-18 10:00", 5, "2026-09-24"),
    ("2026-09-18 17:30", 1, "2026-09-21"),
    ("2026-09-19 09:00", 1, "2026-09-21"),
    ("2026-09-24 16:00", 1, "2026-09-28"),
    ("2026-09-30 09:00", 5, "2026-10-13"),
    ("2026-10-03 11:00", 1, "2026-10-09"),
    ("2026-02-13 15:00", 1, "2026-02-14"),
    ("2026-02-14 18:00", 3, "2026-02-27"),
    ("2026-02-27 09:00", 2, "2026-03-02"),
    ("2026-04-30 17:29", 15, "2026-05-25"),
]


@pytest.mark.parametrize(("dispatched", "workdays", "due"), VECTORS)
def test_from_the_very_end_of_its_deadline_it_is_late(
    dispatched: str, workdays: int, due: str
) -> None:
    came, end = local(dispatched), local(f"{due} 17:30")

    assert came >= CALENDAR.late_before(end, workdays)
    assert came < CALENDAR.late_before(end + timedelta(seconds=1), workdays)


@pytest.mark.parametrize(("dispatched", "workdays", "due"), VECTORS)
def test_a_deadline_is_1730_of_the_nth_workday_after_the_day_of_receipt(
    dispatched: str, workdays: int, due: str
) -> None:
    assert CALENDAR.due_at(local(dispatched), workdays) == local(f"{due} 17:30")
    assert CALENDAR.is_confirmed(date.fromisoformat(due))


def test_a_year_that_is_not_known_counts_monday_to_friday_and_is_marked_unconfirmed() -> None:
    due = CALENDAR.due_at(local("2026-12-28 09:00"), 5)

    assert due == local("2027-01-04 17:30")
    assert CALENDAR.is_confirmed(date(2026, 12, 31))
    assert not CALENDAR.is_confirmed(clock.local(due).date())


def test_rows_entered_for_an_unconfirmed_year_already_count() -> None:
    calendar = WorkCalendar(
        holidays=CALENDAR.holidays | {date(2027, 1, 1)}, confirmed_years=frozenset({2026})
    )

    assert calendar.due_at(local("2026-12-28 09:00"), 5) == local("2027-01-05 17:30")
    assert not calendar.is_confirmed(date(2027, 1, 1))


def test_2026_has_248_working_days_as_the_notice_says() -> None:
    assert CALENDAR.between(date(2025, 12, 31), date(2026, 12, 31)) == 248


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_agrees_with_the_library(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert CALENDAR.is_workday(day) == chinese_calendar.is_workday(day), day
        day += DAY


# ---- the anchors of C3.3 ----

ANCHORS = [
    (2026, 2, "02-02", "02-24", "02-14", "02-27", "02-28"),
    (2026, 5, "05-06", "05-15", "05-22", "05-28", "05-29"),
    (2026, 9, "09-01", "09-15", "09-22", "09-29", "09-30"),
    (2026, 10, "10-08", "10-15", "10-23", "10-29", "10-30"),
    (2026, 11, "11-02", "11-16", "11-23", "11-27", "11-30"),
]


@pytest.mark.parametrize("row", ANCHORS)
def test_the_anchors_of_the_months_are_those_of_the_table(row: tuple[int, int, str]) -> None:
    year, month, *expected = row
    end = CALENDAR.month_end(year, month)

    anchors = [
        CALENDAR.first_workday(year, month),
        CALENDAR.add(date(year, month, 15), 0),
        CALENDAR.add(end, -5),
        CALENDAR.add(end, -1),
        end,
    ]

    assert [f"{anchor:%m-%d}" for anchor in anchors] == expected


def test_the_last_workday_of_december_is_found_without_the_next_year() -> None:
    assert CALENDAR.month_end(2026, 12) == date(2026, 12, 31)


# ---- examples of the other clocks ----


@pytest.mark.parametrize(
    ("moment", "received"),
    [
        ("2026-09-18 07:00", "2026-09-18"),  # before work begins
        ("2026-09-18 13:00", "2026-09-18"),  # in the noon break
        ("2026-09-18 17:29", "2026-09-18"),
        ("2026-09-18 17:30", "2026-09-20"),  # the Sunday is worked
        ("2026-10-01 09:00", "2026-10-08"),
    ],
)
def test_what_comes_after_work_counts_as_received_on_the_next_workday(
    moment: str, received: str
) -> None:
    assert CALENDAR.effective_date(local(moment)) == date.fromisoformat(received)


@pytest.mark.parametrize(
    ("moment", "hours", "reached"),
    [
        ("2026-09-18 09:00", 4, "2026-09-18 15:30"),  # 3 h, the noon break, 1 h
        ("2026-09-18 08:00", 3.5, "2026-09-18 12:00"),
        ("2026-09-18 13:00", 1, "2026-09-18 15:30"),
        ("2026-09-18 16:30", 4, "2026-09-20 11:30"),  # on the make-up Sunday
        ("2026-09-30 17:00", 4, "2026-10-08 12:00"),
        ("2026-10-01 10:00", 1, "2026-10-08 09:30"),
        ("2026-10-01 10:00", 0, "2026-10-01 10:00"),
    ],
)
def test_working_hours_run_only_inside_the_windows_of_workdays(
    moment: str, hours: float, reached: str
) -> None:
    assert CALENDAR.after_hours(local(moment), hours) == local(reached)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-09-18 07:10", "2026-09-18 17:30"),
        ("2026-09-18 17:29", "2026-09-18 17:30"),
        ("2026-09-18 17:30", "2026-09-20 12:00"),
        ("2026-09-30 20:00", "2026-10-08 12:00"),
        ("2026-10-03 09:00", "2026-10-08 12:00"),
    ],
)
def test_an_urgent_first_contact_is_due_the_same_workday_or_else_the_next_noon(
    moment: str, due: str
) -> None:
    assert CALENDAR.same_day_or_next_noon(local(moment)) == local(due)


def test_what_comes_later_than_a_given_hour_has_until_the_next_noon() -> None:
    assert CALENDAR.same_day_or_next_noon(local("2026-09-18 15:59"), time(16)) == local(
        "2026-09-18 17:30"
    )
    assert CALENDAR.same_day_or_next_noon(local("2026-09-18 16:00"), time(16)) == local(
        "2026-09-20 12:00"
    )


@pytest.mark.parametrize(
    ("today", "left"),
    [
        ("2026-09-30", 5),
        ("2026-10-07", 5),
        ("2026-10-08", 4),
        ("2026-10-12", 1),
        ("2026-10-13", 0),
        ("2026-10-14", 0),
    ],
)
def test_what_remains_are_the_workdays_after_today_through_the_due_day(
    today: str, left: int
) -> None:
    assert CALENDAR.remaining(local("2026-10-13 17:30"), date.fromisoformat(today)) == left


@pytest.mark.parametrize(
    ("now", "late"),
    [
        ("2026-09-24 17:30", 0),
        ("2026-09-24 17:31", 0),  # late, but no further workday has begun
        ("2026-09-27 12:00", 0),
        ("2026-09-28 00:01", 1),
        ("2026-09-30 23:00", 3),
        ("2026-10-07 12:00", 3),
        ("2026-10-08 08:00", 4),
    ],
)
def test_overdue_counts_the_workdays_after_the_due_day_through_today(now: str, late: int) -> None:
    assert CALENDAR.overdue(local("2026-09-24 17:30"), local(now)) == late


def test_the_office_works_in_two_windows() -> None:
    shown = [
        CALENDAR.is_working_time(local(f"2026-09-20 {hour}"))
        for hour in ("08:29", "08:30", "11:59", "12:00", "14:29", "14:30", "17:29", "17:30")
    ]

    assert shown == [False, True, True, False, False, True, True, False]
    assert not CALENDAR.is_working_time(local("2026-09-19 10:00"))


def test_a_day_begins_halves_and_ends_with_its_windows() -> None:
    day = date(2026, 9, 18)

    assert CALENDAR.start_of(day) == local("2026-09-18 08:30")
    assert CALENDAR.noon_of(day) == local("2026-09-18 12:00")
    assert CALENDAR.end_of(day) == local("2026-09-18 17:30")


def test_other_working_hours_move_every_clock() -> None:
    calendar = WorkCalendar(windows=Windows(time(9), time(11), time(13), time(16)))

    assert calendar.effective_date(local("2026-09-18 16:00")) == date(2026, 9, 21)
    assert calendar.due_at(local("2026-09-18 15:00"), 1) == local("2026-09-21 16:00")
    assert calendar.after_hours(local("2026-09-18 10:00"), 5) == local("2026-09-21 10:00")
    assert calendar.next_noon(local("2026-09-18 10:00")) == local("2026-09-21 11:00")


@pytest.mark.parametrize(
    "hours",
    [
        (time(9), time(9), time(13), time(16)),
        (time(9), time(14), time(13), time(16)),
        (time(9), time(12), time(16), time(13)),
    ],
)
def test_working_hours_that_cross_are_no_working_hours(hours: tuple[time, ...]) -> None:
    with pytest.raises(ValueError, match="follow one another"):
        Windows(*hours)


# ---- how a deadline was reached ----


def test_a_count_names_every_day_from_receipt_to_deadline() -> None:
    counted = CALENDAR.counted(local("2026-09-30 09:00"), 5)

    assert [(f"{day.day:%m-%d}", day.kind.value, day.ordinal) for day in counted] == [
        ("09-30", "start", None),
        *[(f"10-0{n}", "holiday", None) for n in range(1, 8)],
        ("10-08", "workday", 1),
        ("10-09", "workday", 2),
        ("10-10", "makeup", 3),
        ("10-11", "off", None),
        ("10-12", "workday", 4),
        ("10-13", "due", 5),
    ]
    assert counted[1].name == "国庆节"
    assert [f"{day.day:%m-%d}" for day in counted if day.is_makeup] == ["10-10"]


def test_what_comes_after_work_is_counted_from_the_next_workday() -> None:
    counted = CALENDAR.counted(local("2026-09-18 17:30"), 1)

    assert [(day.day.day, day.kind, day.ordinal) for day in counted] == [
        (18, CountedKind.WORKDAY, None),
        (19, CountedKind.OFF, None),
        (20, CountedKind.START, None),
        (21, CountedKind.DUE, 1),
    ]


def test_counted_hours_are_the_stretches_of_work_they_lie_in() -> None:
    spans = CALENDAR.counted_hours(local("2026-09-18 16:30"), 4)

    assert [(span.begins, span.ends) for span in spans] == [
        (local("2026-09-18 16:30"), local("2026-09-18 17:30")),
        (local("2026-09-20 08:30"), local("2026-09-20 11:30")),
    ]


# ---- properties, against slow oracles ----

days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 - made aware here
    lambda naive: naive.replace(tzinfo=clock.LOCAL).astimezone(UTC)
)


@given(moments, moments, st.integers(1, 10))
def test_what_came_in_before_a_moment_is_late_and_nothing_else(
    came: datetime, now: datetime, workdays: int
) -> None:
    late = CALENDAR.due_at(came, workdays) < now

    assert late is (came < CALENDAR.late_before(now, workdays))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Return any calendar, sensible or not, that leaves some days to work."""
    some = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 6, 30)), max_size=60)
    return WorkCalendar(holidays=draw(some), makeup_days=draw(some))


def workdays_after(calendar: WorkCalendar, day: date) -> Iterable[date]:
    """Yield the workdays after `day`, looking at each day."""
    while True:
        day += DAY
        if calendar.is_workday(day):
            yield day


@given(moments, st.integers(1, 40))
def test_due_at_agrees_with_counting_day_by_day(moment: datetime, workdays: int) -> None:
    here = moment.astimezone(clock.LOCAL)
    received = here.date()
    if not (CALENDAR.is_workday(received) and here.time() < time(17, 30)):
        received = next(iter(workdays_after(CALENDAR, received)))
    *_, expected = islice(workdays_after(CALENDAR, received), workdays)

    due = CALENDAR.due_at(moment, workdays)

    assert due == clock.at(expected, time(17, 30))
    assert due > moment
    assert CALENDAR.counted(moment, workdays)[-1].ordinal == workdays


@given(calendars(), st.dates(date(2025, 12, 1), date(2026, 8, 1)), st.integers(-300, 300))
def test_between_agrees_with_looking_at_every_day(
    calendar: WorkCalendar, after: date, distance: int
) -> None:
    through = after + distance * DAY
    low, high = sorted((after, through))
    looked_at = sum(calendar.is_workday(low + n * DAY) for n in range(1, (high - low).days + 1))

    assert calendar.between(after, through) == (looked_at if distance >= 0 else -looked_at)


@given(calendars(), st.dates(date(2025, 12, 1), date(2026, 8, 1)), st.integers(-60, 60))
def test_adding_and_counting_undo_each_other(calendar: WorkCalendar, day: date, n: int) -> None:
    reached = calendar.add(day, n)

    assert calendar.is_workday(reached)
    if n > 0:
        assert calendar.between(day, reached) == n
    elif n < 0:
        assert calendar.between(reached - DAY, day - DAY) == -n


@given(days, st.integers(0, 12), st.integers(-20, 200))
def test_a_warning_begins_when_no_more_than_the_threshold_remains(
    due_on: date, threshold: int, back: int
) -> None:
    due = clock.at(due_on, time(17, 30))
    day = due_on - back * DAY

    warns = CALENDAR.warn_on(due, threshold)

    assert (CALENDAR.remaining(due, day) <= threshold) == (day >= warns)


@given(days, st.integers(0, 60 * 24 * 60))
def test_nothing_remains_of_what_is_overdue(due_on: date, minutes: int) -> None:
    due = clock.at(due_on, time(17, 30))
    now = due + minutes * MINUTE
    today = clock.local(now).date()

    assert CALENDAR.remaining(due, today) == 0
    assert CALENDAR.overdue(due, now) == max(CALENDAR.between(due_on, today), 0)
    assert CALENDAR.overdue(due, due - minutes * MINUTE) == 0


@given(
    st.datetimes(datetime(2026, 9, 17), datetime(2026, 10, 9)),  # noqa: DTZ001 - made aware below
    st.integers(1, 48),
)
def test_working_hours_agree_with_counting_minute_by_minute(naive: datetime, quarters: int) -> None:
    moment = naive.replace(second=0, microsecond=0, tzinfo=clock.LOCAL).astimezone(UTC)
    reached, left = moment, quarters * 15
    while left:
        left -= CALENDAR.is_working_time(reached)
        reached += MINUTE

    assert CALENDAR.after_hours(moment, quarters / 4) == reached


@given(st.dates(date(1950, 1, 1), date(2200, 1, 1)), st.integers(-90, 90))
def test_no_year_is_unknown_enough_to_raise(day: date, n: int) -> None:
    moment = clock.at(day, time(9))

    assert CALENDAR.is_workday(CALENDAR.add(day, n))
    assert CALENDAR.due_at(moment, abs(n)) > moment
    assert CALENDAR.month_end(day.year, day.month).month == day.month
