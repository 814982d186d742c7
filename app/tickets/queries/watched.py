"""The supervision page: what is kept an eye on, counted, and one page of each filter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, select

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.models import OrgUnit
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import UtcDateTime, db
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.core.paging import Page, counting
from app.core.prepared import Numbers, settled
from app.enterprises.models import Enterprise
from app.tickets import clocks, policy
from app.tickets.models import LeaderDirective, SupervisionNote, Ticket, Urge
from app.tickets.queries.rows import Reading
from app.tickets.queries.supervision import (
    OVERDUE,
    alive,
    answers_wanted,
    overdue,
    to_be_lifted,
    to_meet,
    yellow,
)
from app.tickets.workflow.states import Note, NoteLevel

MOST_SHOWN = 999  # beyond, a count says 999+
REMEMBERED = 512  # people and quick filters for which a process keeps the statement


class Watch(LabelledEnum):
    """The quick filters of the supervision page, in its order."""

    OVERDUE = "overdue", N_("超期")
    YELLOW = "yellow", N_("临期")
    NOTES = "notes", N_("督办单待答复")
    DIRECTIVES = "directives", N_("批示待答复")
    LIFT = "lift", N_("建议提级")
    URGED = "urged", N_("今天催过")
    MEETING = "meeting", N_("退两次待会商")


def may_supervise(viewer: Actor) -> bool:
    """Tell whether the supervision page is of use to `viewer`: to whoever may urge."""
    return viewer.may(Permission.TICKET_URGE)


def may_lift(viewer: Actor) -> bool:
    """Tell whether `viewer` is the one who proposes escalation (T15)."""
    return viewer.role is Role.OFFICE_DIRECTOR


@dataclass(frozen=True, slots=True)
class Watched:
    """One line of the supervision page. `step` and `words` are to be translated."""

    id: int
    number: str
    title: str
    enterprise: str
    unit: str
    status_label: str
    light: clocks.Light | None
    step: str
    since: datetime | None
    until: datetime | None = None
    is_late: bool = False  # the answer that is waited for
    level: NoteLevel | None = None
    words: str = ""
    returns: int = 0
    is_for_few: bool = False  # confidential


@dataclass(frozen=True, slots=True)
class _List:
    """What a quick filter counts and shows: rows of a table, each with its ticket."""

    model: Any
    where: Callable[[Actor, date], tuple[ColumnElement[bool], ...]]
    order: tuple[Any, ...]


_NOW: ColumnElement[datetime] = bindparam("now", type_=UtcDateTime)

_LISTS: dict[Watch, _List] = {
    Watch.OVERDUE: _List(
        Ticket, lambda _viewer, _today: (overdue(_NOW),), (Ticket.due_at, Ticket.id)
    ),
    Watch.YELLOW: _List(
        Ticket, lambda _viewer, today: (yellow(_NOW, today),), (Ticket.due_at, Ticket.id)
    ),
    Watch.NOTES: _List(
        SupervisionNote,
        lambda _viewer, _today: (SupervisionNote.answered_at.is_(None), Ticket.is_open.is_(True)),
        (SupervisionNote.answer_due_at, SupervisionNote.id),
    ),
    Watch.DIRECTIVES: _List(
        LeaderDirective,
        lambda viewer, _today: (
            LeaderDirective.tenant_id == viewer.tenant_id,
            answers_wanted(),
            alive(),
        ),
        (LeaderDirective.due_at, LeaderDirective.id),
    ),
    Watch.LIFT: _List(
        Ticket, lambda _viewer, _today: (to_be_lifted(),), (Ticket.due_at, Ticket.id)
    ),
    Watch.URGED: _List(
        Urge, lambda _viewer, today: (Urge.on == today,), (Urge.at.desc(), Urge.id.desc())
    ),
    Watch.MEETING: _List(
        Ticket, lambda _viewer, _today: (to_meet(),), (Ticket.move_due_at, Ticket.id)
    ),
}


def counts(*, viewer: Actor, now: datetime) -> dict[Watch, int]:
    """Return how much each quick filter shows, in one statement; none beyond MOST_SHOWN + 1."""
    found = _counted(anyone_like(viewer), clock.local(now).date())
    asked = {"now": now, **ids_of(viewer)}
    return dict(zip(Watch, found.read(asked), strict=True))


def page(
    watch: Watch,
    *,
    viewer: Actor,
    reading: Reading,
    total: int,
    number: int = 1,
    size: int = 25,
) -> Page[Watched]:
    """Return one page of a quick filter, the most urgent first. One statement."""
    shown = min(total, MOST_SHOWN)
    number = max(1, min(number, -(-shown // size)))
    found = _shown(watch, anyone_like(viewer), clock.local(reading.now).date())
    given = {"now": reading.now, "most": size + 1, "skipped": (number - 1) * size}
    lines = db.session.execute(found, given | ids_of(viewer)).all()
    rows = tuple(_ROWS.get(watch, _ticket)(line, reading) for line in lines[:size])
    return Page(rows, number, size, shown, total > MOST_SHOWN, len(lines) > size)


@lru_cache(maxsize=REMEMBERED)
def _counted(viewer: Actor, today: date) -> Numbers:
    """Return the statement that counts for one viewer on one day.

    Kept, as that of a page is: putting it together takes longer than answering it.
    """
    found = (_found(watch, viewer, today) for watch in Watch)
    return Numbers(select(*(counting(each, MOST_SHOWN + 1).scalar_subquery() for each in found)))


@lru_cache(maxsize=REMEMBERED)
def _shown(watch: Watch, viewer: Actor, today: date) -> Select[*tuple[Any, ...]]:
    of = _LISTS[watch]
    picked = (
        _found(watch, viewer, today)
        .order_by(*of.order)
        .limit(bindparam("most", type_=Integer))
        .offset(bindparam("skipped", type_=Integer))
        .subquery()
    )
    return settled(_columns(watch).join(picked, picked.c.id == of.model.id).order_by(*of.order))


def _found(watch: Watch, viewer: Actor, today: date) -> Select[int]:
    """Return the ids of what a quick filter shows to the viewer; it is given the moment `now`."""
    of = _LISTS[watch]
    found = select(of.model.id)
    if of.model is not Ticket:
        found = found.join(Ticket, Ticket.id == of.model.ticket_id)
    return found.where(policy.visible_to(viewer, numbered=True), *of.where(viewer, today))


def _columns(watch: Watch) -> Select[*tuple[Any, ...]]:
    """Return the statement for the columns of the page, still without its rows."""
    model = _LISTS[watch].model
    found = select(
        Ticket.id,
        Ticket.number,
        Ticket.title,
        Ticket.status,
        Ticket.due_at,
        Ticket.warn_on,
        Ticket.return_count,
        Ticket.move_due_at,
        Ticket.confidential,
        Enterprise.name.label("enterprise_name"),
        Enterprise.short_name.label("enterprise_short"),
        OrgUnit.name.label("unit"),
        *_MORE.get(watch, _climbed()),
    ).select_from(model)
    if model is not Ticket:
        found = found.join(Ticket, Ticket.id == model.ticket_id)
    return found.join(Enterprise, Enterprise.id == Ticket.enterprise_id).outerjoin(
        OrgUnit, OrgUnit.id == Ticket.lead_unit_id
    )


def _climbed() -> tuple[Any, ...]:
    """Return how far up the ladder a ticket is for its present deadline, and since when."""
    noted = (
        SupervisionNote.ticket_id == Ticket.id,
        SupervisionNote.of_due_at == Ticket.due_at,
    )
    urged = (Urge.ticket_id == Ticket.id, Urge.of_due_at == Ticket.due_at)
    newest = SupervisionNote.id.desc()
    last = Urge.id.desc()
    return (
        select(SupervisionNote.level)
        .where(*noted)
        .order_by(newest)
        .limit(1)
        .scalar_subquery()
        .label("level"),
        select(SupervisionNote.raised_at)
        .where(*noted)
        .order_by(newest)
        .limit(1)
        .scalar_subquery()
        .label("raised_at"),
        select(Urge.step).where(*urged).order_by(last).limit(1).scalar_subquery().label("urge"),
        select(Urge.at).where(*urged).order_by(last).limit(1).scalar_subquery().label("urged_at"),
    )


_MORE: dict[Watch, tuple[Any, ...]] = {
    Watch.NOTES: (
        SupervisionNote.level,
        SupervisionNote.raised_at.label("since"),
        SupervisionNote.answer_due_at.label("until"),
    ),
    Watch.DIRECTIVES: (
        LeaderDirective.text.label("words"),
        LeaderDirective.given_at.label("since"),
        LeaderDirective.due_at.label("until"),
    ),
    Watch.URGED: (Urge.step.label("urge"), Urge.words.label("words"), Urge.at.label("since")),
}


def _ticket(line: Row[Any], reading: Reading) -> Watched:
    step, since = "", None
    if line.urge is not None:
        step, since = _urge_label(line.urge), line.urged_at
    if line.level is not None:
        step, since = line.level.label, line.raised_at
    return _watched(line, reading, step=step, since=since, level=line.level)


def _note(line: Row[Any], reading: Reading) -> Watched:
    return _answering(line, reading, step=line.level.label, level=line.level)


def _directive(line: Row[Any], reading: Reading) -> Watched:
    return _answering(line, reading, step=Note.DIRECTED.label, words=line.words)


def _answering(
    line: Row[Any],
    reading: Reading,
    *,
    step: str,
    level: NoteLevel | None = None,
    words: str = "",
) -> Watched:
    return _watched(
        line,
        reading,
        step=step,
        since=line.since,
        until=line.until,
        is_late=line.until < reading.now and line.status not in clocks.STILL,
        level=level,
        words=words,
    )


def _urged_today(line: Row[Any], reading: Reading) -> Watched:
    step = _urge_label(line.urge)
    return _watched(line, reading, step=step, since=line.since, words=line.words)


def _meeting(line: Row[Any], reading: Reading) -> Watched:
    return _watched(
        line,
        reading,
        step=Note.MEETING.label,
        since=None,
        until=line.move_due_at,
        is_late=line.move_due_at is not None and line.move_due_at < reading.now,
    )


def _urge_label(step: str) -> str:
    return Note.OVERDUE_NOTICE.label if step == OVERDUE else Note.URGED.label


def _watched(line: Row[Any], reading: Reading, **more: Any) -> Watched:  # noqa: ANN401
    return Watched(
        id=line.id,
        number=line.number or "",
        title=line.title,
        enterprise=line.enterprise_short or line.enterprise_name,
        unit=line.unit or "",
        status_label=line.status.label,
        light=clocks.handling_light(
            line.status, line.due_at, line.warn_on, calendar=reading.calendar, now=reading.now
        ),
        returns=line.return_count,
        is_for_few=line.confidential,
        **more,
    )


_ROWS: dict[Watch, Callable[[Row[Any], Reading], Watched]] = {
    Watch.NOTES: _note,
    Watch.DIRECTIVES: _directive,
    Watch.URGED: _urged_today,
    Watch.MEETING: _meeting,
}
