"""The figures of visits that a month's report prints: V1 to V3, V6. The one place they come from.

Source: the office's definitions, C4.3. As with problems, only what was recorded before the cut-off
counts: a late entry is seen in the report that follows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from app.core.db import db
from app.enterprises.models import Linkage
from app.enterprises.policy import active_on
from app.reports.calendar import Span
from app.reports.queries.figures import Rate
from app.visits.models import COUNTING, TaskState, Visit, VisitTask

Target = tuple[int | None, int | None]  # of an enterprise, or of a project


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the visits of a period have come."""

    completion: Rate  # V1
    coverage: Rate  # V2
    led: Rate  # V3
    overdue: int  # V6
    visits: int  # recorded by the cut-off, by telephone and online too
    on_site: int  # of them, those that count for a task


@dataclass(frozen=True, slots=True)
class Links:
    """Who looks after whom on one day: distinct people and targets."""

    leaders: int
    liaisons: int
    enterprises: int
    projects: int


def read(tenant_id: int, span: Span) -> Coverage:
    """Return the figures of a period at its end.

    V1 走访任务完成率: tasks of the period's months done by a visit recorded in time, of all but the
    exempt and cancelled. V2 走访覆盖率: targets with a counting visit, of those with a linkage on
    the last day; left out is a target all of whose tasks are exempt. V3 领导带队率: counting visits
    with the linked leader there, of counting visits. V6: tasks not done at the end.
    """
    tasks = _tasks(tenant_id, span)
    owed = [task for task in tasks if task.state is not TaskState.EXEMPT]
    done = sum(_recorded(task, span) for task in owed)
    made = _visits(tenant_id, span)
    counting = [one for one in made if one.mode in COUNTING]
    looked_after = _linked(tenant_id, span) - _waived(tasks)
    return Coverage(
        completion=Rate(done, len(owed)),
        coverage=Rate(len(looked_after & _targets(counting)), len(looked_after)),
        led=Rate(sum(one.leader_present for one in counting), len(counting)),
        overdue=len(owed) - done,
        visits=len(made),
        on_site=len(counting),
    )


def links(tenant_id: int, span: Span) -> Links:
    """Return how many look after how many on the last day of a period."""
    found = select(
        func.count(func.distinct(Linkage.leader_id)),
        func.count(func.distinct(Linkage.liaison_id)),
        func.count(func.distinct(Linkage.enterprise_id)),
        func.count(func.distinct(Linkage.project_id)),
    ).where(Linkage.tenant_id == tenant_id, active_on(span.last_on))
    leaders, liaisons, enterprises, projects = db.session.execute(found).one()
    return Links(leaders, liaisons, enterprises, projects)


def _tasks(tenant_id: int, span: Span) -> list[Any]:
    """Return the tasks of the period's months, those cancelled left out."""
    found = (
        select(
            VisitTask.state,
            Visit.recorded_at,
            Linkage.enterprise_id,
            Linkage.project_id,
        )
        .join(Linkage, Linkage.id == VisitTask.linkage_id)
        .outerjoin(Visit, Visit.id == VisitTask.visit_id)
        .where(VisitTask.tenant_id == tenant_id, VisitTask.state != TaskState.CANCELLED)
        .where(VisitTask.period.between(f"{span.first_on:%Y-%m}", f"{span.last_on:%Y-%m}"))
    )
    return list(db.session.execute(found))


def _recorded(task: Any, span: Span) -> bool:  # noqa: ANN401 - a row of `_tasks`
    return task.recorded_at is not None and task.recorded_at < span.ends


def _visits(tenant_id: int, span: Span) -> list[Any]:
    found = select(Visit.mode, Visit.leader_present, Visit.enterprise_id, Visit.project_id).where(
        Visit.tenant_id == tenant_id,
        and_(Visit.visited_on >= span.first_on, Visit.visited_on <= span.last_on),
        Visit.recorded_at < span.ends,
    )
    return list(db.session.execute(found))


def _linked(tenant_id: int, span: Span) -> set[Target]:
    found = select(Linkage.enterprise_id, Linkage.project_id).where(
        Linkage.tenant_id == tenant_id, active_on(span.last_on)
    )
    return _targets(db.session.execute(found))


def _targets(rows: Iterable[Any]) -> set[Target]:
    return {(row.enterprise_id, row.project_id) for row in rows}


def _waived(tasks: list[Any]) -> set[Target]:
    """Return the targets all of whose tasks are exempt."""
    exempt = [task for task in tasks if task.state is TaskState.EXEMPT]
    owed = [task for task in tasks if task.state is not TaskState.EXEMPT]
    return _targets(exempt) - _targets(owed)
