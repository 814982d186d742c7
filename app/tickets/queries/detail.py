"""One ticket: itself, and all that its page shows, in a fixed number of statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVarTuple

from sqlalchemy import BindParameter, Select, bindparam, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, load_only, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Role
from app.attachments.models import Attachment
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.library.models import PolicyDocument
from app.tickets import policy
from app.tickets.models import (
    Category,
    CoTask,
    DueChange,
    Proposal,
    Reply,
    Revisit,
    SupervisionNote,
    Ticket,
    TicketEvent,
    called,
    reply_citations,
)
from app.tickets.queries import files, siblings
from app.tickets.queries.siblings import Others
from app.tickets.workflow.states import Clock, DueReason

Columns = TypeVarTuple("Columns")

NO_TICKET = N_("没有找到这件企业问题，可能不在您能看的范围内。")
REMEMBERED = 512  # people for whom a process keeps statements


@dataclass(frozen=True, slots=True)
class Names:
    """The names behind the ids that a history speaks of."""

    users: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    categories: dict[int, str] = field(default_factory=dict)
    documents: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history as it is read: who, in which role, when, and what."""

    id: int
    kind: str
    about: str
    at: datetime
    actor_id: int | None
    who: str
    role: Role
    comment: str
    payload: dict[str, Any]
    for_enterprise: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """One deadline set or moved, as it is read."""

    event_id: int | None
    clock: Clock
    before: datetime | None
    due_at: datetime | None
    reason: DueReason
    counted_from: datetime | None
    workdays: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A ticket with everything its page tells."""

    ticket: Ticket
    events: tuple[Happened, ...]
    moves: tuple[Moved, ...]
    attachments: Sequence[Attachment]
    names: Names
    others: Others
    is_rated: bool = False  # the viewer is of those whom the enterprise rated: told why, not what


def get(ticket_id: int, *, viewer: Actor) -> Ticket:
    """Return a ticket, or raise NotFound where the viewer may not know of it."""
    found: Ticket | None = db.session.scalar(*_one_seen(_TICKET, ticket_id, viewer))
    if found is None:
        raise NotFound(NO_TICKET)
    return found


def to_act_on(ticket_id: int, *, viewer: Actor) -> Ticket:
    """Return a ticket as `get` does, but without the names that only a page shows."""
    found: Ticket | None = db.session.scalar(*_one_seen(_ALONE, ticket_id, viewer))
    if found is None:
        raise NotFound(NO_TICKET)
    return found


def _one_seen(
    columns: Select[*Columns], ticket_id: int, viewer: Actor
) -> tuple[Select[*Columns], dict[str, int | None]]:
    """Return the statement for one ticket where the viewer may know of it, and its values."""
    seen = _seen(columns, anyone_like(viewer), clock.today())
    return seen, {"ticket_id": ticket_id, **ids_of(viewer)}


@lru_cache(maxsize=REMEMBERED)
def _seen(columns: Select[*Columns], who: Actor, day: date) -> Select[*Columns]:
    """Return what reads one ticket as `who` may see it on `day`.

    Kept: putting it together takes longer than answering it.
    """
    del day  # linkages hold from a day to a day
    return columns.where(Ticket.id == _OF, policy.visible_to(who))


@lru_cache(maxsize=REMEMBERED)
def _page_seen(who: Actor, day: date) -> Select[*tuple[Any, ...]]:
    """Return what reads a ticket for its page, and whether `who` is rated with it."""
    del day  # as in `_seen`
    rated = policy.rates(who).label("is_rated")
    return _PAGE.add_columns(rated).where(Ticket.id == _OF, policy.visible_to(who))


_PERSON = (load_only(User.name, User.post),)
_ALONE: Select[Ticket] = select(Ticket)
_TICKET: Select[Ticket] = select(Ticket).options(
    joinedload(Ticket.enterprise)
    .load_only(Enterprise.name, Enterprise.short_name, Enterprise.address, Enterprise.village_id)
    .joinedload(Enterprise.village)
    .load_only(OrgUnit.name),
    joinedload(Ticket.lead_unit).load_only(OrgUnit.name, OrgUnit.control),
    joinedload(Ticket.category).load_only(Category.name, Category.name_en),
    joinedload(Ticket.handler).options(*_PERSON),
    joinedload(Ticket.leader).options(*_PERSON),
    joinedload(Ticket.liaison).options(*_PERSON),
    joinedload(Ticket.created_by).options(*_PERSON),
)
#: Whether there is any of what many tickets have none of; it is read only where there is.
_ANY = tuple(
    exists().where(model.ticket_id == Ticket.id).label(name)
    for name, model in (
        ("proposals", Proposal),
        ("co_tasks", CoTask),
        ("supervision_notes", SupervisionNote),
        ("replies", Reply),
        ("revisits", Revisit),
        ("attachments", Attachment),
    )
)
_CITED = (
    exists()
    .where(Reply.ticket_id == Ticket.id, reply_citations.c.reply_id == Reply.id)
    .correlate(Ticket)
    .label("citations")
)
_PAGE = _TICKET.add_columns(*_ANY, _CITED)
_OF: BindParameter[int] = bindparam("ticket_id")
_EVENTS = (
    select(
        TicketEvent.id,
        TicketEvent.kind,
        TicketEvent.about,
        TicketEvent.at,
        TicketEvent.actor_id,
        func.coalesce(User.name, "").label("who"),
        TicketEvent.actor_role,
        TicketEvent.comment,
        TicketEvent.payload,
        TicketEvent.for_enterprise,
    )
    .outerjoin(User, User.id == TicketEvent.actor_id)
    .where(TicketEvent.ticket_id == _OF)
    .order_by(TicketEvent.id)
)
_MOVES = (
    select(
        DueChange.event_id,
        DueChange.clock,
        DueChange.before,
        DueChange.due_at,
        DueChange.reason,
        DueChange.counted_from,
        DueChange.workdays,
        DueChange.at,
    )
    .where(DueChange.ticket_id == _OF)
    .order_by(DueChange.id)
)
#: What the rules ask about, and what the page shows of it.
_BESIDE: dict[str, Any] = {
    "proposals": select(Proposal).where(Proposal.ticket_id == _OF).order_by(Proposal.id),
    "co_tasks": select(CoTask)
    .options(
        joinedload(CoTask.unit).load_only(OrgUnit.name),
        joinedload(CoTask.handler).load_only(User.name),
    )
    .where(CoTask.ticket_id == _OF)
    .order_by(CoTask.id),
    "supervision_notes": select(SupervisionNote)
    .where(SupervisionNote.ticket_id == _OF)
    .order_by(SupervisionNote.id),
    "replies": select(Reply).where(Reply.ticket_id == _OF).order_by(Reply.id),
    "revisits": select(Revisit)
    .where(Revisit.ticket_id == _OF)
    .options(joinedload(Revisit.letter))
    .order_by(Revisit.id),
}


def page(ticket_id: int, *, viewer: Actor) -> TicketPage:
    """Return what the page of a ticket shows, its history and all that lies beside it.

    Raises NotFound where the viewer may not know of it. The number of statements does not
    depend on how much there is, only on whether there is any.
    """
    asked = {"ticket_id": ticket_id, **ids_of(viewer)}
    line = db.session.execute(_page_seen(anyone_like(viewer), clock.today()), asked).first()
    if line is None:
        raise NotFound(NO_TICKET)
    ticket: Ticket = line[0]
    rated = line.revisits and line.is_rated
    _load_beside(ticket, any_of=line._asdict(), viewer=viewer)
    events = db.session.execute(_EVENTS, {"ticket_id": ticket.id})
    moves = db.session.execute(_MOVES, {"ticket_id": ticket.id})
    happened = _told(tuple(Happened(*event) for event in events), viewer)
    if rated:
        verbatim = {one.words.strip() for one in ticket.revisits}
        happened = tuple(_blunt(event, verbatim) for event in happened)
        set_committed_value(ticket, "revisits", [])
    return TicketPage(
        ticket=ticket,
        events=happened,
        moves=tuple(Moved(*move) for move in moves),
        attachments=files.of(ticket, viewer, rated=bool(rated)) if line.attachments else (),
        names=_names(ticket, happened),
        others=siblings.of(ticket, viewer),
        is_rated=bool(rated),
    )


def _told(events: tuple[Happened, ...], viewer: Actor) -> tuple[Happened, ...]:
    """Return the lines of the history that the viewer is told, with the words meant for them."""
    if not policy.is_outside(viewer):
        return events
    return tuple(
        event if event.kind in policy.SAID_TO_ENTERPRISE else replace(event, comment="")
        for event in events
        if event.for_enterprise or event.kind in policy.TOLD_TO_ENTERPRISE
    )


def _blunt(event: Happened, verbatim: Collection[str]) -> Happened:
    """Return a line of the history as those who are rated read it: not what was said, only why."""
    if event.kind not in policy.HEARD:
        return event
    shown = policy.TOLD_TO_RATED.get(event.kind, frozenset())
    told = bool(shown) and not policy.is_verbatim(event.comment, verbatim)
    kept = {key: value for key, value in event.payload.items() if key in shown}
    return replace(event, comment=event.comment if told else "", payload=kept)


#: What lies beside a ticket that is the offices' own.
_INSIDE = frozenset({"proposals", "co_tasks", "supervision_notes"})


def _load_beside(ticket: Ticket, *, any_of: Mapping[str, Any], viewer: Actor) -> None:
    """Load what the rules ask about; what there is none of needs no statement.

    The enterprise is shown the answers that were approved, and nothing that is the offices' own.
    """
    outside = policy.is_outside(viewer)
    for name, found in _BESIDE.items():
        shown = any_of[name] and not (outside and name in _INSIDE)
        rows = list(db.session.scalars(found, {"ticket_id": ticket.id})) if shown else []
        if outside and name == "replies":
            rows = [reply for reply in rows if reply.is_final]
        set_committed_value(ticket, name, rows)
    _load_citations(ticket, any_of=any_of["citations"])


def _load_citations(ticket: Ticket, *, any_of: bool) -> None:
    """Load what the answers cite, where they cite anything: one statement for all of them."""
    if not any_of:
        for reply in ticket.replies:
            set_committed_value(reply, "citations", [])
        return
    ids = [reply.id for reply in ticket.replies]
    found = select(Reply).options(selectinload(Reply.citations)).where(Reply.id.in_(ids))
    db.session.scalars(found.execution_options(populate_existing=True)).all()


UNIT_KEYS = ("unit_id", "suggested_unit_id", "lead_unit_id")
#: Who had a hand in a proposal, an answer or a revisit.
PERSON_KEYS = (
    "asked_by_id",
    "checked_by_id",
    "decided_by_id",
    "drafted_by_id",
    "signed_off_by_id",
    "by_id",
)
USER_KEYS = ("owner_id", "asked_by_id", "handler_id", "before")
CATEGORY_KEYS = ("category_id", "subcategory_id")


def _names(ticket: Ticket, events: Sequence[Happened]) -> Names:
    """Return the names that the history and the proposals speak of by id."""
    told = [event.payload for event in events] + [p.payload for p in ticket.proposals]
    categories = {c.id: c.called for c in (ticket.category, ticket.subcategory) if c}
    units = {u.id: u.name for u in (ticket.lead_unit,) if u}
    units |= {task.unit_id: task.unit.name for task in ticket.co_tasks}
    people = {event.actor_id: event.who for event in events if event.actor_id}
    asked = _ids(
        (vars(row) for row in (*ticket.proposals, *ticket.replies, *ticket.revisits)), PERSON_KEYS
    )
    return Names(
        users=people | _looked_up(User.id, User.name, (_ids(told, USER_KEYS) | asked) - {*people}),
        units=units | _looked_up(OrgUnit.id, OrgUnit.name, _ids(told, UNIT_KEYS) - {*units}),
        categories=categories | _kinds(_ids(told, CATEGORY_KEYS) - {*categories}),
        documents=_looked_up(PolicyDocument.id, PolicyDocument.title, _cited(told)),
    )


def _cited(payloads: Iterable[dict[str, Any]]) -> set[int]:
    return {id_ for payload in payloads for id_ in payload.get("citation_ids", ())}


def _ids(payloads: Iterable[dict[str, Any]], keys: Sequence[str]) -> set[int]:
    found = [payload.get(key) for payload in payloads for key in keys]
    return {value for value in found if isinstance(value, int)}


def _kinds(ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    found = select(Category.id, Category.name, Category.name_en).where(Category.id.in_(ids))
    return {id_: called(name, english) for id_, name, english in db.session.execute(found)}


def _looked_up(
    id_: InstrumentedAttribute[int], name: InstrumentedAttribute[str], ids: Collection[int]
) -> dict[int, str]:
    if not ids:
        return {}
    return {row[0]: row[1] for row in db.session.execute(select(id_, name).where(id_.in_(ids)))}
