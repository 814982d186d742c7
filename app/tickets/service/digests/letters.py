"""A digest: what each of many people is told under one rule, and the promise of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.accounts.models import Tenant
from app.core import clock
from app.core.db import db
from app.core.private import without_figures
from app.notifications import service as outbox
from app.tickets.clocks import running_light
from app.tickets.queries import digests
from app.tickets.queries.digests import Line
from app.workdays.calendar import WorkCalendar

HIDDEN = "一件限知件"  # of which mail names nothing
MOST = 50  # lines that one letter lists


@dataclass(frozen=True, slots=True)
class Digest:
    """The letters of one rule in a township, one for each person, by their id."""

    tenant_id: int
    rule: str
    period: str
    subject: str
    inbox: tuple[str, ...]
    link: str
    matters_until: datetime
    letters: Mapping[int, Mapping[str, Any]]

    @property
    def user_ids(self) -> Sequence[int]:
        """To whom there is something to tell."""
        return sorted(self.letters)


def remind_of(user_ids: Collection[int], found: Digest) -> None:
    """Promise each of these people their letter, by mail and in the inbox; nobody one twice."""
    tenant = db.session.get_one(Tenant, found.tenant_id)
    same = {"tenant": tenant.name, "is_demo": tenant.is_demo}
    people = digests.active(user_ids)
    for user_id in sorted(people):
        letter = found.letters[user_id]
        outbox.remind(
            user_id,
            tenant_id=tenant.id,
            rule=found.rule,
            period=found.period,
            subject=found.subject,
            context={**same, "name": people[user_id].name, **letter},
            inbox=found.inbox,
            link=str(letter.get("link") or found.link),
            matters_until=found.matters_until,
        )


def moment(at: datetime) -> str:
    """Return a moment as letters write it."""
    here = clock.local(at)
    return f"{here.month}月{here.day}日 {here:%H:%M}"


def row(place: int, line: Line, *, state: str, colour: str = "") -> dict[str, Any]:
    """Return a problem as a letter lists it; a confidential one without its name."""
    told: dict[str, Any] = {"no": place, "state": state, "colour": colour}
    if line.due_at:
        told["due"] = moment(line.due_at)
    if line.confidential:
        return told | {"title": HIDDEN}
    return told | {
        "title": without_figures(line.title),
        "number": line.number or "",
        "enterprise": line.enterprise,
        "unit": line.unit or "",
    }


def rows_by_light(
    lines: Sequence[Line], calendar: WorkCalendar, now: datetime
) -> list[dict[str, Any]]:
    """Return problems whose handling clock runs, each with its light; no more than MOST."""
    found = []
    for place, line in enumerate(lines[:MOST], start=1):
        light = running_light(
            line.due_at or now, line.warn_on or clock.local(now).date(), calendar=calendar, now=now
        )
        found.append(row(place, line, state=light.word.format(n=light.n), colour=light.colour))
    return found


def link_to(lines: Sequence[Line], otherwise: str) -> str:
    """Return the page of the only problem, or else the list."""
    return f"/tickets/{lines[0].id}" if len(lines) == 1 else otherwise


def counted(*parts: tuple[str, int]) -> str:
    """Return how many of each there are, in one phrase; what there is none of is not said."""
    return "，".join(f"{label} {n} 件" for label, n in parts if n)


def may_read(user_id: int, line: Line, readers: Mapping[int, set[int]]) -> bool:
    """Tell whether a person whose business it is may know of it."""
    return not line.confidential or user_id in readers.get(line.id, ())
