"""Tickets as a worklist prints them: one statement for all parts, however many there are."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy import Row as Line
from sqlalchemy.orm import aliased

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor
from app.core.db import db
from app.core.i18n import N_
from app.core.paging import counting
from app.core.prepared import settled
from app.desk.queries import why
from app.desk.queries.ask import EDIT, Ask
from app.desk.queries.parts import COUNTED, Link, Row, State, Words
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
from app.tickets.queries import deciding
from app.tickets.queries.rows import status_label
from app.tickets.workflow.states import RING, Status

ENDED = frozenset({Status.CLOSED, Status.ARCHIVED})
REVIEW_ON = N_("{day}复核")
LOOK = N_("看看")
REMEMBERED = 512  # roles and days for which a process keeps the statement

_SUBMITTER = aliased(User)
_LIAISON = aliased(User)
_SUGGESTED = aliased(OrgUnit)


def counted(ask: Ask, viewer: Actor) -> ColumnElement[int]:
    """Return the number of tickets of a part; beyond COUNTED under a condition, one more."""
    seen = _seen_in(ask, viewer)
    total: ColumnElement[int] = literal(0)
    for condition in ask.where:
        found = select(Ticket.id).where(seen, condition)
        total += counting(found, COUNTED + 1).scalar_subquery()
    return total


def _seen_in(ask: Ask, viewer: Actor) -> ColumnElement[bool]:
    """Return what the viewer may know of; where no draft is asked for, an index alone tells."""
    return policy.visible_to(viewer, numbered=Status.DRAFT not in ask.verbs)


def of_parts(asks: tuple[Ask, ...], reading: Reading) -> dict[str, tuple[Row, ...]]:
    """Return the rows of each part by its key, the most late first; one statement for all."""
    rows: dict[str, list[Row]] = {ask.key: [] for ask in asks}
    if asks:
        found = _statement(asks, anyone_like(reading.viewer))
        for line in db.session.execute(found, reading.moments | ids_of(reading.viewer)):
            ask = asks[line.part]
            rows[ask.key].append(_row(line, ask, reading))
    return {key: tuple(part) for key, part in rows.items()}


@lru_cache(maxsize=REMEMBERED)
def _statement(asks: tuple[Ask, ...], viewer: Actor) -> Select[*tuple[Any, ...]]:
    """Return the statement for all rows; what is asked for is the same object all day."""
    picked = union_all(*(_picked(n, ask, viewer) for n, ask in enumerate(asks))).subquery()
    return settled(
        _columns(picked.c.part)
        .join(picked, picked.c.id == Ticket.id)
        .order_by(picked.c.part, picked.c.due.asc().nulls_last(), Ticket.id)
    )


def _picked(part: int, ask: Ask, viewer: Actor) -> Select[*tuple[Any, ...]]:
    """Return the tickets that come first in a part: of those that do under each condition."""
    due = Ticket.due_at if ask.watched else Ticket.move_due_at
    order = (due.asc().nulls_last(), Ticket.id)
    seen = select(Ticket.id, due.label("due")).where(_seen_in(ask, viewer))
    firsts = [
        select(some.c.id, some.c.due)
        for condition in ask.where
        for some in [seen.where(condition).order_by(*order).limit(ask.shown).subquery()]
    ]
    first = union_all(*firsts).subquery()
    some = select(first).order_by(first.c.due.asc().nulls_last(), first.c.id).limit(ask.shown)
    kept = some.subquery()
    return select(literal(part).label("part"), kept.c.id, kept.c.due)


def state_of(line: Line[Any]) -> State:
    """Return where a ticket stands."""
    return _state(line.status, line.round)


@cache
def _state(status: Status, round_number: int) -> State:
    return State(
        status_label(status, round_number),
        RING[status],
        closed=status in ENDED,
        paused=status is Status.SUSPENDED,
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


def _columns(part: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            part,
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
            Ticket.confidential,
            Enterprise.name.label("enterprise_name"),
            Enterprise.short_name,
            OrgUnit.name.label("unit"),
            Category.name.label("category"),
            Category.name_en.label("category_en"),
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
    tried = (*here, Revisit.counted())
    owed = (CoTask.ticket_id == Ticket.id, CoTask.state == CoTaskState.OPEN)
    waiting = (Proposal.ticket_id == Ticket.id, Proposal.waiting())
    note = (SupervisionNote.ticket_id == Ticket.id, SupervisionNote.answered_at.is_(None))
    return (
        select(func.count(Revisit.id)).where(*tried).scalar_subquery().label("attempts"),
        select(func.max(Revisit.at)).where(*tried).scalar_subquery().label("attempt_at"),
        deciding.is_heard().label("heard"),
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
        is_for_few=line.confidential,
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
