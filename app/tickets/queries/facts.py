"""What the rules of a step need to know beyond the ticket itself."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Absence, RoleHolding, User
from app.accounts.queries.absences import is_running
from app.accounts.roles import Role
from app.core.db import db
from app.core.prepared import Numbers
from app.tickets.models import CoTask, Dispatch, Revisit, TicketEvent

# Tables, not objects: nothing is kept of what is only asked.
_HOLDINGS, _PEOPLE = cast("Table", RoleHolding.__table__), cast("Table", User.__table__)
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
    """Return how many persons are there to handle in a unit or to head it.

    A deputy is one of them, whoever is away is none.
    """
    away = select(Absence.user_id).where(is_running())
    counted = (
        select(func.count(func.distinct(RoleHolding.user_id)))
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.unit_id == unit_id, RoleHolding.role.in_(HANDLING))
        .where(RoleHolding.is_active, User.is_active, User.id.not_in(away))
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
    found = (
        select(Revisit)
        .where(Revisit.ticket_id == ticket_id, Revisit.round == round_)
        .options(joinedload(Revisit.letter))
    )
    return list(db.session.scalars(found.order_by(Revisit.id)))


@dataclass(frozen=True, slots=True)
class Holders:
    """Whoever holds one of some roles, in one unit where one is named; or for one enterprise."""

    roles: frozenset[Role] = frozenset()
    unit_id: int | None = None
    enterprise_id: int | None = None


_HOLDERS = (
    select(_HOLDINGS.c.user_id)
    .join(_PEOPLE, _PEOPLE.c.id == _HOLDINGS.c.user_id)
    .where(_HOLDINGS.c.tenant_id == bindparam("tenant_id"))
    .where(_HOLDINGS.c.is_active, _PEOPLE.c.is_active)
    .distinct()
)


def holders(tenant_id: int, *meant: Holders) -> list[int]:
    """Return the ids of the active people who are meant, by one statement for all."""
    if not meant:
        return []
    asked: dict[str, int | None] = {"tenant_id": tenant_id}
    shapes = []
    for place, one in enumerate(meant):
        asked[f"unit_{place}"], asked[f"firm_{place}"] = one.unit_id, one.enterprise_id
        shapes.append(_Shape(one.roles, one.unit_id is not None, one.enterprise_id is not None))
    return [user_id for (user_id,) in _holding(tuple(shapes)).rows(asked)]


class _Shape(NamedTuple):
    """What is asked of holders, without the ids."""

    roles: frozenset[Role]
    in_a_unit: bool
    of_a_firm: bool


@lru_cache(maxsize=128)
def _holding(shapes: tuple[_Shape, ...]) -> Numbers:
    """Return the statement for such holders; building it takes longer than asking."""
    meant = (_held(place, shape) for place, shape in enumerate(shapes))
    return Numbers(_HOLDERS.where(or_(*meant)))


def _held(place: int, shape: _Shape) -> ColumnElement[bool]:
    if shape.of_a_firm:
        return _HOLDINGS.c.enterprise_id == bindparam(f"firm_{place}")
    held = _HOLDINGS.c.role.in_(shape.roles)
    in_unit = _HOLDINGS.c.unit_id == bindparam(f"unit_{place}")
    return and_(held, in_unit) if shape.in_a_unit else held
