"""What enterprises say of a unit: sums and reasons for the unit, all of it for the office."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, select

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.private import without_traces
from app.core.spans import Span
from app.enterprises.models import Enterprise
from app.reports import policy
from app.reports.queries.suppression import LEAST, Group, blocks, merged
from app.tickets.models import Category, Dispatch, Revisit, Ticket, called
from app.tickets.queries import figures
from app.tickets.queries.figures import Mean, Rate
from app.tickets.workflow.ratings import SATISFIED
from app.tickets.workflow.states import UNCOUNTED, Solved
from app.visits.calendar import Month
from app.workdays import queries as workdays

INSTANT = timedelta(microseconds=1)  # what happened this very moment belongs to the year
SHOWN = 12  # blocks, the newest first


@dataclass(frozen=True, slots=True)
class Answer:
    """The last that one enterprise said of one ticket in a block of months."""

    ticket_id: int
    at: datetime
    category: str
    solved: Solved | None
    score: int | None
    reasons: tuple[str, ...]
    words: str
    category_en: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole months of one unit, with at least five answers."""

    since: Month
    until: Month
    asked: int
    answered: int
    resolution: Rate
    satisfaction: Rate
    groups: tuple[Group, ...]  # by category; with one alone the total says it all
    reasons: tuple[Group, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitRated:
    """What the office reads of one unit this year."""

    name: str
    asked: int
    answered: int
    resolution: Rate
    satisfaction: Rate
    reasons: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Overall:
    """K11 to K18 of the township this year."""

    rates: dict[str, Rate]
    stars: Mean


#: K11 to K18 but the mean: each with its n and d.
RATES = {
    "K11": figures.resolution_rate,
    "K12": figures.claimed_rate,
    "K13": figures.satisfaction_rate,
    "K14": figures.double_satisfaction_rate,
    "K16": figures.revisit_rate,
    "K17": figures.reached_rate,
    "K18": figures.rework_rate,
}


def overall(viewer: Actor) -> Overall:
    """Return K11 to K18 of this year so far."""
    policy.require_all_ratings(viewer)
    span = _this_year()
    facts = figures.read(viewer.tenant_id, span, workdays.calendar_of(viewer.tenant_id))
    rates = {name: rated(facts, span) for name, rated in RATES.items()}
    return Overall(rates, figures.mean_stars(facts, span))


def by_unit(viewer: Actor) -> list[UnitRated]:
    """Return what was said of each unit this year, for the office: nothing is held back."""
    policy.require_all_ratings(viewer)
    span = _this_year()
    names = dict(_names(viewer.tenant_id))
    rows = [row for row in _rows(viewer.tenant_id) if span.holds(row.at)]
    found = []
    for unit_id in sorted({row.unit_id for row in rows if row.unit_id}):
        own = [row for row in rows if row.unit_id == unit_id]
        said = _last(own)
        found.append(
            UnitRated(
                name=names.get(unit_id, ""),
                asked=len({row.ticket_id for row in own}),
                answered=len(said),
                resolution=_resolution(said),
                satisfaction=_satisfaction(said),
                reasons=_by_reason(said),
            )
        )
    return found


def of_unit(viewer: Actor) -> list[Block]:
    """Return what the viewer's own unit may know: blocks of whole months, the newest first.

    What is confidential is left out: few read it, and a sum by unit would tell whose it is.
    """
    unit_id = policy.rated_unit(viewer)
    rows = [row for row in _rows(viewer.tenant_id, unit_id=unit_id) if not row.confidential]
    if not rows:
        return []
    first, present = _month(rows[0].at), Month.of(clock.today())
    months: list[Month] = []
    while first.period < present.period:
        months.append(first)
        first = first.following
    of = {month.period: [row for row in rows if _month(row.at) == month] for month in months}
    answered = [_last(of[month.period]) for month in months]
    found = [
        _block(
            months[since],
            months[until],
            [r for m in months[since : until + 1] for r in of[m.period]],
        )
        for since, until, _held in blocks(answered)
    ]
    return [one for one in found if one.answered >= LEAST][::-1][:SHOWN]


def _block(since: Month, until: Month, rows: Sequence[Any]) -> Block:
    said = _last(rows)
    groups = _safe_scores(merged(_by_category(said)))
    satisfaction = _satisfaction(said)
    worded = [one for one in said if one.words]
    return Block(
        since=since,
        until=until,
        asked=len({row.ticket_id for row in rows}),
        answered=len(said),
        resolution=_resolution(said),
        satisfaction=satisfaction if satisfaction.d >= LEAST else Rate(0, 0),
        groups=_called(groups, said) if len(groups) > 1 else (),
        reasons=merged(_by_reason(said)),
        words=_plain(worded, rows) if len(worded) >= LEAST else (),
    )


def _called(groups: tuple[Group, ...], said: Sequence[Answer]) -> tuple[Group, ...]:
    """Return the groups under names for whoever reads now.

    Which are merged was decided before: both languages show the same groups, or what one
    leaves out could be taken off the other.
    """
    names = {one.category: called(one.category, one.category_en) for one in said}
    return tuple(replace(one, label=names.get(one.label, one.label)) for one in groups)


def _safe_scores(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """Return the groups without any scores where fewer than five of one gave a score.

    Of one group alone they could be taken off the total.
    """
    if all(one.scored >= LEAST for one in groups):
        return groups
    return tuple(replace(one, scored=0, satisfied=0) for one in groups)


def _rows(tenant_id: int, *, unit_id: int | None = None) -> list[Any]:
    """Return every call with the unit that led when it was made: one statement."""
    led = (
        select(Dispatch.lead_unit_id)
        .where(Dispatch.ticket_id == Revisit.ticket_id, Dispatch.dispatched_at <= Revisit.at)
        .order_by(Dispatch.id.desc())
        .limit(1)
        .correlate(Revisit)
        .scalar_subquery()
    )
    found: Select[*tuple[Any, ...]] = (
        select(
            Revisit.ticket_id,
            Revisit.at,
            Revisit.reached,
            Revisit.solved,
            Revisit.result_score,
            Revisit.reasons,
            Revisit.words,
            Revisit.said_by,
            led.label("unit_id"),
            Category.name.label("category"),
            Category.name_en.label("category_en"),
            Ticket.confidential,
            Ticket.contact_name,
            Ticket.number,
            Enterprise.name.label("firm"),
            Enterprise.short_name.label("firm_short"),
        )
        .join(Ticket, Ticket.id == Revisit.ticket_id)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .where(Ticket.tenant_id == tenant_id, Ticket.status.not_in(UNCOUNTED))
        .order_by(Revisit.at, Revisit.id)
    )
    if unit_id is not None:
        found = found.where(led == unit_id)
    return list(db.session.execute(found).all())


def _names(tenant_id: int) -> Iterable[tuple[int, str]]:
    found = select(OrgUnit.id, OrgUnit.name).where(OrgUnit.tenant_id == tenant_id)
    return [(id_, name) for id_, name in db.session.execute(found)]


def _last(rows: Iterable[Any]) -> list[Answer]:
    """Return the last that was heard of each ticket (K11)."""
    heard = {
        row.ticket_id: Answer(
            row.ticket_id,
            row.at,
            row.category or "",
            row.solved,
            row.result_score,
            tuple(row.reasons or ()),
            row.words.strip(),
            row.category_en or "",
        )
        for row in rows
        if row.reached
    }
    return list(heard.values())


def _resolution(said: Sequence[Answer]) -> Rate:
    return Rate(sum(one.solved is Solved.YES for one in said), len(said))


def _satisfaction(said: Sequence[Answer]) -> Rate:
    scored = [one.score for one in said if one.score is not None]
    return Rate(sum(score >= SATISFIED for score in scored), len(scored))


def _by_category(said: Sequence[Answer]) -> list[Group]:
    found = []
    for label in {one.category for one in said}:
        own = [one for one in said if one.category == label]
        solved, rated = _resolution(own), _satisfaction(own)
        found.append(Group(label, len(own), solved.n, rated.d, rated.n))
    return found


def _by_reason(said: Sequence[Answer]) -> tuple[Group, ...]:
    counted = Counter(code for one in said for code in one.reasons)
    return tuple(Group(code, n) for code, n in counted.most_common())


def _plain(worded: Sequence[Answer], rows: Sequence[Any]) -> tuple[str, ...]:
    """Return the words without names and numbers, in an order that says nothing of when."""
    names = {
        name.strip()
        for row in rows
        for name in (row.firm, row.firm_short, row.contact_name, row.said_by, row.number)
        if name and name.strip()
    }
    return tuple(sorted(without_traces(one.words, names) for one in worded))


def _month(at: datetime) -> Month:
    return Month.of(clock.local(at).date())


def _this_year() -> Span:
    begins = clock.at(clock.today().replace(month=1, day=1), time.min)
    return Span(begins, clock.now() + INSTANT)
