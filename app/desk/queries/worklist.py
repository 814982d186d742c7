"""The worklist of the role in which a person acts."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.i18n import N_
from app.desk.queries import (
    calling_again,
    counts,
    first,
    gaps,
    handing,
    letters,
    lines,
    near_days,
    others,
    reading,
)
from app.desk.queries import chain as chains
from app.desk.queries.ask import Ask, Kind
from app.desk.queries.counts import Counts
from app.desk.queries.parts import Hint, Link, Part, Progress, Row, Waiting, Words, Worklist
from app.desk.queries.reading import Reading
from app.visits.calendar import Month
from app.visits.queries import completion
from app.workdays.queries import unconfirmed_years

VISITORS = frozenset({Role.LEADER, Role.LIAISON})
_HINTS = {
    Role.VILLAGE_OFFICER: Hint(
        N_("这里暂时没有要您办的事"),
        Words(N_("民生实事的进度以后在这里填写。听到企业的难处，请告诉企业的联络员或者营商办。")),
        Link("desk.help_page"),
        N_("看企业问题怎么走"),
    ),
}


def of(viewer: Actor) -> Worklist:
    """Return what `viewer` has to do now; a fixed number of statements for each role.

    One counts, one reads all tickets, and each other kind of row has its own where there are any.
    """
    read = reading.begin(viewer)
    asked = counts.asked(viewer, read.today)
    counted = counts.read(viewer, read.today, read.moments)
    rows = _rows(asked, counted.of, read)
    parts = tuple(_part(ask, rows.get(ask.key, ()), counted.of[ask.key]) for ask in asked)
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
        waiting=_waiting(asked, counted),
    )


def waiting(viewer: Actor) -> Waiting:
    """Return what the shell of every page counts, in one statement."""
    now, today = clock.now(), clock.today()
    # Where the day's work ends and the later begins does not change the sum of the two.
    moments = {"now": now, "soon": now, "lately": now}
    return _waiting(counts.asked(viewer, today), counts.read(viewer, today, moments, mine=True))


def _waiting(asked: tuple[Ask, ...], counted: Counts) -> Waiting:
    moves = sum(counted.of[ask.key] for ask in asked if ask.is_mine)
    return Waiting(moves, counted.unread, counted.of.get(letters.KEY, 0))


def _rows(
    asked: tuple[Ask, ...], counted: Mapping[str, int], read: Reading
) -> dict[str, tuple[Row, ...]]:
    """Return the rows of each part that has any."""
    there = [ask for ask in asked if counted[ask.key]]
    rows = lines.of_parts(tuple(ask for ask in there if ask.kind is Kind.TICKETS), read)
    for ask in there:
        if ask.kind is not Kind.TICKETS:
            rows[ask.key] = _ROWS.get(ask.kind, others.of_part)(ask, read)
    return rows


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


def _part(ask: Ask, rows: tuple[Row, ...], count: int) -> Part:
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


_ROWS: Mapping[Kind, Callable[[Ask, Reading], tuple[Row, ...]]] = {
    Kind.VISITS: lambda _ask, read: others.visits(read),
    Kind.EXEMPTIONS: lambda _ask, read: others.exemptions(read),
    Kind.SERVICE_DAYS: lambda _ask, read: near_days.rows(read),
    Kind.LETTERS: lambda _ask, read: letters.rows(read),
    Kind.SPOT_CHECKS: lambda _ask, read: calling_again.rows(read.viewer),
    Kind.HANDOVERS: lambda _ask, read: handing.rows(read.viewer),
}


def _unconfirmed(viewer: Actor, read: Reading) -> tuple[int, ...]:
    """Return the years whose calendar is missing, to those who see deadlines."""
    if not viewer.may(Permission.CALENDAR_SEE):
        return ()
    return unconfirmed_years(read.calendar, read.today)
