"""Who else goes to the same enterprise around a day: visits that were made, and plans.

An enterprise is the same one whether somebody visits it or the project that it builds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.enterprises.models import KeyProject, Linkage
from app.visits import policy
from app.visits.calendar import NEAR
from app.visits.models import TaskState, Visit, VisitTask

Whom = tuple[str, int]  # ("enterprise", its id), or ("project", its id) of one that nobody builds


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody else's visit to the same firm, made or planned, on a day close by.

    `task_id` is what they planned it for, so that one may join them, and `user_ids` who goes.
    """

    names: str
    on: date
    is_planned: bool
    task_id: int | None = None
    user_ids: tuple[int, ...] = ()


def firm_of(linkage: Linkage) -> int | None:
    """Return the enterprise that a linkage looks after, itself or through its project."""
    if linkage.enterprise_id is not None:
        return linkage.enterprise_id
    return linkage.project.enterprise_id if linkage.project else None


def whom(linkage: Linkage) -> Whom:
    """Return who is disturbed by a visit that a linkage owes."""
    firm = firm_of(linkage)
    return ("enterprise", firm) if firm is not None else ("project", linkage.project_id or 0)


def neighbours(linkage: Linkage, *, on: date, but: Actor) -> Sequence[Near]:
    """Return who else visits the same target within seven days of a day."""
    return near([linkage], on={linkage.id: on}, but=but).get(linkage.id, ())


def neighbours_of_firm(enterprise_id: int, *, on: date, but: Actor) -> Sequence[Near]:
    """Return who else visits an enterprise within seven days of a day, for what is no task."""
    key = ("enterprise", enterprise_id)
    made, planned = _made([key], on, on), _planned([key], on, on)
    return [
        *(_went(visit) for visit in made if not _is_own(visit, but)),
        *(_goes(task) for task in planned if not policy.looks_after(but, task.linkage)),
    ]


def planned_after(visit: Visit, *, but: Actor) -> Sequence[Near]:
    """Return who still plans to go to the enterprise within seven days of a visit that was made."""
    day = visit.visited_on
    found = [
        _goes(task)
        for task in _planned([_visited(visit)], day, day)
        if not policy.looks_after(but, task.linkage)
    ]
    return [one for one in found if one.on >= max(day, clock.today())]


def near(
    links: Sequence[Linkage], *, on: Mapping[int, date], but: Actor
) -> dict[int, Sequence[Near]]:
    """Return other people's visits and plans around a day for each linkage; few statements.

    `on` says of each linkage, by its id, which day. Another leader's plan is another visit, also
    where the same liaison officer looks after both.
    """
    if not links:
        return {}
    keys = list(dict.fromkeys(whom(link) for link in links))
    first, last = min(on.values()), max(on.values())
    made: dict[Whom, list[Visit]] = {}
    for visit in _made(keys, first, last):
        made.setdefault(_visited(visit), []).append(visit)
    planned: dict[Whom, list[VisitTask]] = {}
    for task in _planned(keys, first, last):
        planned.setdefault(whom(task.linkage), []).append(task)
    found: dict[int, Sequence[Near]] = {}
    for link in links:
        key, day = whom(link), on[link.id]
        went = [_went(one) for one in made.get(key, ()) if not _is_own(one, but)]
        goes = [_goes(one) for one in planned.get(key, ()) if _is_another(one.linkage, link)]
        found[link.id] = [one for one in [*went, *goes] if abs(one.on - day) <= NEAR]
    return found


def people_of(linkage: Linkage) -> tuple[int, ...]:
    """Return whose visits a linkage owes: the leader's, and the liaison officer's."""
    both = (linkage.leader_id, linkage.liaison_id)
    return tuple(user_id for user_id in both if user_id is not None)


def names_of(linkage: Linkage) -> str:
    """Return who goes for a linkage, as people are named in a sentence."""
    both = (linkage.leader, linkage.liaison)
    return "、".join(person.name for person in both if person is not None)


def _went(visit: Visit) -> Near:
    names = "、".join(one.name for one in visit.visitors)
    return Near(
        names,
        visit.visited_on,
        is_planned=False,
        user_ids=tuple(one.id for one in visit.visitors),
    )


def _goes(task: VisitTask) -> Near:
    return Near(
        names_of(task.linkage),
        task.planned_on or task.due_on,
        is_planned=True,
        task_id=task.id,
        user_ids=people_of(task.linkage),
    )


def _is_another(linkage: Linkage, than: Linkage) -> bool:
    return linkage.id != than.id and linkage.leader_id != than.leader_id


def _is_own(visit: Visit, actor: Actor) -> bool:
    return any(actor.acts_for(person.id) for person in visit.visitors)


def _visited(visit: Visit) -> Whom:
    if visit.enterprise_id is not None:
        return "enterprise", visit.enterprise_id
    builder = visit.project.enterprise_id if visit.project else None
    return ("enterprise", builder) if builder is not None else ("project", visit.project_id or 0)


def _made(keys: Iterable[Whom], first: date, last: date) -> Sequence[Visit]:
    return db.session.scalars(
        select(Visit)
        .where(_about(keys, Visit.enterprise_id, Visit.project_id))
        .where(Visit.visited_on.between(first - NEAR, last + NEAR))
        .options(selectinload(Visit.visitors), joinedload(Visit.project))
        .order_by(Visit.visited_on, Visit.id)
    ).all()


def _planned(keys: Iterable[Whom], first: date, last: date) -> Sequence[VisitTask]:
    return db.session.scalars(
        select(VisitTask)
        .join(VisitTask.linkage)
        .where(_about(keys, Linkage.enterprise_id, Linkage.project_id))
        .where(VisitTask.state == TaskState.PLANNED)
        .where(VisitTask.planned_on.between(first - NEAR, last + NEAR))
        .options(
            joinedload(VisitTask.linkage).joinedload(Linkage.leader),
            joinedload(VisitTask.linkage).joinedload(Linkage.liaison),
            joinedload(VisitTask.linkage).joinedload(Linkage.project),
        )
        .order_by(VisitTask.planned_on, VisitTask.id)
    ).all()


def _about(
    keys: Iterable[Whom],
    enterprise: InstrumentedAttribute[Any],
    project: InstrumentedAttribute[Any],
) -> ColumnElement[bool]:
    """Return the condition of being about one of these: it, or a project that it builds."""
    firms = [id_ for kind, id_ in keys if kind == "enterprise"]
    alone = [id_ for kind, id_ in keys if kind == "project"]
    built = select(KeyProject.id).where(KeyProject.enterprise_id.in_(firms))
    return or_(enterprise.in_(firms), project.in_(built), project.in_(alone))
