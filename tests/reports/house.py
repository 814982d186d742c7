"""A township whose leaders are asked: what tests of digests begin with, and read."""

from collections.abc import Sequence
from email.message import EmailMessage

import time_machine
from sqlalchemy import select

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Channel, Message
from app.reports import jobs
from app.reports.models import Digest
from app.reports.queries import asks, seats
from app.reports.queries.asks import Item
from app.reports.workflow import READERS
from app.tickets.models import Category, SupervisionNote
from app.tickets.workflow.states import Event, NoteLevel
from tests.office import Office, moment, open_office

WEEKLY = "2026-09-28T08:35"  # the Monday before the National Day
SECRET = "窗口人员多次推诿"
NAMES = {Role.CHIEF: "阮怀青", Role.OFFICE_DIRECTOR: "虞景澜", Role.LEADER: "栾亦辰"}


def open_house() -> Office:
    """Make the township; its leaders have names and addresses, one is in charge of the unit."""
    office = open_office()
    with transaction():
        for place, role in enumerate(READERS):
            person = db.session.get_one(User, office.actor(role).user_id)
            person.email, person.name = f"u{place}@example.com", NAMES[role]
    return office


def asked_of(actor: Actor) -> list[Item]:
    """Return what waits for a person, read afresh."""
    db.session.rollback()
    return asks.of(seats.of(actor.user_id or 0))


def told(office: Office) -> dict[Role, list[str]]:
    """Return what each leader is asked, as the page groups it."""
    return {role: [item.ask.value for item in asked_of(office.actor(role))] for role in READERS}


def put_in_charge(office: Office, actor: Actor) -> None:
    """Let a leader be in charge of the unit that leads."""
    with transaction():
        db.session.get_one(OrgUnit, office.unit_id).in_charge_id = actor.user_id


def raise_note(office: Office, level: NoteLevel) -> None:
    """Put a note of a colour on the ticket that is walked, as the ladder does."""
    ticket = office.ticket
    assert ticket.due_at is not None
    note = SupervisionNote(
        ticket_id=ticket.id,
        level=level,
        of_due_at=ticket.due_at,
        raised_at=ticket.due_at,
        answer_due_at=ticket.due_at,
    )
    with transaction():
        db.session.add(note)


def walk_in_confidence(office: Office) -> None:
    """Walk a ticket to the unit of which only its named few know."""
    kind = Category(tenant_id=office.tenant_id, code="19", name="服务效能与作风", confidential=True)
    with transaction():
        db.session.add(kind)
    office.open(Role.DISPATCHER, title=SECRET, category_id=kind.id)
    office.take(Event.SUBMIT, Role.DISPATCHER)
    office.take(Event.ACCEPT, Role.DISPATCHER)
    office.take(Event.DISPATCH, Role.DISPATCHER)
    office.take(Event.SIGN, Role.DEPT_HEAD)


def go_to(clock: time_machine.Traveller, when: str) -> None:
    clock.move_to(moment(when), tick=False)


def send(clock: time_machine.Traveller, when: str = WEEKLY) -> None:
    """Let the week's digests go out."""
    go_to(clock, when)
    jobs.send_weekly()


def digests() -> list[Digest]:
    db.session.rollback()
    return list(db.session.scalars(select(Digest).order_by(Digest.id)))


def sent_to(rule: str = "weekly") -> list[tuple[str, str]]:
    """Return to whom mail of a rule was promised, and for which period."""
    db.session.rollback()
    found = select(Message).where(Message.rule == rule, Message.channel == Channel.MAIL)
    return [
        (one.recipient_name, one.period) for one in db.session.scalars(found.order_by(Message.id))
    ]


def inbox_of(actor: Actor, rule: str) -> Sequence[Message]:
    found = select(Message).where(
        Message.rule == rule,
        Message.channel == Channel.INBOX,
        Message.recipient_id == actor.user_id,
    )
    return db.session.scalars(found).all()


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
