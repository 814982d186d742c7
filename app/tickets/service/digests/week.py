"""R6, on the first workday of a week: what lies with a unit, to its head."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from app.accounts.roles import Role
from app.core import clock
from app.core.i18n import N_
from app.tickets.queries import digests
from app.tickets.queries.digests import Line
from app.tickets.service.digests.letters import (
    MOST,
    Digest,
    counted,
    may_read,
    row,
    rows_by_light,
)
from app.tickets.workflow.states import Status
from app.workdays import queries as workdays
from app.workdays.calendar import WorkCalendar

R6 = "R6"
WEEK = N_("待签收 {sign} 件，临期 {yellow} 件，超期 {red} 件，挂账待复核 {review} 件")
WORKLIST = "/"
REVIEW_AHEAD = 10  # workdays before its review that a suspension comes up
SEVEN = timedelta(days=7)


def begin_week(tenant_id: int, week: date, now: datetime) -> Digest:
    """Return what lies with the units of each head; who has nothing is told nothing."""
    calendar = workdays.calendar_of(tenant_id)
    today = clock.local(now).date()
    lines = digests.with_units(tenant_id, today, calendar.add(today, REVIEW_AHEAD))
    heads = digests.holders_by_unit(tenant_id, Role.DEPT_HEAD)
    readers = digests.readers(lines)
    mine: dict[int, list[Line]] = {}
    for line in lines:
        for user_id in heads.get(line.unit_id or 0, ()):
            if may_read(user_id, line, readers):
                mine.setdefault(user_id, []).append(line)
    monday = week - timedelta(days=week.weekday())
    return Digest(
        tenant_id=tenant_id,
        rule=R6,
        period=week.isoformat(),
        subject=WEEK,
        inbox=("sign", "yellow", "red", "review"),
        link=WORKLIST,
        matters_until=clock.at(monday + SEVEN, time()),
        letters={user_id: _letter(theirs, calendar, now) for user_id, theirs in mine.items()},
    )


def _letter(lines: Sequence[Line], calendar: WorkCalendar, now: datetime) -> dict[str, Any]:
    running = [line for line in lines if line.is_running and line.due_at and line.warn_on]
    red = [line for line in running if line.due_at and line.due_at < now]
    today = clock.local(now).date()
    yellow = [one for one in running if one not in red and one.warn_on and one.warn_on <= today]
    sign = [line for line in lines if line.status is Status.PENDING_SIGN]
    review = [line for line in lines if line.status is Status.SUSPENDED]
    groups = (
        _group("待签收", sign, lambda some: _told(some, _sign_by)),
        _group("临期", yellow, lambda some: rows_by_light(some, calendar, now)),
        _group("超期", red, lambda some: rows_by_light(some, calendar, now)),
        _group("挂账待复核", review, lambda some: _told(some, _review_on)),
    )
    return {
        "n": len(lines),
        "sign": len(sign),
        "yellow": len(yellow),
        "red": len(red),
        "review": len(review),
        "unit": "、".join(dict.fromkeys(line.unit or "" for line in lines)),
        "told": counted(*((group["label"], group["n"]) for group in groups)),
        "groups": [group for group in groups if group["n"]],
    }


def _group(
    label: str, lines: Sequence[Line], rows: Callable[[Sequence[Line]], list[dict[str, Any]]]
) -> dict[str, Any]:
    return {"label": label, "n": len(lines), "rows": rows(lines[:MOST])}


def _told(lines: Sequence[Line], state: Callable[[Line], str]) -> list[dict[str, Any]]:
    return [row(place, line, state=state(line)) for place, line in enumerate(lines, start=1)]


def _sign_by(line: Line) -> str:
    if line.sign_due_at is None:
        return "待签收"
    here = clock.local(line.sign_due_at)
    return f"{here.month}月{here.day}日 {here:%H:%M}前签收"


def _review_on(line: Line) -> str:
    on = line.next_review_on
    return f"{on.month}月{on.day}日复核" if on else "待复核"
