"""The problems that the letters of a working day list: one statement for each rule."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from app.accounts.models import OrgUnit
from app.core.db import db
from app.enterprises.models import Enterprise
from app.tickets.models import Proposal, Revisit, Ticket, TicketEvent
from app.tickets.queries import deciding
from app.tickets.workflow.states import Event, Status

#: What a unit asked for and now waits for: it is the others' move.
UNIT_ASKS = (Event.SUBMIT_REPLY, Event.APPROVE_RETURN, Event.APPROVE_SUSPENSION)


class Line(NamedTuple):
    """A problem as letters tell of it, and whose business it is."""

    id: int
    number: str | None
    title: str
    confidential: bool
    status: Status
    enterprise: str
    unit_id: int | None
    unit: str | None
    handler_id: int | None
    liaison_id: int | None
    leader_id: int | None
    is_running: bool
    due_at: datetime | None
    warn_on: date | None
    sign_due_at: datetime | None
    revisit_due_at: datetime | None
    next_review_on: date | None


class Suspended(NamedTuple):
    """A suspended problem, what it waits for (a code), and what is planned."""

    line: Line
    cause: str
    plan: str


class Called(NamedTuple):
    """A problem that waits for the enterprise's word, and how often nobody was reached."""

    line: Line
    tried: int


def with_units(tenant_id: int, today: date, reviews_until: date) -> Sequence[Line]:
    """Return what a head of a unit reads of in a week: to sign, yellow or red, to review (R6)."""
    near = and_(Ticket.is_running.is_(True), Ticket.warn_on <= today)
    review = and_(Ticket.status == Status.SUSPENDED, Ticket.next_review_on <= reviews_until)
    wanted = or_(Ticket.status == Status.PENDING_SIGN, near, review)
    return _lines(tenant_id, Ticket.is_open.is_(True), Ticket.lead_unit_id.is_not(None), wanted)


def due(tenant_id: int, before: datetime) -> Sequence[Line]:
    """Return what a handler must do: due before a moment, and not waiting for others (R7)."""
    asked = exists().where(
        Proposal.ticket_id == Ticket.id, Proposal.waiting(), Proposal.event.in_(UNIT_ASKS)
    )
    return _lines(
        tenant_id,
        Ticket.is_running.is_(True),
        Ticket.due_at < before,
        Ticket.lead_unit_id.is_not(None),
        ~asked,
    )


def to_call(tenant_id: int) -> Sequence[Called]:
    """Return what nobody has heard the enterprise about in this round (R8)."""
    lines = _lines(tenant_id, deciding.to_revisit())
    tried = (
        select(Revisit.ticket_id, func.count())
        .join(Ticket, Ticket.id == Revisit.ticket_id)
        .where(Ticket.tenant_id == tenant_id, Ticket.status == Status.PENDING_REVISIT)
        .where(Revisit.round == Ticket.round, Revisit.counted())
        .group_by(Revisit.ticket_id)
    )
    times = {ticket_id: times for ticket_id, times in db.session.execute(tried)}  # noqa: C416 - rows are no pairs to mypy
    return [Called(line, times.get(line.id, 0)) for line in lines]


def suspended(tenant_id: int, first: date, last: date) -> Sequence[Suspended]:
    """Return what is suspended until a review in these days, and what was planned (R9)."""
    lines = _lines(
        tenant_id,
        Ticket.status == Status.SUSPENDED,
        Ticket.next_review_on.between(first, last),
        order=(Ticket.next_review_on, Ticket.id),
    )
    asked = (
        select(TicketEvent.ticket_id, TicketEvent.payload)
        .where(TicketEvent.ticket_id.in_([line.id for line in lines]))
        .where(TicketEvent.kind == Event.APPROVE_SUSPENSION)
        .order_by(TicketEvent.id)
    )
    told: dict[int, dict[str, Any]] = {}
    if lines:
        told = {ticket_id: payload for ticket_id, payload in db.session.execute(asked)}  # noqa: C416 - as above
    return [
        Suspended(line, str(given.get("cause") or ""), str(given.get("plan") or ""))
        for line in lines
        for given in (told.get(line.id, {}),)
    ]


def _lines(
    tenant_id: int,
    *wanted: ColumnElement[bool],
    order: tuple[Any, ...] = (Ticket.move_due_at, Ticket.id),
) -> Sequence[Line]:
    found: Select[*tuple[Any, ...]] = (
        select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.confidential,
            Ticket.status,
            func.coalesce(func.nullif(Enterprise.short_name, ""), Enterprise.name),
            Ticket.lead_unit_id,
            OrgUnit.name,
            Ticket.handler_id,
            Ticket.liaison_id,
            Ticket.leader_id,
            Ticket.is_running,
            Ticket.due_at,
            Ticket.warn_on,
            Ticket.sign_due_at,
            Ticket.revisit_due_at,
            Ticket.next_review_on,
        )
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
        .where(Ticket.tenant_id == tenant_id, *wanted)
        .order_by(*order)
    )
    return [Line(*line) for line in db.session.execute(found)]
