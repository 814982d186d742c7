"""The ticket register: what is asked of it, how much there is, and one page of it.

Nothing here costs more when there are more tickets: rows come by an index and page by page,
and nothing is counted past a limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, TypeVarTuple, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy import Row as Line
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import OrgUnit, UnitKind, User
from app.accounts.parameters import Parameters
from app.accounts.roles import Actor, Permission, Role
from app.core import clock, search
from app.core.db import db
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.core.paging import Page
from app.enterprises.models import Enterprise
from app.tickets import clocks, policy
from app.tickets.models import Ticket
from app.tickets.models.ticket import REWORK_ROUND, REWORKING
from app.tickets.workflow.states import OPEN, RING, RUNNING, Clock, Source, Status
from app.workdays.calendar import WorkCalendar

Columns = TypeVarTuple("Columns")

MOST_SHOWN = 999  # beyond, a count says 999+ and a page "at least"
MOST_FOUND = 199  # of a text search, which has no index to count by
OFFICE_DAY = 1  # working days that the office's own moves have


class View(LabelledEnum):
    """The quick filters of the register, in the order of the page."""

    OPEN = "open", N_("在办和挂账")
    TODAY = "today", N_("今天到期")
    YELLOW = "yellow", N_("临期")
    RED = "red", N_("超期")
    REVISIT = "revisit", N_("待回访")
    SUSPENDED = "suspended", N_("挂账")
    REWORK = "rework", N_("重办")
    CLOSED = "closed", N_("已办结")
    ALL = "all", N_("全部")


ENDED_WELL = frozenset({Status.CLOSED, Status.ARCHIVED})
#: Where somebody has a move to make, so that there is something to sort by.
WAITING = frozenset(View) - {View.CLOSED, View.ALL}


class Colour(LabelledEnum):
    """The light of the handling clock, as one may ask for it."""

    GREEN = "green", N_("正常")
    YELLOW = "yellow", N_("临期")
    RED = "red", N_("超期")
    GREY = "grey", N_("挂账、待审核、待回访")


class Sort(LabelledEnum):
    """In which order the register is read."""

    DUE = "due", N_("按到期先后")
    NEWEST = "newest", N_("新登记的在前")
    NUMBER = "number", N_("按编号")


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What the register was asked to show; an empty field asks nothing."""

    text: str = ""
    view: View | None = None
    status: Status | None = None
    light: Colour | None = None
    category_id: int | None = None
    unit_id: int | None = None
    enterprise_id: int | None = None
    village_id: int | None = None
    source: Source | None = None
    received_from: date | None = None
    received_to: date | None = None
    mine: bool = False
    sort: Sort | None = None

    @property
    def shown(self) -> View:
        """The quick filter that applies: open tickets, unless something else was asked."""
        if self.view:
            return self.view
        return View.ALL if self.text or self.status else View.OPEN

    @property
    def order(self) -> Sort:
        """The order that applies: by the next deadline where there is one, else newest first."""
        waiting = (self.shown in WAITING or self.status in OPEN) and not self.text
        if self.sort is None or (self.sort is Sort.DUE and not waiting):
            return Sort.DUE if waiting else Sort.NEWEST
        return self.sort


