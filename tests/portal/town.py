"""A township with an enterprise that has no account, and a ticket to follow."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from app.accounts.models import RoleHolding, Tenant
from app.accounts.roles import Role
from app.core import clock, links
from app.core.db import db
from app.core.links import PublicLink
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, EnterpriseContact
from app.notifications.models import Channel, Message
from app.tickets import service as tickets
from app.tickets.models import Ticket, TicketEvent
from app.tickets.workflow.states import Event, Status
from tests import make, remembered
from tests.office import Office, open_office

KEY = "c" * 32
PHONE = "14200000099"
CALLER = "14200000001"  # of the ticket's own contact


def open_town(**contact: str) -> Office:
    """Return the township; its enterprise has mail, and nobody there has an account."""
    name = f"town without accounts {sorted(contact.items())}"
    return remembered.once(name, lambda: _open_town(**contact))


def _open_town(**contact: str) -> Office:
    office = open_office()
    with transaction():
        holding = db.session.scalars(
            select(RoleHolding).where(RoleHolding.enterprise_id == office.enterprise_id)
        ).one()
        holding.is_active = False
        house = db.session.get_one(Tenant, office.tenant_id)
        house.settings = {**house.settings, "office_phone": PHONE}
    reached: dict[str, Any] = {"email": "song@example.com", "phone": "14200001234"}
    make.contact(enterprise=firm(office), name="宋主任", is_primary=True, **(reached | contact))
    return office


def firm(office: Office) -> Enterprise:
    return db.session.get_one(Enterprise, office.enterprise_id)


def reach(**more: str) -> None:
    """Let the first contact have mail or a telephone, or neither."""
    with transaction():
        contact = db.session.scalars(select(EnterpriseContact).limit(1)).one()
        for name, value in more.items():
            setattr(contact, name, value)


def letters(rule: str = "") -> list[Message]:
    """Return what the enterprise was written, oldest first."""
    db.session.rollback()
    found = select(Message).where(
        Message.rule.startswith("firm-"), Message.channel != Channel.INBOX
    )
    asked = found.where(Message.rule == rule) if rule else found
    return list(db.session.scalars(asked.order_by(Message.id)))


def inboxes(rule: str) -> list[Message]:
    """Return what was put into inboxes under a rule."""
    db.session.rollback()
    found = select(Message).where(Message.rule == rule, Message.channel == Channel.INBOX)
    return list(db.session.scalars(found.order_by(Message.id)))


def link_of(ticket_id: int) -> PublicLink:
    """Return the newest link to a ticket, made where there is none."""
    db.session.rollback()
    with transaction():
        link_id = tickets.link_to(db.session.get_one(Ticket, ticket_id)).id
    return db.session.get_one(PublicLink, link_id)


def token_of(ticket_id: int) -> str:
    """Return the token that opens a ticket now."""
    return links.token_of(link_of(ticket_id))


def code_of(ticket_id: int) -> tuple[str, str]:
    """Return the number and the query code of a ticket."""
    db.session.rollback()
    ticket = db.session.get_one(Ticket, ticket_id)
    return ticket.number or "", ticket.query_code


def version_of(ticket_id: int) -> str:
    """Return the version of a ticket, as a form carries it."""
    db.session.rollback()
    return str(db.session.get_one(Ticket, ticket_id).version)


def sent(ticket_id: int, key: str = KEY, **more: str) -> dict[str, str]:
    """Return what a browser would send from a page of the ticket as it is now."""
    return {"idempotency_key": key, "version": version_of(ticket_id), **more}


def events(ticket_id: int) -> list[str]:
    """Return the kinds of what happened to a ticket."""
    db.session.rollback()
    found = select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket_id)
    return list(db.session.scalars(found.order_by(TicketEvent.id)))


def end(office: Office, status: Status) -> int:
    """Walk a ticket to a state, also to those at which it ends on the way."""
    if status in ENDED:
        office.walk_to(Status.PENDING_ACCEPTANCE)
        ENDED[status](office)
        return office.ticket_id
    if status is Status.ARCHIVED:
        office.walk_to(Status.CLOSED)
        office.take(Event.ARCHIVE, Role.DISPATCHER)
        return office.ticket_id
    office.walk_to(status)
    return office.ticket_id


def send_back(office: Office) -> int:
    """Walk a ticket to where the office asked the enterprise for more."""
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER)
    return office.ticket_id


def _reject(office: Office) -> None:
    office.propose(Event.REJECT, Role.DISPATCHER)
    office.decide(Role.OFFICE_DIRECTOR)


def _merge(office: Office) -> None:
    master = office.merge_master()
    office.take(Event.MERGE, Role.DISPATCHER, master_id=master, same_matter=True)


def _cancel(office: Office) -> None:
    office.take(Event.CANCEL, Role.DISPATCHER)


ENDED = {Status.REJECTED: _reject, Status.MERGED: _merge, Status.CANCELLED: _cancel}


def minutes_pass(frozen_clock: time_machine.Traveller, minutes: float) -> None:
    """Let some minutes pass."""
    frozen_clock.move_to(clock.machine_now() + timedelta(minutes=minutes))
