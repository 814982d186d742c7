"""The figures by their definitions, on problems that are given as values."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.core.spans import Span
from app.tickets.queries import figures
from app.tickets.queries.figures import Facts, Mean, Rate
from app.tickets.queries.figures.facts import Case, Handed, Heard, Pause
from app.tickets.workflow.states import UNCOUNTED, Outcome, Solved, Status
from app.workdays.calendar import WorkCalendar

UNIT = 7


def at(text: str) -> datetime:
    day, _gap, hour = text.partition(" ")
    return clock.at(date.fromisoformat(f"2026-{day}"), time.fromisoformat(hour or "10:00"))


SEPTEMBER = Span(at("09-01 00:00"), at("10-01 00:00"))
HEARD = Heard(at("09-20"), Solved.YES, 5, 5)
DUE = {"handed": (Handed(UNIT, at("09-02"), None),), "due_at": at("09-09 17:30")}
SOLVED = {"status": Status.CLOSED, "outcome": Outcome.RESOLVED, "closed_at": at("09-21")}


def case(**more: Any) -> Case:
    given: dict[str, Any] = {
        "id": 1,
        "for_few": False,
        "accepted_at": at("09-02"),
        "status": Status.IN_PROGRESS,
    }
    return Case(**(given | more))


def facts(*cases: Case) -> Facts:
    return Facts(SEPTEMBER.ends, cases, WorkCalendar())


# ---- how they are shown ----


@pytest.mark.parametrize(
    ("n", "d", "percent", "in_words"),
    [
        (44, 46, "95.7%", "95.7%"),
        (36, 36, "100.0%", "100%"),
        (1, 8, "12.5%", "12.5%"),
        (1, 16, "6.3%", "6.3%"),  # 6.25: halves go up
        (1, 80, "1.3%", "1.3%"),  # 1.25
        (0, 7, "0.0%", "0%"),
        (1, 5, "20.0%", "20%"),
        (0, 0, "—", "—"),
    ],
)
def test_a_rate_has_one_decimal_and_is_a_dash_without_a_denominator(
    n: int, d: int, percent: str, in_words: str
) -> None:
    assert (Rate(n, d).percent, Rate(n, d).in_words) == (percent, in_words)


def test_fewer_than_five_are_too_few() -> None:
    assert [Rate(0, d).is_small for d in (0, 4, 5)] == [True, True, False]
    assert [Mean(0, n).is_small for n in (0, 4, 5)] == [True, True, False]


def test_a_mean_has_one_decimal_and_is_a_dash_over_nothing() -> None:
    assert [Mean(49, 3).shown, Mean(1, 4).shown, Mean(0, 0).shown] == ["16.3", "0.3", "—"]


# ---- how many ----


@pytest.mark.parametrize(
    ("more", "where"),
    [
        (SOLVED, "solved"),
        (SOLVED | {"heard": (HEARD,)}, "solved"),
        (SOLVED | {"outcome": Outcome.PARTIAL, "status": Status.ARCHIVED}, "solved"),
        (SOLVED | {"heard": (HEARD, HEARD._replace(solved=Solved.NO))}, "explained"),
        (SOLVED | {"heard": (HEARD._replace(solved=Solved.NO), HEARD)}, "solved"),
        (SOLVED | {"outcome": Outcome.EXPLAINED}, "explained"),
        (SOLVED | {"outcome": Outcome.REFERRED_UP}, "explained"),
        ({"status": Status.SUSPENDED}, "suspended"),
        ({"status": Status.PENDING_REVISIT, "outcome": Outcome.RESOLVED}, "under_way"),
        ({"status": Status.PENDING_DISPATCH}, "under_way"),
    ],
)
def test_each_problem_is_counted_in_one_place(more: dict[str, Any], where: str) -> None:
    given = facts(case(**more))

    places = ("solved", "explained", "suspended", "under_way")
    counted = {name: getattr(figures, name)(given, SEPTEMBER) for name in places}
    assert counted == {name: int(name == where) for name in places}


CASES = st.builds(
    case,
    status=st.sampled_from(sorted(set(Status) - UNCOUNTED)),
    outcome=st.sampled_from([None, *Outcome]),
    accepted_at=st.sampled_from([at("08-31"), at("09-01 00:00"), at("09-30"), at("10-01 00:00")]),
    heard=st.lists(
        st.builds(
            Heard, st.just(at("09-20")), st.sampled_from([None, *Solved]), st.none(), st.none()
        )
    ).map(tuple),
)


@given(st.lists(CASES, max_size=20))
def test_the_parts_add_up_to_the_whole_whatever_the_problems_are(cases: list[Case]) -> None:
    given = facts(*cases)

    parts = [figures.solved, figures.explained, figures.suspended, figures.under_way]
    assert figures.collected(given, SEPTEMBER) == sum(part(given, SEPTEMBER) for part in parts)
    assert figures.under_way(given, SEPTEMBER) == figures.still_open(given, SEPTEMBER)


def test_what_was_accepted_before_and_not_closed_is_carried_over() -> None:
    before = case(accepted_at=at("08-20"))
    closed = replace(before, status=Status.CLOSED, closed_ats=(at("08-30"),), closed_at=at("08-30"))
    reopened = replace(closed, reopened_ats=(at("08-31"),), status=Status.IN_PROGRESS)
    closed_now = replace(before, closed_ats=(at("09-05"),), closed_at=at("09-05"))

    given = facts(before, closed, reopened, closed_now, case())

    assert figures.carried_over(given, SEPTEMBER) == 3
    assert figures.closed(given, SEPTEMBER) == 1


def test_a_problem_handed_out_twice_in_a_month_is_dispatched_once() -> None:
    twice = case(handed=(Handed(UNIT, at("09-02"), at("09-03")), Handed(8, at("09-04"), None)))
    earlier = case(handed=(Handed(UNIT, at("08-31"), None),))

    assert figures.dispatched(facts(twice, earlier), SEPTEMBER) == 1


# ---- how well ----


@pytest.mark.parametrize(
    ("more", "n", "d"),
    [
        (DUE | {"replied_at": at("09-09 17:30")}, 1, 1),
        (DUE | {"replied_at": at("09-09 17:31")}, 0, 1),
        (DUE, 0, 1),
        (DUE | {"due_at": at("10-01 00:00")}, 0, 0),
        (DUE | {"due_at": None}, 0, 0),
        (DUE | {"accepted_at": at("07-02"), "replied_at": at("09-01")}, 1, 1),  # carried over
        (DUE | {"status": Status.SUSPENDED}, 0, 0),
    ],
)
def test_on_time_is_the_first_approved_answer_against_the_first_deadline(
    more: dict[str, Any], n: int, d: int
) -> None:
    assert figures.on_time(facts(case(**more)), SEPTEMBER).rate == Rate(n, d)


def test_late_and_unanswered_are_told_apart() -> None:
    late = case(**DUE, replied_at=at("09-10"))

    found = figures.on_time(facts(late, late, case(**DUE)), SEPTEMBER)

    assert (found.in_time, found.late, found.unanswered) == (0, 2, 1)


@pytest.mark.parametrize(
    ("more", "n", "d"),
    [
        ({"contact_due_at": at("09-03"), "contacted_at": at("09-03")}, 1, 1),
        ({"contact_due_at": at("09-03"), "contacted_at": at("09-03 10:01")}, 0, 1),
        ({"contact_due_at": at("09-03")}, 0, 1),
        ({"contact_due_at": at("10-03"), "contacted_at": at("09-30")}, 0, 0),
        ({"direct_at": at("09-03")}, 1, 1),
        ({"direct_at": at("08-03")}, 0, 0),
    ],
)
def test_the_response_counts_what_was_answered_on_the_spot_as_met(
    more: dict[str, Any], n: int, d: int
) -> None:
    assert figures.response_rate(facts(case(**more)), SEPTEMBER) == Rate(n, d)


def test_what_counts_is_the_last_word_of_the_month() -> None:
    no = HEARD._replace(at=at("09-10"), solved=Solved.NO, result=1)
    later = HEARD._replace(at=at("10-02"), solved=Solved.NO, result=1)
    given = facts(case(heard=(no, HEARD)), case(heard=(HEARD, later)), case(heard=(no,)), case())

    assert figures.resolution_rate(given, SEPTEMBER) == Rate(2, 3)
    assert figures.satisfaction_rate(given, SEPTEMBER) == Rate(2, 3)


def test_partly_solved_is_not_solved_and_no_evaluation_is_no_answer() -> None:
    partly = HEARD._replace(solved=Solved.PARTIAL, result=None)

    assert figures.resolution_rate(facts(case(heard=(partly,))), SEPTEMBER) == Rate(0, 1)
    assert figures.satisfaction_rate(facts(case(heard=(partly,))), SEPTEMBER) == Rate(0, 0)


@pytest.mark.parametrize(
    ("result", "attitude", "once", "twice"),
    [(3, 3, 1, 1), (3, 2, 1, 0), (2, 5, 0, 0), (5, None, 1, 0)],
)
def test_doubly_satisfied_is_with_the_result_and_the_manner(
    result: int, attitude: int | None, once: int, twice: int
) -> None:
    given = facts(case(heard=(HEARD._replace(result=result, attitude=attitude),)))

    assert figures.satisfaction_rate(given, SEPTEMBER) == Rate(once, 1)
    assert figures.double_satisfaction_rate(given, SEPTEMBER) == Rate(twice, 1)


def test_the_revisits_due_in_a_month_are_done_or_not() -> None:
    due = case(revisit_due_at=at("09-22"))
    given = facts(due, replace(due, revisited=True), replace(due, revisit_due_at=at("10-22")))

    assert figures.revisit_rate(given, SEPTEMBER) == Rate(1, 2)


def test_the_days_run_from_the_dispatch_to_the_answer_without_the_pauses() -> None:
    plain = case(**DUE, replied_at=at("09-09"))  # Wednesday to Wednesday
    paused = replace(plain, pauses=(Pause(at("09-03"), at("09-07")),))
    again = replace(
        plain, handed=(Handed(UNIT, at("09-02"), at("09-03")), Handed(8, at("09-07"), None))
    )
    direct = case(replied_at=at("09-02"), direct_at=at("09-02"))
    answered_later = replace(plain, replied_at=at("10-09"))

    assert figures.mean_days(facts(plain), SEPTEMBER) == Mean(5, 1)
    assert figures.mean_days(facts(paused), SEPTEMBER) == Mean(3, 1)
    assert figures.mean_days(facts(again), SEPTEMBER) == Mean(2, 1)
    assert figures.mean_days(facts(direct, answered_later), SEPTEMBER) == Mean(0, 0)
    assert figures.mean_days(facts(plain, paused), SEPTEMBER).shown == "4.0"
