"""What the figures of visits are counted from: linkages, tasks, visits, problems of some months."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.enterprises.models import Enterprise, KeyProject, Linkage, Tier
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.tickets.workflow.states import Source, Status
from app.visits import policy
from app.visits.calendar import Month, timely_until
from app.visits.models import AT_THE_FIRM, TaskState, Visit, VisitOutcome, VisitTask
from app.workdays import queries as workdays

#: What was no problem after all, or is none yet (C4.1): every other ticket was found.
NOT_FOUND = (Status.DRAFT, Status.REJECTED, Status.MERGED, Status.CANCELLED)
Target = tuple[str, int]  # ("enterprise" or "project", its id)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which months, up to which moment, and which linkages; an empty field asks nothing."""

    first: Month
    last: Month
    known_at: datetime
    leader_id: int | None = None
    liaison_id: int | None = None
    village_id: int | None = None
    tier: Tier | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it asks for some linkages only."""
        return any(
            wanted is not None
            for wanted in (self.leader_id, self.liaison_id, self.village_id, self.tier)
        )


@dataclass(frozen=True, slots=True)
class TaskFact:
    """What a linkage owed in a month, as it was known."""

    linkage_id: int
    is_done: bool
    is_waived: bool
    is_cancelled: bool
    is_overdue: bool

    @property
    def is_counted(self) -> bool:
        """Whether it is in the denominator."""
        return not (self.is_waived or self.is_cancelled)


@dataclass(frozen=True, slots=True)
class VisitFact:
    """One visit. `linkage_id` is whose it was on its day; None where nobody looked after."""

    linkage_id: int | None
    target: Target
    counts: bool
    led: bool
    is_timely: bool
    problems: int
    in_person: bool = True  # somebody went there, and met somebody


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the figures are counted from.

    `reached` are the targets with a visit that counts, `waived` those of which nothing but
    waived visits was owed.
    """

    scope: Scope
    links: Sequence[Linkage]
    tasks: Sequence[TaskFact]
    visits: Sequence[VisitFact]
    reached: frozenset[Target]
    waived: frozenset[Target]

    def of(self, links: Collection[Linkage]) -> "Facts":
        """Return what belongs to some linkages; to none of them: what belongs to nobody."""
        ids = {link.id for link in links}
        return replace(
            self,
            links=tuple(links),
            tasks=[task for task in self.tasks if task.linkage_id in ids],
            visits=[
                visit
                for visit in self.visits
                if (visit.linkage_id in ids if ids else visit.linkage_id is None)
            ],
        )

    def stands(self, link: Linkage) -> bool:
        """Tell whether a linkage holds on the last day of the months."""
        return link.is_active_on(self.scope.last.last)

    @staticmethod
    def target(link: Linkage) -> Target:
        """Return whom a linkage looks after."""
        return target_of(link)


def target_of(what: Linkage | Visit) -> Target:
    """Return whom a linkage or a visit is about."""
    return _target(what.enterprise_id, what.project_id)


def read(scope: Scope, *, viewer: Actor, named: bool = True) -> Facts:
    """Return what is known within a scope, of what the viewer may count; four statements.

    Visits that were nobody's are counted only where everything is. The linkages bring along
    whom they are about, unless they need not be `named`.
    """
    asked = select(Linkage).where(_within(scope, viewer)).order_by(Linkage.id)
    links = db.session.scalars(_with_names(asked) if named else asked).all()
    tasks = [_task(row, scope) for row in db.session.execute(_tasks(scope, viewer))]
    visits = _visits(scope, links, viewer=viewer)
    strays = policy.may_see_all(viewer) and not scope.is_narrow
    return Facts(
        scope=scope,
        links=links,
        tasks=tasks,
        visits=[visit for visit in visits if strays or visit.linkage_id is not None],
        reached=frozenset(visit.target for visit in visits if visit.counts),
        waived=_waived(links, tasks),
    )


def _target(enterprise_id: int | None, project_id: int | None) -> Target:
    if enterprise_id is not None:
        return "enterprise", enterprise_id
    return "project", project_id or 0


def _waived(links: Iterable[Linkage], tasks: Iterable[TaskFact]) -> frozenset[Target]:
    targets = {link.id: target_of(link) for link in links}
    owed = [task for task in tasks if not task.is_cancelled and task.linkage_id in targets]
    waived = {targets[task.linkage_id] for task in owed if task.is_waived}
    return frozenset(waived - {targets[task.linkage_id] for task in owed if not task.is_waived})


# ---- whose ----


def _within(scope: Scope, viewer: Actor) -> ColumnElement[bool]:
    """Return the condition of being a linkage within the scope that the viewer may count."""
    wanted = [
        policy.counted_by(viewer),
        Linkage.valid_from <= scope.last.last,
        or_(Linkage.valid_to.is_(None), Linkage.valid_to >= scope.first.first),
    ]
    if scope.leader_id is not None:
        wanted.append(Linkage.leader_id == scope.leader_id)
    if scope.liaison_id is not None:
        wanted.append(Linkage.liaison_id == scope.liaison_id)
    if scope.tier is not None:
        wanted.append(Linkage.tier == scope.tier)
    if scope.village_id is not None:
        wanted.append(_lies_in(scope.village_id))
    return and_(*wanted)


