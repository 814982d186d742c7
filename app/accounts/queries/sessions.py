"""Who is signed in, and the rules that guard the door."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from app.accounts.models import Absence, OneTimeLink, OrgUnit, RoleHolding, SignIn, Tenant, User
from app.accounts.parameters import Parameters
from app.accounts.queries.absences import is_running
from app.accounts.queries.units import tenants
from app.accounts.roles import Actor, Role
from app.core import clock, search
from app.core.db import db
from app.core.errors import Gone
from app.core.i18n import N_


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds, as the switch of roles shows it."""

    id: int
    role: Role
    unit_id: int | None
    enterprise_id: int | None
    unit_name: str

    @property
    def label(self) -> str:
        """The word of the role."""
        return self.role.label


@dataclass(frozen=True, slots=True)
class SignedIn(Actor):
    """The person at the screen, acting in one role: all that a page needs to know of them."""

    token: str = field(default="", repr=False)
    sign_in_id: int = 0
    seen_at: datetime | None = None
    username: str = ""
    post: str = ""
    unit_name: str = ""
    tenant_name: str = ""
    is_demo: bool = False
    holding_id: int = 0
    holdings: tuple[Held, ...] = ()
    language: str = ""
    theme: str = ""
    large_type: bool = False
    must_change_password: bool = False
    parameters: Parameters = field(default_factory=Parameters, repr=False)
    # Kept at hand: rules ask for it again and again, and the session forgets what nobody holds.
    held_tenant: Tenant | None = field(default=None, repr=False, compare=False)

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what the cookie carries: the token of the session."""
        return self.token


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def left_idle(token: str) -> int | None:
    """Return whose session that is, also where it has been idle too long; None where it ended."""
    found = select(SignIn.user_id).join(User, SignIn.user_id == User.id)
    good = (SignIn.token_hash == token_hash(token), SignIn.ended_at.is_(None), User.is_active)
    return db.session.scalar(found.where(*good))


_LENT = aliased(RoleHolding)  # the same role, as somebody holds it who is away
_SIGNED_IN = (
    select(
        SignIn.id,
        SignIn.holding_id,
        SignIn.seen_at,
        User.id.label("user_id"),
        User.username,
        User.name,
        User.post,
        User.language,
        User.theme,
        User.large_type,
        User.must_change_password,
        Tenant,
        RoleHolding.id.label("held_id"),
        RoleHolding.role,
        RoleHolding.unit_id,
        RoleHolding.enterprise_id,
        OrgUnit.name.label("unit_name"),
        _LENT.user_id.label("away_id"),
    )
    .join(User, SignIn.user_id == User.id)
    .join(Tenant, User.tenant_id == Tenant.id)
    .join(RoleHolding, and_(RoleHolding.user_id == User.id, RoleHolding.is_active))
    .outerjoin(OrgUnit, RoleHolding.unit_id == OrgUnit.id)
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
    .where(SignIn.token_hash == bindparam("token_hash"), SignIn.ended_at.is_(None), User.is_active)
    .order_by(RoleHolding.id)
)


def signed_in(token: str, *, ip: str = "") -> SignedIn | None:
    """Return who holds the session of `token`; None where it ended or has been idle too long.

    One statement: a row for each role that the person holds, and for whom they stand in.
    """
    rows = db.session.execute(_SIGNED_IN, {"token_hash": token_hash(token)}).all()
    if not rows:
        return None
    held = tuple(
        dict.fromkeys(
            Held(row.held_id, row.role, row.unit_id, row.enterprise_id, row.unit_name or "")
            for row in rows
        )
    )
    row = rows[0]
    now = next((one for one in held if one.id == row.holding_id), held[0])
    tenant: Tenant = row.Tenant
    parameters = tenant.parameters
    away = {one.away_id for one in rows if one.held_id == now.id and one.away_id is not None}
    if row.seen_at + timedelta(minutes=parameters.idle_minutes) < clock.machine_now():
        return None
    return SignedIn(
        tenant_id=tenant.id,
        user_id=row.user_id,
        role=now.role,
        name=row.name,
        unit_id=now.unit_id,
        enterprise_id=now.enterprise_id,
        ip=ip,
        stands_in_for=tuple(sorted(away)),
        token=token,
        sign_in_id=row.id,
        seen_at=row.seen_at,
        username=row.username,
        post=row.post,
        unit_name=now.unit_name,
        tenant_name=tenant.name,
        is_demo=tenant.is_demo,
        holding_id=now.id,
        holdings=held,
        language=row.language,
        theme=row.theme,
        large_type=row.large_type,
        must_change_password=row.must_change_password,
        parameters=parameters,
        held_tenant=tenant,
    )


def by_username(username: str) -> User | None:
    """Return whose name of sign-in this is, written in any way."""
    return db.session.scalar(select(User).where(User.username == folded(username)))


def folded(username: str) -> str:
    """Return a name of sign-in as it is compared and kept."""
    return search.folded(username).strip()


@dataclass(frozen=True, slots=True)
class LockRules:
    """After how many failures a name is locked, and for how long."""

    failures: int
    minutes: int


def lock_rules() -> LockRules:
    """Return the strictest rules of all tenants.

    They hold for every name alike: rules of its own would tell where an account lives.
    """
    settings = [one.parameters for one in tenants()] or [Parameters()]
    return LockRules(
        failures=min(one.lock_failures for one in settings),
        minutes=max(one.lock_minutes for one in settings),
    )


def open_link(token: str, purpose: str) -> OneTimeLink:
    """Return the link of `token` while it can be used; raise Gone after that."""
    found = db.session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == token_hash(token),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > clock.machine_now(),
        )
    )
    if found is None:
        raise Gone(N_("这个链接用过了，或者已经过期。请向管理员要一个新的。"))
    return found
