"""Telling those who were told of a day what is otherwise now, or that it is off."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.core import clock, links
from app.core.db import db
from app.core.i18n import N_
from app.core.links import PublicLink
from app.notifications import service as outbox
from app.notifications.models import Channel
from app.notifications.service import Outsider
from app.servicedays import queries
from app.servicedays.models import Appointment, Invitation, ServiceDay
from app.servicedays.queries.appointments import PURPOSE, standing_of
from app.servicedays.queries.audience import (
    CHANGED,
    CHANGED_TO_FIRMS,
    NOTICE,
    NOTICE_TO_FIRMS,
    PLANNED,
    told_invitations,
)
from app.servicedays.service import letters

NEW = N_("{kind_label}定在{held_on} {hours}：{place}，{host}接待")
MOVED = N_("{kind_label}有改动：{held_on} {hours}，{place}，{host}接待")
OFF = N_("{held_on}的{kind_label}取消：{reason}")
SUPERSEDED = N_("安排有改动，已另发通知")
INBOX = ("kind_label", "held_on", "hours", "place", "host", "reason")
FIRM_SUBJECT = N_("{kind_label}有改动：{held_on} {hours}，{place}")
FIRM_OFF = N_("{held_on}的{kind_label}取消：{reason}")


def facts(day: ServiceDay) -> dict[str, str]:
    """Return what a change of is told, by the office's word for it."""
    return {
        "日期": letters.dated(day.held_on),
        "时间": day.hours,
        "地点": day.place,
        "接待领导": day.host.name,
        "到场单位": "、".join(unit.name for unit in day.units),
        "主题": day.focus,
        "线上参加": day.online_how if day.is_online else "",
    }


def path_of(day: ServiceDay) -> str:
    """Return the address of a day."""
    return f"/service-days/{day.id}"


def tell_of_new(day: ServiceDay, *, but: int | None) -> None:
    """Tell the host and the units, in the inbox, that a day was planned."""
    context = letters.facts(day)
    outbox.tell(
        [one for one in queries.recipients_of(day) if one != but],
        tenant_id=day.tenant_id,
        rule=PLANNED,
        period=f"{day.id}/new",
        subject=NEW,
        link=path_of(day),
        context={name: context[name] for name in INBOX},
        deputies=False,  # they are among the recipients
    )


def tell_of_change(day: ServiceDay, before: Mapping[str, str], period: str) -> None:
    """Tell everybody who was told of a day what has changed; nothing where that is of no account.

    `period` is that under which it was announced before: what still waits is not sent.
    """
    now = facts(day)
    changes = [
        {"what": what, "was": before[what] or "无", "now": value or "无"}
        for what, value in now.items()
        if before[what] != value
    ]
    if changes:
        _forget(day, period)
        _tell(day, {"changes": changes, "is_cancelled": False}, MOVED, FIRM_SUBJECT)


def tell_of_cancellation(day: ServiceDay) -> None:
    """Tell everybody who was told of a day, and who booked, that it is off."""
    _forget(day, queries.period_of(day))
    _tell(day, {"changes": [], "is_cancelled": True}, OFF, FIRM_OFF)


def invitation_link(invitation: Invitation, day: ServiceDay) -> PublicLink:
    """Return a new link with which an enterprise books; those before open nothing any more."""
    subject = f"invitation:{invitation.id}"
    links.revoke(tenant_id=day.tenant_id, purpose=PURPOSE, subject=subject)
    lasts = max(day.ends - clock.now(), timedelta(0))
    return links.make(PURPOSE, subject, tenant_id=day.tenant_id, lasts=lasts)


def _tell(day: ServiceDay, more: Mapping[str, Any], people: str, firms: str) -> None:
    period = f"{queries.period_of(day)}/{day.version}"
    context = letters.facts(day) | letters.rows(day) | dict(more)
    for recipient_id in queries.told_people(day):
        outbox.remind(
            recipient_id,
            tenant_id=day.tenant_id,
            rule=CHANGED,
            period=period,
            subject=people,
            context=context,
            inbox=INBOX,
            link=path_of(day),
            matters_until=day.begins,
        )
    for_firms = letters.facts(day) | dict(more)
    for invitation in _firms(day):
        _tell_firm(day, invitation, period, firms, for_firms)
    for appointment in standing_of(day.id):
        if appointment.enterprise_id is None:
            _tell_guest(day, appointment, period, firms, for_firms)


def _firms(day: ServiceDay) -> list[Invitation]:
    """Return the enterprises to tell: those who were told, and those who booked."""
    found = {one.enterprise_id: one for one in told_invitations(day)}
    for appointment in standing_of(day.id):
        firm_id = appointment.enterprise_id
        if firm_id is not None and firm_id not in found:
            found[firm_id] = queries.invitation_of(day.id, firm_id) or Invitation(
                day_id=day.id, enterprise_id=firm_id
            )
            db.session.add(found[firm_id])
    db.session.flush()  # gives the new ones the ids that their links name
    return list(found.values())


def _tell_firm(
    day: ServiceDay,
    invitation: Invitation,
    period: str,
    subject: str,
    context: Mapping[str, Any],
) -> None:
    link = None if day.is_cancelled else invitation_link(invitation, day)
    if day.is_cancelled:
        links.revoke(
            tenant_id=day.tenant_id, purpose=PURPOSE, subject=f"invitation:{invitation.id}"
        )
    told = outbox.tell_enterprise(
        invitation.enterprise_id,
        tenant_id=day.tenant_id,
        rule=CHANGED_TO_FIRMS,
        period=period,
        subject=subject,
        context=context,
        link=f"/b/{links.PLACE}" if link else "",
        public_link=link,
        matters_until=day.begins,
    )
    if told:
        invitation.told_at = clock.now()


def _tell_guest(
    day: ServiceDay,
    appointment: Appointment,
    period: str,
    subject: str,
    context: Mapping[str, Any],
) -> None:
    """Tell an enterprise without a file, which is known by its telephone alone."""
    if not appointment.contact_phone:
        return
    outbox.enqueue(
        Outsider(f"appointment:{appointment.id}", appointment.firm_name, appointment.contact_phone),
        tenant_id=day.tenant_id,
        rule=CHANGED_TO_FIRMS,
        period=period,
        channel=Channel.SMS,
        subject=subject,
        context=context,
        matters_until=day.begins,
    )


def _forget(day: ServiceDay, period: str) -> None:
    for rule in (NOTICE, NOTICE_TO_FIRMS):
        outbox.forget(tenant_id=day.tenant_id, rule=rule, period=period, reason=SUPERSEDED)
