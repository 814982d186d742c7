"""Which colleagues may know of a ticket, so that one may speak to them about it."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, literal, select, union_all

from app.accounts.models import RoleHolding, User
from app.accounts.roles import PEOPLE, Actor, Permission, Role
from app.core.db import db
from app.tickets import policy
from app.tickets.models import Ticket

#: Who is inside, and sees tickets at all.
INSIDE = tuple(
    role
    for role in PEOPLE
    if Actor(tenant_id=0, user_id=0, role=role).may(Permission.TICKET_SEE_ALL)
    or role in {Role.DEPT_HEAD, Role.HANDLER, Role.LEADER, Role.LIAISON}
)
AT_ONCE = 100  # people asked about in one statement


def who_may_see(
    ticket: Ticket, *, user_ids: Collection[int] | None = None, names: Collection[str] | None = None
) -> list[User]:
    """Return the active people of the offices who may see a ticket, in one of their roles.

    `user_ids` or `names` ask about some of them only.
    """
    held = _holdings(ticket.tenant_id, user_ids, names)
    seeing: set[int] = set()
    for start in range(0, len(held), AT_ONCE):
        seeing |= _seeing(ticket.id, held[start : start + AT_ONCE])
    people = {user.id: user for holding, user in held if holding.user_id in seeing}
    return list(people.values())


def named(tenant_id: int, names: Collection[str]) -> list[User]:
    """Return the active people of the offices who have one of these names."""
    return list({user.id: user for _, user in _holdings(tenant_id, None, names)}.values())


def _holdings(
    tenant_id: int, user_ids: Collection[int] | None, names: Collection[str] | None
) -> Sequence[tuple[RoleHolding, User]]:
    found = (
        select(RoleHolding, User)
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.tenant_id == tenant_id, RoleHolding.role.in_(INSIDE))
        .where(RoleHolding.is_active, User.is_active)
        .order_by(User.id)
    )
    if user_ids is not None:
        found = found.where(User.id.in_(user_ids))
    if names is not None:
        found = found.where(User.name.in_(names))
    return [(line[0], line[1]) for line in db.session.execute(found)]


def _seeing(ticket_id: int, held: Sequence[tuple[RoleHolding, User]]) -> set[int]:
    """Return the ids of those whose role lets them see the ticket: the rule that pages follow."""
    asked = []
    for holding, user in held:
        actor = Actor(
            tenant_id=holding.tenant_id,
            user_id=user.id,
            role=holding.role,
            name=user.name,
            unit_id=holding.unit_id,
        )
        sees = exists().where(Ticket.id == ticket_id, policy.visible_to(actor))
        asked.append(select(literal(user.id)).where(sees))
    return set(db.session.scalars(union_all(*asked))) if asked else set()
