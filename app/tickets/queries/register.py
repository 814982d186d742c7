"""The ticket register: what is asked of it, how much there is, and one page of it.

Nothing here costs more when there are more tickets: rows come by an index and page by page,
and nothing is counted past a limit.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any, TypeVarTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.models import OrgUnit, User
from app.accounts.policy import theirs
from app.accounts.roles import Actor, Permission
from app.core import clock, search
from app.core.db import db
from app.core.paging import Page, counting
from app.core.prepared import Numbers, settled
from app.enterprises.models import Enterprise
from app.tickets import clocks, policy
from app.tickets.models import Ticket
from app.tickets.models.ticket import REWORK_ROUND
from app.tickets.queries import owing, quick
from app.tickets.queries.asked import ENDED_WELL, WAITING, Colour, Sort, TicketFilter, View
from app.tickets.queries.quick import shown_to
from app.tickets.queries.rows import Reading, Row, row_of
from app.tickets.workflow.states import Status

Columns = TypeVarTuple("Columns")

MOST_SHOWN = 999  # beyond, a count says 999+ and a page "at least"
LISTS = 512  # whose statements a process keeps
AT_ONCE = 500  # rows that are held while all are written out
MOST_FOUND = 199  # of a text search, which has no index to count by
SOME_WORDS = "某词"  # in a statement that is kept; which words are asked is given each time


def search_page(
    asked: TicketFilter,
    *,
    viewer: Actor,
    reading: Reading,
    number: int = 1,
    size: int = 25,
    total: int | None = None,
) -> Page[Row]:
    """Return one page of the tickets asked for; beyond the end, the last one.

    One statement, however many there are; without a count where the caller knows the `total`.
    """
    most = MOST_FOUND if asked.text else MOST_SHOWN
    words = search.asking(asked.text)
    build = _page_anew if asked.text and not words else _page_kept
    shape = replace(asked, text=SOME_WORDS) if words else asked
    found = build(
        shape,
        anyone_like(viewer),
        clock.today(),
        counts=total is None,
        most=size + 1,
        later=number > 1,
    )
    lines = _read(found, _values(reading, viewer) | words, number, size)
    if not lines and number > 1:  # beyond the end: the last page instead
        total = _total(asked, viewer, reading, most)
        number = max(1, -(-min(total, most) // size))
        lines = _read(found, _values(reading, viewer) | words, number, size)
    if total is None:
        total = lines[0].total if lines else 0
    rows = tuple(row_of(line, reading) for line in lines[:size])
    return Page(rows, number, size, min(total, most), total > most, len(lines) > size)


def _page_anew(
    asked: TicketFilter, viewer: Actor, day: date, *, counts: bool, most: int, later: bool
) -> Select[*tuple[Any, ...]]:
    """Return the statement for `most` rows of a list, with the whole number where it `counts`.

    The first page has no offset, which a `later` one has: without one the server knows that few
    rows are wanted.
    """
    del day  # linkages hold from a day to a day
    columns = owing.columns(COLUMNS, viewer)
    if asked.text:  # few of those that answer are shown: only these are joined with their names
        picked = _part(_find(select(Ticket.id), asked, viewer=viewer), most, later).subquery()
        found = columns.join(picked, picked.c.id == Ticket.id).order_by(Ticket.id.desc())
    else:
        found = _part(_ordered(_find(columns, asked, viewer=viewer), asked), most, later)
    if not counts:
        return found
    counts_to = MOST_FOUND if asked.text else MOST_SHOWN
    counted = counting(_find(select(Ticket.id), asked, viewer=viewer), counts_to + 1)
    return found.add_columns(counted.scalar_subquery().label("total"))


def _part(found: Select[*Columns], most: int, later: bool) -> Select[*Columns]:  # noqa: FBT001 - of one caller
    found = found.limit(most)
    return found.offset(bindparam("page_begins", type_=Integer())) if later else found


@lru_cache(maxsize=LISTS)
def _page_kept(
    asked: TicketFilter, viewer: Actor, day: date, *, counts: bool, most: int, later: bool
) -> Select[*tuple[Any, ...]]:
    """Return the same, built once; of words that are searched for there is one for all."""
    return settled(_page_anew(asked, viewer, day, counts=counts, most=most, later=later))


def _read(found: Select[Any], values: dict[str, Any], number: int, size: int) -> Sequence[Any]:
    """Return the lines of one page, and one more where there is another page."""
    return db.session.execute(found, values | {"page_begins": (number - 1) * size}).all()


def _total(asked: TicketFilter, viewer: Actor, reading: Reading, most: int) -> int:
    found = _find(select(Ticket.id), asked, viewer=viewer)
    return db.session.scalar(counting(found, most + 1), _values(reading, viewer)) or 0


def found_ids(
    asked: TicketFilter, *, viewer: Actor, reading: Reading, most: int, states: Collection[Status]
) -> list[int]:
    """Return the ids of the first `most` tickets asked for that are in one of `states`."""
    found = _find(select(Ticket.id), asked, viewer=viewer).where(Ticket.status.in_(sorted(states)))
    limited = _ordered(found, asked).limit(most)
    return list(db.session.scalars(limited, _values(reading, viewer)))


def around(
    asked: TicketFilter, *, viewer: Actor, reading: Reading, place: int, size: int
) -> list[int]:
    """Return the ids of `size` tickets of the list from `place` on, which counts from 0."""
    found = _ordered(_find(select(Ticket.id), asked, viewer=viewer), asked)
    part = found.limit(size).offset(place)
    return list(db.session.scalars(part, _values(reading, viewer)))


def how_many(
    asked: TicketFilter, *, viewer: Actor, reading: Reading, ids: Collection[int] | None = None
) -> int:
    """Return how many tickets are asked for, however many; or how many of `ids`."""
    found = _narrowed(_find(select(Ticket.id), asked, viewer=viewer), ids).order_by(None)
    counted = select(func.count()).select_from(found.subquery())
    return db.session.scalar(counted, _values(reading, viewer)) or 0


def each_row(
    asked: TicketFilter, *, viewer: Actor, reading: Reading, ids: Collection[int] | None = None
) -> Iterator[Row]:
    """Yield all that is asked for, or those of `ids`, row by row and in constant memory."""
    found = _ordered(_narrowed(_find(COLUMNS, asked, viewer=viewer), ids), asked)
    values = _values(reading, viewer)
    lines = db.session.execute(found, values, execution_options={"yield_per": AT_ONCE})
    for line in lines:
        yield row_of(line, reading)


def _narrowed(found: Select[*Columns], ids: Collection[int] | None) -> Select[*Columns]:
    return found if ids is None else found.where(Ticket.id.in_(ids))


def counts(*, viewer: Actor, reading: Reading) -> dict[View, int]:
    """Return how many tickets each quick filter of the viewer's role shows, in one statement.

    More than MOST_SHOWN are counted as one more. What is over is counted only for those who
    see all: for the others no index leads to the few that are theirs.
    """
    if viewer.may(Permission.TICKET_SEE_ALL):
        views = tuple(shown_to(viewer.role))
    else:
        views = tuple(view for view in shown_to(viewer.role) if view in WAITING)
    numbers = _counting(views, anyone_like(viewer), clock.today())
    return dict(zip(views, numbers.read(_values(reading, viewer)), strict=True))


@lru_cache(maxsize=LISTS)
def _counting(views: tuple[View, ...], viewer: Actor, day: date) -> Numbers:
    del day  # linkages hold from a day to a day
    scope = policy.visible_to(viewer, numbered=True)
    found = (select(Ticket.id).where(scope, *_of_view(view, viewer)) for view in views)
    return Numbers(select(*(counting(each, MOST_SHOWN + 1).scalar_subquery() for each in found)))


def _values(reading: Reading, viewer: Actor) -> dict[str, object]:
    """Return the values that conditions speak of: moments, and whose township."""
    today = clock.local(reading.now).date()
    begins = clock.at(today, time())
    return {
        "now": reading.now,
        "today": today,
        "begins": begins,
        "ends": begins + timedelta(days=1),
        "review_ends": quick.review_ends(reading.calendar, reading.now),
        "tenant_id": viewer.tenant_id,
        **ids_of(viewer),
    }


def _of_view(view: View, viewer: Actor) -> list[ColumnElement[bool]]:
    """Return what a quick filter asks for; some ask it of whoever looks."""
    return quick.waiting_for(viewer) if view is View.WAITING else _OF_VIEW[view]


def _find(columns: Select[*Columns], asked: TicketFilter, *, viewer: Actor) -> Select[*Columns]:
    """Return the statement that selects `columns` of the tickets asked for."""
    drafts = asked.status is Status.DRAFT
    found = columns.where(
        policy.visible_to(viewer, numbered=not drafts),
        *([] if drafts else _of_view(asked.shown, viewer)),
        *_named(asked),
        *_received(asked),
    )
    if asked.light:
        found = found.where(*_OF_LIGHT[asked.light])
    if asked.mine:
        found = found.where(_mine(viewer))
    if asked.text:
        return search.newest_answering(found, Ticket.id, asked.text)
    return found


def _ordered(found: Select[*Columns], asked: TicketFilter) -> Select[*Columns]:
    """Put the tickets into the order that applies; what answers words has its own."""
    if asked.text:
        return found
    return found.order_by(
        *{
            Sort.DUE: (Ticket.move_due_at, Ticket.id),
            Sort.NEWEST: (Ticket.id.desc(),),
            Sort.NUMBER: (Ticket.number,),
        }[asked.order]
    )


def _named(asked: TicketFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of what was chosen from a list."""
    chosen: tuple[tuple[InstrumentedAttribute[Any], object], ...] = (
        (Ticket.category_id, asked.category_id),
        (Ticket.lead_unit_id, asked.unit_id),
        (Ticket.enterprise_id, asked.enterprise_id),
        (Ticket.status, asked.status),
        (Ticket.source, asked.source),
    )
    conditions: list[ColumnElement[bool]] = [
        column == value for column, value in chosen if value is not None
    ]
    if asked.village_id is not None:
        here = select(Enterprise.id).where(Enterprise.village_id == asked.village_id)
        conditions.append(Ticket.enterprise_id.in_(here))
    return conditions


