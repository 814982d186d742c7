"""People, the roles they hold, and how they like their pages."""

from dataclasses import asdict, dataclass, replace

from sqlalchemy import delete, func, select

from app.accounts import policy, queries
from app.accounts.models import LoginFailures, OrgUnit, RoleHolding, Tenant, User
from app.accounts.roles import PEOPLE, Actor, Permission, Role
from app.accounts.service import absences
from app.accounts.service.audit import OF, changes, log, why
from app.accounts.service.sessions import end_sessions
from app.core import passwords
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, check_version
from app.core.i18n import N_


@dataclass(frozen=True, slots=True)
class UserDraft:
    """What is written down of a person."""

    username: str
    name: str
    post: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A person who was added, and the password to be told to them once."""

    user: User
    initial_password: str


def create_user(
    draft: UserDraft, *, actor: Actor, password_hash: str = "", must_change: bool = True
) -> Made:
    """Add a person with a random first password, or with the hash of a given one."""
    policy.require(actor, Permission.ACCOUNT_MANAGE)
    username = queries.folded(draft.username)
    _check_free(username)
    password = "" if password_hash else passwords.initial()
    user = User(
        tenant_id=actor.tenant_id,
        username=username,
        name=draft.name,
        post=draft.post,
        email=draft.email,
        phone=draft.phone or None,
        password_hash=password_hash or passwords.make_hash(password),
        must_change_password=must_change,
    )
    db.session.add(user)
    db.session.flush()  # gives the person the id that the log names
    log(actor, N_("新增人员"), "user", user.id, after=_told(draft))
    return Made(user, password)


def edit_user(
    user: User, draft: UserDraft, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Change what is written down of a person, and say why."""
    _manage(user.tenant_id, actor)
    check_version(user.version, version)
    username = queries.folded(draft.username)
    if username != user.username:
        _check_free(username)
    phone = draft.phone or None
    before = UserDraft(user.username, user.name, user.post, user.email, user.phone or "")
    if before == replace(draft, username=username):
        return
    said = why(reason)
    user.username, user.name, user.post, user.email = username, draft.name, draft.post, draft.email
    if phone != (user.phone or None):
        user.phone = phone
    was, became = changes(_told(before), _told(draft))
    if draft.phone != before.phone:
        was["phone"], became["phone"] = "…", N_("已改")
    of = {OF: before.name}
    log(actor, N_("修改人员"), "user", user.id, before=was, after=of | became, reason=said)


def deactivate(user: User, *, reason: str, version: int | None, actor: Actor) -> None:
    """Close an account: its sessions end now, what the person did stays theirs."""
    _manage(user.tenant_id, actor)
    check_version(user.version, version)
    if not user.is_active:
        return
    if user.id == actor.user_id:
        raise NotAllowed(N_("不能停用自己的账号，请另一位系统管理员来做。"))
    _keep_an_administrator(user, leaving=user)
    absences.check_stands_in_for_nobody(user)
    said = why(reason)
    user.is_active = False
    end_sessions(user.id)
    log(actor, N_("停用账号"), "user", user.id, after={OF: user.name}, reason=said)


def activate(user: User, *, reason: str, version: int | None, actor: Actor) -> None:
    """Open a closed account again, and say why."""
    _manage(user.tenant_id, actor)
    check_version(user.version, version)
    if user.is_active:
        return
    said = why(reason)
    user.is_active = True
    log(actor, N_("启用账号"), "user", user.id, after={OF: user.name}, reason=said)


