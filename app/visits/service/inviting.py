"""Telling an enterprise that somebody comes, and that they do not come after all.

It hears of a visit three workdays ahead, or when it is planned if that is nearer, once for each
change of the day; and may answer by a link, without an account.
"""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from sqlalchemy import select

from app.accounts import queries as people
from app.accounts.roles import Role
from app.core import clock, links, locale
from app.core.db import db
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.notifications import service as outbox
from app.notifications.models import Message, MessageState
from app.visits import queries
from app.visits.calendar import DAY, told_on
from app.visits.models import VisitPlan
from app.visits.queries import Coming
from app.workdays import queries as workdays

INVITED, CALLED_OFF = "visit-planned", "visit-called-off"
LINK = f"/v/{links.PLACE}"
RETRACTED = N_("走访的日子又改了，没有再发")


def subject_of(task_id: int) -> str:
    """Return what the link to the plan of a task is about."""
    return f"task:{task_id}"


def invite(plan_id: int) -> None:
    """Tell the enterprise of a plan whose day has come near; for the timetable."""
    invite_when_near(db.session.get_one(VisitPlan, plan_id))


def invite_when_near(made: VisitPlan, *, at_once: bool = False) -> None:
    """Tell the enterprise who comes when, if it is near and has not been told of this plan.

    `at_once` is for a change of what it knows already. Of those who go together only the host
    tells; an enterprise without mail and telephone is told nothing.
    """
    today = clock.today()
    if not made.is_open or made.told_at or made.host_id or made.planned_on < today:
        return
    calendar = workdays.calendar_of(made.tenant_id)
    if not at_once and today < told_on(made.planned_on, calendar):
        return
    firm_id = _reached(made)
    if firm_id is None:
        return
    ends_at = clock.at(made.planned_on + DAY, time(0))
    link = links.make(
        queries.PURPOSE,
        subject_of(made.task_id),
        tenant_id=made.tenant_id,
        lasts=ends_at - clock.now(),
    )
    made.told_at, made.link_id = clock.now(), link.id
    outbox.tell_enterprise(
        firm_id,
        tenant_id=made.tenant_id,
        rule=INVITED,
        period=str(made.id),
        subject=N_("{day_on}来走访：{target}"),
        context=_context(made) | {"before": _written(made.before_on) if at_once else ""},
        link=LINK,
        public_link=link,
        matters_until=ends_at,
    )


def call_off(made: VisitPlan, *, instead: date | None = None) -> None:
    """Tell the enterprise that nobody comes on the day that it was told; nothing it never heard.

    `instead` is the day on which they come together with somebody else.
    """
    firm_id = _reached(made)
    if made.told_at is None or made.planned_on < clock.today() or firm_id is None:
        return
    if _waits_to_be_sent(made):
        return
    outbox.tell_enterprise(
        firm_id,
        tenant_id=made.tenant_id,
        rule=CALLED_OFF,
        period=str(made.id),
        subject=N_("{day_on}不来走访了：{target}"),
        context=_context(made) | {"instead": _written(instead)},
        matters_until=clock.at(made.planned_on + DAY, time(0)),
    )


def take_back(made: VisitPlan) -> None:
    """Send no more what was not yet sent of a plan."""
    if made.told_at is not None:
        outbox.forget(tenant_id=made.tenant_id, rule=INVITED, period=str(made.id), reason=RETRACTED)


def _waits_to_be_sent(made: VisitPlan) -> bool:
    waits = select(Message.id).where(
        Message.tenant_id == made.tenant_id,
        Message.rule == INVITED,
        Message.period == str(made.id),
        Message.state == MessageState.QUEUED,
    )
    return db.session.scalar(waits) is not None


def _reached(made: VisitPlan) -> int | None:
    """Return the enterprise of a plan, if somebody there can be reached."""
    firm_id = queries.firm_of(made.task.linkage)
    contact = enterprises.primary_contact(firm_id) if firm_id is not None else None
    return firm_id if contact is not None and (contact.email or contact.phone) else None


def _context(made: VisitPlan) -> dict[str, Any]:
    tenant = people.tenant(made.tenant_id)
    party = [made, *queries.companions(made)]
    visitors = queries.coming(party)
    return {
        "tenant": tenant.name,
        "target": made.task.target_name,
        "day": _written(made.planned_on),
        "day_on": made.planned_on.isoformat(),
        "who": _names(visitors),
        "n": len(visitors),
        "phone": tenant.office_phone,
        "rows": [
            {"who": _names(queries.coming([one])), "target": one.task.target_name} for one in party
        ],
        "is_demo": tenant.is_demo,
    }


def _names(visitors: Sequence[Coming]) -> str:
    """Return who comes, each with a post, as a letter says it."""
    return "、".join(
        f"{one.person.post if one.leads else Role.LIAISON.label} {one.person.name}".strip()
        for one in visitors
    )


def _written(day: date | None) -> str:
    """Return a day as letters write it: whole, whenever they are read; Chinese."""
    if day is None:
        return ""
    return f"{day.month}月{day.day}日（{locale.WEEKDAYS[day.weekday()]}）"
