"""Telling a problem on the public page: it becomes a ticket at once, or is looked at first."""

import re
from dataclasses import dataclass

from sqlalchemy.sql.dml import ReturningInsert

from app.accounts.roles import Actor, Role, guest
from app.attachments import service as files
from app.attachments.service import Prepared
from app.core import clock
from app.core.db import db, inserting, per_database, read_again
from app.core.errors import Stale, TooMany
from app.core.i18n import N_
from app.core.networks import network_of
from app.enterprises.models import Enterprise
from app.notifications import service as outbox
from app.portal.models import Doubt, Telling, TellingState
from app.portal.queries import doors, limits, tellings
from app.portal.queries.doors import Door
from app.tickets import service as tickets
from app.tickets.queries import facts
from app.tickets.queries.facts import Holders
from app.tickets.service import TicketDraft, Told
from app.tickets.workflow.states import Source

RULE = "telling-held"
HELD = N_("有一封来信待核实：{number}")
CARD = N_("企业扫{name}的联络卡反映")
DIRECTOR = frozenset({Role.OFFICE_DIRECTOR})
OFFICE = DIRECTOR | {Role.DISPATCHER}
ADDRESS = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|cn|net|org|top|xyz|cc)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """What the visitor wrote."""

    title: str
    description: str
    contact_name: str
    contact_phone: str
    enterprise_name: str = ""
    wish: str = ""
    category_id: int | None = None
    no_secrets: bool = False
    files: tuple[Prepared, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """How it came: from which address, under which key, and what was odd about the form.

    Not `limited`, nothing is counted: for measuring how much the machine bears.
    """

    ip: str
    form_key: str
    trapped: bool = False
    hasty: bool = False
    limited: bool = True


def tell(words: Words, door: Door, arrival: Arrival) -> int:
    """Take down what a visitor tells, give it a number and a code, and return its id.

    Where nothing is odd it is a ticket at once, handed in by a guest of the enterprise. What is
    odd is held until the office has looked at it. Raises TooMany where far too much came from
    one place, and what a ticket's own rules refuse; then nothing is kept.
    """
    tenant = door.tenant
    read_again(tenant)
    # First of all: the series is locked until the end, so that what comes at once is counted.
    number, query_code = tickets.next_number(tenant.id, clock.now())
    firm = door.enterprise or doors.firm_named(tenant.id, words.enterprise_name)
    made = Telling(
        tenant_id=tenant.id,
        number=number,
        query_code=query_code,
        state=TellingState.TAKEN,
        told_at=clock.now(),
        sent_at=clock.machine_now(),
        enterprise_id=firm.id if firm else None,
        enterprise_name=words.enterprise_name.strip(),
        link_id=door.link.id if door.link else None,
        brought_by_id=door.officer.id if door.officer else None,
        ip_key=limits.key_of("ip", network_of(arrival.ip)),
        phone_key=limits.key_of("phone", words.contact_phone),
        form_key=arrival.form_key,
        doubts=[],
    )
    doubts = _doubts(made, words, arrival, door)
    if doubts or firm is None:
        return _hold(made, words, doubts, arrival)
    return _take(made, words, firm, door, arrival)


def _take(made: Telling, words: Words, firm: Enterprise, door: Door, arrival: Arrival) -> int:
    actor = guest(made.tenant_id, firm.id, name=words.contact_name, ip=arrival.ip)
    card = CARD.format(name=door.officer.name) if door.officer else ""
    made.ticket_id = open_for(made, words, actor, by_card=card)
    return _write(made)


def open_for(made: Telling, words: Words, actor: Actor, *, by_card: str = "") -> int:
    """Hand in the ticket of a telling, under the number and from the moment it was given."""
    draft = TicketDraft(
        enterprise_id=actor.enterprise_id or 0,
        title=words.title,
        description=words.description,
        wish=words.wish,
        category_id=words.category_id or tellings.kind_for(made.tenant_id),
        contact_name=words.contact_name,
        contact_phone=words.contact_phone,
        source=Source.SELF_SERVICE,
        no_secrets=words.no_secrets,
    )
    told = Told(made.number, made.query_code, made.told_at, by_card)
    ticket = tickets.hand_in(draft, actor=actor, told=told)
    hidden = bool(words.files) and tickets.is_for_few(ticket)
    for one in words.files:
        files.attach(one, ticket_id=ticket.id, actor=actor, hidden=hidden)
    return ticket.id


def _write(made: Telling) -> int:
    """Write a telling down, past the session, which does not need it here; return its id.

    Raises Stale where its form was handed in before, by somebody signed in or not.
    """
    row = {name: value for name, value in vars(made).items() if not name.startswith("_")}
    written = db.session.execute(_writing(), row).first()
    if written is None:
        raise Stale(N_("这个表单已经用过了，请刷新页面后重新填写。"))
    telling_id: int = written.id
    return telling_id


@per_database
def _writing() -> ReturningInsert[int]:
    """Return the INSERT of a telling whose form was not handed in before."""
    new = inserting(Telling).on_conflict_do_nothing(index_elements=[Telling.form_key])
    return new.returning(Telling.id)


def _hold(made: Telling, words: Words, doubts: list[Doubt], arrival: Arrival) -> int:
    made.state, made.doubts = TellingState.HELD, [one.value for one in doubts]
    made.title, made.description, made.wish = words.title, words.description, words.wish
    made.category_id = words.category_id
    made.contact_name, made.contact_phone = words.contact_name, words.contact_phone
    telling_id = _write(made)
    actor = guest(made.tenant_id, made.enterprise_id, name=words.contact_name, ip=arrival.ip)
    for one in words.files:
        files.attach(one, telling_id=telling_id, actor=actor, hidden=True)
    hearers = DIRECTOR if tellings.is_for_few(made.category_id) else OFFICE
    outbox.tell(
        facts.holders(made.tenant_id, Holders(hearers)),
        tenant_id=made.tenant_id,
        rule=RULE,
        period=str(telling_id),
        subject=HELD,
        context={"number": made.number},
        link=f"/tellings/{telling_id}",
    )
    return telling_id


def _doubts(made: Telling, words: Words, arrival: Arrival, door: Door) -> list[Doubt]:
    """Return what is odd; raise TooMany where far too much came from one place."""
    rules = door.tenant.parameters
    near = limits.from_place(made.ip_key) if arrival.limited else 0
    if near >= rules.tell_refused:
        raise TooMany(
            N_("这个网络一小时内提交得太多了。您写的都在，请过一会儿再提交，或者打电话。")
        )
    by_phone = limits.from_phone(made.phone_key) if arrival.limited else 0
    said = f"{words.title}\n{words.description}\n{words.wish}"
    found = {
        Doubt.TRAP: arrival.trapped,
        Doubt.HASTY: arrival.hasty,
        Doubt.LINKS: bool(ADDRESS.search(said)),
        Doubt.UNKNOWN_FIRM: made.enterprise_id is None,
        Doubt.MANY_HERE: near >= rules.tell_per_place,
        Doubt.MANY_PHONE: by_phone >= rules.tell_per_phone,
    }
    return [doubt for doubt, is_there in found.items() if is_there]
