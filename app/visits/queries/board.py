"""The board of a month: every target, who is missing, and since when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.enterprises.models import Enterprise, Linkage, Tier
from app.visits import policy
from app.visits.calendar import Month
from app.visits.models import TaskState, Visit, VisitTask
from app.visits.queries.coverage import (
    KEYS,
    CoverageFilter,
    Group,
    cut_off,
    facts_of,
    figures_of,
    groups_of,
    village_of,
)
from app.visits.queries.facts import Facts, target_of
from app.visits.queries.figures import Coverage
from app.visits.queries.history import newest

ORDER = (TaskState.OVERDUE, TaskState.PLANNED, TaskState.DONE, TaskState.EXEMPT)


class Standing(LabelledEnum):
    """How a target stands in a month."""

    MISSING = "missing", N_("未访")
    DONE = "done", N_("已访")
    EXEMPT = "exempt", N_("免访")
    NONE = "none", N_("本月没有任务")


class Order(StrEnum):
    """In which order the targets are listed; none is an order of merit."""

    SINCE = "since"  # the longest not visited in front
    PLANNED = "planned"
    TEAM = "team"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Line:
    """One target of a month. `as_of` is the day on which its days are counted."""

    linkage: Linkage
    standing: Standing
    as_of: date
    task: VisitTask | None
    last: Visit | None  # that counts
    contact: Visit | None  # of any kind
    may_open: bool  # whether the viewer may look at these visits

    @property
    def name(self) -> str:
        """Whom to visit, as it is called in lists."""
        return self.linkage.target.called

    @property
    def village(self) -> str:
        """Where it lies."""
        village = village_of(self.linkage)
        return village.name if village else ""

    @property
    def is_missing(self) -> bool:
        """Whether a visit is owed that was not made."""
        return self.standing is Standing.MISSING

    @property
    def since(self) -> date:
        """The day of the last visit that counts; of a target never visited, of its linkage."""
        return self.last.visited_on if self.last else self.linkage.valid_from

    @property
    def days(self) -> int:
        """How many days have passed since then."""
        return max((self.as_of - self.since).days, 0)

    @property
    def quiet_days(self) -> int | None:
        """How many days have passed since anybody spoke with it; None where nobody ever did."""
        return max((self.as_of - self.contact.visited_on).days, 0) if self.contact else None


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the breakdown: its figures, and how each of its targets stands."""

    group: Group
    named: User | OrgUnit | Tier | None  # what its targets have in common
    lines: Sequence[Line]

    @property
    def figures(self) -> Coverage:
        """V1 to V6 of the group."""
        return self.group.figures


@dataclass(frozen=True, slots=True)
class Board:
    """A month: its figures now, at its end and of the year so far, and all of its targets.

    `at_end` is None while the month runs, and where nothing was recorded late.
    """

    month: Month
    figures: Coverage
    at_end: Coverage | None
    year: Coverage
    parts: Sequence[Part]
    lines: Sequence[Line]

    def of(self, standing: Standing) -> list[Line]:
        """Return the targets that stand so."""
        return [line for line in self.lines if line.standing is standing]

    @property
    def missing(self) -> list[Line]:
        """The targets with a visit that is owed."""
        return self.of(Standing.MISSING)


def board(
    period: str,
    *,
    viewer: Actor,
    asked: CoverageFilter | None = None,
    by: str = "leader",
    order: Order = Order.SINCE,
) -> Board:
    """Return the board of a month, of what the viewer may count; a fixed number of statements."""
    month = Month.read(period)
    facts = facts_of(period, viewer=viewer, asked=asked)
    year = facts_of(period, viewer=viewer, asked=asked, since=f"{month.year:04}-01")
    figures = figures_of(facts)
    lines = _lines(facts, month, viewer=viewer)
    of_link = {line.linkage.id: line for line in lines}
    parts = [
        Part(
            group,
            _NAMED[by](group.links[0]) if group.links else None,
            [of_link[link.id] for link in group.links if link.id in of_link],
        )
        for group in groups_of(facts, KEYS[by])
    ]
    return Board(
        month=month,
        figures=figures,
        at_end=_at_end(period, figures, viewer=viewer, asked=asked),
        year=figures_of(year),
        parts=sorted(
            (part for part in parts if part.lines or not part.group.links), key=_in_team_order
        ),
        lines=sorted(lines, key=_SORTED[order]),
    )


