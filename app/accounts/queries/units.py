"""Tenants and their units."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts import policy
from app.accounts.models import OrgUnit, RoleHolding, Tenant, UnitKind, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_

_TENANTS = select(Tenant).order_by(Tenant.id)


def tenants() -> Sequence[Tenant]:
    """Return all tenants, the oldest first."""
    return db.session.scalars(_TENANTS).all()


def tenant(tenant_id: int) -> Tenant:
    """Return one tenant."""
    return db.session.get_one(Tenant, tenant_id)


def own_tenant(*, viewer: Actor) -> Tenant:
    """Return the viewer's tenant."""
    return tenant(viewer.tenant_id)


def unit(unit_id: int, *, viewer: Actor) -> OrgUnit:
    """Return one unit; raise NotFound for another tenant's."""
    found = db.session.scalar(
        select(OrgUnit)
        .where(OrgUnit.id == unit_id, policy.visible_units(viewer))
        .options(joinedload(OrgUnit.in_charge))
    )
    if found is None:
        raise NotFound(N_("没有找到这个单位。"))
    return found


def units(
    *, viewer: Actor, kinds: Collection[UnitKind] = (), active: bool | None = True
) -> Sequence[OrgUnit]:
    """Return units in the order of the office; `active=None` also gives those that ended."""
    found = (
        select(OrgUnit)
        .where(policy.visible_units(viewer))
        .options(joinedload(OrgUnit.in_charge))
        .order_by(OrgUnit.sort_order, OrgUnit.id)
    )
    if kinds:
        found = found.where(OrgUnit.kind.in_(kinds))
    if active is not None:
        found = found.where(OrgUnit.is_active == active)
    return db.session.scalars(found).all()


def units_without_head(*, viewer: Actor) -> Sequence[OrgUnit]:
    """Return the active units that handle problems and have nobody to sign for them."""
    headed = (
        select(RoleHolding.unit_id)
        .join(User, RoleHolding.user_id == User.id)
        .where(
            RoleHolding.tenant_id == viewer.tenant_id,
            RoleHolding.role == Role.DEPT_HEAD,
            RoleHolding.is_active,
            RoleHolding.unit_id.is_not(None),
            User.is_active,
        )
    )
    return db.session.scalars(
        select(OrgUnit)
        .where(
            policy.visible_units(viewer),
            OrgUnit.is_active,
            OrgUnit.kind.in_((UnitKind.DEPT, UnitKind.VERTICAL)),
            OrgUnit.id.not_in(headed),
        )
        .order_by(OrgUnit.sort_order, OrgUnit.id)
    ).all()


def units_with_people(*, viewer: Actor) -> dict[int, int]:
    """Return how many people hold a role in each unit that has any."""
    counted = (
        select(RoleHolding.unit_id, func.count(RoleHolding.user_id.distinct()))
        .join(User, RoleHolding.user_id == User.id)
        .where(
            RoleHolding.tenant_id == viewer.tenant_id,
            RoleHolding.is_active,
            RoleHolding.unit_id.is_not(None),
            User.is_active,
        )
        .group_by(RoleHolding.unit_id)
    )
    return {unit_id: n for unit_id, n in db.session.execute(counted) if unit_id}
