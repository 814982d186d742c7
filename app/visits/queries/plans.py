"""The plan of a task: the day, who goes together, and what the enterprise said to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.core import links
from app.core.db import db
from app.core.links import Standing
from app.enterprises.models import KeyProject, Linkage
from app.visits.models import TaskState, VisitPlan, VisitTask

PURPOSE = "visit"  # of the links that enterprises are sent


@dataclass(frozen=True, slots=True)
class Planned:
    """How the plan of a linkage stands: the open one, who else goes along, the last refusal."""

    plan: VisitPlan | None = None
    together: Sequence[VisitPlan] = ()
    declined: VisitPlan | None = None

    @property
    def is_guest(self) -> bool:
        """Whether it joined somebody else's plan."""
        return self.plan is not None and self.plan.host_id is not None


NOT_PLANNED = Planned()


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who comes along: as the linked leader, or as the liaison officer."""

    person: User
    leads: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link opens: the plan that an enterprise was told of, as it stands now."""

    plan: VisitPlan
    task: VisitTask
    standing: Standing
    together: Sequence[VisitPlan]

    @property
    def people(self) -> Sequence[Coming]:
        """Who comes, each once."""
        return coming([self.plan, *self.together])

    @property
    def is_open(self) -> bool:
        """Whether the enterprise may still answer."""
        return self.standing is Standing.GOOD and self.plan.is_open and self.task.is_owed


def coming(plans: Sequence[VisitPlan]) -> Sequence[Coming]:
    """Return who comes for some plans of one day, each person once, the leaders in front."""
    found: dict[int, Coming] = {}
    for plan in plans:
        found.setdefault(plan.task.linkage.leader_id, Coming(plan.task.linkage.leader, leads=True))
    for plan in plans:
        liaison = plan.task.linkage.liaison
        if liaison is not None:
            found.setdefault(liaison.id, Coming(liaison, leads=False))
    return list(found.values())


def open_plan(task_id: int) -> VisitPlan | None:
    """Return the plan of a task that holds now."""
    found: VisitPlan | None = db.session.scalar(
        _plans().where(VisitPlan.task_id == task_id, VisitPlan.ended_at.is_(None))
    )
    return found


def companions(plan: VisitPlan) -> Sequence[VisitPlan]:
    """Return the other plans of the same day together: the host's, and those who joined it."""
    return _together([plan]).get(plan.id, ())


def joined(plan_id: int) -> Sequence[VisitPlan]:
    """Return the plans that joined one."""
    return db.session.scalars(
        _plans()
        .where(VisitPlan.host_id == plan_id, VisitPlan.ended_at.is_(None))
        .order_by(VisitPlan.id)
    ).all()


def planned(tasks: Iterable[tuple[int, int]]) -> dict[int, Planned]:
    """Return how the plan of each linkage stands; `tasks` are (linkage, task). Three statements.

    A refusal counts for the month it was said in, until another plan was made.
    """
    of_task = {task_id: linkage_id for linkage_id, task_id in tasks}
    if not of_task:
        return {}
    rows = db.session.scalars(_newest(list(of_task))).all()
    open_ones = [plan for plan in rows if plan.is_open]
    together = _together(open_ones)
    return {
        of_task[plan.task_id]: Planned(
            plan=plan if plan.is_open else None,
            together=together.get(plan.id, ()),
            declined=plan if plan.was_declined else None,
        )
        for plan in rows
    }


def refusal_of(task: VisitTask) -> VisitPlan | None:
    """Return with which plan the enterprise said that nobody needs to come, if it did last."""
    found = planned([(task.linkage_id, task.id)]).get(task.linkage_id)
    return found.declined if found else None


def invitation(token: str) -> Invitation | None:
    """Return what a link opens, whether it is good or not; None where it is not of ours."""
    found = links.find(token, PURPOSE)
    if found is None:
        return None
    plan = db.session.scalar(_plans().where(VisitPlan.link_id == found.link.id))
    if plan is None:
        return None
    return Invitation(plan, plan.task, found.standing, companions(plan) if plan.is_open else ())


def to_tell_ids(tenant_id: int, *, first: date, last: date) -> Sequence[int]:
    """Return the ids of the plans of some days of which the enterprise has not been told."""
    return db.session.scalars(
        select(VisitPlan.id)
        .join(VisitPlan.task)
        .where(VisitPlan.tenant_id == tenant_id)
        .where(VisitPlan.told_at.is_(None), VisitPlan.ended_at.is_(None))
        .where(VisitPlan.host_id.is_(None), VisitPlan.planned_on.between(first, last))
        .where(VisitTask.state.in_([TaskState.PLANNED, TaskState.OVERDUE]))
        .order_by(VisitPlan.id)
    ).all()


def _plans() -> Select[VisitPlan]:
    task = joinedload(VisitPlan.task)
    link = task.joinedload(VisitTask.linkage)
    return select(VisitPlan).options(
        link.joinedload(Linkage.leader),
        link.joinedload(Linkage.liaison),
        link.joinedload(Linkage.enterprise),
        link.joinedload(Linkage.project).joinedload(KeyProject.enterprise),
    )


def _newest(task_ids: Sequence[int]) -> Select[VisitPlan]:
    """Return the newest plan of each task."""
    newest = (
        select(func.max(VisitPlan.id))
        .where(VisitPlan.task_id.in_(task_ids))
        .group_by(VisitPlan.task_id)
    )
    return _plans().where(VisitPlan.id.in_(newest))


def _together(plans: Sequence[VisitPlan]) -> dict[int, list[VisitPlan]]:
    """Return of each plan the others of its party; one statement."""
    if not plans:
        return {}
    heads = {plan.host_id or plan.id for plan in plans}
    rows = db.session.scalars(
        _plans()
        .where(VisitPlan.ended_at.is_(None))
        .where(func.coalesce(VisitPlan.host_id, VisitPlan.id).in_(heads))
        .order_by(VisitPlan.id)
    ).all()
    party: dict[int, list[VisitPlan]] = {}
    for plan in rows:
        party.setdefault(plan.host_id or plan.id, []).append(plan)
    return {
        plan.id: [one for one in party.get(plan.host_id or plan.id, ()) if one.id != plan.id]
        for plan in plans
    }
