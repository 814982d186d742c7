"""R7 and R8, each working day: what is due with whoever handles, and whom to call."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from app.accounts.roles import Role
from app.core import clock
from app.core.i18n import N_
from app.tickets.queries import digests
from app.tickets.queries.digests import Called, Line
from app.tickets.service.digests.letters import (
    MOST,
    Digest,
    counted,
    link_to,
    may_read,
    row,
    rows_by_light,
)
from app.workdays import queries as workdays
from app.workdays.calendar import WorkCalendar

R7, R8 = "R7", "R8"
DUE = N_("今天到期 {today} 件，超期 {late} 件")
CALLS = N_("有 {n} 件要回访")
WORKLIST, TO_CALL = "/", "/tickets?view=revisit"
DAY = timedelta(days=1)


def begin_due(tenant_id: int, now: datetime) -> Digest:
    """Return what is due today or late with each handler; with the head where nobody handles."""
    calendar = workdays.calendar_of(tenant_id)
    ends = _midnight(now)
    lines = digests.due(tenant_id, ends)
    handlers = digests.holders_by_unit(tenant_id, Role.HANDLER)
    heads = digests.holders_by_unit(tenant_id, Role.DEPT_HEAD)

    def whose(line: Line) -> Sequence[int]:
        if line.handler_id:
            return (line.handler_id,)
        unit_id = line.unit_id or 0
        return handlers.get(unit_id) or heads.get(unit_id) or ()

    return Digest(
        tenant_id=tenant_id,
        rule=R7,
        period=clock.local(now).date().isoformat(),
        subject=DUE,
        inbox=("today", "late"),
        link=WORKLIST,
        matters_until=ends,
        letters={
            user_id: _due(mine, calendar, now) for user_id, mine in _by_person(lines, whose).items()
        },
    )


def _due(lines: Sequence[Line], calendar: WorkCalendar, now: datetime) -> dict[str, Any]:
    late = sum(line.due_at is not None and line.due_at < now for line in lines)
    today = len(lines) - late
    return {
        "n": len(lines),
        "today": today,
        "late": late,
        "told": counted(("今天到期", today), ("超期", late)),
        "rows": rows_by_light(lines, calendar, now),
        "unlisted": max(0, len(lines) - MOST),
        "link": link_to(lines, WORKLIST),
    }


def begin_calls(tenant_id: int, now: datetime) -> Digest:
    """Return whom each revisitor is to call, and how often they were not reached."""
    called = digests.to_call(tenant_id)
    lines = [one.line for one in called]
    able, readers = digests.revisitors(tenant_id, lines), digests.readers(lines)
    mine: dict[int, list[Called]] = {}
    for one in called:
        few = readers.get(one.line.id, set()) if one.line.confidential else None
        for user_id in able.of(one.line, few):
            mine.setdefault(user_id, []).append(one)
    return Digest(
        tenant_id=tenant_id,
        rule=R8,
        period=clock.local(now).date().isoformat(),
        subject=CALLS,
        inbox=("n",),
        link=TO_CALL,
        matters_until=_midnight(now),
        letters={user_id: _calls(theirs, now) for user_id, theirs in mine.items()},
    )


def _calls(called: Sequence[Called], now: datetime) -> dict[str, Any]:
    return {
        "n": len(called),
        "rows": [_call(place, one, now) for place, one in enumerate(called[:MOST], start=1)],
        "unlisted": max(0, len(called) - MOST),
        "link": link_to([one.line for one in called], TO_CALL),
    }


def _call(place: int, one: Called, now: datetime) -> dict[str, Any]:
    due_at = one.line.revisit_due_at
    if due_at is None:
        state, colour = "待回访", ""
    elif due_at < now:
        state, colour = "已过回访期限", "red"
    else:
        here = clock.local(due_at)
        is_today = here.date() == clock.local(now).date()
        state = "今天要回访" if is_today else f"{here.month}月{here.day}日前回访"
        colour = "yellow" if is_today else ""
    return {**row(place, one.line, state=state, colour=colour), "tried": one.tried}


def _by_person(
    lines: Sequence[Line], whose: Callable[[Line], Sequence[int]]
) -> dict[int, list[Line]]:
    """Return the problems of each person, what they may not know of left out."""
    readers = digests.readers(lines)
    found: dict[int, list[Line]] = {}
    for line in lines:
        for user_id in whose(line):
            if may_read(user_id, line, readers):
                found.setdefault(user_id, []).append(line)
    return found


def _midnight(now: datetime) -> datetime:
    """Return when the day of `now` is over."""
    return clock.at(clock.local(now).date() + DAY, time())
