"""Limits, deadlines and lights, against the tables of C2.2 and C2.4."""

from datetime import UTC, date, datetime

import chinese_calendar
import pytest

from app.accounts.parameters import Parameters
from app.core import clock
from app.tickets import clocks
from app.tickets.clocks import Light
from app.tickets.workflow.states import Complexity, Status, Urgency
from app.workdays.calendar import WorkCalendar

CALENDAR = WorkCalendar(
    holidays=frozenset(day for day in chinese_calendar.holidays if day.year == 2026),
    makeup_days=frozenset(day for day in chinese_calendar.workdays if day.year == 2026),
    confirmed_years=frozenset({2026}),
)
RULES = Parameters()


def at(text: str) -> datetime:
    """Return the moment at which the office's clock shows `text`, in September 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=clock.LOCAL).astimezone(UTC)


@pytest.mark.parametrize(
    ("complexity", "workdays"),
    [
        (Complexity.CONSULT, 1),
        (Complexity.SIMPLE, 5),
        (Complexity.COMPLEX, 15),
        (Complexity.HARD, 30),
    ],
)
def test_each_complexity_has_its_limit(complexity: Complexity, workdays: int) -> None:
    assert clocks.limit(complexity, RULES) == workdays


@pytest.mark.parametrize(("limit", "left"), [(1, 1), (5, 1), (6, 2), (15, 2), (16, 3), (30, 3)])
def test_the_longer_the_limit_the_earlier_the_light_turns_yellow(limit: int, left: int) -> None:
    assert clocks.threshold(limit, RULES) == left


@pytest.mark.parametrize(
    ("urgency", "dispatched", "due"),
    [
        (Urgency.NORMAL, "09-21 09:00", "09-22 17:30"),
        (Urgency.NORMAL, "09-18 10:00", "09-20 17:30"),  # a Sunday that is worked
        (Urgency.NORMAL, "09-24 16:00", "09-28 17:30"),  # Mid-Autumn between
        (Urgency.URGENT, "09-21 09:00", "09-21 15:30"),  # lunch is not counted
        (Urgency.URGENT, "09-21 16:30", "09-22 11:30"),
        (Urgency.URGENT, "09-24 16:30", "09-28 11:30"),  # nor a holiday
        (Urgency.CRITICAL, "09-21 09:00", "09-21 10:00"),
        (Urgency.CRITICAL, "09-25 23:30", "09-26 00:30"),  # at night, on a holiday
    ],
)
def test_the_sign_deadline_follows_the_urgency(urgency: Urgency, dispatched: str, due: str) -> None:
    found = clocks.sign_deadline(urgency, at(dispatched), CALENDAR, RULES)

    assert found.due_at == at(due)
    assert found.counted_from == at(dispatched)
    assert found.workdays == (1 if urgency is Urgency.NORMAL else None)


@pytest.mark.parametrize(
    ("urgency", "dispatched", "due"),
    [
        (Urgency.NORMAL, "09-21 09:00", "09-22 17:30"),
        (Urgency.URGENT, "09-21 09:00", "09-21 17:30"),
        (Urgency.URGENT, "09-21 17:29", "09-21 17:30"),
        (Urgency.URGENT, "09-21 17:30", "09-22 12:00"),
        (Urgency.URGENT, "09-26 09:00", "09-28 12:00"),
        (Urgency.CRITICAL, "09-21 09:00", "09-21 11:00"),
        (Urgency.CRITICAL, "09-26 23:00", "09-27 01:00"),
    ],
)
def test_the_contact_deadline_follows_the_urgency(
    urgency: Urgency, dispatched: str, due: str
) -> None:
    assert clocks.contact_deadline(urgency, at(dispatched), CALENDAR, RULES).due_at == at(due)


def test_a_unit_may_object_for_one_working_day() -> None:
    assert clocks.return_deadline(at("09-21 09:00"), CALENDAR, RULES) == at("09-22 17:30")
    longer = Parameters(return_window_workdays=3)
    assert clocks.return_deadline(at("09-21 09:00"), CALENDAR, longer) == at("09-24 17:30")


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("09-21 09:00", "09-21 17:30"),
        ("09-21 15:59", "09-21 17:30"),
        ("09-21 16:00", "09-22 12:00"),
        ("09-24 16:30", "09-28 12:00"),
        ("09-26 10:00", "09-28 12:00"),
    ],
)
def test_a_return_is_ruled_on_the_same_day_or_the_next_noon(asked: str, due: str) -> None:
    assert clocks.ruling_deadline(at(asked), CALENDAR) == at(due)


# ---- lights ----

DUE = at("09-29 17:30")  # five working days from the 21st; yellow from the 28th


def light(now: str, status: Status = Status.IN_PROGRESS) -> Light | None:
    return clocks.handling_light(status, DUE, date(2026, 9, 28), calendar=CALENDAR, now=at(now))


@pytest.mark.parametrize(
    ("now", "colour", "word", "n"),
    [
        ("09-24 17:00", "green", clocks.LEFT, 2),
        ("09-27 10:00", "green", clocks.LEFT, 2),  # a holiday passes no working day
        ("09-28 08:30", "yellow", clocks.LEFT, 1),
        ("09-29 17:30", "yellow", clocks.TODAY, 0),
        ("09-29 17:31", "red", clocks.LATE_TODAY, 0),
        ("09-30 08:30", "red", clocks.LATE, 1),
        ("10-05 08:30", "red", clocks.LATE, 1),  # National Day adds none
        ("10-08 08:30", "red", clocks.LATE, 2),
    ],
)
def test_the_light_tells_in_colour_and_words_how_near_the_deadline_is(
    now: str, colour: str, word: str, n: int
) -> None:
    assert light(now) == Light(colour, clocks.ICONS[colour], word, n)
    assert light(now, Status.PENDING_SIGN) == light(now)


@pytest.mark.parametrize(
    "status", [Status.SUSPENDED, Status.PENDING_REVIEW, Status.PENDING_REVISIT]
)
def test_while_the_clock_stands_the_light_is_grey_and_says_why(status: Status) -> None:
    assert light("10-08 08:30", status) == Light("grey", clocks.ICONS["grey"], status.label)


@pytest.mark.parametrize(
    "status", [Status.DRAFT, Status.PENDING_ACCEPTANCE, Status.PENDING_DISPATCH, Status.CLOSED]
)
def test_where_no_handling_clock_was_started_there_is_no_light(status: Status) -> None:
    assert light("09-24 17:00", status) is None


def test_a_ticket_that_was_reworked_without_a_deadline_has_no_light() -> None:
    now = at("09-24 17:00")

    assert clocks.handling_light(Status.IN_PROGRESS, None, None, calendar=CALENDAR, now=now) is None


def test_the_light_of_ones_own_move_has_the_same_thresholds() -> None:
    def colour(now: str, limit: int) -> str:
        found = clocks.move_light(DUE, limit, calendar=CALENDAR, parameters=RULES, now=at(now))
        return found.colour if found else ""

    assert [colour("09-24 09:00", n) for n in (5, 15, 30)] == ["green", "yellow", "yellow"]
    assert [colour("09-23 09:00", n) for n in (5, 15, 30)] == ["green", "green", "yellow"]
    nothing = clocks.move_light(None, 5, calendar=CALENDAR, parameters=RULES, now=at("09-24 09:00"))
    assert nothing is None
