"""The other problems of an enterprise: how many it told this year, and how many were solved."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import bindparam, case, func, select

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.roles import Actor
from app.core import clock
from app.core.prepared import Numbers
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.workflow.states import Outcome, Status

REMEMBERED = 512  # people for whom a process keeps the statement
MOST_OTHERS = 99  # of one enterprise, that are counted
SOLVED = (Outcome.RESOLVED, Outcome.PARTIAL)
ENDED = (Status.CLOSED, Status.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Others:
    """The other problems of the same enterprise this year, as far as the viewer may know."""

    count: int = 0
    solved: int = 0
    is_capped: bool = False  # there are more, which nobody counts


#: One line for each other problem of an enterprise that counts: 1 where it was solved.
_SIBLINGS = (
    select(
        case((Ticket.status.in_(ENDED) & Ticket.outcome.in_(SOLVED), 1), else_=0).label("solved")
    )
    .where(
        Ticket.number.is_not(None),
        Ticket.enterprise_id == bindparam("enterprise_id"),
        Ticket.id != bindparam("but"),
        Ticket.submitted_at >= bindparam("since"),
        Ticket.accepted_at.is_not(None),
        Ticket.master_id.is_(None),
        Ticket.status != Status.CANCELLED,
    )
    .order_by(Ticket.id.desc())
    .limit(MOST_OTHERS + 1)
)


def of(ticket: Ticket, viewer: Actor) -> Others:
    """Return how many other problems the enterprise of a ticket told this year."""
    year = clock.local(clock.now()).replace(month=1, day=1, hour=0, minute=0, second=0)
    asked = {"enterprise_id": ticket.enterprise_id, "but": ticket.id, "since": year}
    numbers = _counting(anyone_like(viewer), clock.today())
    count, solved = numbers.read({**asked, **ids_of(viewer)})
    return Others(min(count, MOST_OTHERS), solved, count > MOST_OTHERS)


@lru_cache(maxsize=REMEMBERED)
def _counting(who: Actor, _day: date) -> Numbers:
    found = _SIBLINGS.where(policy.visible_to(who, numbered=True)).subquery()
    solved = func.coalesce(func.sum(found.c.solved), 0)
    return Numbers(select(func.count(), solved).select_from(found))
