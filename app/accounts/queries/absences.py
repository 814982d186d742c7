"""Who is away, who stands in for them, and whose absences somebody may see and enter."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    false,
    or_,
    select,
)
from sqlalchemy.orm import joinedload

from app.accounts import policy
from app.accounts.models import Absence, RoleHolding, User
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.core.prepared import Numbers

OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)
SHOWN_FOR = timedelta(days=60)  # how long a page still shows what is over


def runs_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Return the condition that somebody is away on `day`; never what was called off before."""
    return (Absence.from_on <= day) & (Absence.to_on >= day) & Absence.ended_at.is_(None)


def is_running() -> ColumnElement[bool]:
    """Return the condition that a deputy stands in: it has begun, and has not ended."""
    return Absence.begun_at.is_not(None) & Absence.ended_at.is_(None)


def overlapping(
    from_on: date, to_on: date, *, away: int | None = None, deputy: int | None = None
) -> Absence | None:
    """Return an absence in these days of the person `away`, or one in which `deputy` stands in."""
    found = select(Absence).where(
        Absence.from_on <= to_on, Absence.to_on >= from_on, Absence.ended_at.is_(None)
    )
    if away is not None:
        found = found.where(Absence.user_id == away)
    if deputy is not None:
        found = found.where(Absence.deputy_id == deputy)
    return db.session.scalars(found.order_by(Absence.from_on, Absence.id).limit(1)).first()


def running(deputy_id: int) -> Sequence[Absence]:
    """Return the absences in which a person stands in at present."""
    found = select(Absence).where(Absence.deputy_id == deputy_id, is_running())
    return db.session.scalars(found.order_by(Absence.id)).all()


def running_for(user_id: int) -> Sequence[Absence]:
    """Return the absences of a person in which somebody stands in at present."""
    found = select(Absence).where(Absence.user_id == user_id, is_running())
    return db.session.scalars(found.order_by(Absence.id)).all()


def stood_in_for(deputy_id: int, role: Role) -> tuple[int, ...]:
    """Return the ids of those for whom a person acts in a role at present."""
    found = (
        select(Absence.user_id)
        .join(RoleHolding, RoleHolding.user_id == Absence.user_id)
        .where(Absence.deputy_id == deputy_id, is_running(), RoleHolding.role == role)
        .where(RoleHolding.is_active, RoleHolding.absence_id.is_(None))
        .distinct()
        .order_by(Absence.user_id)
    )
    return tuple(db.session.scalars(found))


_STANDING_IN = Numbers(select(Absence.deputy_id, Absence.user_id).where(is_running()))


def deputies_of(user_ids: Collection[int]) -> Sequence[int]:
    """Return who stands in at present for any of these people."""
    away = frozenset(user_ids)  # few are away at once: asked for all, as every message asks
    return sorted({deputy for deputy, user in _STANDING_IN.rows({}) if user in away})


def to_begin() -> Sequence[int]:
    """Return the ids of the absences that should have begun, and have not."""
    found = select(Absence.id).where(runs_on(clock.today()), Absence.begun_at.is_(None))
    return db.session.scalars(found.order_by(Absence.id)).all()


def to_end() -> Sequence[int]:
    """Return the ids of the absences whose last day is over, and which have not ended."""
    found = select(Absence.id).where(Absence.to_on < clock.today(), Absence.ended_at.is_(None))
    return db.session.scalars(found.order_by(Absence.id)).all()


def absence(absence_id: int, *, viewer: Actor) -> Absence:
    """Return an absence that the viewer may know of; raise NotFound for any other."""
    found = db.session.scalar(select(Absence).where(Absence.id == absence_id, _seen_by(viewer)))
    if found is None:
        raise NotFound(N_("没有找到这次外出登记。"))
    return found


def absences(*, viewer: Actor) -> Sequence[Absence]:
    """Return the absences that concern the viewer, the latest first; what is long over is not."""
    since = clock.today() - SHOWN_FOR
    return db.session.scalars(
        select(Absence)
        .where(_seen_by(viewer), Absence.to_on >= since)
        .options(joinedload(Absence.user), joinedload(Absence.deputy))
        .order_by(Absence.from_on.desc(), Absence.id.desc())
    ).all()


