"""The door: signing in and out, locks, passwords, and in which role a person acts."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from app.accounts import queries
from app.accounts.models import LoginFailures, RoleHolding, SignIn, User
from app.accounts.queries import LockRules
from app.accounts.roles import Actor
from app.accounts.service.audit import log
from app.core import audit, clock, passwords
from app.core.audit import Entry
from app.core.db import db, inserting
from app.core.errors import DomainError, Invalid, NotFound, Stale, TooMany
from app.core.i18n import N_

SEEN_EVERY = timedelta(minutes=1)
FAILURES_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=180)
LOCKED = N_("密码错的次数太多，这个账号名锁定到 {until}。请到时再试，或者请系统管理员重置密码。")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A name and a password that were compared, and whether they fit."""

    username: str
    user_id: int | None
    fits: bool
    renewed_hash: str = ""


def check_password(username: str, password: str) -> Attempt:
    """Compare a name and a password. Slow on purpose: call it outside transactions.

    An unknown name takes as long as a known one.
    """
    user = queries.by_username(username)
    stored = user.password_hash if user and user.is_active else ""
    fits = passwords.matches(stored, password)
    renewed = passwords.make_hash(password) if fits and passwords.is_outdated(stored) else ""
    return Attempt(username, user.id if user else None, fits, renewed)


def sign_in(attempt: Attempt, *, ip: str, browser: str) -> str | DomainError:
    """Begin a session and return its token, or return why not.

    The refusal is returned, not raised: what it counted must be kept.
    """
    now, rules = clock.machine_now(), queries.lock_rules()
    failures = _failures(attempt.username)
    if failures.locked_until and failures.locked_until > now:
        return _locked(failures.locked_until)
    if not attempt.fits or attempt.user_id is None:
        return _refuse(attempt, failures, rules=rules, ip=ip)
    db.session.delete(failures)
    user = db.session.get_one(User, attempt.user_id)
    holding_id = _last_role(user)
    if holding_id is None:
        return Invalid(N_("这个账号还没有岗位，请系统管理员先分配岗位。"))
    if attempt.renewed_hash:
        user.password_hash = attempt.renewed_hash
    actor = queries.actor_for(user.id)
    log(_from(actor, ip), N_("登录"), "session", user.id)
    return _begin(user.id, holding_id, ip=ip, browser=browser)


def end_session(sign_in_id: int, *, actor: Actor) -> None:
    """Sign out: the token is worth nothing from now on."""
    _end(SignIn.id == sign_in_id)
    log(actor, N_("退出登录"), "session", actor.user_id)


def end_sessions(user_id: int) -> None:
    """End every session of a person."""
    _end(SignIn.user_id == user_id)


def end_sessions_in(holding_ids: Sequence[int]) -> None:
    """End every session in which somebody acts in one of these roles."""
    if holding_ids:
        _end(SignIn.holding_id.in_(holding_ids))


