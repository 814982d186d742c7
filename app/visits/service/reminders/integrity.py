"""R12, before holidays: what whoever visits firms does not accept from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from app.accounts import queries as people
from app.core import clock
from app.core.i18n import N_
from app.notifications import service as outbox
from app.visits import queries
from app.visits.calendar import R12
from app.visits.service.reminders import words
from app.workdays.calendar import Occasion

OFFICIAL, UNOFFICIAL = "起放假", "，放假安排以正式通知为准"
INBOX = N_("{holidays}前廉政提醒：不接受企业宴请、礼品礼金")
LINK = "/visits/rules"


@dataclass(frozen=True, slots=True)
class Reminding:
    """The reminder before some holidays, the same for all of a township, and who is to have it."""

    tenant_id: int
    period: str
    told: dict[str, Any]
    matters_until: datetime
    user_ids: Sequence[int]


def begin_integrity(tenant_id: int, occasion: Occasion) -> Reminding:
    """Return what everybody who visits is told before a holiday, and who was not told."""
    tenant, period = people.tenant(tenant_id), occasion.period
    begins = words.day(occasion.begins_on)
    told = set(queries.told_ids(tenant_id, R12, period))
    return Reminding(
        tenant_id=tenant_id,
        period=period,
        told={
            "tenant": tenant.name,
            "is_demo": tenant.is_demo,
            "holidays": "、".join(occasion.names),
            "begins": f"{begins}{OFFICIAL if occasion.is_official else UNOFFICIAL}",
        },
        matters_until=clock.at(occasion.begins_on, time()),
        user_ids=[one for one in queries.goers(tenant_id) if one not in told],
    )


def remind_of_integrity(user_ids: Collection[int], found: Reminding) -> None:
    """Promise the reminder to each of these people."""
    for visitor in queries.visitors(user_ids):
        outbox.remind(
            visitor.person.id,
            tenant_id=found.tenant_id,
            rule=R12,
            period=found.period,
            subject=INBOX,
            context=found.told | {"name": visitor.person.name},
            inbox=("holidays",),
            link=LINK,
            matters_until=found.matters_until,
        )
