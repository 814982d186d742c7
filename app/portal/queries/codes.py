"""The QR codes that lead to the public page: the township's, an enterprise's, an officer's."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.accounts import queries as accounts
from app.accounts.models import RoleHolding, Tenant, User
from app.accounts.roles import Actor, Role
from app.core import links
from app.core.db import db
from app.core.enums import LabelledEnum
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import N_
from app.core.links import PublicLink
from app.enterprises import queries as enterprises
from app.portal import policy
from app.portal.queries.doors import PURPOSE

CALLERS = (Role.LIAISON, Role.LEADER, Role.DISPATCHER, Role.OFFICE_DIRECTOR)
NO_CARD = N_("没有找到这位同志，可能已停用。")


class CodeKind(LabelledEnum):
    """What a code names."""

    TENANT = "tenant", N_("全镇")
    ENTERPRISE = "enterprise", N_("企业")
    USER = "user", N_("联络卡")


@dataclass(frozen=True, slots=True)
class Code:
    """What a code is for, in the words printed beside it, and its link where one is good."""

    kind: CodeKind
    id: int
    name: str
    phone: str
    post: str = ""
    link: PublicLink | None = None

    @property
    def subject(self) -> str:
        """The subject of its link."""
        return f"{self.kind.value}:{self.id}"


def code(kind: CodeKind, thing_id: int, *, viewer: Actor) -> Code:
    """Return a code; raise NotAllowed or NotFound where it is not for the viewer to print."""
    policy.check_may_print(viewer)
    name, post = _NAMES[kind](thing_id, viewer)
    found = links.good(
        tenant_id=viewer.tenant_id, purpose=PURPOSE, subject=f"{kind.value}:{thing_id}"
    )
    phone = accounts.tenant(viewer.tenant_id).office_phone
    return Code(kind, thing_id, name, phone, post, found)


def own_tenant(*, viewer: Actor) -> Tenant:
    """Return the township whose name is printed on the viewer's codes."""
    policy.check_may_print(viewer)
    return accounts.tenant(viewer.tenant_id)


def officers(*, viewer: Actor) -> Sequence[User]:
    """Return those who call on enterprises, by name; only to whoever prints for all."""
    if not policy.may_print_all(viewer):
        return ()
    return db.session.scalars(
        select(User)
        .where(User.tenant_id == viewer.tenant_id, User.is_active, User.id.in_(_callers()))
        .order_by(User.name, User.id)
    ).all()


def _callers() -> Select[int]:
    return select(RoleHolding.user_id).where(RoleHolding.is_active, RoleHolding.role.in_(CALLERS))


def _tenant(thing_id: int, viewer: Actor) -> tuple[str, str]:
    if not policy.may_print_all(viewer):
        raise NotAllowed(N_("全镇的二维码由营商办打印。"))
    if thing_id != viewer.tenant_id:
        raise NotFound(N_("没有找到这个二维码。"))
    return accounts.tenant(thing_id).name, ""


def _enterprise(thing_id: int, viewer: Actor) -> tuple[str, str]:
    firm = enterprises.get(thing_id, viewer=viewer)
    return firm.name, ""


def _user(thing_id: int, viewer: Actor) -> tuple[str, str]:
    if thing_id != viewer.user_id and not policy.may_print_all(viewer):
        raise NotFound(NO_CARD)
    found: User | None = db.session.scalar(
        select(User).where(
            User.id == thing_id,
            User.tenant_id == viewer.tenant_id,
            User.is_active,
            User.id.in_(_callers()),
        )
    )
    if found is None:
        raise NotFound(NO_CARD)
    return found.name, found.post or ""


_NAMES = {CodeKind.TENANT: _tenant, CodeKind.ENTERPRISE: _enterprise, CodeKind.USER: _user}
