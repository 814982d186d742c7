"""R11: a day is announced to its host, its units and enterprises, once to each.

Source: the office's reminder rules, C3.3.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.accounts import queries as people
from app.core import clock, links
from app.core.db import db
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.notifications import service as outbox
from app.servicedays import calendar, queries
from app.servicedays.models import Invitation, ServiceDay
from app.servicedays.queries.appointments import linked
from app.servicedays.queries.audience import NOTICE, NOTICE_TO_FIRMS, already_told
from app.servicedays.service import inviting, letters, telling
from app.servicedays.service.steps import lock
from app.servicedays.workflow import Inviting
from app.workdays import queries as workdays

SUBJECT = N_("{kind_label}预告：{held_on} {hours}，{place}，{host}接待，已约 {n} 家")
FIRM_SUBJECT = N_("{kind_label}：{held_on} {hours}，{place}，{host}接待")
INBOX = ("kind_label", "held_on", "hours", "place", "host", "n")


def announce(day_id: int) -> None:
    """Announce a day where it is time: three working days before it, until it begins.

    Who was told is not told again, however often this runs and whoever runs it at once. On a
    day off nobody is told; a scheduler that slept makes it good on the next working day.
    """
    day = db.session.get_one(ServiceDay, day_id)
    announce_if_due(day)


def announce_if_due(day: ServiceDay) -> bool:
    """Announce a day where it is time; tell whether it was."""
    lock(day)
    now, working = clock.now(), workdays.calendar_of(day.tenant_id)
    notice = people.tenant(day.tenant_id).parameters.service_day_notice
    since = calendar.noticed_at(day.held_on, workdays=notice, calendar=working)
    on_time = since <= now < day.begins
    if not (day.is_announced and on_time and working.is_workday(clock.today())):
        return False
    lately = calendar.noticed_at(day.held_on, workdays=notice + 1, calendar=working)
    known = already_told(day, lately)
    waiting = [one for one in queries.recipients_of(day) if one not in known]
    if waiting:
        _tell_people(day, waiting)
    _tell_enterprises(day, lately)
    return True


def _tell_people(day: ServiceDay, recipient_ids: list[int]) -> None:
    context = letters.facts(day) | letters.rows(day) | letters.entry(day)
    for recipient_id in recipient_ids:
        outbox.remind(
            recipient_id,
            tenant_id=day.tenant_id,
            rule=NOTICE,
            period=queries.period_of(day),
            subject=SUBJECT,
            context=context,
            inbox=INBOX,
            link=telling.path_of(day),
            matters_until=day.begins,
        )


def _tell_enterprises(day: ServiceDay, lately: datetime) -> None:
    if day.inviting is Inviting.LINKED:
        inviting.invite(day.id, linked(day))
    context = letters.facts(day)
    for invitation in queries.invitations_to_tell(day, lately):
        _tell_enterprise(day, invitation, context)


def _tell_enterprise(day: ServiceDay, invitation: Invitation, context: Mapping[str, Any]) -> None:
    """Tell one enterprise; one without any contact waits for somebody to enter one."""
    if not enterprises.primary_contact(invitation.enterprise_id):
        return
    link = telling.invitation_link(invitation, day)
    outbox.tell_enterprise(
        invitation.enterprise_id,
        tenant_id=day.tenant_id,
        rule=NOTICE_TO_FIRMS,
        period=queries.period_of(day),
        subject=FIRM_SUBJECT,
        context=context,
        link=f"/b/{links.PLACE}",
        public_link=link,
        matters_until=day.begins,
    )
    invitation.told_at = clock.now()
