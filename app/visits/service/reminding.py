"""R1, the reminder at the start of a month: whom to visit, and what to take along.

Source: the office's reminder rules, C3.3. No phone number, no figure of a firm and no name of
its staff goes into mail.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from app.accounts import queries as people
from app.accounts.models import Tenant, User
from app.accounts.queries import absences
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.i18n import N_
from app.notifications import service as outbox
from app.tickets.models import Ticket
from app.visits import queries
from app.visits.calendar import Month
from app.visits.queries import Errand
from app.workdays import queries as workdays

RULE = queries.MONTHLY
VISITORS = (Role.LEADER, Role.LIAISON)
INBOX = N_("{month}月要走访 {n} 家，请在{due_on}前完成")
LINK = "/visits/mine"
_NUMBERS = re.compile(r"\d{7,}|\d{3,4}[- ]\d{7,8}|\d{3}[- ]\d{4}[- ]\d{4}")


def remind_of_month(user_id: int, period: str) -> bool:
    """Promise R1 to one person, by mail and in the inbox; tell whether it is a new promise.

    Nothing is promised to a person without a target this month, and nothing twice.
    """
    person = db.session.get_one(User, user_id)
    month = Month.read(period)
    found = _errands(person, month)
    if not any(errand.task and errand.task.is_owed for errand in found):
        return False
    context = _context(person, month, found)
    return outbox.remind(
        person.id,
        tenant_id=person.tenant_id,
        rule=RULE,
        period=period,
        subject=INBOX,
        context=context,
        inbox=("month", "n", "due_on"),
        link=LINK,
    )


def _errands(person: User, month: Month) -> list[Errand]:
    """Return one errand for each target of a month, in whichever role it is the person's.

    What is somebody's for whom they stand in, is theirs too.
    """
    found: dict[int, Errand] = {}
    for role in VISITORS:
        actor = Actor(
            tenant_id=person.tenant_id,
            user_id=person.id,
            role=role,
            stands_in_for=absences.stood_in_for(person.id, role),
        )
        tasks = [t for t in queries.month_of(actor, month.period) if not t.is_waived]
        for errand in queries.errands(tasks, viewer=actor, today=month.first, before=month.first):
            found.setdefault(errand.linkage.id, errand)
    return list(found.values())


def _context(person: User, month: Month, found: Sequence[Errand]) -> dict[str, Any]:
    tenant = people.tenant(person.tenant_id)
    projects = sum(errand.linkage.project_id is not None for errand in found)
    due_on = month.due_on(workdays.calendar_of(tenant.id))
    leaders = {person.id, *absences.stood_in_for(person.id, Role.LEADER)}
    return {
        "tenant": tenant.name,
        "name": person.name,
        "year": month.year,
        "month": month.month,
        "n": len(found),
        "n_ent": len(found) - projects,
        "n_proj": projects,
        "due_on": due_on.isoformat(),
        "due": f"{due_on.year}年{due_on.month}月{due_on.day}日",
        "due_day": f"{due_on.month}月{due_on.day}日",
        "mechanism": _mechanism(tenant),
        "doc_no": _doc_no(tenant, found),
        "rows": [_row(place, errand, leaders) for place, errand in enumerate(found, start=1)],
        "is_demo": tenant.is_demo,
    }


def _mechanism(tenant: Tenant) -> str:
    return str(tenant.settings.get("mechanism_title") or f"{tenant.name}领导包联企业工作机制")


def _doc_no(tenant: Tenant, found: Sequence[Errand]) -> str:
    """Return the number of the document that the linkages rest on."""
    numbers = [errand.linkage.doc_no for errand in found if errand.linkage.doc_no]
    return str(tenant.settings.get("mechanism_doc_no") or next(iter(numbers), ""))


def _row(place: int, errand: Errand, leaders: set[int]) -> dict[str, Any]:
    link, last = errand.linkage, errand.last
    leads = link.leader_id in leaders
    partner = link.liaison if leads else link.leader
    return {
        "no": place,
        "name": errand.name,
        "is_project": link.project_id is not None,
        "tier": link.tier.label,
        "partner_is": "联络员" if leads else "包联领导",
        "partner": partner.name if partner else "",
        "address": errand.address,
        "post": errand.contact.post if errand.contact else "",
        "last": _day(last.visited_on) if last else "",
        "tickets": [_ticket(ticket) for ticket in errand.tickets],
        "promise": _without_numbers(errand.promise),
    }


def _ticket(ticket: Ticket) -> dict[str, str]:
    return {
        "number": ticket.number or "",
        "title": _without_numbers(ticket.title),
        "status": ticket.status_label,
    }


def _day(on: date) -> str:
    return f"{on.month}月{on.day}日"


def _without_numbers(text: str) -> str:
    """Return `text` as it may go into mail: telephone and card numbers left out."""
    return _NUMBERS.sub("（号码从略）", text)
