"""The one home of the figures of problems, K01 to K22. Pure: facts in, numbers out.

Source: the office's definitions, C4.1 and C4.2. Each docstring names the formula, its denominator
and what is left out. A figure without anything to count is null, and shown as a dash.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from app.core import clock
from app.reports.calendar import Span
from app.reports.queries.figures.facts import Case, Facts, Heard, read
from app.tickets.workflow.states import OPEN, Outcome, Solved, Status

__all__ = [
    "DASH",
    "Facts",
    "Mean",
    "OnTime",
    "Rate",
    "carried_over",
    "claimed_rate",
    "closed",
    "collected",
    "collected_in",
    "dispatched",
    "double_satisfaction_rate",
    "explained",
    "mean_days",
    "mean_stars",
    "on_time",
    "only",
    "reached_rate",
    "read",
    "resolution_rate",
    "response_rate",
    "revisit_rate",
    "rework_rate",
    "satisfaction_rate",
    "solved",
    "still_open",
    "suspended",
    "under_way",
]

DASH = "—"
MIN_SAMPLE = 5  # below it a value is shown in grey, and no light or ranking goes with it
SATISFIED = 3  # of five, from here on
TENTH = Decimal("0.1")
SOLVED = frozenset({Outcome.RESOLVED, Outcome.PARTIAL})


@dataclass(frozen=True, slots=True)
class Rate:
    """n of d. Without a denominator it is null, never 0 % or 100 %."""

    n: int
    d: int

    @property
    def percent(self) -> str:
        """With one decimal, halves rounded up: 95.7%."""
        return f"{self._tenths()}%" if self.d else DASH

    @property
    def in_words(self) -> str:
        """As documents write it, a zero after the point left out: 100%."""
        if not self.d:
            return DASH
        tenths = self._tenths()
        return f"{tenths.normalize():f}%"

    @property
    def is_small(self) -> bool:
        """Whether the sample is too small to say much."""
        return self.d < MIN_SAMPLE

    def _tenths(self) -> Decimal:
        return (Decimal(100 * self.n) / Decimal(self.d)).quantize(TENTH, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Mean:
    """A sum over n. Without anything to count it is null."""

    total: int
    n: int

    @property
    def shown(self) -> str:
        """With one decimal, halves rounded up."""
        if not self.n:
            return DASH
        return str((Decimal(self.total) / Decimal(self.n)).quantize(TENTH, ROUND_HALF_UP))

    @property
    def is_small(self) -> bool:
        """Whether the sample is too small to say much."""
        return self.n < MIN_SAMPLE


@dataclass(frozen=True, slots=True)
class OnTime:
    """How those due in a period were answered (K09, K10): in time, late, or not at all."""

    in_time: int
    late: int
    unanswered: int

    @property
    def rate(self) -> Rate:
        """K09 按时办结率."""
        return Rate(self.in_time, self.in_time + self.late + self.unanswered)


def only(facts: Facts, wanted: Callable[[Case], bool]) -> Facts:
    """Return the facts of some of the problems."""
    return Facts(
        facts.cutoff_at, tuple(case for case in facts.cases if wanted(case)), facts.calendar
    )


# ---- how many: K01 = K02 + K03 + K04 + K05 ----


def collected_in(facts: Facts, span: Span) -> Facts:
    """Return the problems of K01: valid at the cut-off and accepted in the period."""
    return only(facts, lambda case: span.holds(case.accepted_at))


def collected(facts: Facts, span: Span) -> int:
    """K01 已收集: the number of valid problems whose `accepted_at` lies in the period."""
    return len(collected_in(facts, span).cases)


def solved(facts: Facts, span: Span) -> int:
    """K02 已解决: of K01, closed or archived with the outcome resolved or partial.

    Left out is whatever the enterprise called unsolved in its last successful revisit, and so
    every unsatisfied finding (T23) with solved=no.
    """
    return sum(_is_solved(case) for case in collected_in(facts, span).cases)


def explained(facts: Facts, span: Span) -> int:
    """K03 已解释说明: of K01, all others that are closed or archived."""
    cases = collected_in(facts, span).cases
    return sum(case.is_closed and not _is_solved(case) for case in cases)


def suspended(facts: Facts, span: Span) -> int:
    """K04 挂账: of K01, suspended at the cut-off."""
    return sum(case.status is Status.SUSPENDED for case in collected_in(facts, span).cases)


def under_way(facts: Facts, span: Span) -> int:
    """K05 正在解决中: K01 less K02, K03 and K04."""
    done = solved(facts, span) + explained(facts, span) + suspended(facts, span)
    return collected(facts, span) - done


def still_open(facts: Facts, span: Span) -> int:
    """Return how many of K01 are open and not suspended, by their states: what K05 must equal."""
    cases = collected_in(facts, span).cases
    return sum(case.status in OPEN and case.status is not Status.SUSPENDED for case in cases)


def carried_over(facts: Facts, span: Span) -> int:
    """上月结转: valid problems accepted before the period and not closed when it began."""
    return sum(
        case.accepted_at < span.begins and not _was_closed(case, span.begins)
        for case in facts.cases
    )


def dispatched(facts: Facts, span: Span) -> int:
    """交办: valid problems handed to a unit in the period (T07, T11), each counted once."""
    return sum(any(span.holds(one.at) for one in case.handed) for case in facts.cases)


def closed(facts: Facts, span: Span) -> int:
    """办结: valid problems closed in the period (T21, T23, T24) and still closed at the cut-off."""
    return sum(span.holds(case.closed_at) for case in facts.cases)


# ---- how well ----


def response_rate(facts: Facts, span: Span) -> Rate:
    """K07 响应率: first contact no later than its deadline, of V whose deadline is in the period.

    What was answered on the spot in the period (T06) counts as met. An enterprise that was not
    called counts as not met.
    """
    due = [case for case in facts.cases if span.holds(case.contact_due_at)]
    met = sum(_in_time(case.contacted_at, case.contact_due_at) for case in due)
    direct = sum(span.holds(case.direct_at) for case in facts.cases if not case.contact_due_at)
    return Rate(met + direct, len(due) + direct)


def on_time(facts: Facts, span: Span) -> OnTime:
    """K09 按时办结率, K10: the first approved answer submitted no later than its deadline.

    Denominator (应办结): V whose deadline of the first round, as it was moved last, lies in the
    period, those carried over included. Left out: suspended at the cut-off; what was answered on
    the spot has no such deadline.
    """
    due = [
        case
        for case in facts.cases
        if span.holds(case.due_at) and case.status is not Status.SUSPENDED
    ]
    in_time = sum(_in_time(case.replied_at, case.due_at) for case in due)
    unanswered = sum(case.replied_at is None for case in due)
    return OnTime(in_time, len(due) - in_time - unanswered, unanswered)


def resolution_rate(facts: Facts, span: Span) -> Rate:
    """K11 解决率（企业确认）: solved=yes, of the last successful revisit of each in the period.

    Partly solved counts nothing (`partial_weight` is 0). Left out: who could not be reached.
    """
    said = [last for case in facts.cases if (last := _last(case.heard, span))]
    return Rate(sum(one.solved is Solved.YES for one in said), len(said))


def satisfaction_rate(facts: Facts, span: Span) -> Rate:
    """K13 满意率: result score of 3 or more, of the last evaluation of each in the period.

    Left out: a revisit without an evaluation (未评价).
    """
    said = _evaluations(facts, span)
    return Rate(sum((one.result or 0) >= SATISFIED for one in said), len(said))


def double_satisfaction_rate(facts: Facts, span: Span) -> Rate:
    """K14 双满意率: result and attitude both 3 or more; the denominator is that of K13."""
    said = _evaluations(facts, span)
    both = sum(min(one.result or 0, one.attitude or 0) >= SATISFIED for one in said)
    return Rate(both, len(said))


def revisit_rate(facts: Facts, span: Span) -> Rate:
    """K16 回访率: revisited since its clock started, of V whose revisit is due in the period.

    Completed is a successful revisit, or one that was given up as unreachable (T24).
    """
    due = [case for case in facts.cases if span.holds(case.revisit_due_at)]
    return Rate(sum(case.revisited for case in due), len(due))


def claimed_rate(facts: Facts, span: Span) -> Rate:
    """K12 实际解决率（承办自报）: outcome resolved, of all that was closed in the period."""
    ended = [case for case in facts.cases if span.holds(case.closed_at)]
    return Rate(sum(case.outcome is Outcome.RESOLVED for case in ended), len(ended))


def mean_stars(facts: Facts, span: Span) -> Mean:
    """K15 平均星级: the mean of the result scores; what is counted is that of K13."""
    said = _evaluations(facts, span)
    return Mean(sum(one.result or 0 for one in said), len(said))


def reached_rate(facts: Facts, span: Span) -> Rate:
    """K17 有效回访率: successful revisits, of those that were completed in the period.

    Completed without success is what was given up as unreachable (T24).
    """
    reached = sum(_last(case.heard, span) is not None for case in facts.cases)
    given_up = sum(any(span.holds(at) for at in case.given_up_ats) for case in facts.cases)
    return Rate(reached, reached + given_up)


def rework_rate(facts: Facts, span: Span) -> Rate:
    """K18 重办率: handled again (T22) in the period, of those heard in it, each counted once."""
    heard = [case for case in facts.cases if _last(case.heard, span)]
    again = sum(any(span.holds(at) for at in case.reworked_ats) for case in heard)
    return Rate(again, len(heard))


def mean_days(facts: Facts, span: Span) -> Mean:
    """K22 平均办结时长: workdays from the dispatch to the first approved answer, the mean.

    Of V answered in the period. Days of suspension are left out, and so is what was answered on
    the spot: it was never dispatched.
    """
    days = [
        _days(case, facts)
        for case in facts.cases
        if span.holds(case.replied_at) and _handed_at(case) is not None
    ]
    return Mean(sum(days), len(days))


def _is_solved(case: Case) -> bool:
    said = case.heard[-1].solved if case.heard else None
    return case.is_closed and case.outcome in SOLVED and said is not Solved.NO


def _was_closed(case: Case, at: datetime) -> bool:
    """Tell whether a problem was closed at a moment, whatever came of it since."""
    closes = [moment for moment in case.closed_ats if moment < at]
    reopens = [moment for moment in case.reopened_ats if moment < at]
    return bool(closes) and (not reopens or max(reopens) < max(closes))


def _in_time(done_at: datetime | None, due_at: datetime | None) -> bool:
    return done_at is not None and due_at is not None and done_at <= due_at


def _last(heard: Iterable[Heard], span: Span) -> Heard | None:
    found = [one for one in heard if span.holds(one.at)]
    return found[-1] if found else None


def _evaluations(facts: Facts, span: Span) -> list[Heard]:
    scored = ([one for one in case.heard if one.result is not None] for case in facts.cases)
    return [last for each in scored if (last := _last(each, span))]


def _handed_at(case: Case) -> datetime | None:
    """Return when it was handed to the unit that answered first."""
    if case.replied_at is None:
        return None
    before = [one.at for one in case.handed if one.at <= case.replied_at]
    return before[-1] if before else None


def _days(case: Case, facts: Facts) -> int:
    handed_at, replied_at = _handed_at(case), case.replied_at
    if handed_at is None or replied_at is None:
        return 0
    paused = sum(
        _workdays(max(one.since, handed_at), min(one.until or replied_at, replied_at), facts)
        for one in case.pauses
        if one.since < replied_at and (one.until is None or one.until > handed_at)
    )
    return max(_workdays(handed_at, replied_at, facts) - paused, 0)


def _workdays(since: datetime, until: datetime, facts: Facts) -> int:
    return facts.calendar.between(clock.local(since).date(), clock.local(until).date())
