"""People and the roles they hold."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, column, or_, select, table
from sqlalchemy.orm import joinedload, selectinload

from app.accounts import policy
from app.accounts.models import RoleHolding, User
from app.accounts.queries.absences import stood_in_for
from app.accounts.roles import Actor, Permission, Role
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.i18n import N_

# Only what a role's scope needs: the enterprise file itself stands on a higher step.
_ENTERPRISES = table("enterprises", column("id"), column("tenant_id"), column("name"))


def user(user_id: int, *, viewer: Actor) -> User:
    """Return one person with their roles; raise NotFound for another tenant's."""
    found = db.session.scalar(
        select(User)
        .where(User.id == user_id, policy.visible_users(viewer))
        .options(selectinload(User.roles).joinedload(RoleHolding.unit))
    )
    if found is None:
        raise NotFound(N_("没有找到这个人。"))
    return found


@dataclass(frozen=True, slots=True)
class UserFilter:
    """What a list of people is narrowed to."""

    text: str = ""
    role: Role | None = None
    unit_id: int | None = None
    active: bool | None = None


def search_users(asked: UserFilter, *, viewer: Actor) -> Select[User]:
    """Return the people that an administrator asks for, with their roles."""
    policy.require(viewer, Permission.ACCOUNT_MANAGE)
    found = (
        select(User)
        .where(policy.visible_users(viewer))
        .options(selectinload(User.roles).joinedload(RoleHolding.unit))
        .order_by(User.is_active.desc(), User.id)
    )
    if asked.text:
        found = found.where(
            or_(
                User.name.contains(asked.text, autoescape=True),
                User.username.contains(asked.text.lower(), autoescape=True),
                User.post.contains(asked.text, autoescape=True),
            )
        )
    if asked.active is not None:
        found = found.where(User.is_active == asked.active)
    holds = select(RoleHolding.user_id).where(RoleHolding.is_active)
    if asked.role:
        found = found.where(User.id.in_(holds.where(RoleHolding.role == asked.role)))
    if asked.unit_id:
        found = found.where(User.id.in_(holds.where(RoleHolding.unit_id == asked.unit_id)))
    return found


def without_role(*, viewer: Actor) -> Sequence[User]:
    """Return the active people who cannot sign in, for want of a role."""
    held = select(RoleHolding.user_id).where(
        RoleHolding.tenant_id == viewer.tenant_id, RoleHolding.is_active
    )
    return db.session.scalars(
        select(User)
        .where(policy.visible_users(viewer), User.is_active, User.id.not_in(held))
        .order_by(User.id)
    ).all()


def holding(holding_id: int, *, viewer: Actor) -> RoleHolding:
    """Return a role that somebody holds; raise NotFound for another tenant's."""
    found = db.session.scalar(
        select(RoleHolding)
        .where(RoleHolding.id == holding_id, RoleHolding.tenant_id == viewer.tenant_id)
        .options(joinedload(RoleHolding.user), joinedload(RoleHolding.unit))
    )
    if found is None:
        raise NotFound(N_("没有找到这个岗位。"))
    return found


def holdings_of(user_id: int, *, active: bool = True) -> Sequence[RoleHolding]:
    """Return the roles that a person holds, the oldest first."""
    found = select(RoleHolding).where(RoleHolding.user_id == user_id).order_by(RoleHolding.id)
    return db.session.scalars(found.where(RoleHolding.is_active) if active else found).all()


def users_with_role(
    tenant_id: int, roles: Collection[Role], unit_id: int | None = None
) -> Sequence[User]:
    """Return the active people who hold one of `roles` (in a unit), by id."""
    holds = select(RoleHolding.user_id).where(
        RoleHolding.tenant_id == tenant_id,
        RoleHolding.role.in_(roles),
        RoleHolding.is_active,
    )
    if unit_id is not None:
        holds = holds.where(RoleHolding.unit_id == unit_id)
    return db.session.scalars(
        select(User)
        .where(User.tenant_id == tenant_id, User.is_active, User.id.in_(holds))
        .order_by(User.id)
    ).all()


def actor_for(
    user_id: int,
    role: Role | None = None,
    *,
    unit_id: int | None = None,
    enterprise_id: int | None = None,
) -> Actor:
    """Return a person as an actor in a role that they hold; raise NotFound without it.

    Without a role, the first one counts; a unit or an enterprise narrows the choice.
    """
    found = (
        select(RoleHolding)
        .where(RoleHolding.user_id == user_id, RoleHolding.is_active)
        .options(joinedload(RoleHolding.user))
        .order_by(RoleHolding.id)
        .limit(1)
    )
    if role is not None:
        found = found.where(RoleHolding.role == role)
    if unit_id is not None:
        found = found.where(RoleHolding.unit_id == unit_id)
    if enterprise_id is not None:
        found = found.where(RoleHolding.enterprise_id == enterprise_id)
    held = db.session.scalar(found)
    if held is None:
        raise NotFound(N_("没有找到这个岗位。"))
    return Actor(
        tenant_id=held.tenant_id,
        user_id=held.user_id,
        role=held.role,
        name=held.user.name,
        unit_id=held.unit_id,
        enterprise_id=held.enterprise_id,
        stands_in_for=stood_in_for(held.user_id, held.role),
    )


def enterprise_named(name: str, *, viewer: Actor) -> int:
    """Return the enterprise of the viewer's tenant whose name is, or alone contains, `name`."""
    named = _ENTERPRISES.c.name.contains(name, autoescape=True)
    found = db.session.execute(
        select(_ENTERPRISES.c.id, _ENTERPRISES.c.name)
        .where(_ENTERPRISES.c.tenant_id == viewer.tenant_id, named)
        .limit(3)
    ).all()
    exact = [row.id for row in found if row.name == name]
    if exact or len(found) == 1:
        return int(exact[0] if exact else found[0].id)
    if found:
        raise Invalid(N_("有不止一家企业叫这个名称，请写全称。"), field="enterprise")
    raise Invalid(N_("没有找到这家企业，请核对名称。"), field="enterprise")


def enterprise_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of some enterprises."""
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    found = select(_ENTERPRISES.c.id, _ENTERPRISES.c.name).where(_ENTERPRISES.c.id.in_(wanted))
    return {row.id: row.name for row in db.session.execute(found)}
