"""R1, the reminder at the start of a month: whom to visit, and what to take along.

What is overdue of the month before (R5) stands on top of the same letter; who has nobody to
visit any more gets a letter of its own about it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts import queries as people
from app.core import clock
from app.core.i18n import N_
from app.core.private import without_figures
from app.notifications import service as outbox
from app.notifications.models import Channel
from app.visits import queries
from app.visits.calendar import R1, R5, Month
from app.visits.models import OWED, TaskState
from app.visits.queries import Outing, Visitor
from app.visits.service.reminders import words
from app.visits.service.reminders.recap import OWN, WHOLE, Recap, recap, told_to
from app.workdays import queries as workdays

INBOX = N_("{month}月要走访 {n} 家，请在{due_on}前完成")
LINK = "/visits/mine"
WANTED = frozenset(TaskState) - {TaskState.EXEMPT, TaskState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Beginning:
    """A month that begins, as all of a township are told of it, and who is still to be told."""

    tenant_id: int
    month: Month
    told: dict[str, Any]  # what every letter says
    doc_no: str
    untold: frozenset[int]
    recap: Recap | None

    @property
    def user_ids(self) -> Sequence[int]:
        """Whom this is about, by id."""
        return sorted(self.untold | (self.recap.untold if self.recap else frozenset()))


def begin_month(
    tenant_id: int, period: str, service_days: Sequence[str] = (), *, look_back: bool
) -> Beginning:
    """Return what is the same for all, and who was not told; with R5 where it is to `look_back`.

    `service_days` are the month's, each in one line.
    """
    tenant, month = people.tenant(tenant_id), Month.read(period)
    calendar = workdays.calendar_of(tenant_id)
    due_on = month.due_on(calendar)
    untold = queries.visitor_ids(tenant_id, period, {TaskState.PLANNED}, untold=R1, of=period)
    return Beginning(
        tenant_id=tenant_id,
        month=month,
        told={
            "tenant": tenant.name,
            "year": month.year,
            "month": month.month,
            "due_on": due_on.isoformat(),
            "due": f"{due_on.year}年{due_on.month}月{due_on.day}日",
            "due_day": words.day(due_on),
            "mechanism": str(
                tenant.settings.get("mechanism_title") or f"{tenant.name}领导包联企业工作机制"
            ),
            "is_demo": tenant.is_demo,
            "service_days": [without_figures(line) for line in service_days],
        },
        doc_no=str(tenant.settings.get("mechanism_doc_no") or ""),
        untold=frozenset(untold),
        recap=recap(tenant, month.preceding, calendar) if look_back else None,
    )


def remind_of_month(user_ids: Collection[int], begun: Beginning) -> None:
    """Promise R1 and R5 to each of these people, in one letter, by mail and in the inbox.

    Nothing is promised to a person without a target and nothing overdue, and nothing twice.
    """
    visitors = queries.visitors(user_ids)
    tasks = queries.tasks_of(visitors, begun.month.period, WANTED)
    for visitor in visitors:
        person_id = visitor.person.id
        if person_id not in begun.untold or not any(one.is_owed for one in tasks[person_id]):
            tasks[person_id] = []
    outings = queries.outings(visitors, tasks, before=begun.month.first, today=clock.today())
    back = _looked_back(visitors, begun.recap)
    for visitor in visitors:
        _remind(visitor, outings[visitor.person.id], back.get(visitor.person.id, {}), begun)


def _looked_back(visitors: Sequence[Visitor], found: Recap | None) -> dict[int, dict[str, Any]]:
    """Return what each is told of the month before, if there is anything."""
    if found is None:
        return {}
    missed = queries.tasks_of(visitors, found.month.period, OWED)
    return {
        visitor.person.id: told_to(visitor, missed[visitor.person.id], found)
        for visitor in visitors
        if visitor.person.id in found.untold
    }


def _remind(
    visitor: Visitor, outings: Sequence[Outing], back: dict[str, Any], begun: Beginning
) -> None:
    if outings:
        outbox.remind(
            visitor.person.id,
            tenant_id=begun.tenant_id,
            rule=R1,
            period=begun.month.period,
            subject=INBOX,
            context=begun.told | _context(visitor, outings, begun) | back,
            inbox=("month", "n", "due_on"),
            link=LINK,
            matters_until=_until(begun),
        )
    if back and begun.recap:
        _recap(visitor, back, begun, begun.recap, mail=not outings)


def _recap(
    visitor: Visitor, back: dict[str, Any], begun: Beginning, found: Recap, *, mail: bool
) -> None:
    """Promise R5: by mail only where R1 does not carry it, in the inbox in either case."""
    whole = "done" in back
    period = found.month.period
    kept = {"past": back["past"], "n": back["missed_n"]}
    kept |= {"done": back["done"], "all": back["all"]} if whole else {}
    promise: dict[str, Any] = {
        "tenant_id": begun.tenant_id,
        "rule": R5,
        "period": period,
        "subject": WHOLE if whole else OWN,
        "link": f"/visits?period={period}" if whole else f"{LINK}?period={period}",
        "matters_until": _until(begun),
    }
    told = {**begun.told, **back, "name": visitor.person.name, "n": back["missed_n"]}
    if mail:
        outbox.remind(visitor.person.id, context=told, inbox=kept, **promise)
    else:
        outbox.enqueue(visitor.person.id, channel=Channel.INBOX, context=kept, **promise)


def _until(begun: Beginning) -> datetime:
    return begun.month.matters_until(R1, workdays.calendar_of(begun.tenant_id))


def _context(visitor: Visitor, outings: Sequence[Outing], begun: Beginning) -> dict[str, Any]:
    projects = sum(one.linkage.project_id is not None for one in outings)
    doc_nos = [one.linkage.doc_no for one in outings if one.linkage.doc_no]
    return {
        "name": visitor.person.name,
        "n": len(outings),
        "n_ent": len(outings) - projects,
        "n_proj": projects,
        "doc_no": begun.doc_no or next(iter(doc_nos), ""),
        "rows": [_row(place, one, visitor) for place, one in enumerate(outings, start=1)],
    }


def _row(place: int, outing: Outing, visitor: Visitor) -> dict[str, Any]:
    link = outing.linkage
    return {
        **words.target(place, link, leads=visitor.leads(link)),
        "address": link.target.address,
        "post": outing.post,
        "last": words.day(outing.last.visited_on) if outing.last else "",
        "tickets": [words.problem(ticket) for ticket in outing.tickets],
        "promise": without_figures(outing.promise),
    }
