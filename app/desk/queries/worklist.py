"""The worklist of the role in which a person acts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select

from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.desk.queries import asks, first, gaps, lines, others, reading
from app.desk.queries import chain as chains
from app.desk.queries.ask import Ask, Kind, Moment
from app.desk.queries.parts import Hint, Link, Part, Progress, Row, Words, Worklist
from app.desk.queries.reading import Reading
from app.notifications import policy as notifications_policy
from app.notifications.models import Channel, Message
from app.visits.calendar import Month
from app.visits.queries import completion
from app.workdays.queries import unconfirmed_years

MENU_COUNTS = 99  # beyond, the menu says "99+"
STATEMENTS = 256  # people for whom a process keeps the statement that counts
VISITORS = frozenset({Role.LEADER, Role.LIAISON})
_HINTS = {
    Role.VILLAGE_OFFICER: Hint(
        N_("这里暂时没有要您办的事"),
        Words(N_("民生实事的进度以后在这里填写。听到企业的难处，请告诉企业的联络员或者营商办。")),
        Link("desk.help_page"),
        N_("看企业问题怎么走"),
    ),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person: moves of theirs, and messages not yet opened.

    Moves beyond MENU_COUNTS are not all counted.
    """

    moves: int
    unread: int


def of(viewer: Actor) -> Worklist:
    """Return what `viewer` has to do now; a fixed number of statements for each role."""
    read = reading.begin(viewer)
    parts = tuple(_part(ask, read) for ask in asks.of(viewer, read.moment))
    missing, chain = gaps.of(viewer, read), chains.of(viewer)
    return Worklist(
        now=first.of_chain(chain) if chain else first.of(parts, missing, read),
        on=read.today,
        parts=parts,
        gaps=missing,
        next_workday=_next_workday(read),
        progress=_progress(viewer, read),
        hint=_HINTS.get(viewer.role),
        unconfirmed=_unconfirmed(viewer, read),
        opens=viewer.may(Permission.TICKET_OPEN),
        records=viewer.may(Permission.VISIT_RECORD),
    )


def waiting(viewer: Actor) -> Waiting:
    """Return what the shell of every page counts, in one statement."""
    who = Actor(
        tenant_id=viewer.tenant_id,
        user_id=viewer.user_id,
        role=viewer.role,
        unit_id=viewer.unit_id,
        enterprise_id=viewer.enterprise_id,
    )
    unread, *moves = db.session.execute(_counts(who, clock.today())).one()
    return Waiting(moves=sum(moves), unread=unread)


@lru_cache(maxsize=STATEMENTS)
def _counts(who: Actor, today: date) -> Select[*tuple[int, ...]]:
    """Return the statement that counts what waits for one person on one day.

    Every page asks it, and putting it together takes longer than answering it.
    """
    at = Moment(now=clock.now(), today=today, soon=clock.now())
    mine = [ask for ask in asks.of(who, at) if ask.is_mine]
    return select(_unread(who), *(_counted(ask, who) for ask in mine))


def _next_workday(read: Reading) -> date | None:
    """Return the next working day where it is not tomorrow, so that a holiday is no surprise."""
    following = read.calendar.following(read.today)
    return None if following == read.today + timedelta(days=1) else following


def _progress(viewer: Actor, read: Reading) -> Progress | None:
    """Return how many of a visitor's own visits of the month are made."""
    if viewer.role not in VISITORS:
        return None
    share = completion(Month.of(read.today).period, viewer=viewer)
    return Progress(share.n, share.d) if share.d else None


def _unread(viewer: Actor) -> ScalarSelect[int]:
    own = notifications_policy.addressed_to(viewer)
    return (
        select(func.count(Message.id))
        .where(own, Message.channel == Channel.INBOX, Message.read_at.is_(None))
        .scalar_subquery()
    )


def _counted(ask: Ask, viewer: Actor) -> ColumnElement[int]:
    if ask.kind is Kind.VISITS:
        return others.counted_tasks(others.tasks_of(viewer, Month.of(clock.today())))
    if ask.kind is Kind.EXEMPTIONS:
        return others.counted_tasks(others.exemptions_for(viewer))
    if ask.kind is Kind.TICKETS:
        return lines.counted(ask, viewer, MENU_COUNTS)
    return others.counted_of(ask, viewer, MENU_COUNTS)


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


_ROWS: dict[Kind, Callable[[Ask, Reading], tuple[tuple[Row, ...], int]]] = {
    Kind.TICKETS: lines.of_part,
    Kind.DECISIONS: others.decisions,
    Kind.CO_TASKS: others.co_tasks,
    Kind.NOTES: others.notes,
    Kind.DIRECTIVES: others.directives,
    Kind.VISITS: lambda _ask, read: others.visits(read),
    Kind.EXEMPTIONS: lambda _ask, read: others.exemptions(read),
}


def _unconfirmed(viewer: Actor, read: Reading) -> tuple[int, ...]:
    """Return the years whose calendar is missing, to those who see deadlines."""
    if not viewer.may(Permission.CALENDAR_SEE):
        return ()
    return unconfirmed_years(viewer.tenant_id, read.today)
