"""Appointments: made, moved, called off; never more than there is room for."""

from datetime import time

from app.accounts import service as accounts
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, TooMany, check_version
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.servicedays import policy, queries
from app.servicedays.models import Appointment, ServiceDay
from app.servicedays.queries.appointments import changes_by_link, standing_for
from app.servicedays.service.drafts import AppointmentDraft
from app.servicedays.service.steps import take
from app.servicedays.workflow import Action, Booking, Origin

SUBJECT = "appointment"
NAME_SHORTEST = 2
MOST_BY_LINK = 20  # changes to one day: whoever needs more is no enterprise that makes up its mind
ORIGINS = {Role.LIAISON: Origin.LIAISON, Role.ENTERPRISE_USER: Origin.ENTERPRISE}


def book(day: ServiceDay, draft: AppointmentDraft, *, actor: Actor) -> Appointment:
    """Make an appointment, for an enterprise or by it.

    The day is locked while its places are counted: of two who want the last one, the second is
    refused.
    """
    take(day, Action.BOOK, actor=actor)
    _check_time(day, actor)
    check_firm(day, draft, actor)
    _check_place(day, draft.slot)
    return write(day, draft, ORIGINS.get(actor.role, Origin.OFFICE), actor=actor)


def write(day: ServiceDay, draft: AppointmentDraft, origin: Origin, *, actor: Actor) -> Appointment:
    """Write an appointment down, whose place is checked before."""
    made = Appointment(
        day_id=day.id,
        origin=origin,
        state=Booking.BOOKED,
        made_by_id=actor.user_id,
        made_at=clock.now(),
    )
    made.enterprise_id = draft.enterprise_id
    made.firm_name = "" if draft.enterprise_id else draft.firm_name.strip()
    _fill(made, draft)
    db.session.add(made)
    db.session.flush()  # gives it the id that the audit log names
    db.session.refresh(made, ["enterprise"])
    accounts.log(actor, N_("预约服务日"), SUBJECT, made.id, after=_told(made))
    return made


def move(
    appointment: Appointment,
    draft: AppointmentDraft,
    *,
    version: int | None = None,
    actor: Actor,
) -> None:
    """Change what an appointment says, or when it is; the enterprise stays."""
    check_version(appointment.version, version)
    day = appointment.day
    take(day, Action.MOVE, actor=actor)
    db.session.refresh(appointment)
    _check_expected(appointment)
    _require_concern(appointment, actor)
    _check_time(day, actor)
    _check_place(day, draft.slot, but=appointment.id)
    before = _told(appointment)
    _fill(appointment, draft)
    old, new = accounts.changes(before, _told(appointment))
    if new:
        accounts.log(actor, N_("改约"), SUBJECT, appointment.id, before=old, after=new)


def release(appointment: Appointment, *, version: int | None = None, actor: Actor) -> None:
    """Call an appointment off; its place is free again."""
    check_version(appointment.version, version)
    take(appointment.day, Action.RELEASE, actor=actor)
    _check_expected(appointment)
    _require_concern(appointment, actor)
    appointment.state = Booking.RELEASED
    accounts.log(actor, N_("取消预约"), SUBJECT, appointment.id, before=_told(appointment))


def check_pace(day_id: int, enterprise_id: int) -> None:
    """Raise TooMany where a link changed the appointment of one day far too often."""
    if changes_by_link(day_id, enterprise_id) >= MOST_BY_LINK:
        raise TooMany(N_("这个链接改的次数太多了。还要改，请打电话给营商办。"))


def reveal_phone(appointment: Appointment, *, actor: Actor) -> str:
    """Return the whole number, and log who asked for it. For those who make appointments."""
    if not policy.may_book(actor):
        raise NotAllowed(N_("电话由营商办和联络员查看。"))
    _require_concern(appointment, actor)
    accounts.log(actor, N_("查看联系电话"), SUBJECT, appointment.id, after=_told(appointment))
    return appointment.contact_phone or ""


def check_firm(day: ServiceDay, draft: AppointmentDraft, actor: Actor) -> None:
    """Raise where the enterprise is not the actor's to book for, or has an appointment already."""
    if draft.enterprise_id is None:
        if actor.role is Role.ENTERPRISE_USER or len(draft.firm_name.strip()) < NAME_SHORTEST:
            raise Invalid(N_("请选一家企业，或者写出它的名称。"), field="enterprise_id")
        return
    firm = enterprises.get(draft.enterprise_id, viewer=actor)
    have = standing_for(day.id, firm.id)
    if have is not None and have.slot is not None:
        raise Invalid(
            N_("{name}已经约了 {at}。要换时间，请在那个预约里改。"),
            field="enterprise_id",
            name=firm.called,
            at=f"{have.slot:%H:%M}",
        )
    if have is not None:
        raise Invalid(N_("{name}已经在名单里了。"), field="enterprise_id", name=firm.called)


def _check_time(day: ServiceDay, actor: Actor) -> None:
    """Refuse others than the office once the day has begun."""
    if clock.now() >= day.begins and not actor.may(Permission.SERVICE_DAY_MANAGE):
        raise Invalid(N_("已经开始了，不能再网上预约。可以直接到现场，或者联系营商办。"))


def _check_place(day: ServiceDay, slot: time | None, *, but: int | None = None) -> None:
    places = {place.at: place for place in queries.places_of(day, but=but)}
    place = places.get(slot)
    if place is None:
        raise Invalid(N_("请选一个时段。"), field="slot")
    if not place.is_free and slot is not None:
        raise Invalid(N_("{at} 刚被约满，请选别的时段。"), field="slot", at=f"{slot:%H:%M}")
    if not place.is_free:
        raise Invalid(N_("已经约满了。"), field="slot")


def _check_expected(appointment: Appointment) -> None:
    if not appointment.is_expected:
        raise Invalid(N_("这个预约现在是“{state}”，不能再改。"), state=appointment.state)


def _require_concern(appointment: Appointment, actor: Actor) -> None:
    """Raise NotFound to those whose appointment it is not."""
    if actor.may(Permission.SERVICE_DAY_MANAGE):
        return
    if actor.user_id is not None and appointment.made_by_id == actor.user_id:
        return
    enterprises.get(appointment.enterprise_id or 0, viewer=actor)


def _fill(appointment: Appointment, draft: AppointmentDraft) -> None:
    appointment.contact_name = draft.contact_name.strip()
    if draft.contact_phone.strip():
        appointment.contact_phone = draft.contact_phone.strip()
    appointment.topic = draft.topic.strip()
    appointment.slot = draft.slot
    appointment.is_online = draft.is_online


def _told(appointment: Appointment) -> dict[str, object]:
    """Return what the audit log may know: never the number."""
    return {
        "day_id": appointment.day_id,
        "firm": appointment.called,
        "contact": appointment.contact_name,
        "topic": appointment.topic,
        "slot": f"{appointment.slot:%H:%M}" if appointment.slot else "",
    }
