"""R5, the look back on the month before: what is overdue, and for the chief what was done.

It goes out with R1 on the same morning, and in the same letter where there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.accounts.models import Tenant
from app.accounts.roles import Role
from app.core.i18n import N_
from app.visits import queries
from app.visits.calendar import R5, Month
from app.visits.models import OWED, VisitTask
from app.visits.queries import Lagging, Share, Summary, Visitor
from app.visits.service.reminders import words
from app.workdays.calendar import WorkCalendar

OWN = N_("{past}月有 {n} 家没有走访，已经逾期")
WHOLE = N_("{past}月走访完成 {done}/{all}，逾期 {n} 家")
NAMED = 20  # overdue targets that the chief reads the names of


@dataclass(frozen=True, slots=True)
class Recap:
    """The month before, as the whole township is told of it, and who is still to be told."""

    month: Month
    late_until: str
    lagging: Lagging
    summary: Summary
    directors: frozenset[int]
    chiefs: frozenset[int]
    untold: frozenset[int]


def recap(tenant: Tenant, month: Month, calendar: WorkCalendar) -> Recap | None:
    """Return the look back on `month`, or None where nobody had anybody to visit."""
    summary = queries.summary(tenant.id, month)
    if not summary.tasks.d:
        return None
    directors = frozenset(queries.goers(tenant.id, (Role.OFFICE_DIRECTOR,)))
    chiefs = frozenset(queries.goers(tenant.id, (Role.CHIEF,)))
    late = queries.visitor_ids(tenant.id, month.period, OWED, untold=R5, of=month.period)
    told = queries.told_ids(tenant.id, R5, month.period)
    return Recap(
        month=month,
        late_until=words.day(
            month.late_entry_until(calendar, tenant.parameters.late_entry_workdays)
        ),
        lagging=queries.lagging(tenant.id, month.period, OWED),
        summary=summary,
        directors=directors,
        chiefs=chiefs,
        untold=((directors | chiefs) - set(told)) | set(late),
    )


def told_to(visitor: Visitor, missed: Sequence[VisitTask], found: Recap) -> dict[str, Any]:
    """Return what a letter tells one person of the month before; nothing where all went well."""
    own = [
        words.target(place, task.linkage, leads=visitor.leads(task.linkage))
        for place, task in enumerate(missed, start=1)
    ]
    directs, chairs = visitor.person.id in found.directors, visitor.person.id in found.chiefs
    if not (own or directs or chairs):
        return {}
    whole = {"done": found.summary.tasks.n, "all": found.summary.tasks.d}
    lags = words.everybody(found.lagging) if directs else []
    return {
        "past_year": found.month.year,
        "past": found.month.month,
        "late_until": found.late_until,
        "missed": own,
        "all_missed": lags,
        "unlisted": found.lagging.unlisted if lags else 0,
        "nothing_missed": directs and not lags,
        "summary": _table(found) if chairs else [],
        "told": _whole(found) if directs or chairs else f"您有 {len(own)} 家没有走访",
        "missed_n": found.lagging.total if directs or chairs else len(own),
        **(whole if directs or chairs else {}),
    }


def _whole(found: Recap) -> str:
    done = found.summary.tasks
    return f"完成 {done.n} / {done.d}，逾期 {found.lagging.total} 家"


def _table(found: Recap) -> list[dict[str, str]]:
    """Return the one table that the chief reads."""
    names = list(found.lagging.names)
    shown = "、".join(names[:NAMED])
    if found.lagging.total > NAMED:
        shown += f"等 {found.lagging.total} 家"
    return [
        {"label": "走访任务完成", "value": _share(found.summary.tasks)},
        {"label": "走访覆盖", "value": _share(found.summary.targets)},
        {"label": "逾期没有走访", "value": shown or "没有"},
        {"label": "收集问题", "value": f"{found.summary.collected} 件"},
        {"label": "其中已解决", "value": f"{found.summary.solved} 件"},
    ]


def _share(share: Share) -> str:
    return f"{share.n} / {share.d}（{share.percent}）" if share.d else "—"