def reset_password(
    user: User, password_hash: str, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Set a first password, to be changed at once, and say why; open a lock, end all sessions."""
    _manage(user.tenant_id, actor)
    check_version(user.version, version)
    said = why(reason)
    user.password_hash, user.must_change_password = password_hash, True
    key = queries.token_hash(user.username)
    db.session.execute(delete(LoginFailures).where(LoginFailures.name_hash == key))
    end_sessions(user.id)
    log(actor, N_("重置密码"), "user", user.id, after={OF: user.name}, reason=said)


def give_role(
    user: User,
    role: Role,
    *,
    unit_id: int | None = None,
    enterprise_id: int | None = None,
    reason: str = "",
    actor: Actor,
) -> RoleHolding:
    """Let a person act in a role, in a unit or for an enterprise; their sessions end.

    The first role of a person needs no reason: with it they begin.
    """
    _manage(user.tenant_id, actor)
    unit = queries.unit(unit_id, viewer=actor) if unit_id else None
    _check_scope(role, unit, enterprise_id)
    ever = select(RoleHolding.id).where(RoleHolding.user_id == user.id).limit(1)
    said = why(reason) if reason.strip() or db.session.scalar(ever) else ""
    same = (RoleHolding.user_id == user.id, RoleHolding.role == role)
    held = db.session.scalars(select(RoleHolding).where(*same)).all()
    for one in held:
        if (one.unit_id, one.enterprise_id) == (unit_id, enterprise_id):
            if one.is_active and one.absence_id is None:
                raise Invalid(N_("{name}已经有这个岗位了。"), field="role", name=user.name)
            one.is_active, one.absence_id = True, None  # their own from now on
            return _given(one, unit, actor, said)
    new = RoleHolding(
        tenant_id=user.tenant_id,
        user_id=user.id,
        role=role,
        unit_id=unit_id,
        enterprise_id=enterprise_id,
        is_active=True,
    )
    db.session.add(new)
    db.session.flush()  # gives the holding its id
    return _given(new, unit, actor, said)


def end_role(held: RoleHolding, *, reason: str, actor: Actor) -> None:
    """End a role and say why; the person's sessions end with it."""
    _manage(held.tenant_id, actor)
    if not held.is_active:
        return
    if held.role is Role.SYS_ADMIN:
        _keep_an_administrator(held.user, leaving=None)
    said = why(reason)
    held.is_active = False
    end_sessions(held.user_id)
    absences.follow(held.user_id)
    before = {"role": held.role, "unit": held.unit.name if held.unit else ""}
    of = {OF: held.user.name}
    log(actor, N_("结束岗位"), "user", held.user_id, before=before, after=of, reason=said)


def prefer(
    *, language: str = "", theme: str = "", large_type: bool | None = None, actor: Actor
) -> None:
    """Keep how a person likes their pages; what is not given stays as it is."""
    user = db.session.get_one(User, actor.user_id)
    user.language = language or user.language
    user.theme = theme or user.theme
    user.large_type = user.large_type if large_type is None else large_type


def _manage(tenant_id: int, actor: Actor) -> None:
    policy.require(actor, Permission.ACCOUNT_MANAGE)
    policy.require_own(actor, tenant_id)


def _check_free(username: str) -> None:
    if queries.by_username(username):
        raise Invalid(N_("已经有人用这个账号名了，请换一个。"), field="username")


def _check_scope(role: Role, unit: OrgUnit | None, enterprise_id: int | None) -> None:
    if role not in PEOPLE:
        raise Invalid(N_("这个岗位不能给人。"), field="role")
    if role in policy.NEEDS_UNIT and unit is None:
        raise Invalid(N_("{role}要有所在单位，请选一个。"), field="unit_id", role=role)
    if unit is not None and not unit.is_active:
        raise Invalid(N_("这个单位已经停用，请另选一个。"), field="unit_id")
    if role in policy.NEEDS_ENTERPRISE and enterprise_id is None:
        raise Invalid(N_("企业用户要写明是哪家企业。"), field="enterprise")


def _given(held: RoleHolding, unit: OrgUnit | None, actor: Actor, reason: str) -> RoleHolding:
    end_sessions(held.user_id)
    absences.follow(held.user_id)
    after = {OF: held.user.name, "role": held.role, "unit": unit.name if unit else ""}
    log(actor, N_("给予岗位"), "user", held.user_id, after=after, reason=reason)
    return held


def _keep_an_administrator(user: User, *, leaving: User | None) -> None:
    """Raise NotAllowed where nobody but this holder could administer the tenant."""
    # The tenant's row is locked, so that two administrators cannot end each other at once.
    db.session.scalars(select(Tenant).where(Tenant.id == user.tenant_id).with_for_update()).one()
    holds = select(RoleHolding.user_id).where(
        RoleHolding.tenant_id == user.tenant_id,
        RoleHolding.role == Role.SYS_ADMIN,
        RoleHolding.is_active,
    )
    admins = select(func.count()).select_from(User).where(User.is_active, User.id.in_(holds))
    others = db.session.scalar(admins.where(User.id != user.id))
    own = db.session.scalar(admins.where(User.id == user.id))
    if own and not others:
        what = N_("停用") if leaving else N_("结束岗位")
        raise NotAllowed(N_("这是最后一位系统管理员，不能{what}。请先让另一个人担任。"), what=what)


def _told(draft: UserDraft) -> dict[str, str]:
    """Return what the log may know of a person: no telephone number."""
    told: dict[str, str] = {name: str(value) for name, value in asdict(draft).items()}
    del told["phone"]
    return told
