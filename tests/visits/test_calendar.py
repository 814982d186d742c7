"""The month of a visit: its anchors, as the office's own table has them."""

from datetime import date
from itertools import pairwise

import pytest

from app.core import clock
from app.visits.calendar import DAY, Month
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

    assert month.reminders(CALENDAR)["R1"] == D(first)
    generated = clock.local(month.generated_at(CALENDAR))
    assert (generated.date(), f"{generated:%H:%M}") == (D(first), "06:00")
    assert month.due_on(CALENDAR) == D(due)


#: Worked out by hand on a wall calendar, with the notice beside it. `-` is what gives way.
BY_HAND = """
month    R1     R2     R3     R4     due
2026-01  01-04  01-15  01-23  01-29  01-30
2026-02  02-02  -      02-14  02-27  02-28
2026-03  03-02  03-16  03-24  03-30  03-31
2026-04  04-01  04-15  04-23  04-29  04-30
2026-05  05-06  05-15  05-22  05-28  05-29
2026-06  06-01  06-15  06-23  06-29  06-30
2026-07  07-01  07-15  07-24  07-30  07-31
2026-08  08-03  08-17  08-24  08-28  08-31
2026-09  09-01  09-15  09-22  09-29  09-30
2026-10  10-08  10-15  10-23  10-29  10-30
2026-11  11-02  11-16  11-23  11-27  11-30
2026-12  12-01  12-15  12-24  12-30  12-31
"""
RULES = ("R1", "R2", "R3", "R4")
MONTHS = [line.split() for line in BY_HAND.split("\n")[2:-1]]


@pytest.mark.parametrize("line", MONTHS, ids=lambda line: line[0])
def test_each_reminder_of_a_month_has_its_day(line: list[str]) -> None:
    period, *reminded, due = line
    month = Month.read(period)
    by_hand = dict(zip(RULES, reminded, strict=True))

    assert month.reminders(CALENDAR) == {
        rule: D(f"2026-{day}") for rule, day in by_hand.items() if day != "-"
    }
    assert month.due_on(CALENDAR) == D(f"2026-{due}")


@pytest.mark.parametrize("line", MONTHS, ids=lambda line: line[0])
def test_on_every_day_one_rule_reminds_at_most_and_each_until_the_next(line: list[str]) -> None:
    period, *reminded, due = line
    month = Month.read(period)
    named = zip(RULES, reminded, strict=True)
    by_hand = [(D(f"2026-{day}"), rule) for rule, day in named if day != "-"]

    for number in range(1, month.last.day + 1):
        day = month.first.replace(day=number)
        come = [rule for goes_on, rule in by_hand if goes_on <= day]
        expected = come[-1] if come and day <= D(f"2026-{due}") else None
        assert month.reminder_on(day, CALENDAR) == expected, day
    for (_day, rule), (following, _rule) in pairwise(by_hand):
        until = clock.local(month.matters_until(rule, CALENDAR))
        assert f"{until:%Y-%m-%d %H:%M}" == f"{following} 08:35"
    last = clock.local(month.matters_until("R4", CALENDAR))
    assert last.date() == D(f"2026-{due}") + DAY


def test_a_month_of_very_few_workdays_keeps_the_rules_in_order() -> None:
    few = WorkCalendar(holidays=days("2026-02-01..24"), confirmed_years=frozenset({2026}))

    assert Month.read("2026-02").reminders(few) == {"R1": D("2026-02-25"), "R4": D("2026-02-26")}


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
