"""The worklist of the role in which a person acts."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from app.accounts.roles import Actor, Permission
from app.core import clock
from app.core.db import db
from app.desk.queries import asks, first, gaps, lines, others, reading
from app.desk.queries.asks import Ask, Kind, Moment
from app.desk.queries.parts import Link, Part, Row, Worklist
from app.desk.queries.reading import Reading
from app.notifications import policy as notifications_policy
from app.notifications.models import Channel, Message
from app.visits.calendar import Month
from app.workdays.queries import unconfirmed_years


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person: moves of theirs, and messages not yet opened."""

    moves: int
    unread: int


def of(viewer: Actor) -> Worklist:
    """Return what `viewer` has to do now; a fixed number of statements for each role."""
    read = reading.begin(viewer)
    parts = tuple(_part(ask, read) for ask in asks.of(viewer, read.moment))
    missing = gaps.of(viewer, read)
    return Worklist(
        now=first.of(parts, missing, read),
        parts=parts,
        gaps=missing,
        unconfirmed=_unconfirmed(viewer, read),
        opens=viewer.may(Permission.TICKET_OPEN),
        records=viewer.may(Permission.VISIT_RECORD),
    )


def waiting(viewer: Actor) -> Waiting:
    """Return what the shell of every page counts, in one statement."""
    now = clock.now()
    today = clock.local(now).date()
    mine = [ask for ask in asks.of(viewer, Moment(now, today, now)) if ask.is_mine]
    counts = [_counted(ask, viewer) for ask in mine]
    line = db.session.execute(select(_unread(viewer), *counts)).one()
    return Waiting(moves=sum(line[1:]), unread=line[0])


def _unread(viewer: Actor) -> ScalarSelect[int]:
    own = notifications_policy.addressed_to(viewer)
    return (
        select(func.count(Message.id))
        .where(own, Message.channel == Channel.INBOX, Message.read_at.is_(None))
        .scalar_subquery()
    )


def _counted(ask: Ask, viewer: Actor) -> ScalarSelect[int]:
    if ask.kind is Kind.VISITS:
        return others.counted_tasks(others.tasks_of(viewer, Month.of(clock.today())))
    if ask.kind is Kind.EXEMPTIONS:
        return others.counted_tasks(others.exemptions_for(viewer))
    if ask.kind is Kind.TICKETS:
        return lines.counted(_where(ask), viewer)
    return others.counted_of(ask, viewer)


def _part(ask: Ask, read: Reading) -> Part:
    rows, count = _ROWS[ask.kind](ask, read)
    return Part(
        key=ask.key,
        title=ask.title,
        rows=rows,
        count=count,
        is_mine=ask.is_mine,
        hot=ask.hot,
        sub=ask.sub,
        nothing=ask.nothing,
        more=Link("tickets.index", ask.register) if ask.register else None,
    )


def _tickets(ask: Ask, read: Reading) -> tuple[tuple[Row, ...], int]:
    return lines.of_part(ask, _where(ask), read)


def _where(ask: Ask) -> ColumnElement[bool]:
    assert ask.where is not None  # noqa: S101 - `asks` gives one to each part of tickets
    return ask.where


_ROWS: dict[Kind, Callable[[Ask, Reading], tuple[tuple[Row, ...], int]]] = {
    Kind.TICKETS: _tickets,
    Kind.DECISIONS: others.decisions,
    Kind.CO_TASKS: others.co_tasks,
    Kind.NOTES: others.notes,
    Kind.VISITS: lambda _ask, read: others.visits(read),
    Kind.EXEMPTIONS: lambda _ask, read: others.exemptions(read),
}


def _unconfirmed(viewer: Actor, read: Reading) -> tuple[int, ...]:
    """Return the years whose calendar is missing, to those who see deadlines."""
    if not viewer.may(Permission.CALENDAR_SEE):
        return ()
    return unconfirmed_years(viewer.tenant_id, read.today)
