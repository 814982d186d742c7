"""Visits that were made: one, a list, the last one of each target."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload, selectinload

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.enterprises.models import KeyProject
from app.library.models import PolicyDocument
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.visits import policy
from app.visits.calendar import Month
from app.visits.models import (
    FinancingNeed,
    LaborNeed,
    Mode,
    PolicyPush,
    Promise,
    Recheck,
    Visit,
    VisitOutcome,
    VisitVisitor,
)

GOES = (Role.CHIEF, Role.LEADER, Role.LIAISON, Role.OFFICE_DIRECTOR, Role.DISPATCHER)


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """What a list was asked to show; an empty field asks nothing."""

    text: str = ""
    period: str = ""
    mode: Mode | None = None
    person_id: int | None = None
    enterprise_id: int | None = None
    project_id: int | None = None
    campaign_id: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What one visit left behind, beside its problems."""

    financing: Sequence[FinancingNeed]
    labor: Sequence[LaborNeed]
    documents: Sequence[PolicyDocument]
    settled: Sequence[Promise]
    rechecks: Sequence[Recheck]


def get(visit_id: int, *, viewer: Actor) -> Visit:
    """Return one visit, or raise NotFound where the viewer may not know of it."""
    found = db.session.scalar(_seen(viewer).where(Visit.id == visit_id))
    if found is None:
        raise NotFound(N_("没有找到这次走访，或者不在您能看的范围内。"))
    return found


def search(asked: VisitFilter, *, viewer: Actor) -> Select[Visit]:
    """Return the visits asked for, the latest first; the caller paginates."""
    found = _seen(viewer).where(*_conditions(asked))
    return found.order_by(Visit.visited_on.desc(), Visit.id.desc())


def some(asked: VisitFilter, *, viewer: Actor, limit: int) -> Sequence[Visit]:
    """Return the latest of the visits asked for."""
    return db.session.scalars(search(asked, viewer=viewer).limit(limit)).all()


def newest(
    enterprise_ids: Iterable[int],
    project_ids: Iterable[int],
    *wanted: ColumnElement[bool],
) -> dict[tuple[str, int], Visit]:
    """Return the last visit to each target, under ("enterprise" or "project", its id).

    `wanted` are further conditions. For those who look after the targets: who else may see
    the visits has been asked before.
    """
    found: dict[tuple[str, int], Visit] = {}
    for kind, column, ids in (
        ("enterprise", Visit.enterprise_id, list(enterprise_ids)),
        ("project", Visit.project_id, list(project_ids)),
    ):
        if not ids:
            continue
        order = (Visit.visited_on.desc(), Visit.id.desc())
        place = func.row_number().over(partition_by=column, order_by=order).label("place")
        last = select(Visit.id, place).where(column.in_(ids), *wanted).subquery()
        rows = db.session.scalars(
            select(Visit).join(last, Visit.id == last.c.id).where(last.c.place == 1)
        )
        for visit in rows:
            found[kind, visit.enterprise_id or visit.project_id or 0] = visit
    return found


def problems_of(visit_ids: Sequence[int], *, viewer: Actor) -> dict[int, list[Ticket]]:
    """Return the problems that each visit brought back, of those that the viewer may know."""
    found: dict[int, list[Ticket]] = {}
    rows = db.session.scalars(
        select(Ticket)
        .where(tickets_policy.visible_to(viewer), Ticket.visit_id.in_(visit_ids))
        .order_by(Ticket.id)
    )
    for ticket in rows:
        found.setdefault(ticket.visit_id or 0, []).append(ticket)
    return found


def left_by(visit: Visit, *, viewer: Actor) -> Left:
    """Return what a visit that the viewer is known to see left behind."""
    documents = select(PolicyPush.document_id).where(PolicyPush.visit_id == visit.id)
    return Left(
        financing=db.session.scalars(
            select(FinancingNeed).where(FinancingNeed.visit_id == visit.id)
        ).all(),
        labor=db.session.scalars(select(LaborNeed).where(LaborNeed.visit_id == visit.id)).all(),
        documents=db.session.scalars(
            select(PolicyDocument)
            .where(PolicyDocument.id.in_(documents))
            .order_by(PolicyDocument.id)
        ).all(),
        settled=db.session.scalars(
            select(Promise).where(Promise.asked_visit_id == visit.id).order_by(Promise.id)
        ).all(),
        rechecks=db.session.scalars(
            select(Recheck)
            .join(Recheck.ticket)
            .where(Recheck.visit_id == visit.id, tickets_policy.visible_to(viewer))
            .options(contains_eager(Recheck.ticket))
            .order_by(Recheck.id)
        ).all(),
    )


def visitors_of(tenant_id: int) -> Sequence[User]:
    """Return the people who may go along on a visit, by name."""
    holding = select(RoleHolding.user_id).where(
        RoleHolding.tenant_id == tenant_id, RoleHolding.role.in_(GOES), RoleHolding.is_active
    )
    return db.session.scalars(
        select(User).where(User.id.in_(holding), User.is_active).order_by(User.name, User.id)
    ).all()


def _seen(viewer: Actor) -> Select[Visit]:
    return (
        select(Visit)
        .where(policy.visible_to(viewer))
        .options(
            joinedload(Visit.enterprise),
            joinedload(Visit.project),
            joinedload(Visit.recorded_by),
            joinedload(Visit.campaign),
            selectinload(Visit.visitors),
            selectinload(Visit.promises),
        )
    )


def _conditions(asked: VisitFilter) -> list[ColumnElement[bool]]:
    equal: tuple[tuple[InstrumentedAttribute[Any], object], ...] = (
        (Visit.mode, asked.mode),
        (Visit.enterprise_id, asked.enterprise_id),
        (Visit.project_id, asked.project_id),
        (Visit.campaign_id, asked.campaign_id),
    )
    wanted: list[ColumnElement[bool]] = [column == value for column, value in equal if value]
    if asked.text:
        wanted.append(_says(asked.text))
    if asked.period:
        month = Month.read(asked.period)
        wanted.append(Visit.visited_on.between(month.first, month.last))
    if asked.failed:
        wanted.append(Visit.outcome != VisitOutcome.VISITED)
    if asked.person_id:
        went = select(VisitVisitor.visit_id).where(VisitVisitor.user_id == asked.person_id)
        wanted.append(Visit.id.in_(went))
    return wanted


def _says(text: str) -> ColumnElement[bool]:
    """Return the condition that a visit, or the name of its target, contains `text`."""
    words = (Visit.number, Visit.opinions, Visit.suggestions, Visit.solved_on_site)
    return or_(
        Visit.id.in_(select(Promise.visit_id).where(Promise.text.icontains(text, autoescape=True))),
        *(column.icontains(text, autoescape=True) for column in words),
        Visit.enterprise.has(enterprises.matching(text)),
        Visit.project.has(KeyProject.name.icontains(text, autoescape=True)),
    )
