"""Appointments of a day, and the places that are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core import links
from app.core.db import db
from app.core.errors import Gone, NotFound
from app.core.i18n import N_
from app.enterprises.models import Enterprise, Linkage
from app.enterprises.policy import active_on
from app.enterprises.policy import visible_to as enterprise_visible_to
from app.servicedays import policy
from app.servicedays.models import Appointment, Invitation, ReceivedProblem, ServiceDay
from app.servicedays.workflow import Booking, Origin

PURPOSE = "service-day"  # of the links with which enterprises book
NO_LINK = N_("这个链接不完整。请从通知里完整复制后再打开。")


@dataclass(frozen=True, slots=True)
class Place:
    """When somebody may come, and how many more; None: as many as want. `at` None: any time."""

    at: time | None
    left: int | None

    @property
    def is_free(self) -> bool:
        """Whether one more fits in."""
        return self.left is None or self.left > 0


def appointment(appointment_id: int, *, day: ServiceDay, viewer: Actor) -> Appointment:
    """Return one appointment of a day; raise NotFound where the viewer may not know of it."""
    found = db.session.scalar(
        select(Appointment)
        .where(policy.appointments_visible_to(viewer))
        .where(Appointment.id == appointment_id, Appointment.day_id == day.id)
        .options(joinedload(Appointment.enterprise))
    )
    if found is None:
        raise NotFound(N_("没有找到这个预约，或者不在您能看的范围内。"))
    return found


def appointments_of(day: ServiceDay, *, viewer: Actor) -> Sequence[Appointment]:
    """Return the appointments of a day that stand and that the viewer may know of, in order."""
    return db.session.scalars(
        select(Appointment)
        .where(policy.appointments_visible_to(viewer), Appointment.day_id == day.id)
        .where(Appointment.state != Booking.RELEASED)
        .options(joinedload(Appointment.enterprise))
        .order_by(Appointment.slot.is_(None), Appointment.slot, Appointment.id)
    ).all()


def standing_of(day_id: int) -> Sequence[Appointment]:
    """Return every appointment of a day that stands, in order; for those who keep the day."""
    return db.session.scalars(
        select(Appointment)
        .where(Appointment.day_id == day_id, Appointment.state != Booking.RELEASED)
        .options(joinedload(Appointment.enterprise))
        .order_by(Appointment.slot.is_(None), Appointment.slot, Appointment.id)
    ).all()


def standing_for(day_id: int, enterprise_id: int) -> Appointment | None:
    """Return the appointment of an enterprise that stands, or None."""
    return db.session.scalar(
        select(Appointment)
        .where(Appointment.day_id == day_id, Appointment.enterprise_id == enterprise_id)
        .where(Appointment.state != Booking.RELEASED)
        .order_by(Appointment.id)
        .limit(1)
    )


def changes_by_link(day_id: int, enterprise_id: int) -> int:
    """Return how often an enterprise made, moved or called off its appointments by itself."""
    counted = select(func.sum(Appointment.version)).where(
        Appointment.day_id == day_id,
        Appointment.enterprise_id == enterprise_id,
        Appointment.origin == Origin.ENTERPRISE,
    )
    return db.session.scalar(counted) or 0


def places_of(day: ServiceDay, *, but: int | None = None) -> tuple[Place, ...]:
    """Return the places of a day; `but` leaves out an appointment that is to be moved."""
    booked = (
        select(Appointment.slot, func.count())
        .where(Appointment.day_id == day.id, Appointment.state != Booking.RELEASED)
        .group_by(Appointment.slot)
    )
    if but is not None:
        booked = booked.where(Appointment.id != but)
    counts: dict[time | None, int] = {slot: n for slot, n in db.session.execute(booked)}  # noqa: C416 - rows are no pairs to mypy
    if not day.slots:
        return (Place(None, _left(day, sum(counts.values()))),)
    return tuple(Place(at, _left(day, counts.get(at, 0))) for at in day.slots)


def bookable(*, viewer: Actor, day: ServiceDay) -> list[tuple[int, str]]:
    """Return the enterprises for which the viewer may book, those without an appointment."""
    have = select(Appointment.enterprise_id).where(
        Appointment.day_id == day.id,
        Appointment.state != Booking.RELEASED,
        Appointment.enterprise_id.is_not(None),
    )
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.short_name, Enterprise.name)
        .where(enterprise_visible_to(viewer), Enterprise.id.not_in(have))
        .order_by(Enterprise.pinyin, Enterprise.id)
    )
    return [(id_, short_name or name) for id_, short_name, name in rows]


def invited(day: ServiceDay) -> list[int]:
    """Return the ids of the enterprises that were chosen to be told of a day."""
    found = select(Invitation.enterprise_id).where(Invitation.day_id == day.id)
    return list(db.session.scalars(found.order_by(Invitation.enterprise_id)))


def linked(day: ServiceDay) -> list[int]:
    """Return the ids of the enterprises that somebody looks after on the day."""
    found = (
        select(Linkage.enterprise_id)
        .where(Linkage.tenant_id == day.tenant_id, Linkage.enterprise_id.is_not(None))
        .where(active_on(day.held_on))
        .distinct()
        .order_by(Linkage.enterprise_id)
    )
    return [one for one in db.session.scalars(found) if one is not None]


def is_link(token: str) -> bool:
    """Tell whether a token is one of ours, whether it still opens anything or not."""
    return links.find(token, PURPOSE) is not None


def by_link(token: str) -> Invitation:
    """Return the invitation that a link opens; raise NotFound or Gone where it opens none."""
    found = links.find(token, PURPOSE)
    if found is None:
        raise NotFound(NO_LINK)
    if not found.is_good:
        raise Gone(N_("这个链接已经失效：服务日已过、已改期或已取消。请联系营商办。"))
    invitation = db.session.get(Invitation, found.link.subject_id)
    if invitation is None or invitation.day.tenant_id != found.link.tenant_id:
        raise NotFound(N_("没有找到这个服务日。"))
    return invitation


def brought_by(day_id: int) -> dict[int, int]:
    """Return how many problems each enterprise brought, by its appointment."""
    counted = db.session.execute(
        select(ReceivedProblem.appointment_id, func.count())
        .where(ReceivedProblem.day_id == day_id)
        .group_by(ReceivedProblem.appointment_id)
    )
    return {appointment_id: n for appointment_id, n in counted}  # noqa: C416 - rows are no pairs to mypy


def _left(day: ServiceDay, taken: int) -> int | None:
    return None if day.capacity is None else max(day.capacity - taken, 0)
