"""Reporting what came of a day to its host and its units."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.queries import absences
from app.core.db import db
from app.core.i18n import N_
from app.core.private import without_numbers
from app.notifications import service as outbox
from app.servicedays import queries
from app.servicedays.models import ReceivedProblem, ServiceDay
from app.servicedays.queries.appointments import standing_of
from app.servicedays.service import letters
from app.tickets.models import Ticket

RULE = "service-day-results"
FINISHED = "service-day-finished"
SUBJECT = N_("{held_on}的{kind_label}：到场 {n} 家，收到 {m} 个问题")
ALL_CLOSED = N_("{held_on}的{kind_label}收到的 {m} 个问题全部办结")
INBOX = ("kind_label", "held_on", "n", "m")
FOR_FEW = "一件限知件"


def tell(day: ServiceDay) -> None:
    """Report who came, what they brought and where it stands, to the host and the units."""
    _report(day, queries.recipients_of(day), rule=RULE, subject=SUBJECT)


def tell_finished(day: ServiceDay) -> None:
    """Tell the host, and who stands in for them, that all of it is closed."""
    people = dict.fromkeys([day.host_id, *absences.deputies_of([day.host_id])])
    _report(day, people, rule=FINISHED, subject=ALL_CLOSED)


def _report(day: ServiceDay, recipient_ids: Iterable[int], *, rule: str, subject: str) -> None:
    context = letters.facts(day) | _rows(day)
    for recipient_id in recipient_ids:
        outbox.remind(
            recipient_id,
            tenant_id=day.tenant_id,
            rule=rule,
            period=str(day.id),
            subject=subject,
            context=context,
            inbox=INBOX,
            link=f"/service-days/{day.id}/results",
        )


def _rows(day: ServiceDay) -> dict[str, Any]:
    came = [one for one in standing_of(day.id) if one.has_come]
    received = db.session.scalars(
        select(ReceivedProblem)
        .where(ReceivedProblem.day_id == day.id)
        .options(joinedload(ReceivedProblem.ticket).joinedload(Ticket.lead_unit))
        .order_by(ReceivedProblem.ticket_id)
    ).all()
    brought: dict[int, list[dict[str, str]]] = {}
    for one in received:
        brought.setdefault(one.appointment_id, []).append(_problem(one.ticket))
    rows = [
        {"no": no, "name": one.called, "problems": brought.get(one.id, [])}
        for no, one in enumerate(came, start=1)
    ]
    return {"n": len(came), "m": len(received), "rows": rows}


def _problem(ticket: Ticket) -> dict[str, str]:
    """Return one problem as a letter tells it; of a confidential one, only that it is one."""
    if ticket.confidential:
        return {"number": "", "title": FOR_FEW, "unit": "", "status": ""}
    return {
        "number": ticket.number or "",
        "title": without_numbers(ticket.title),
        "unit": ticket.lead_unit.name if ticket.lead_unit else "营商办",
        "status": ticket.status_label,
    }
