"""Tickets as a worklist prints them: one statement for a part, however many there are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, literal, select, union_all
from sqlalchemy import Row as Line
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor
from app.core.db import db
from app.core.i18n import N_
from app.desk.queries import why
from app.desk.queries.ask import EDIT, Ask
from app.desk.queries.moves import OPEN_STATES
from app.desk.queries.parts import COUNTED, SHOWN, Link, Row, State, Words
from app.desk.queries.reading import Reading
from app.enterprises.models import Enterprise
from app.tickets import policy
from app.tickets.clocks import Light
from app.tickets.models import (
    Category,
    CoTask,
    CoTaskState,
    Proposal,
    Revisit,
    SupervisionNote,
    Ticket,
)
from app.tickets.queries.rows import status_label
from app.tickets.workflow.states import RING, Status

ENDED = frozenset({Status.CLOSED, Status.ARCHIVED})
REVIEW_ON = N_("{day}复核")
LOOK = N_("看看")

_SUBMITTER = aliased(User)
_LIAISON = aliased(User)
_SUGGESTED = aliased(OrgUnit)


def counted(ask: Ask, viewer: Actor, most: int = COUNTED) -> ColumnElement[int]:
    """Return the number of tickets of a part; under each condition not many more than `most`."""
    seen = _seen_in(ask, viewer)
    total: ColumnElement[int] = literal(0)
    for condition in ask.where:
        some = select(Ticket.id).where(seen, condition).limit(most + 1).subquery()
        total += select(func.count()).select_from(some).scalar_subquery()
    return total


def _seen_in(ask: Ask, viewer: Actor) -> ColumnElement[bool]:
    """Return what the viewer may know of; where no draft is asked for, an index alone tells."""
    return policy.visible_to(viewer, numbered=Status.DRAFT not in ask.verbs)


def of_part(ask: Ask, reading: Reading) -> tuple[tuple[Row, ...], int]:
    """Return the rows of a part, the most late first, and how many there are."""
    clock = Ticket.due_at if ask.watched else Ticket.move_due_at
    picked = _picked(ask, reading.viewer, clock)
    found = (
        _columns(counted(ask, reading.viewer))
        .join(picked, picked.c.id == Ticket.id)
        .order_by(clock.is_(None), clock, Ticket.id)  # what has no deadline comes last
        .limit(SHOWN)
    )
    lines = db.session.execute(found).all()
    return tuple(_row(line, ask, reading) for line in lines), total_of(lines)


def _picked(ask: Ask, viewer: Actor, clock: InstrumentedAttribute[datetime | None]) -> Subquery:
    """Return the ids of the tickets that come first under each condition."""
    seen = select(Ticket.id).where(_seen_in(ask, viewer)).order_by(clock, Ticket.id)
    firsts = [seen.where(condition).limit(SHOWN).subquery() for condition in ask.where]
    return union_all(*(select(first.c.id) for first in firsts)).subquery()


def total_of(lines: Sequence[Line[Any]]) -> int:
    """Return the total that every line of a part carries."""
    return min(lines[0].total, COUNTED + 1) if lines else 0


def state_of(line: Line[Any]) -> State:
    """Return where a ticket stands."""
    return State(
        status_label(line.status, line.round),
        RING[line.status],
        closed=line.status in ENDED,
        paused=line.status is Status.SUSPENDED,
    )


def called(line: Line[Any]) -> str:
    """Return the short name of the enterprise."""
    return str(line.short_name or line.enterprise_name)


def step(ticket_id: int, name: str) -> Link:
    """Return where one takes a step or goes on writing; the ticket where none is named."""
    if name == EDIT:
        return Link("tickets.edit", {"ticket_id": ticket_id})
    if name:
        return Link("tickets.step", {"ticket_id": ticket_id, "name": str(name)})
    return Link("tickets.detail", {"ticket_id": ticket_id})


def _columns(total: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            total.label("total"),
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.round,
            Ticket.urgency,
            Ticket.complexity,
            Ticket.source,
            Ticket.move_due_at,
            Ticket.due_at,
            Ticket.warn_on,
            Ticket.contact_due_at,
            Ticket.interim_due_at,
            Ticket.dispatched_at,
            Ticket.first_contact_at,
            Ticket.reply_submitted_at,
            Ticket.next_review_on,
            Ticket.handler_id,
            Enterprise.name.label("enterprise_name"),
            Enterprise.short_name,
            OrgUnit.name.label("unit"),
            Category.name.label("category"),
            _SUGGESTED.name.label("suggested"),
            _SUBMITTER.name.label("submitter"),
            _LIAISON.name.label("liaison"),
            *_facts(),
        )
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
        .outerjoin(Category, Category.id == Ticket.category_id)
        .outerjoin(_SUGGESTED, _SUGGESTED.id == Category.lead_unit_id)
        .outerjoin(_SUBMITTER, _SUBMITTER.id == Ticket.submitted_by_id)
        .outerjoin(_LIAISON, _LIAISON.id == Ticket.liaison_id)
    )


def _facts() -> tuple[Any, ...]:
    """Return what rows beside the ticket say about it; each is looked up by its index."""
    here = (Revisit.ticket_id == Ticket.id, Revisit.round == Ticket.round)
    owed = (CoTask.ticket_id == Ticket.id, CoTask.state == CoTaskState.OPEN)
    waiting = (Proposal.ticket_id == Ticket.id, Proposal.state.in_(OPEN_STATES))
    note = (SupervisionNote.ticket_id == Ticket.id, SupervisionNote.answered_at.is_(None))
    return (
        select(func.count(Revisit.id)).where(*here).scalar_subquery().label("attempts"),
        select(func.max(Revisit.at)).where(*here).scalar_subquery().label("attempt_at"),
        select(func.count(Revisit.id))
        .where(*here, Revisit.reached.is_(True))
        .scalar_subquery()
        .label("heard"),
        select(func.count(CoTask.id)).where(*owed).scalar_subquery().label("owed"),
        select(Proposal.event)
        .where(*waiting)
        .order_by(Proposal.id.desc())
        .limit(1)
        .scalar_subquery()
        .label("asked"),
        select(SupervisionNote.level)
        .where(*note)
        .order_by(SupervisionNote.id.desc())
        .limit(1)
        .scalar_subquery()
        .label("note"),
    )


def _row(line: Line[Any], ask: Ask, reading: Reading) -> Row:
    verb, name = _verb(line, ask.verbs)
    suspended = line.status is Status.SUSPENDED and line.next_review_on
    light = _light(line, ask, reading)
    return Row(
        title=line.title,
        link=step(line.id, ""),
        why=why.watched(line) if ask.watched else why.own(line),
        who=called(line),
        number=line.number or "",
        state=state_of(line),
        light=light,
        due_at=line.due_at if ask.watched else line.move_due_at,
        due=Words(REVIEW_ON, {"day": line.next_review_on}) if suspended else None,
        verb=verb,
        go=step(line.id, name),
    )


def _light(line: Line[Any], ask: Ask, reading: Reading) -> Light | None:
    if ask.watched:
        return reading.handling(line.status, line.due_at, line.warn_on)
    return reading.own(line.status, line.move_due_at, line.due_at, line.warn_on)


def _verb(line: Line[Any], verbs: Mapping[Status, tuple[str, str]]) -> tuple[str, str]:
    """Return the word on the button and the step it leads to."""
    verb, name = verbs.get(line.status, (LOOK, ""))
    if line.status is Status.IN_PROGRESS and not name and verb != LOOK:
        return why.next_of_unit(line)
    return verb, name
