"""How the letters about visits say things."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from app.enterprises.models import Linkage
from app.tickets.queries.firms import FirmTicket
from app.visits.queries import Lagging

FOR_FEW = "一件限知件"  # of which mail names nothing
_NUMBERS = re.compile(r"\d{7,}|\d{3,4}[- ]\d{7,8}|\d{3}[- ]\d{4}[- ]\d{4}")


def day(on: date) -> str:
    """Return a day as letters write it."""
    return f"{on.month}月{on.day}日"


def without_numbers(text: str) -> str:
    """Return `text` as it may go into mail: telephone and card numbers left out."""
    return _NUMBERS.sub("（号码从略）", text)


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
        return {"number": "", "title": FOR_FEW, "status": ""}
    return {
        "number": ticket.number or "",
        "title": without_numbers(ticket.title),
        "status": ticket.status_label,
    }


def everybody(lagging: Lagging) -> Sequence[dict[str, Any]]:
    """Return who lags behind, one row for each leader."""
    return [
        {"leader": one.leader, "n": len(one.targets), "targets": "、".join(one.targets)}
        for one in lagging.leaders
    ]
