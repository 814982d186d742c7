"""The first administrator of an empty installation."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from app.accounts import queries
from app.accounts.models import OneTimeLink, Tenant, User
from app.accounts.roles import Role, system
from app.accounts.service.audit import log
from app.accounts.service.people import UserDraft, create_user, give_role
from app.accounts.service.units import create_tenant
from app.core import clock
from app.core.db import db
from app.core.errors import Gone, Invalid
from app.core.i18n import N_

FIRST_ADMINISTRATOR = "first-administrator"
VALID = timedelta(hours=24)
UNNAMED = N_("未命名的乡镇")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first administrator says on their first page."""

    tenant_name: str
    username: str
    name: str
    password_hash: str


def make_admin_link(tenant_id: int | None = None) -> str:
    """Return the token of a link with which somebody becomes administrator, once.

    An installation without a tenant gets one, to be named on that page. A new link ends
    the ones before it.
    """
    existing = queries.tenants()
    if tenant_id is None:
        tenant_id = existing[0].id if existing else create_tenant(UNNAMED).id
    now, token = clock.machine_now(), secrets.token_urlsafe(32)
    db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.tenant_id == tenant_id, OneTimeLink.purpose == FIRST_ADMINISTRATOR)
        .where(OneTimeLink.used_at.is_(None))
        .values(used_at=now)
    )
    db.session.add(
        OneTimeLink(
            token_hash=queries.token_hash(token),
            purpose=FIRST_ADMINISTRATOR,
            tenant_id=tenant_id,
            expires_at=now + VALID,
        )
    )
    return token


def begin(token: str, given: Beginning, *, ip: str) -> User:
    """Name the tenant and make its administrator; raise Gone where the link was used."""
    link = queries.open_link(token, FIRST_ADMINISTRATOR)
    used = db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
        .values(used_at=clock.machine_now())
        .returning(OneTimeLink.id)
    ).first()
    if used is None:
        raise Gone(N_("这个链接用过了，或者已经过期。请向管理员要一个新的。"))
    tenant = queries.tenant(link.tenant_id)
    _name(tenant, given.tenant_name)
    installer = system(tenant.id)
    made = create_user(
        UserDraft(given.username, given.name),
        actor=installer,
        password_hash=given.password_hash,
        must_change=False,
    )
    give_role(made.user, Role.SYS_ADMIN, actor=installer)
    log(installer, N_("启用系统"), "tenant", tenant.id, after={"ip": ip})
    return made.user


def _name(tenant: Tenant, name: str) -> None:
    same = select(Tenant.id).where(Tenant.name == name, Tenant.id != tenant.id)
    if db.session.scalar(same):
        raise Invalid(N_("已经有一个乡镇叫这个名称了。"), field="tenant_name")
    tenant.name = name