def _received(asked: TicketFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of the period, whose days are the office's."""
    conditions: list[ColumnElement[bool]] = []
    if asked.received_from:
        conditions.append(Ticket.submitted_at >= clock.at(asked.received_from, time()))
    if asked.received_to:
        day_after = asked.received_to + timedelta(days=1)
        conditions.append(Ticket.submitted_at < clock.at(day_after, time()))
    return conditions


_NOW: BindParameter[Any] = bindparam("now")
_TODAY: BindParameter[Any] = bindparam("today")
_RUNS = Ticket.is_running.is_(true())
#: The conditions of a light: those of `clocks.handling_light`, in SQL.
_OF_LIGHT: dict[Colour, list[ColumnElement[bool]]] = {
    Colour.GREEN: [_RUNS, Ticket.due_at >= _NOW, Ticket.warn_on > _TODAY],
    Colour.YELLOW: [_RUNS, Ticket.due_at >= _NOW, Ticket.warn_on <= _TODAY],
    Colour.RED: [_RUNS, Ticket.due_at < _NOW],
    Colour.GREY: [Ticket.status.in_(sorted(clocks.PAUSED))],
}
#: What each quick filter asks for; none of them meets a ticket without a number.
_OF_VIEW: dict[View, list[ColumnElement[bool]]] = {
    View.OPEN: [Ticket.is_open.is_(true())],
    View.TODAY: [
        Ticket.is_open.is_(true()),
        Ticket.move_due_at >= bindparam("begins"),
        Ticket.move_due_at < bindparam("ends"),
    ],
    View.YELLOW: _OF_LIGHT[Colour.YELLOW],
    View.RED: _OF_LIGHT[Colour.RED],
    View.REVISIT: [Ticket.status == Status.PENDING_REVISIT],
    View.SUSPENDED: [Ticket.status == Status.SUSPENDED],
    View.REVIEW_DUE: quick.review_due(),
    View.RETURNED: quick.returned(),
    View.REWORK: [Ticket.status == Status.IN_PROGRESS, Ticket.round >= REWORK_ROUND],
    View.CLOSED: [Ticket.status.in_(sorted(ENDED_WELL))],
    View.ALL: [Ticket.number.is_not(None)],
}


def _mine(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a person has a part of their own in a ticket."""
    if viewer.user_id is None:
        return false()
    return or_(
        Ticket.handler_id == viewer.user_id,
        Ticket.created_by_id == viewer.user_id,
        Ticket.submitted_by_id == viewer.user_id,
        theirs(Ticket.liaison_id, viewer),
        theirs(Ticket.leader_id, viewer),
    )


_LIAISON = aliased(User)


COLUMNS: Select[*tuple[Any, ...]] = (
    select(
        Ticket.id,
        Ticket.number,
        Ticket.title,
        Ticket.status,
        Ticket.round,
        Ticket.due_at,
        Ticket.warn_on,
        Ticket.move_due_at,
        Ticket.contact_due_at,
        Ticket.next_review_on,
        Ticket.closed_at,
        Ticket.confidential,
        Enterprise.name.label("enterprise_name"),
        Enterprise.short_name.label("enterprise_short"),
        OrgUnit.name.label("unit"),
        _LIAISON.name.label("liaison"),
    )
    .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
    .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
    .outerjoin(_LIAISON, _LIAISON.id == Ticket.liaison_id)
)