@dataclass(frozen=True, slots=True)
class Reading:
    """By which calendar and settings, and at which moment, lights are read."""

    calendar: WorkCalendar
    parameters: Parameters
    now: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket as the register prints it."""

    id: int
    number: str
    title: str
    enterprise: str
    status_label: str
    ring: int
    is_closed: bool
    is_paused: bool
    mover_label: str  # to be translated
    mover: str  # a name
    light: clocks.Light | None
    due_label: str  # what the date is for, where it is not the handling deadline
    due_at: datetime | None
    review_on: date | None
    closed_at: datetime | None


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

    Two statements, however many there are; one where the caller has counted them already.
    """
    most = MOST_FOUND if asked.text else MOST_SHOWN
    moments = _moments(reading.now)
    if total is None:
        found = _find(select(Ticket.id), asked, viewer=viewer)
        total = db.session.scalar(_counted(found, most + 1), moments) or 0
    if total <= most:
        number = min(number, max(1, -(-total // size)))
    lines = db.session.execute(
        _ordered(_find(_COLUMNS, asked, viewer=viewer), asked)
        .limit(size + 1)
        .offset((number - 1) * size),
        moments,
    ).all()
    rows = tuple(_row(line, reading) for line in lines[:size])
    return Page(rows, number, size, min(total, most), total > most, len(lines) > size)


def counts(*, viewer: Actor) -> dict[View, int]:
    """Return how many tickets each quick filter shows, in one statement.

    More than MOST_SHOWN are counted as one more. What is over is counted only for those who
    see all: for the others no index leads to the few that are theirs.
    """
    if viewer.may(Permission.TICKET_SEE_ALL):
        views = tuple(View)
        counting = _counting_all(viewer.role)
    else:
        views = tuple(view for view in View if view in WAITING)
        counting = _counting(views, policy.visible_to(viewer, numbered=True))
    line = db.session.execute(counting, _moments(clock.now()) | {"tenant_id": viewer.tenant_id})
    return dict(zip(views, line.one(), strict=True))


@cache
def _counting_all(role: Role) -> Select[*tuple[Any, ...]]:
    """Return the statement for a role that sees all of a tenant, whichever that is."""
    anyone = Actor(tenant_id=cast("int", bindparam("tenant_id")), user_id=None, role=role)
    return _counting(tuple(View), policy.visible_to(anyone, numbered=True))


def _counting(views: Sequence[View], scope: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    found = (select(Ticket.id).where(scope, *_OF_VIEW[view]) for view in views)
    return select(*(_counted(each, MOST_SHOWN + 1).scalar_subquery() for each in found))


def _moments(now: datetime) -> dict[str, object]:
    """Return the values of the moments that conditions speak of."""
    today = clock.local(now).date()
    begins = clock.at(today, time())
    return {"now": now, "today": today, "begins": begins, "ends": begins + timedelta(days=1)}


def _find(columns: Select[*Columns], asked: TicketFilter, *, viewer: Actor) -> Select[*Columns]:
    """Return the statement that selects `columns` of the tickets asked for."""
    drafts = asked.status is Status.DRAFT
    found = columns.where(
        policy.visible_to(viewer, numbered=not drafts),
        *([] if drafts else _OF_VIEW[asked.shown]),
        *_named(asked),
        *_received(asked),
    )
    if asked.light:
        found = found.where(*_OF_LIGHT[asked.light])
    if asked.mine:
        found = found.where(_mine(viewer))
    if asked.text:
        answers = search.answering(asked.text)
        if answers is None:
            return found.where(false())
        found = found.join(answers, answers.c.subject_id == Ticket.id)
        # By the column of the text index, which then is read from its end and no further
        # than asked.
        return found.order_by(answers.c.subject_id.desc())
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
        Ticket.liaison_id == viewer.user_id,
        Ticket.leader_id == viewer.user_id,
    )


def _counted(found: Select[int], most: int) -> Select[int]:
    """Return the statement that counts what is found, but no further than `most`."""
    return select(func.count()).select_from(found.limit(most).subquery())


_LIAISON = aliased(User)


_COLUMNS: Select[*tuple[Any, ...]] = (
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
        Enterprise.name.label("enterprise_name"),
        Enterprise.short_name.label("enterprise_short"),
        OrgUnit.name.label("unit"),
        _LIAISON.name.label("liaison"),
    )
    .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
    .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
    .outerjoin(_LIAISON, _LIAISON.id == Ticket.liaison_id)
)


def _row(line: Line[Any], reading: Reading) -> Row:
    status: Status = line.status
    mover_label, mover = _mover(line)
    due_label, due_at = _next_due(line)
    return Row(
        id=line.id,
        number=line.number or "",
        title=line.title,
        enterprise=line.enterprise_short or line.enterprise_name,
        status_label=status_label(status, line.round),
        ring=RING[status],
        is_closed=status in ENDED_WELL,
        is_paused=status is Status.SUSPENDED,
        mover_label=mover_label,
        mover=mover,
        light=_light(line, reading),
        due_label=due_label,
        due_at=due_at,
        review_on=line.next_review_on if status is Status.SUSPENDED else None,
        closed_at=line.closed_at,
    )


def status_label(status: Status, round_: int) -> str:
    """Return the word for where a ticket stands; a second round says so."""
    if status is Status.IN_PROGRESS and round_ >= REWORK_ROUND:
        return REWORKING
    return status.label


def _mover(line: Line[Any]) -> tuple[str, str]:
    """Return whose move it is: a word to be translated, and a name."""
    if line.status in RUNNING:
        return "", line.unit or ""
    if line.status is Status.PENDING_REVISIT and line.liaison:
        return Role.LIAISON.label, line.liaison
    if line.status in OPEN:
        return UnitKind.OFFICE.label, ""
    return "", ""


def _next_due(line: Line[Any]) -> tuple[str, datetime | None]:
    """Return the next deadline, and what it is for where it is not the handling deadline."""
    if line.status is Status.PENDING_SIGN:
        return Clock.SIGN.label, line.move_due_at
    if line.status is Status.IN_PROGRESS and line.move_due_at != line.due_at:
        which = Clock.CONTACT if line.move_due_at == line.contact_due_at else Clock.INTERIM
        return which.label, line.move_due_at
    if line.status is Status.SUSPENDED:
        return "", None
    return "", line.move_due_at


def _light(line: Line[Any], reading: Reading) -> clocks.Light | None:
    if line.status in {Status.PENDING_ACCEPTANCE, Status.PENDING_DISPATCH}:
        return clocks.move_light(
            line.move_due_at,
            OFFICE_DAY,
            calendar=reading.calendar,
            parameters=reading.parameters,
            now=reading.now,
        )
    return clocks.handling_light(
        line.status, line.due_at, line.warn_on, calendar=reading.calendar, now=reading.now
    )
