"""What enterprises say of a unit: sums and reasons for the unit, all of it for the office.

Whoever of the office is rated themselves, by `is_rated`, reads of their own unit what it reads,
and of all others what the office reads: no ticket that rates them stands in any other sum.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, exists, select

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.spans import Span
from app.reports import policy
from app.reports.queries.suppression import LEAST, Group, blocks, merged
from app.tickets import policy as tickets
from app.tickets.models import Category, Dispatch, Revisit, Ticket, TicketEvent, called
from app.tickets.queries import figures
from app.tickets.queries.figures import Mean, Rate
from app.tickets.workflow.ratings import SATISFIED
from app.tickets.workflow.states import UNCOUNTED, Note, Solved
from app.visits.calendar import Month
from app.workdays import queries as workdays

INSTANT = timedelta(microseconds=1)  # what happened this very moment belongs to the year
SHOWN = 12  # blocks, the newest first


@dataclass(frozen=True, slots=True)
class Answer:
    """The last that one enterprise said of one ticket in a block of months."""

    ticket_id: int
    firm_id: int
    category: str
    solved: Solved | None
    score: int | None
    reasons: tuple[str, ...]
    category_en: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole months of one unit, in which at least five firms answered."""

    since: Month
    until: Month
    asked: int
    answered: int
    resolution: Rate
    satisfaction: Rate
    groups: tuple[Group, ...]  # by category; with one alone the total says it all
    reasons: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody of the office reads of a unit in which they have a seat themselves."""

    name: str
    blocks: tuple[Block, ...]


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
    """K11 to K18 of the township this year; `is_partial` without what rates the reader."""

    rates: dict[str, Rate]
    stars: Mean
    is_partial: bool = False


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
    """Return K11 to K18 of this year so far, of all that does not rate the viewer."""
    policy.require_all_ratings(viewer)
    span = _this_year()
    facts = figures.read(viewer.tenant_id, span, workdays.calendar_of(viewer.tenant_id))
    own = _rating(viewer)
    others = figures.only(facts, lambda case: case.id not in own)
    rates = {name: rated(others, span) for name, rated in RATES.items()}
    return Overall(rates, figures.mean_stars(others, span), is_partial=bool(own))


def by_unit(viewer: Actor) -> list[UnitRated]:
    """Return what was said of each unit this year, for the office: nothing is held back.

    But what rates the viewer: that they read as their unit does.
    """
    policy.require_all_ratings(viewer)
    span, own = _this_year(), _rating(viewer)
    names = dict(_names(viewer.tenant_id))
    rows = [row for row in _rows(viewer.tenant_id) if span.holds(row.at)]
    rows = [row for row in rows if row.ticket_id not in own]
    found = []
    for unit_id in sorted({row.unit_id for row in rows if row.unit_id}):
        of_it = [row for row in rows if row.unit_id == unit_id]
        said = _last(of_it)
        found.append(
            UnitRated(
                name=names.get(unit_id, ""),
                asked=len({row.ticket_id for row in of_it}),
                answered=len(said),
                resolution=_resolution(said),
                satisfaction=_satisfaction(said),
                reasons=_by_reason(said),
            )
        )
    return found


def own_units(viewer: Actor) -> list[Own]:
    """Return what somebody of the office reads of the units where they have a seat: as these do."""
    policy.require_all_ratings(viewer)
    names = dict(_names(viewer.tenant_id))
    units = tickets.units_of(viewer, policy.RATED)
    return [Own(names[id_], tuple(_blocks(viewer.tenant_id, id_))) for id_ in sorted(units)]


def _rating(viewer: Actor) -> frozenset[int]:
    """Return the ids of the tickets by which somebody was asked about the viewer's own work."""
    found = (
        select(Ticket.id)
        .where(Ticket.tenant_id == viewer.tenant_id, tickets.rates(viewer))
        .where(exists().where(Revisit.ticket_id == Ticket.id))
    )
    return frozenset(db.session.scalars(found))


def rates_in(viewer: Actor, span: Span) -> bool:
    """Tell whether an enterprise that was reached in `span` has rated the viewer's own work."""
    found = (
        select(Ticket.id)
        .join(Revisit, Revisit.ticket_id == Ticket.id)
        .where(Ticket.tenant_id == viewer.tenant_id, tickets.rates(viewer))
        .where(Revisit.reached.is_(True), Revisit.at >= span.begins, Revisit.at < span.ends)
    )
    return db.session.scalar(found.limit(1)) is not None


def of_unit(viewer: Actor) -> list[Block]:
    """Return what the viewer's own unit may know: blocks of whole months, the newest first."""
    return _blocks(viewer.tenant_id, policy.rated_unit(viewer))


