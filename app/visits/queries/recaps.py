"""A month of the whole township: who lags behind, and what came of its visits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import time

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.spans import Span
from app.enterprises.models import Enterprise, KeyProject, Linkage
from app.tickets.queries import figures
from app.visits.calendar import Month
from app.visits.models import TaskState, VisitTask
from app.visits.queries.coverage import coverage
from app.visits.queries.figures import Share
from app.visits.queries.history import GOES
from app.workdays import queries as workdays

MOST = 200  # targets that one letter lists


@dataclass(frozen=True, slots=True)
class Laggard:
    """A leader, and which of their targets nobody has visited."""

    leader: str
    targets: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lagging:
    """How many targets of a month nobody has visited, by leader; beyond MOST only counted."""

    total: int
    leaders: Sequence[Laggard]

    @property
    def unlisted(self) -> int:
        """How many are counted and not named."""
        return self.total - sum(len(one.targets) for one in self.leaders)

    @property
    def names(self) -> Sequence[str]:
        """The targets that are named."""
        return [name for one in self.leaders for name in one.targets]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done in a month (V1, V2), and what problems it brought (K01, K02)."""

    tasks: Share
    targets: Share
    collected: int
    solved: int


def lagging(tenant_id: int, period: str, states: Collection[TaskState]) -> Lagging:
    """Return whose targets of a month are in one of `states`."""
    here = and_(
        VisitTask.tenant_id == tenant_id, VisitTask.period == period, VisitTask.state.in_(states)
    )
    counted = select(func.count(func.distinct(VisitTask.linkage_id))).where(here)
    leader, liaison = aliased(User), aliased(User)
    found = (
        select(
            Linkage.leader_id,
            leader.name.label("leader"),
            liaison.name.label("liaison"),
            func.coalesce(func.nullif(Enterprise.short_name, ""), Enterprise.name).label("firm"),
            KeyProject.name.label("project"),
        )
        .select_from(Linkage)
        .join(leader, leader.id == Linkage.leader_id)
        .outerjoin(liaison, liaison.id == Linkage.liaison_id)
        .outerjoin(Enterprise, Enterprise.id == Linkage.enterprise_id)
        .outerjoin(KeyProject, KeyProject.id == Linkage.project_id)
        .where(Linkage.id.in_(select(VisitTask.linkage_id).where(here)))
        .order_by(Linkage.leader_id, Linkage.id)
        .limit(MOST)
    )
    by_leader: dict[int, Laggard] = {}
    for line in db.session.execute(found):
        name = line.firm or f"{line.project}（项目）"
        told = f"{name}（联络员 {line.liaison}）" if line.liaison else name
        lags = by_leader.get(line.leader_id, Laggard(line.leader, ()))
        by_leader[line.leader_id] = Laggard(line.leader, (*lags.targets, told))
    return Lagging(db.session.scalar(counted) or 0, tuple(by_leader.values()))


def summary(tenant_id: int, month: Month) -> Summary:
    """Return what was done in a month of the township; waived tasks are not counted.

    The problems are those of the month's report, as they stood at its end.
    """
    whole = Actor(tenant_id=tenant_id, user_id=None, role=Role.CHIEF)  # who counts all of it
    made = coverage(month.period, viewer=whole)
    span = Span(clock.at(month.first, time()), month.ends_at)
    facts = figures.read(tenant_id, span, workdays.calendar_of(tenant_id))
    return Summary(
        tasks=made.completed,
        targets=made.covered,
        collected=figures.collected(facts, span),
        solved=figures.solved(facts, span),
    )


def goers(tenant_id: int, roles: Collection[Role] = GOES) -> Sequence[int]:
    """Return the ids of all who hold one of these roles: by default, all who visit."""
    return db.session.scalars(_holders(tenant_id, roles).order_by(User.id)).all()


def _holders(tenant_id: int, roles: Collection[Role]) -> Select[int]:
    return (
        select(User.id)
        .join(RoleHolding, RoleHolding.user_id == User.id)
        .where(RoleHolding.tenant_id == tenant_id, RoleHolding.is_active, User.is_active)
        .where(RoleHolding.role.in_(roles))
        .distinct()
    )
