"""How the letters about visits say things."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.core.private import without_figures
from app.enterprises.models import Linkage
from app.tickets.queries.firms import FirmTicket
from app.tickets.service.digests.letters import HIDDEN
from app.visits.queries import Lagging


def day(on: date) -> str:
    """Return a day as letters write it."""
    return f"{on.month}月{on.day}日"


def left(workdays: int) -> str:
    """Return how much time is left, as a letter says it."""
    return f"还剩 {workdays} 个工作日" if workdays > 0 else "今天是最后一天"


def target(place: int, link: Linkage, *, leads: bool) -> dict[str, Any]:
    """Return whom to visit, and with whom: told to its leader, or to its liaison officer."""
    partner = link.liaison if leads else link.leader
    return {
        "no": place,
        "name": link.target.called,
        "is_project": link.project_id is not None,
        "tier": link.tier.label,
        "partner_is": "联络员" if leads else "包联领导",
        "partner": partner.name if partner else "",
    }


def problem(ticket: FirmTicket) -> dict[str, str]:
    """Return an open problem of a firm; of a confidential one only that there is one."""
    if ticket.confidential:
        return {"number": "", "title": HIDDEN, "status": ""}
    return {
        "number": ticket.number or "",
        "title": without_figures(ticket.title),
        "status": ticket.status_label,
    }


def everybody(lagging: Lagging) -> Sequence[dict[str, Any]]:
    """Return who lags behind, one row for each leader."""
    return [
        {"leader": one.leader, "n": len(one.targets), "targets": "、".join(one.targets)}
        for one in lagging.leaders
    ]
