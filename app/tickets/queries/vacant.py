"""What lies with somebody who no longer works where it lies: disabled, or moved to another seat."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import RoleHolding, User
from app.core.db import db
from app.tickets.models import CoTask, CoTaskState, Ticket
from app.tickets.queries.facts import HANDLING


def ticket_ids() -> Sequence[int]:
    """Return the open tickets whose handler has no seat in the lead unit any more."""
    found = select(Ticket.id).where(
        Ticket.is_open,
        Ticket.handler_id.is_not(None),
        ~_sits(Ticket.handler_id, Ticket.lead_unit_id),
    )
    return db.session.scalars(found.order_by(Ticket.id)).all()


def co_task_ids() -> Sequence[int]:
    """Return the open co-tasks whose handler has no seat in the co-unit any more."""
    found = select(CoTask.id).where(
        CoTask.state == CoTaskState.OPEN,
        CoTask.handler_id.is_not(None),
        ~_sits(CoTask.handler_id, CoTask.unit_id),
    )
    return db.session.scalars(found.order_by(CoTask.id)).all()


def _sits(
    handler_id: InstrumentedAttribute[int | None],
    unit_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Return the condition that a person handles in a unit, or heads it, and is there."""
    return (
        select(RoleHolding.id)
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.user_id == handler_id, RoleHolding.unit_id == unit_id)
        .where(RoleHolding.role.in_(HANDLING), RoleHolding.is_active, User.is_active)
        .exists()
    )
