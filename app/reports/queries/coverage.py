"""The figures of visits that a month's report prints: V1 to V3, V6. The one place they come from.

Source: the office's definitions, C4.3. As with problems, only what was recorded before the cut-off
counts: a late entry is seen in the report that follows.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.spans import Span
from app.enterprises.models import Linkage
from app.enterprises.policy import active_on
from app.tickets.queries.figures import Rate
from app.visits import queries as visits

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
    in_person: int  # of them, those for which somebody went to the firm


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
    whole = Actor(tenant_id=tenant_id, user_id=None, role=Role.CHIEF)  # who counts all of it
    made = visits.coverage(
        f"{span.last_on:%Y-%m}",
        viewer=whole,
        since=f"{span.first_on:%Y-%m}",
        known_at=span.ends,
    )
    return Coverage(
        completion=Rate(made.completed.n, made.completed.d),
        coverage=Rate(made.covered.n, made.covered.d),
        led=Rate(made.led.n, made.led.d),
        overdue=made.overdue,
        visits=made.timely.d,
        on_site=made.led.d,
        in_person=made.in_person,
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