def staff(*, viewer: Actor) -> Sequence[User]:
    """Return the people whose absence the viewer may enter, themselves first."""
    found = select(User).where(
        policy.visible_users(viewer), User.is_active, User.id.in_(_working()), _of_staff(viewer)
    )
    return db.session.scalars(found.order_by(User.id != viewer.user_id, User.id)).all()


def deputies(*, viewer: Actor) -> Sequence[User]:
    """Return the people who may stand in for somebody."""
    found = select(User).where(
        policy.visible_users(viewer), User.is_active, User.id.in_(_working())
    )
    return db.session.scalars(found.order_by(User.id)).all()


def may_note(user_id: int, *, actor: Actor) -> bool:
    """Tell whether `actor` may enter the absence of this person."""
    found = select(User.id).where(
        User.id == user_id, User.tenant_id == actor.tenant_id, _of_staff(actor)
    )
    return db.session.scalar(found) is not None


def works(user_id: int) -> bool:
    """Tell whether a person holds a role of their own that a deputy can hold for them."""
    return db.session.scalar(_working().where(RoleHolding.user_id == user_id).limit(1)) is not None


def seats(user_id: int) -> frozenset[int]:
    """Return the ids of the units in which a person handles or heads, in their own right."""
    found = select(RoleHolding.unit_id).where(
        RoleHolding.user_id == user_id,
        RoleHolding.role.in_(policy.NEEDS_UNIT),
        RoleHolding.is_active,
        RoleHolding.absence_id.is_(None),
        RoleHolding.unit_id.is_not(None),
    )
    return frozenset(unit_id for unit_id in db.session.scalars(found) if unit_id is not None)


def colleagues(user_id: int, units: Collection[int], from_on: date, to_on: date) -> frozenset[int]:
    """Return who else has a seat in one of `units` and is there in these days."""
    away = select(Absence.user_id).where(
        Absence.from_on <= to_on, Absence.to_on >= from_on, Absence.ended_at.is_(None)
    )
    found = (
        select(RoleHolding.user_id)
        .join(User, User.id == RoleHolding.user_id)
        .where(
            RoleHolding.unit_id.in_(units),
            RoleHolding.role.in_(policy.NEEDS_UNIT),
            RoleHolding.is_active,
            RoleHolding.absence_id.is_(None),
            User.is_active,
            RoleHolding.user_id != user_id,
            RoleHolding.user_id.not_in(away),
        )
    )
    return frozenset(db.session.scalars(found))


def _working() -> Select[int]:
    """Return the ids of all who hold, in their own right, a role that can be held for them."""
    return select(RoleHolding.user_id).where(
        RoleHolding.role.not_in(policy.NOT_COVERED),
        RoleHolding.is_active,
        RoleHolding.absence_id.is_(None),
    )


def _of_staff(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of being the actor, or one for whose presence they answer."""
    own = User.id == actor.user_id if actor.user_id is not None else false()
    if actor.may(Permission.ACCOUNT_MANAGE):
        return User.tenant_id == actor.tenant_id
    led = select(RoleHolding.user_id).where(
        RoleHolding.tenant_id == actor.tenant_id, RoleHolding.is_active
    )
    if actor.role is Role.OFFICE_DIRECTOR:
        return or_(own, User.id.in_(led.where(RoleHolding.role.in_(OFFICE))))
    if actor.role is Role.DEPT_HEAD and actor.unit_id is not None:
        return or_(own, User.id.in_(led.where(RoleHolding.unit_id == actor.unit_id)))
    return own


def _seen_by(viewer: Actor) -> ColumnElement[bool]:
    mine = select(User.id).where(User.tenant_id == viewer.tenant_id, _of_staff(viewer))
    stands_in = Absence.deputy_id == viewer.user_id if viewer.user_id is not None else false()
    return and_(Absence.tenant_id == viewer.tenant_id, or_(Absence.user_id.in_(mine), stands_in))
