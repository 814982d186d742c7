"""Who was urged because something is near its deadline, since they last had a mail about it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, and_, cast, func, select

from app.accounts.models import OrgUnit
from app.core.db import db
from app.enterprises.models import Enterprise
from app.notifications.models import Channel, Message
from app.tickets.models import Ticket, TicketEvent, Urge
from app.tickets.queries.supervision import YELLOW
from app.tickets.workflow.states import Note

RULE = "urge-digest"


class Near(NamedTuple):
    """A ticket on which somebody was urged, as mail tells of it."""

    number: str
    title: str
    confidential: bool
    due_at: datetime
    enterprise_name: str
    enterprise_short: str
    unit: str | None


def urged_ids(tenant_id: int, told: str, on: Sequence[date]) -> Sequence[int]:
    """Return whose inbox tells of an urge for one of these working days, without mail yet."""
    mailed = select(Message.recipient_id).where(
        Message.tenant_id == tenant_id,
        Message.rule == RULE,
        Message.period == on[-1].isoformat(),
        Message.channel == Channel.MAIL,
    )
    found = _urged(tenant_id, told, on).with_only_columns(Message.recipient_id)
    waiting = found.where(Message.recipient_id.not_in(mailed)).distinct()
    ids = db.session.scalars(waiting.order_by(Message.recipient_id))
    return [one for one in ids if one is not None]


def near(tenant_id: int, told: str, on: Sequence[date], *, of: int) -> Sequence[Near]:
    """Return on what a person was urged since their last mail, what is due first in front."""
    last = (
        select(func.max(Message.created_at))
        .where(Message.tenant_id == tenant_id, Message.rule == RULE, Message.recipient_id == of)
        .scalar_subquery()
    )
    before = db.session.scalar(select(last))
    found = _urged(tenant_id, told, on).where(Message.recipient_id == of)
    if before is not None:
        found = found.where(Urge.at > before)
    lines = db.session.execute(found.order_by(Ticket.due_at, Ticket.id))
    return [Near(*line) for line in lines]


def _urged(tenant_id: int, told: str, on: Sequence[date]) -> Select[*tuple[Any, ...]]:
    """Return the statement for what is still as near as when somebody was urged.

    The inbox says who was told: deputies too, and of what is confidential only its readers.
    `told` is the rule under which it tells of the lines of a history.
    """
    return (
        select(
            func.coalesce(Ticket.number, ""),
            Ticket.title,
            Ticket.confidential,
            Ticket.due_at,
            Enterprise.name,
            Enterprise.short_name,
            OrgUnit.name,
        )
        .select_from(Urge)
        .join(Ticket, Ticket.id == Urge.ticket_id)
        .join(
            TicketEvent,
            and_(
                TicketEvent.ticket_id == Urge.ticket_id,
                TicketEvent.kind == Note.URGED,
                TicketEvent.at == Urge.at,
            ),
        )
        .join(
            Message,
            and_(
                Message.tenant_id == tenant_id,
                Message.rule == told,
                Message.period == cast(TicketEvent.id, String),
                Message.channel == Channel.INBOX,
            ),
        )
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
        .where(Ticket.tenant_id == tenant_id, Urge.on.in_(on), Urge.step == YELLOW)
        .where(Ticket.is_running.is_(True), Ticket.due_at == Urge.of_due_at)
    )