def people_of_board(viewer: Actor) -> tuple[Sequence[User], Sequence[User]]:
    """Return the leaders and the liaison officers by whom the board may be narrowed."""
    found = []
    for column in (Linkage.leader_id, Linkage.liaison_id):
        theirs = select(column).where(policy.counted_by(viewer))
        found.append(db.session.scalars(select(User).where(User.id.in_(theirs)).order_by(User.id)))
    leaders, liaisons = (rows.all() for rows in found)
    return leaders, liaisons


def _at_end(
    period: str, now: Coverage, *, viewer: Actor, asked: CoverageFilter | None
) -> Coverage | None:
    """Return the figures as they were known at the end of the month, if they were others."""
    if Month.read(period).ends_at > clock.now():
        return None
    facts = facts_of(period, viewer=viewer, asked=asked, known_at=cut_off(period))
    then = figures_of(facts)
    return None if then == now else then


def _lines(facts: Facts, month: Month, *, viewer: Actor) -> list[Line]:
    """Return one line for each linkage that owes something, or holds at the end of the month."""
    tasks = _tasks(facts, month, viewer)
    links = [link for link in facts.links if link.id in tasks or facts.stands(link)]
    as_of = min(clock.today(), month.last)
    targets = (
        {link.enterprise_id for link in links if link.enterprise_id},
        {link.project_id for link in links if link.project_id},
    )
    until = Visit.visited_on <= as_of
    last = newest(*targets, Visit.counts.is_(True), until)
    contact = newest(*targets, until)
    sees_all = policy.may_see_all(viewer)
    return [
        Line(
            linkage=link,
            standing=_standing(tasks.get(link.id)),
            as_of=as_of,
            task=tasks.get(link.id),
            last=last.get(target_of(link)),
            contact=contact.get(target_of(link)),
            may_open=sees_all or link.is_active_on(clock.today()),
        )
        for link in links
    ]


def _tasks(facts: Facts, month: Month, viewer: Actor) -> dict[int, VisitTask]:
    """Return of each linkage the task that says how it stands: one that is owed before others."""
    ids = {link.id for link in facts.links}
    found: dict[int, VisitTask] = {}
    rows = db.session.scalars(
        select(VisitTask)
        .where(VisitTask.tenant_id == viewer.tenant_id, VisitTask.period == month.period)
        .where(VisitTask.state.in_(ORDER))
        .order_by(VisitTask.seq)
    ).all()
    for task in sorted(rows, key=lambda task: ORDER.index(task.state)):
        if task.linkage_id in ids:
            found.setdefault(task.linkage_id, task)
    return found


def _standing(task: VisitTask | None) -> Standing:
    if task is None:
        return Standing.NONE
    if task.is_done:
        return Standing.DONE
    return Standing.EXEMPT if task.is_waived else Standing.MISSING


def _by_name(line: Line) -> tuple[str, int]:
    target = line.linkage.target
    return (target.pinyin if isinstance(target, Enterprise) else target.name, line.linkage.id)


def _by_plan(line: Line) -> tuple[bool, date, int]:
    planned = line.task.planned_on if line.task else None
    return (planned is None, planned or date.max, line.linkage.id)


_NAMED: Mapping[str, Callable[[Linkage], User | OrgUnit | Tier | None]] = {
    "leader": lambda link: link.leader,
    "liaison": lambda link: link.liaison,
    "village": village_of,
    "tier": lambda link: link.tier,
}
_SORTED: Mapping[Order, Callable[[Line], Any]] = {
    Order.SINCE: lambda line: (line.since, line.last is not None, line.linkage.id),
    Order.PLANNED: _by_plan,
    Order.TEAM: lambda line: (line.linkage.leader_id, line.linkage.id),
    Order.NAME: _by_name,
}


def _in_team_order(part: Part) -> tuple[bool, int, int]:
    """Sort the rows of a breakdown as the team, the villages and the tiers are listed."""
    named = part.named
    if named is None:
        return True, not part.group.links, 0
    if isinstance(named, OrgUnit):
        return False, named.sort_order, named.id
    return False, named.id if isinstance(named, User) else list(Tier).index(named), 0
