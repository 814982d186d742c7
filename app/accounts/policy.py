"""Who may know and change units, people and settings."""

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Permission, Role
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import N_

#: Roles that mean nothing without a unit, and the one that means nothing without an enterprise.
NEEDS_UNIT = frozenset({Role.DEPT_HEAD, Role.HANDLER, Role.VILLAGE_OFFICER})
NEEDS_ENTERPRISE = frozenset({Role.ENTERPRISE_USER})
#: Roles that nobody holds for another who is away: each of them watches over the others, or
#: belongs to no office.
NOT_COVERED = frozenset({Role.SYS_ADMIN, Role.AUDIT_ADMIN, Role.ENTERPRISE_USER})


def visible_units(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a unit."""
    return OrgUnit.tenant_id == viewer.tenant_id


def visible_users(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a colleague."""
    return User.tenant_id == viewer.tenant_id


def theirs(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], viewer: Actor
) -> ColumnElement[bool]:
    """Return the condition that `column` is the viewer, or somebody for whom they stand in."""
    if viewer.user_id is None:
        return false()
    if not viewer.stands_in_for:
        return column == viewer.user_id
    return column.in_((viewer.user_id, *viewer.stands_in_for))


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless the actor's role grants `permission`.

    The system may too: somebody must make the first administrator.
    """
    if actor.role is not Role.SYSTEM and not actor.may(permission):
        raise NotAllowed(N_("{role}不能做这件事。"), role=actor.role)


def require_own(actor: Actor, tenant_id: int) -> None:
    """Raise NotFound where a thing belongs to another tenant."""
    if actor.tenant_id != tenant_id:
        raise NotFound(N_("没有找到，可能已被移走，或者不在您能看的范围内。"))
