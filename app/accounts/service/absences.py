"""Being away, and who stands in meanwhile: the deputy holds the roles while it lasts."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app.accounts import policy, queries, roles
from app.accounts.models import Absence, OrgUnit, RoleHolding, Tenant, User
from app.accounts.queries import absences
from app.accounts.roles import Actor
from app.accounts.service.audit import OF, log, why
from app.accounts.service.sessions import end_sessions_in
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, check_version
from app.core.i18n import N_

LONGEST = timedelta(days=366)
AWAY_ALREADY = N_("{name}在 {first} 到 {last} 已经登记了外出。")
AWAY_TOO = N_("{name}在 {first} 到 {last} 自己也外出，请选另一个人。")
STANDS_IN = N_("{name}在 {first} 到 {last} 要代理别人，请先换好那边的代理人。")
OVER = N_("外出期满")
Seat = tuple[roles.Role, int | None, int | None]


@dataclass(frozen=True, slots=True)
class AbsenceDraft:
    """Who is away from a day to a day, and who stands in."""

    user_id: int | None
    deputy_id: int | None
    from_on: date | None
    to_on: date | None
    reason: str = ""


def note_absence(draft: AbsenceDraft, *, actor: Actor) -> Absence:
    """Write down that somebody will be away; what is for today begins at once.

    Raises NotAllowed where the actor does not answer for the person, or Invalid at the field
    that is wrong.
    """
    # The tenant's row is locked, so that no two people become each other's deputies at once.
    tenant = select(Tenant).where(Tenant.id == actor.tenant_id).with_for_update()
    db.session.scalars(tenant).one()
    user = _person(draft.user_id, "user_id", actor)
    if not absences.may_note(user.id, actor=actor):
        raise NotAllowed(N_("您只能登记自己的，或者您负责的人的外出。"), field="user_id")
    if not absences.works(user.id):
        raise Invalid(N_("{name}没有要人代理的岗位。"), field="user_id", name=user.name)
    from_on, to_on = _days(draft)
    deputy = _person(draft.deputy_id, "deputy_id", actor)
    _check_deputy(user, deputy, from_on, to_on)
    _check_overlap(user, deputy, from_on, to_on)
    reason = why(draft.reason)
    made = Absence(
        tenant_id=actor.tenant_id,
        user_id=user.id,
        deputy_id=deputy.id,
        from_on=from_on,
        to_on=to_on,
        reason=reason,
        noted_by_id=actor.user_id,
        noted_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()  # gives the absence the id that roles refer to
    log(actor, N_("登记外出"), "user", user.id, after=_told(made, user, deputy), reason=reason)
    if from_on <= clock.today():
        begin_absence(made.id)
    return made


def end_absence_now(found: Absence, *, reason: str, version: int | None, actor: Actor) -> None:
    """Call an absence off, or end it today, and say why: the deputy is released."""
    if found.tenant_id != actor.tenant_id or not absences.may_note(found.user_id, actor=actor):
        raise NotAllowed(N_("您只能结束自己的，或者您负责的人的外出。"))
    check_version(found.version, version)
    if found.ended_at is not None:
        raise DomainError(N_("这次外出已经结束。"))
    _end(found, actor, reason=why(reason))


def begin_absence(absence_id: int) -> None:
    """Give the deputy the roles of the one who is away; a second run changes nothing."""
    found = db.session.get_one(Absence, absence_id, with_for_update=True)
    today = clock.today()
    if found.begun_at is not None or found.ended_at is not None:
        return
    if not found.from_on <= today <= found.to_on:
        return
    found.begun_at = clock.now()
    db.session.flush()  # what runs is asked for below
    hold_roles(found.deputy_id)


def end_absence(absence_id: int) -> None:
    """End an absence whose last day is over; a second run changes nothing."""
    found = db.session.get_one(Absence, absence_id, with_for_update=True)
    if found.ended_at is None and found.to_on < clock.today():
        _end(found, roles.system(found.tenant_id), reason=OVER)


def follow(user_id: int) -> None:
    """Let those who stand in for a person hold what that one holds now, after it changed."""
    db.session.flush()  # the change is asked for below
    today = absences.running_for(user_id)
    for deputy_id in dict.fromkeys(one.deputy_id for one in today):
        hold_roles(deputy_id)
    if absences.running(user_id):
        hold_roles(user_id)


def check_stands_in_for_nobody(user: User) -> None:
    """Raise NotAllowed where somebody is, or will be, away and has only this deputy."""
    found = absences.overlapping(clock.today(), date.max, deputy=user.id)
    if found is not None:
        raise NotAllowed(
            N_("{name}在代理{other}，请先结束那次外出，再停用账号。"),
            name=user.name,
            other=found.user.name,
        )


def hold_roles(deputy_id: int) -> None:
    """Let a deputy hold exactly the roles of those who are away, beside their own.

    A role that they hold anyway is held once. Sessions in a role that ends, end with it;
    a role that is new is there with the next page.
    """
    wanted = _wanted(deputy_id)
    deputy = db.session.get_one(User, deputy_id)
    ended: list[int] = []
    held = select(RoleHolding).where(RoleHolding.user_id == deputy_id)
    for one in db.session.scalars(held.order_by(RoleHolding.is_active.desc(), RoleHolding.id)):
        absence = wanted.pop(_seat(one), None)
        if one.is_active and one.absence_id is None:
            continue  # their own
        if absence is not None:
            if not one.is_active:
                _log_role(N_("给予代理岗位"), one, absence)
            one.is_active, one.absence_id = True, absence.id
        elif one.is_active:
            one.is_active = False
            ended.append(one.id)
            _log_role(N_("收回代理岗位"), one, db.session.get_one(Absence, one.absence_id))
    for (role, unit_id, enterprise_id), absence in wanted.items():
        new = RoleHolding(
            tenant_id=deputy.tenant_id,
            user_id=deputy_id,
            role=role,
            unit_id=unit_id,
            enterprise_id=enterprise_id,
            absence_id=absence.id,
            is_active=True,
        )
        db.session.add(new)
        _log_role(N_("给予代理岗位"), new, absence)
    end_sessions_in(ended)
    db.session.flush()  # whoever asks next for holders of a role must find them


def _wanted(deputy_id: int) -> dict[Seat, Absence]:
    """Return the roles that a deputy is to hold for others, and by which absence."""
    wanted: dict[Seat, Absence] = {}
    for absence in absences.running(deputy_id):
        for held in queries.holdings_of(absence.user_id):
            if held.absence_id is None and held.role not in policy.NOT_COVERED:
                wanted.setdefault(_seat(held), absence)
    return wanted


def _seat(held: RoleHolding) -> Seat:
    return held.role, held.unit_id, held.enterprise_id


def _end(found: Absence, actor: Actor, *, reason: str) -> None:
    found.ended_at = clock.now()
    db.session.flush()  # what runs is asked for below
    hold_roles(found.deputy_id)
    before = _told(found, found.user, found.deputy)
    log(actor, N_("结束外出"), "user", found.user_id, before=before, reason=reason)


def _log_role(action: str, held: RoleHolding, absence: Absence) -> None:
    """Log that a role came or went with an absence: for whom, and why that one is away."""
    deputy = db.session.get_one(User, held.user_id)
    unit = db.session.get(OrgUnit, held.unit_id) if held.unit_id else None
    after = {
        OF: deputy.name,
        "role": held.role,
        "unit": unit.name if unit else "",
        "stands_in_for": absence.user.name,
    }
    actor = roles.system(held.tenant_id)
    log(actor, action, "user", deputy.id, after=after, reason=absence.reason)


def _person(user_id: int | None, field: str, actor: Actor) -> User:
    user = db.session.get(User, user_id) if user_id else None
    if user is None or user.tenant_id != actor.tenant_id or not user.is_active:
        raise Invalid(N_("请从列表中选一个人。"), field=field)
    return user


def _days(draft: AbsenceDraft) -> tuple[date, date]:
    today = clock.today()
    if draft.from_on is None:
        raise Invalid(N_("请写从哪天开始。"), field="from_on")
    if draft.to_on is None:
        raise Invalid(N_("请写到哪天为止。"), field="to_on")
    if draft.from_on < today:
        raise Invalid(N_("最早从今天开始登记。"), field="from_on")
    if draft.to_on < draft.from_on:
        raise Invalid(N_("最后一天不能早于第一天。"), field="to_on")
    if draft.to_on - draft.from_on > LONGEST:
        raise Invalid(N_("一次最长登记 {n} 天。"), field="to_on", n=LONGEST.days)
    return draft.from_on, draft.to_on


def _check_deputy(user: User, deputy: User, from_on: date, to_on: date) -> None:
    if deputy.id == user.id:
        raise Invalid(N_("代理人要是另一个人。"), field="deputy_id")
    if not absences.works(deputy.id):
        raise Invalid(
            N_("{name}没有能代理的岗位，请选另一个人。"), field="deputy_id", name=deputy.name
        )
    seats = absences.seats(user.id)
    near = absences.colleagues(user.id, seats, from_on, to_on) if seats else frozenset()
    if near and deputy.id not in near:
        raise Invalid(N_("同一单位有人在岗，请选本单位的人代理。"), field="deputy_id")


def _check_overlap(user: User, deputy: User, from_on: date, to_on: date) -> None:
    """Refuse days that meet other absences: a deputy is there, and nobody's deputy goes away."""
    meets = (
        (user, absences.overlapping(from_on, to_on, away=user.id), "from_on", AWAY_ALREADY),
        (deputy, absences.overlapping(from_on, to_on, away=deputy.id), "deputy_id", AWAY_TOO),
        (user, absences.overlapping(from_on, to_on, deputy=user.id), "user_id", STANDS_IN),
    )
    for who, found, field, message in meets:
        if found is not None:
            raise Invalid(
                message,
                field=field,
                name=who.name,
                first=found.from_on.isoformat(),
                last=found.to_on.isoformat(),
            )


def _told(made: Absence, user: User, deputy: User) -> dict[str, str]:
    return {OF: user.name, **_days_of(made), "deputy": deputy.name}


def _days_of(absence: Absence) -> dict[str, str]:
    return {"from_on": absence.from_on.isoformat(), "to_on": absence.to_on.isoformat()}
