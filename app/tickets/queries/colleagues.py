"""Which colleagues may know of a ticket, so that one may speak to them about it."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import and_, exists, literal, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import Absence, RoleHolding, User
from app.accounts.queries.absences import is_running
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
    people = {one.user.id: one.user for one in held if one.user.id in seeing}
    return list(people.values())


def named(tenant_id: int, names: Collection[str]) -> list[User]:
    """Return the active people of the offices who have one of these names."""
    return list({one.user.id: one.user for one in _holdings(tenant_id, None, names)}.values())


class _Held(NamedTuple):
    """A role that somebody holds, and for whom they hold it beside themselves."""

    holding: RoleHolding
    user: User
    stands_in_for: tuple[int, ...]


_LENT = aliased(RoleHolding)  # the same role, as somebody holds it who is away
_HOLDINGS = (
    select(RoleHolding, User, _LENT.user_id)
    .join(User, User.id == RoleHolding.user_id)
    .outerjoin(Absence, and_(Absence.deputy_id == User.id, is_running()))
    .outerjoin(
        _LENT,
        and_(
            _LENT.user_id == Absence.user_id,
            _LENT.role == RoleHolding.role,
            _LENT.absence_id.is_(None),
            _LENT.is_active,
        ),
    )
    .where(RoleHolding.role.in_(INSIDE), RoleHolding.is_active, User.is_active)
    .order_by(User.id, RoleHolding.id)
)


def _holdings(
    tenant_id: int, user_ids: Collection[int] | None, names: Collection[str] | None
) -> Sequence[_Held]:
    found = _HOLDINGS.where(RoleHolding.tenant_id == tenant_id)
    if user_ids is not None:
        found = found.where(User.id.in_(user_ids))
    if names is not None:
        found = found.where(User.name.in_(names))
    held: dict[int, _Held] = {}
    for holding, user, away_id in db.session.execute(found):
        known = held.get(holding.id, _Held(holding, user, ()))
        away = (*known.stands_in_for, away_id) if away_id else known.stands_in_for
        held[holding.id] = known._replace(stands_in_for=away)
    return list(held.values())


def _seeing(ticket_id: int, held: Sequence[_Held]) -> set[int]:
    """Return the ids of those whose role lets them see the ticket: the rule that pages follow."""
    asked = []
    for holding, user, away in held:
        actor = Actor(
            tenant_id=holding.tenant_id,
            user_id=user.id,
            role=holding.role,
            name=user.name,
            unit_id=holding.unit_id,
            stands_in_for=away,
        )
        sees = exists().where(Ticket.id == ticket_id, policy.visible_to(actor))
        asked.append(select(literal(user.id)).where(sees))
    return set(db.session.scalars(union_all(*asked))) if asked else set()