def _lies_in(village_id: int) -> ColumnElement[bool]:
    there = Enterprise.village_id == village_id
    builds = KeyProject.enterprise.has(there)
    return or_(Linkage.enterprise.has(there), Linkage.project.has(builds))


def _with_names(asked: Select[Linkage]) -> Select[Linkage]:
    return asked.options(
        joinedload(Linkage.leader),
        joinedload(Linkage.liaison),
        joinedload(Linkage.enterprise).joinedload(Enterprise.village),
        joinedload(Linkage.project)
        .joinedload(KeyProject.enterprise)
        .joinedload(Enterprise.village),
    )


# ---- tasks ----


def _tasks(scope: Scope, viewer: Actor) -> Select[*tuple[Any, ...]]:
    ids = select(Linkage.id).where(_within(scope, viewer))
    return (
        select(
            VisitTask.linkage_id,
            VisitTask.state,
            VisitTask.due_on,
            VisitTask.exempt_decided_at,
            Visit.recorded_at,
        )
        .outerjoin(Visit, Visit.id == VisitTask.visit_id)
        .where(VisitTask.tenant_id == viewer.tenant_id)
        .where(VisitTask.period.between(scope.first.period, scope.last.period))
        .where(VisitTask.linkage_id.in_(ids))
        .order_by(VisitTask.id)
    )


def _task(row: Row[Any], scope: Scope) -> TaskFact:
    done = row.state is TaskState.DONE and _known(row.recorded_at, scope)
    waived = row.state is TaskState.EXEMPT and _known(row.exempt_decided_at, scope)
    cancelled = row.state is TaskState.CANCELLED
    passed = row.due_on < clock.local(scope.known_at).date()
    return TaskFact(
        linkage_id=row.linkage_id,
        is_done=done,
        is_waived=waived,
        is_cancelled=cancelled,
        is_overdue=passed and not (done or waived or cancelled),
    )


def _known(at: datetime | None, scope: Scope) -> bool:
    """Tell whether what was written down at a moment was known; what has none always was."""
    return at is None or at < scope.known_at


# ---- visits ----


def _visits(scope: Scope, links: Sequence[Linkage], *, viewer: Actor) -> Sequence[VisitFact]:
    """Return the visits to the targets of `links`, also those made while somebody else had them."""
    by_target: dict[Target, list[Linkage]] = {}
    for link in links:
        by_target.setdefault(target_of(link), []).append(link)
    asked = _asked_visits(scope, viewer)
    problems = _problems(asked, scope, viewer)
    until = _Until(viewer.tenant_id)
    found = []
    for row in db.session.execute(asked):
        target = _target(row.enterprise_id, row.project_id)
        whose = _whose(by_target.get(target, ()), row.visited_on)
        fact = VisitFact(
            linkage_id=whose.id if whose else None,
            target=target,
            counts=row.counts,
            led=row.leader_present,
            is_timely=clock.local(row.recorded_at).date() <= until[row.visited_on],
            problems=problems.get(row.id, 0),
            in_person=row.mode in AT_THE_FIRM and row.outcome is VisitOutcome.VISITED,
        )
        found.append(fact)
    return found


def _asked_visits(scope: Scope, viewer: Actor) -> Select[*tuple[Any, ...]]:
    """Return the visits of the months; of the targets within the scope, if it has bounds."""
    asked = select(
        Visit.id,
        Visit.enterprise_id,
        Visit.project_id,
        Visit.visited_on,
        Visit.recorded_at,
        Visit.counts,
        Visit.leader_present,
        Visit.mode,
        Visit.outcome,
    ).where(
        Visit.tenant_id == viewer.tenant_id,
        Visit.visited_on.between(scope.first.first, scope.last.last),
        Visit.recorded_at < scope.known_at,
    )
    if policy.may_see_all(viewer) and not scope.is_narrow:
        return asked
    within = _within(scope, viewer)
    return asked.where(
        or_(
            Visit.enterprise_id.in_(select(Linkage.enterprise_id).where(within)),
            Visit.project_id.in_(select(Linkage.project_id).where(within)),
        )
    )


def _whose(links: Sequence[Linkage], day: date) -> Linkage | None:
    """Return the linkage that holds on a day; of several the one that began last."""
    holding = [link for link in links if link.is_active_on(day)]
    return max(holding, key=lambda link: (link.valid_from, link.id)) if holding else None


def _problems(visits: Select[*tuple[Any, ...]], scope: Scope, viewer: Actor) -> dict[int, int]:
    """Return how many problems came of each visit, of those that the viewer may know of."""
    counted = db.session.execute(
        select(Ticket.visit_id, func.count())
        .where(tickets_policy.visible_to(viewer))
        .where(Ticket.visit_id.in_(visits.with_only_columns(Visit.id)))
        .where(Ticket.source == Source.VISIT, Ticket.status.not_in(NOT_FOUND))
        .where(Ticket.submitted_at < scope.known_at)
        .group_by(Ticket.visit_id)
    )
    return {visit_id or 0: number for visit_id, number in counted}


class _Until(dict[date, date]):
    """The last day on which a visit of each day is recorded in time; asked once for each day."""

    def __init__(self, tenant_id: int) -> None:
        super().__init__()
        self._calendar = workdays.calendar_of(tenant_id)

    def __missing__(self, day: date) -> date:
        self[day] = timely_until(day, self._calendar)
        return self[day]
