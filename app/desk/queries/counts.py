"""How much waits for a person: each part of the worklist, and messages not yet opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, ScalarSelect, select

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.roles import Actor
from app.core.paging import counting
from app.core.prepared import Numbers
from app.desk.queries import asks, letters, lines, near_days, others
from app.desk.queries.ask import Ask, Kind, Moment
from app.desk.queries.parts import COUNTED
from app.notifications import policy as notifications_policy
from app.notifications.models import Channel, Message
from app.tickets.queries import spot_checks
from app.visits.calendar import Month
from app.visits.queries import handover

REMEMBERED = 512  # roles and days whose worklist a process keeps the statements of


@dataclass(frozen=True, slots=True)
class Counts:
    """How much each part holds, by its key, and the messages not yet opened."""

    unread: int
    of: Mapping[str, int]


@lru_cache(maxsize=REMEMBERED)
def _asked(who: Actor, today: date) -> tuple[Ask, ...]:
    return asks.of(who, Moment(today))


def asked(viewer: Actor, today: date) -> tuple[Ask, ...]:
    """Return the parts of a person's worklist on one day, as statements about anyone like them.

    Kept, as the statements made of them are: putting one together takes longer than answering it.
    """
    return _asked(anyone_like(viewer), today)


def read(
    viewer: Actor, today: date, moments: Mapping[str, datetime], *, mine: bool = False
) -> Counts:
    """Return the counts of the viewer's parts, in one statement.

    `mine`: of their own moves only, as the menu shows them.
    """
    who = anyone_like(viewer)
    parts = [ask for ask in _asked(who, today) if ask.is_mine or not mine]
    unread, *counted = _numbers(who, today, mine=mine).read({**moments, **ids_of(viewer)})
    return Counts(unread, {ask.key: n for ask, n in zip(parts, counted, strict=True)})


@lru_cache(maxsize=2 * REMEMBERED)
def _numbers(who: Actor, today: date, *, mine: bool) -> Numbers:
    parts = [ask for ask in _asked(who, today) if ask.is_mine or not mine]
    return Numbers(select(_unread(who), *(_counted(ask, who, today) for ask in parts)))


def _unread(viewer: Actor) -> ScalarSelect[int]:
    own = notifications_policy.addressed_to(viewer)
    found = select(Message.id).where(
        own, Message.channel == Channel.INBOX, Message.read_at.is_(None)
    )
    return counting(found, COUNTED + 1).scalar_subquery()


def _counted(ask: Ask, viewer: Actor, today: date) -> ColumnElement[int]:
    if ask.kind is Kind.TICKETS:
        return lines.counted(ask, viewer)
    counted = _OF_KIND.get(ask.kind)
    return counted(viewer, today) if counted else others.counted_of(ask, viewer)


_OF_KIND: Mapping[Kind, Callable[[Actor, date], ColumnElement[int]]] = {
    Kind.VISITS: lambda viewer, today: others.counted_tasks(
        others.tasks_of(viewer, Month.of(today))
    ),
    Kind.EXEMPTIONS: lambda viewer, _today: others.counted_tasks(others.exemptions_for(viewer)),
    Kind.SERVICE_DAYS: near_days.counted,
    Kind.HANDOVERS: lambda viewer, _today: handover.left_count(viewer.tenant_id),
    Kind.LETTERS: lambda viewer, _today: letters.counted(viewer),
    Kind.SPOT_CHECKS: lambda viewer, _today: spot_checks.to_call_count(viewer),
}