def touch(sign_in_id: int) -> None:
    """Note that a session is in use, at most once a minute."""
    now = clock.machine_now()
    db.session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.seen_at < now - SEEN_EVERY)
        .values(seen_at=now)
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A new password that was found good, and the old one that it replaces."""

    old_hash: str
    new_hash: str


def prepare_change(current: str, new: str, *, actor: Actor) -> Change:
    """Judge a new password. Slow on purpose: call it outside transactions.

    Raises Invalid where the current one is wrong or the new one is not good enough.
    """
    user = _self(actor)
    if not passwords.matches(user.password_hash, current):
        raise Invalid(N_("现在的密码不对，请再输一次。"), field="current")
    passwords.check_rule(new, username=user.username, field="new")
    if passwords.matches(user.password_hash, new):
        raise Invalid(N_("新密码和现在的一样，请换一个。"), field="new")
    return Change(user.password_hash, passwords.make_hash(new))


def change_password(change: Change, sign_in_id: int, *, actor: Actor) -> str:
    """Set a new password, end all sessions of the person, and return the token of a new one."""
    user = _self(actor)
    if user.password_hash != change.old_hash:
        raise Stale(N_("密码刚才已经改过了，请用新密码重新登录。"))
    user.password_hash = change.new_hash
    user.must_change_password = False
    before = db.session.get_one(SignIn, sign_in_id)
    end_sessions(user.id)
    log(actor, N_("修改密码"), "user", user.id)
    return _begin(user.id, before.holding_id, ip=actor.ip, browser=before.browser)


def act_as(holding_id: int, sign_in_id: int, *, actor: Actor) -> RoleHolding:
    """Let the person of a session act in another of their roles."""
    held = db.session.scalar(
        select(RoleHolding).where(
            RoleHolding.id == holding_id,
            RoleHolding.user_id == actor.user_id,
            RoleHolding.is_active,
        )
    )
    if held is None:
        raise NotFound(N_("您没有这个岗位，可能已经调整了。"))
    db.session.get_one(SignIn, sign_in_id).holding_id = held.id
    log(
        actor,
        N_("切换身份"),
        "session",
        actor.user_id,
        before={"role": actor.role},
        after={"role": held.role},
    )
    return held


def tidy() -> None:
    """Forget failures and sessions that are long over."""
    now = clock.machine_now()
    db.session.execute(delete(LoginFailures).where(LoginFailures.last_at < now - FAILURES_KEPT))
    db.session.execute(delete(SignIn).where(SignIn.seen_at < now - SESSIONS_KEPT))


def _begin(user_id: int, holding_id: int | None, *, ip: str, browser: str) -> str:
    token, now = secrets.token_urlsafe(32), clock.machine_now()
    db.session.add(
        SignIn(
            token_hash=queries.token_hash(token),
            user_id=user_id,
            holding_id=holding_id,
            begun_at=now,
            seen_at=now,
            ip=ip[:64],
            browser=browser[:200],
        )
    )
    return token


def _end(which: ColumnElement[bool]) -> None:
    ended = update(SignIn).where(which, SignIn.ended_at.is_(None))
    db.session.execute(ended.values(ended_at=clock.machine_now()))


def _failures(username: str) -> LoginFailures:
    """Return the row of this name, locked: of two attempts at once the second one waits."""
    key = queries.token_hash(queries.folded(username))
    now = clock.machine_now()
    db.session.execute(
        inserting(LoginFailures)
        .values(name_hash=key, count=0, last_at=now)
        .on_conflict_do_nothing(index_elements=["name_hash"])
    )
    return db.session.scalars(
        select(LoginFailures).where(LoginFailures.name_hash == key).with_for_update()
    ).one()


def _refuse(attempt: Attempt, failures: LoginFailures, *, rules: LockRules, ip: str) -> DomainError:
    now = clock.machine_now()
    if now - failures.last_at > timedelta(minutes=rules.minutes):
        failures.count = 0
    failures.count, failures.last_at, failures.locked_until = failures.count + 1, now, None
    left = rules.failures - failures.count
    if left <= 0:
        failures.count, failures.locked_until = 0, now + timedelta(minutes=rules.minutes)
    _log_refusal(attempt.user_id, ip)
    if failures.locked_until:
        return _locked(failures.locked_until)
    return Invalid(
        N_("账号或密码不对。还可以试 {left} 次，之后锁定 {minutes} 分钟。"),
        left=left,
        minutes=rules.minutes,
    )


def _locked(until: datetime) -> DomainError:
    return TooMany(LOCKED, until=f"{clock.local(until):%H:%M}")


def _log_refusal(user_id: int | None, ip: str) -> None:
    """Log a failure in the person's tenant; an unknown name is logged in the oldest one."""
    user = db.session.get(User, user_id) if user_id else None
    tenant_ids = [user.tenant_id] if user else [one.id for one in queries.tenants()][:1]
    for tenant_id in tenant_ids:
        audit.record(
            Entry(tenant_id, user_id, "", ip, queries.REFUSED, "session", user_id),
        )


def _last_role(user: User) -> int | None:
    """Return the role in which the person acted last, or else their first one."""
    held = [one.id for one in queries.holdings_of(user.id)]
    last = db.session.scalar(
        select(SignIn.holding_id)
        .where(SignIn.user_id == user.id)
        .order_by(SignIn.id.desc())
        .limit(1)
    )
    if last in held:
        return last
    return held[0] if held else None


def _self(actor: Actor) -> User:
    return db.session.get_one(User, actor.user_id)


def _from(actor: Actor, ip: str) -> Actor:
    return Actor(actor.tenant_id, actor.user_id, actor.role, actor.name, actor.unit_id, ip=ip)
