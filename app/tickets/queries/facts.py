"""What the rules of a step need to know beyond the ticket itself."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Role
from app.core.db import db
from app.tickets.models import CoTask, Dispatch, Revisit, TicketEvent

HANDLING = (Role.HANDLER, Role.DEPT_HEAD)


def handled_by(ticket_id: int) -> frozenset[int]:
    """Return the ids of all who ever acted on the ticket as handler or head of a unit."""
    found = db.session.scalars(
        select(TicketEvent.actor_id)
        .where(TicketEvent.ticket_id == ticket_id, TicketEvent.actor_role.in_(HANDLING))
        .distinct()
    )
    return frozenset(user_id for user_id in found if user_id is not None)


def unit_ids(ticket_id: int) -> frozenset[int]:
    """Return the ids of all units that ever handled or co-handled the ticket."""
    led = select(Dispatch.lead_unit_id).where(Dispatch.ticket_id == ticket_id)
    helped = select(CoTask.unit_id).where(CoTask.ticket_id == ticket_id)
    return frozenset(db.session.scalars(led.union(helped)))


def handles_in(user_id: int, units: frozenset[int]) -> bool:
    """Tell whether a person holds a handling role, or heads, in one of `units`."""
    if not units:
        return False
    found = select(RoleHolding.id).where(
        RoleHolding.user_id == user_id,
        RoleHolding.is_active,
        RoleHolding.role.in_(HANDLING),
        RoleHolding.unit_id.in_(units),
    )
    return db.session.scalar(found.limit(1)) is not None


def people_in(unit_id: int) -> int:
    """Return how many persons handle in a unit or head it."""
    counted = (
        select(func.count(func.distinct(RoleHolding.user_id)))
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.unit_id == unit_id, RoleHolding.role.in_(HANDLING))
        .where(RoleHolding.is_active, User.is_active)
    )
    return db.session.scalar(counted) or 0


def was_returned_by(ticket_id: int, unit_id: int) -> bool:
    """Tell whether the unit returned this ticket before."""
    found = select(Dispatch.id).where(
        Dispatch.ticket_id == ticket_id, Dispatch.lead_unit_id == unit_id, Dispatch.returned
    )
    return db.session.scalar(found.limit(1)) is not None


def attempts(ticket_id: int, round_: int) -> list[Revisit]:
    """Return the revisits of one round, oldest first."""
    found = select(Revisit).where(Revisit.ticket_id == ticket_id, Revisit.round == round_)
    return list(db.session.scalars(found.order_by(Revisit.id)))


@dataclass(frozen=True, slots=True)
class Holders:
    """Whoever holds one of some roles, in one unit where one is named; or for one enterprise."""

    roles: frozenset[Role] = frozenset()
    unit_id: int | None = None
    enterprise_id: int | None = None

    def condition(self) -> ColumnElement[bool]:
        """Return the condition that a holding of a role is meant."""
        if self.enterprise_id is not None:
            return RoleHolding.enterprise_id == self.enterprise_id
        held = RoleHolding.role.in_(self.roles)
        return held if self.unit_id is None else and_(held, RoleHolding.unit_id == self.unit_id)


_HOLDERS = (
    select(RoleHolding.user_id)
    .join(User, User.id == RoleHolding.user_id)
    .where(RoleHolding.tenant_id == bindparam("tenant_id"))
    .where(RoleHolding.is_active, User.is_active)
    .distinct()
)


def holders(tenant_id: int, *meant: Holders) -> list[int]:
    """Return the ids of the active people who are meant, by one statement for all."""
    if not meant:
        return []
    found = _HOLDERS.where(or_(*(one.condition() for one in meant)))
    return list(db.session.scalars(found, {"tenant_id": tenant_id}))
