"""R2, R3 and R4: who has not been visited yet, and how many days are left.

The office's copy of R3 and R4 is one for each of its people, of everybody's together: so that
nobody gets more than one letter of a rule on a day.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts import queries as people
from app.accounts.roles import Role
from app.core import clock
from app.core.i18n import N_
from app.notifications import service as outbox
from app.visits import queries
from app.visits.calendar import R3, R4, Month
from app.visits.models import TaskState, VisitTask
from app.visits.queries import Lagging, Visitor
from app.visits.service.reminders import words
from app.workdays import queries as workdays

OWN = N_("您还有 {n} 家没有走访，{due_on}到期")
WHOLE = N_("全镇还有 {n} 家没有走访，{due_on}到期")
TO_GROUP = N_("{month}月还有 {n} 家企业和项目没有走访，{due_on}到期，请抓紧")
OFFICE = (Role.OFFICE_DIRECTOR, Role.DISPATCHER)
COPIED = frozenset({R3, R4})  # to the office
NEAR = "临期"
MINE, ALL = "/visits/mine", "/visits"
UNFINISHED = frozenset({TaskState.PLANNED})


@dataclass(frozen=True, slots=True)
class Countdown:
    """One of R2 to R4 in a month, as all of a township are told of it, and who is to be told."""

    tenant_id: int
    rule: str
    month: Month
    told: dict[str, Any]  # what every letter says
    matters_until: datetime
    lagging: Lagging
    office: frozenset[int]
    user_ids: Sequence[int]


def begin_countdown(tenant_id: int, period: str, rule: str) -> Countdown:
    """Return what is the same for all, and who was not told."""
    tenant, month = people.tenant(tenant_id), Month.read(period)
    calendar = workdays.calendar_of(tenant_id)
    due_on = month.due_on(calendar)
    lagging = queries.lagging(tenant_id, period, UNFINISHED)
    copied = rule in COPIED and lagging.total > 0
    office = frozenset(queries.goers(tenant_id, OFFICE)) if copied else frozenset()
    owing = queries.visitor_ids(tenant_id, period, UNFINISHED, untold=rule, of=period)
    to_copy = office - set(queries.told_ids(tenant_id, rule, period))
    return Countdown(
        tenant_id=tenant_id,
        rule=rule,
        month=month,
        told={
            "tenant": tenant.name,
            "is_demo": tenant.is_demo,
            "year": month.year,
            "month": month.month,
            "due_on": due_on.isoformat(),
            "due_day": words.day(due_on),
            "left": words.left(calendar.between(clock.today(), due_on)),
            "light": NEAR if rule in COPIED else "",
        },
        matters_until=month.matters_until(rule, calendar),
        lagging=lagging,
        office=office,
        user_ids=sorted({*owing, *to_copy}),
    )


def remind_of_unfinished(user_ids: Collection[int], found: Countdown) -> None:
    """Promise each of these people what they have not visited yet, and the office everybody's."""
    visitors = queries.visitors(user_ids)
    tasks = queries.tasks_of(visitors, found.month.period, UNFINISHED)
    for visitor in visitors:
        mine, copied = tasks[visitor.person.id], visitor.person.id in found.office
        if not (mine or copied):
            continue
        outbox.remind(
            visitor.person.id,
            tenant_id=found.tenant_id,
            rule=found.rule,
            period=found.month.period,
            subject=OWN if mine else WHOLE,
            context=found.told | _context(visitor, mine, found, copied=copied),
            inbox=("n", "due_on"),
            link=MINE if mine else f"{ALL}?period={found.month.period}",
            matters_until=found.matters_until,
        )
    if found.rule == R4:
        outbox.announce(**_announce_r4(found))


def _context(
    visitor: Visitor, mine: Sequence[VisitTask], found: Countdown, *, copied: bool
) -> dict[str, Any]:
    return {
        "name": visitor.person.name,
        "n": len(mine) or found.lagging.total,
        "whose": "您" if mine else "全镇",
        "rows": [_row(place, one, visitor) for place, one in enumerate(mine, start=1)],
        "everybody": words.everybody(found.lagging) if copied else [],
        "all_n": found.lagging.total,
        "unlisted": found.lagging.unlisted if copied else 0,
    }


def _row(place: int, task: VisitTask, visitor: Visitor) -> dict[str, Any]:
    return {
        **words.target(place, task.linkage, leads=visitor.leads(task.linkage)),
        "planned": words.day(task.planned_on) if task.planned_on else "",
    }


def _announce_r4(found: Countdown) -> dict[str, Any]:
    """Return what a chat group is told with R4: how many are left, and no name of anybody.

    For whoever announces, as keywords; promised again it says nothing new.
    """
    return {
        "tenant_id": found.tenant_id,
        "rule": R4,
        "period": found.month.period,
        "subject": TO_GROUP,
        "context": {
            "month": found.month.month,
            "n": found.lagging.total,
            "due_on": found.told["due_on"],
        },
        "link": MINE,
        "matters_until": found.matters_until,
    }
