"""R9, ten and two workdays before a suspension is reviewed: to the unit that leads, and the office.

A working day tells of all that came up since the last one that told: so nothing is lost to a
scheduler that slept, and nobody gets two letters on a day.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from app.accounts.roles import Role
from app.core import clock
from app.core.i18n import N_
from app.core.private import without_figures
from app.tickets.queries import digests
from app.tickets.queries.digests import Line, Suspended
from app.tickets.service.digests.letters import Digest, may_read, row
from app.tickets.workflow.codes import SuspensionCause
from app.workdays import queries as workdays
from app.workdays.calendar import WorkCalendar

R9 = "R9"
REVIEWS = N_("{n} 件挂账快到复核日")
LIST = "/tickets?view=suspended"
AHEAD = (10, 2)  # workdays
DAY = timedelta(days=1)


def begin_reviews(tenant_id: int, since: date | None, now: datetime) -> Digest:
    """Return what came up for review on the days after `since` until today.

    Without it, since the last workday.
    """
    calendar = workdays.calendar_of(tenant_id)
    today = clock.local(now).date()
    since = since or calendar.preceding(today)
    last = calendar.add(today, max(AHEAD))
    found = [
        one
        for one in digests.suspended(tenant_id, today, calendar.following(last))
        if _comes_up(one.line, since, today, calendar)
    ]
    mine = _by_person(tenant_id, found)
    until = min((one.line.next_review_on or today for one in found), default=today)
    return Digest(
        tenant_id=tenant_id,
        rule=R9,
        period=today.isoformat(),
        subject=REVIEWS,
        inbox=("n",),
        link=LIST,
        matters_until=clock.at(until + DAY, time()),
        letters={user_id: _letter(some, today, calendar) for user_id, some in mine.items()},
    )


def _comes_up(line: Line, since: date, today: date, calendar: WorkCalendar) -> bool:
    on = line.next_review_on
    return on is not None and any(since < calendar.add(on, -n) <= today for n in AHEAD)


def _by_person(tenant_id: int, found: Sequence[Suspended]) -> dict[int, list[Suspended]]:
    heads = digests.holders_by_unit(tenant_id, Role.DEPT_HEAD)
    desk = digests.office(tenant_id)
    readers = digests.readers([one.line for one in found])
    mine: dict[int, list[Suspended]] = {}
    for one in found:
        for user_id in {*heads.get(one.line.unit_id or 0, ()), *desk}:
            if may_read(user_id, one.line, readers):
                mine.setdefault(user_id, []).append(one)
    return mine


def _letter(found: Sequence[Suspended], today: date, calendar: WorkCalendar) -> dict[str, Any]:
    only = found[0].line.id if len(found) == 1 else None
    return {
        "n": len(found),
        "rows": [_row(place, one, today, calendar) for place, one in enumerate(found, start=1)],
        "link": f"/tickets/{only}" if only else LIST,
    }


def _row(place: int, one: Suspended, today: date, calendar: WorkCalendar) -> dict[str, Any]:
    on = one.line.next_review_on or today
    left = calendar.between(today, on)
    told = row(place, one.line, state=f"{on.month}月{on.day}日复核，还有 {left} 个工作日")
    if one.line.confidential:
        return told
    return told | {"condition": _condition(one.cause), "plan": without_figures(one.plan)}


def _condition(cause: str) -> str:
    """Return what a suspension waits for, in a word."""
    known = {one.value: one.label for one in SuspensionCause}
    return known.get(cause, "")