def _blocks(tenant_id: int, unit_id: int) -> list[Block]:
    """Return the blocks of a unit, as all was known when the last month of each was over.

    What was confidential then is left out: few read it, and a sum by unit would tell whose it is.
    What became of a ticket later changes no block, for the difference would be this one answer.
    """
    rows = _rows(tenant_id, unit_id=unit_id)
    if not rows:
        return []
    first, present = _month(rows[0].at), Month.of(clock.today())
    months: list[Month] = []
    while first.period < present.period:
        months.append(first)
        first = first.following
    hidden = _hidings({row.ticket_id for row in rows})

    def asked(since: int, until: int) -> list[Any]:
        whole = Span(_span(months[since]).begins, _span(months[until]).ends)
        return [
            row
            for row in rows
            if whole.holds(row.at) and not _was_hidden(row, hidden, by=whole.ends)
        ]

    found = blocks(len(months), lambda s, u: _last(asked(s, u)), lambda one: one.firm_id)
    return [
        _block(months[since], months[until], asked(since, until), said)
        for since, until, said in found
    ][::-1][:SHOWN]


def _span(month: Month) -> Span:
    return Span(clock.at(month.first, time.min), clock.at(month.following.first, time.min))


def _hidings(ticket_ids: Iterable[int]) -> dict[int, list[tuple[datetime, bool]]]:
    """Return when tickets were made confidential (True) or open again, the oldest first."""
    found = (
        select(TicketEvent.ticket_id, TicketEvent.at, TicketEvent.kind)
        .where(TicketEvent.ticket_id.in_(ticket_ids))
        .where(TicketEvent.kind.in_([Note.MADE_CONFIDENTIAL, Note.MADE_OPEN]))
        .order_by(TicketEvent.id)
    )
    told: dict[int, list[tuple[datetime, bool]]] = {}
    for ticket_id, at, kind in db.session.execute(found):
        told.setdefault(ticket_id, []).append((at, kind == Note.MADE_CONFIDENTIAL))
    return told


def _was_hidden(row: Any, hidden: Mapping[int, Any], *, by: datetime) -> bool:  # noqa: ANN401 - a row
    """Tell whether a ticket was confidential at a moment: what came next turned it round."""
    later = [became for at, became in hidden.get(row.ticket_id, ()) if at >= by]
    return not later[0] if later else bool(row.confidential)


def _block(since: Month, until: Month, rows: Sequence[Any], said: Sequence[Answer]) -> Block:
    groups = _safe_scores(merged(_by_category(said)))
    scorers = {one.firm_id for one in said if one.score is not None}
    return Block(
        since=since,
        until=until,
        asked=len({row.ticket_id for row in rows}),
        answered=len(said),
        resolution=_resolution(said),
        satisfaction=_satisfaction(said) if len(scorers) >= LEAST else Rate(0, 0),
        groups=_called(groups, said) if len(groups) > 1 else (),
        reasons=merged(_by_reason(said)),
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
    if all(len(one.scorers) >= LEAST for one in groups):
        return groups
    return tuple(replace(one, scored=0, satisfied=0) for one in groups)


def _rows(tenant_id: int, *, unit_id: int | None = None) -> list[Any]:
    """Return every call with the unit that led when it was made: one statement.

    Of one unit also what was cancelled since: it was valid when it was rated.
    """
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
            led.label("unit_id"),
            Category.name.label("category"),
            Category.name_en.label("category_en"),
            Ticket.confidential,
            Ticket.enterprise_id.label("firm_id"),
        )
        .join(Ticket, Ticket.id == Revisit.ticket_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .where(Ticket.tenant_id == tenant_id)
        .order_by(Revisit.at, Revisit.id)
    )
    if unit_id is None:
        found = found.where(Ticket.status.not_in(UNCOUNTED))
    else:
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
            row.firm_id,
            row.category or "",
            row.solved,
            row.result_score,
            tuple(row.reasons or ()),
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
        found.append(
            Group(
                label,
                len(own),
                firms=frozenset(one.firm_id for one in own),
                solved=solved.n,
                scored=rated.d,
                satisfied=rated.n,
                scorers=frozenset(one.firm_id for one in own if one.score is not None),
            )
        )
    return found


def _by_reason(said: Sequence[Answer]) -> tuple[Group, ...]:
    counted = Counter(code for one in said for code in one.reasons)
    return tuple(
        Group(code, n, firms=frozenset(one.firm_id for one in said if code in one.reasons))
        for code, n in counted.most_common()
    )


def _month(at: datetime) -> Month:
    return Month.of(clock.local(at).date())


def _this_year() -> Span:
    begins = clock.at(clock.today().replace(month=1, day=1), time.min)
    return Span(begins, clock.now() + INSTANT)
