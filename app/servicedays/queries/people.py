"""Who may host a day, and which units may be present."""

from collections.abc import Sequence

from app.accounts import queries as people
from app.accounts.models import OrgUnit, UnitKind, User
from app.accounts.roles import Actor, Role

HOSTS = (Role.LEADER, Role.CHIEF)
PRESENT = (UnitKind.OFFICE, UnitKind.DEPT, UnitKind.VERTICAL)


def hosts(tenant_id: int) -> Sequence[User]:
    """Return the leaders who may receive enterprises."""
    return people.users_with_role(tenant_id, HOSTS)


def may_host(user_id: int, tenant_id: int) -> bool:
    """Tell whether a person may receive enterprises."""
    return any(one.id == user_id for one in hosts(tenant_id))


def present_units(*, viewer: Actor) -> Sequence[OrgUnit]:
    """Return the units that may be present, in the order of the office."""
    return people.units(viewer=viewer, kinds=PRESENT)
