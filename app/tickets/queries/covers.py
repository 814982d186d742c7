"""Whose work lies with a deputy, and whose should: read from who is away today."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Absence, RoleHolding
from app.accounts.queries.absences import runs_on
from app.core import clock
from app.core.db import db
from app.core.prepared import Numbers
from app.tickets.models import CoTask, CoTaskState, Ticket
from app.tickets.queries.facts import HANDLING
from app.tickets.workflow.states import OPEN

_WHO: BindParameter[int] = bindparam("who")
_WHERE: BindParameter[int] = bindparam("unit_id")
_TODAY: BindParameter[date] = bindparam("today")


class Cover(NamedTuple):
    """How somebody stands to those who are away."""

    deputy_id: int | None  # who stands in for them today
    stands_in_for: int | None  # for whom alone they have a seat in the unit


def _covering() -> Numbers:
    seat = select(RoleHolding.user_id).where(
        RoleHolding.user_id == _WHO,
        RoleHolding.unit_id == _WHERE,
        RoleHolding.role.in_(HANDLING),
        RoleHolding.is_active,
    )
    own = seat.where(RoleHolding.absence_id.is_(None)).exists()
    lent = (
        select(Absence.user_id)
        .join(RoleHolding, RoleHolding.absence_id == Absence.id)
        .where(
            RoleHolding.user_id == _WHO,
            RoleHolding.unit_id == _WHERE,
            RoleHolding.role.in_(HANDLING),
            RoleHolding.is_active,
            ~own,
        )
        .limit(1)
    )
    stands_in = (
        select(Absence.deputy_id)
        .where(Absence.user_id == _WHO, runs_on(_TODAY))
        .order_by(Absence.id)
        .limit(1)
    )
    return Numbers(select(stands_in.scalar_subquery(), lent.scalar_subquery()))


_COVERING = _covering()  # asked with every step, so put together once


def cover_of(user_id: int, unit_id: int | None) -> Cover:
    """Return who stands in for a person, and for whom that person works in a unit."""
    asked = {"who": user_id, "unit_id": unit_id or 0, "today": clock.today()}
    return Cover(*_COVERING.read(asked))


def ticket_ids(of: int | None = None) -> Sequence[int]:
    """Return the open tickets whose handler is away, or which lie with a deputy.

    All of them, or those of one person who is, or was, away.
    """
    found = select(Ticket.id).where(
        Ticket.status.in_(sorted(OPEN)), _about(Ticket.handler_id, Ticket.covered_for_id, of)
    )
    return db.session.scalars(found.order_by(Ticket.id)).all()


def co_task_ids(of: int | None = None) -> Sequence[int]:
    """Return the open co-tasks whose handler is away, or which lie with a deputy."""
    found = select(CoTask.id).where(
        CoTask.state == CoTaskState.OPEN, _about(CoTask.handler_id, CoTask.covered_for_id, of)
    )
    return db.session.scalars(found.order_by(CoTask.id)).all()


def owed(tenant_id: int) -> Sequence[tuple[int, datetime]]:
    """Return the opinions that units owe on tickets that run, and until when."""
    found = (
        select(CoTask.id, CoTask.due_at)
        .join(Ticket, Ticket.id == CoTask.ticket_id)
        .where(Ticket.tenant_id == tenant_id, Ticket.is_running, CoTask.state == CoTaskState.OPEN)
        .order_by(CoTask.id)
    )
    return [(line.id, line.due_at) for line in db.session.execute(found)]


def _about(
    handler_id: InstrumentedAttribute[int | None],
    covered_for_id: InstrumentedAttribute[int | None],
    of: int | None,
) -> ColumnElement[bool]:
    if of is not None:
        return or_(handler_id == of, covered_for_id == of)
    away = select(Absence.user_id).where(runs_on(clock.today()))
    return or_(handler_id.in_(away), covered_for_id.is_not(None))
