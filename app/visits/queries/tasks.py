"""The tasks of a month: one, a person's, and how many are done."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises.models import Linkage
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.visits import policy
from app.visits.calendar import Month
from app.visits.models import OWED, TaskState, Visit, VisitTask


def get_task(task_id: int, *, viewer: Actor) -> VisitTask:
    """Return one task, or raise NotFound where the viewer may not know of it."""
    found = db.session.scalar(
        with_target(select(VisitTask)).where(
            policy.tasks_visible_to(viewer), VisitTask.id == task_id
        )
    )
    if found is None:
        raise NotFound(N_("没有找到这项走访任务，或者不在您能看的范围内。"))
    return found


def month_of(viewer: Actor, period: str) -> Sequence[VisitTask]:
    """Return the viewer's own tasks of a month, those cancelled left out, planned ones first."""
    return db.session.scalars(
        with_target(select(VisitTask))
        .where(policy.own_tasks(viewer), VisitTask.period == period)
        .where(VisitTask.state != TaskState.CANCELLED)
        .options(joinedload(VisitTask.visit))
        .order_by(VisitTask.planned_on.is_(None), VisitTask.planned_on, VisitTask.id)
    ).all()


def task_to_waive(visit: Visit, *, viewer: Actor) -> VisitTask | None:
    """Return the task that a visit failed to complete, where the viewer may ask to waive it."""
    if visit.took_place:
        return None
    target = (
        Linkage.enterprise_id == visit.enterprise_id
        if visit.enterprise_id is not None
        else Linkage.project_id == visit.project_id
    )
    return db.session.scalar(
        select(VisitTask)
        .join(VisitTask.linkage)
        .where(policy.tasks_visible_to(viewer), target)
        .where(VisitTask.period == Month.of(visit.visited_on).period)
        .where(VisitTask.state.in_(OWED))
        .where(VisitTask.exempt_asked_at.is_(None) | VisitTask.exempt_decided_at.is_not(None))
        .order_by(VisitTask.seq)
        .limit(1)
    )


def asked_exemptions(viewer: Actor) -> Sequence[VisitTask]:
    """Return the tasks that somebody asked the office to waive, the longest waiting first."""
    if not policy.may_exempt(viewer):
        return ()
    return db.session.scalars(
        with_target(select(VisitTask))
        .where(VisitTask.tenant_id == viewer.tenant_id)
        .where(VisitTask.exempt_asked_at.is_not(None), VisitTask.exempt_decided_at.is_(None))
        .where(VisitTask.state.in_([TaskState.PLANNED, TaskState.OVERDUE]))
        .options(joinedload(VisitTask.exempt_asked_by))
        .order_by(VisitTask.exempt_asked_at, VisitTask.id)
    ).all()


def overdue_ids(tenant_id: int, today: date) -> Sequence[int]:
    """Return the ids of the tasks whose day has passed without a visit."""
    return db.session.scalars(
        select(VisitTask.id)
        .where(VisitTask.tenant_id == tenant_id, VisitTask.state == TaskState.PLANNED)
        .where(VisitTask.due_on < today)
        .order_by(VisitTask.id)
    ).all()


def own_open_tickets(viewer: Actor, limit: int = 20) -> Sequence[Ticket]:
    """Return the problems that the viewer reported and that somebody still works on."""
    if viewer.user_id is None:
        return ()
    return db.session.scalars(
        select(Ticket)
        .where(tickets_policy.visible_to(viewer), Ticket.is_open)
        .where(Ticket.submitted_by_id == viewer.user_id)
        .options(joinedload(Ticket.enterprise), joinedload(Ticket.lead_unit))
        .order_by(Ticket.move_due_at, Ticket.id)
        .limit(limit)
    ).all()


def with_target(asked: Select[VisitTask]) -> Select[VisitTask]:
    """Return `asked` so that it brings along what its tasks are about."""
    linkage = joinedload(VisitTask.linkage)
    return asked.options(
        linkage.joinedload(Linkage.enterprise),
        linkage.joinedload(Linkage.project),
        linkage.joinedload(Linkage.leader),
        linkage.joinedload(Linkage.liaison),
    )
