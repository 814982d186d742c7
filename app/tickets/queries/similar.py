"""Which other problems say nearly the same: offered before a problem is accepted or merged.

How alike two texts are is the Dice measure of their pairs of characters. Only what is still open
is compared, and what the same enterprise had closed a short while ago: a bounded number of rows,
however long the register has grown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, Table, func, select, true

from app.accounts.roles import Actor
from app.core import clock, search
from app.core.db import db
from app.enterprises.models import Enterprise
from app.tickets import policy
from app.tickets.models import CommonProblem, Ticket
from app.tickets.queries.rows import status_label
from app.tickets.workflow.states import Status

THRESHOLD = 0.15  # below, two texts share no more than the words that everybody uses
COMPARED = 400  # open problems of a category that are looked at, the newest
RECENT = 60  # tickets of the same enterprise that are looked at, the newest
CLOSED_DAYS = 30  # a problem closed longer ago is not a duplicate, but a new one
READ = 240  # characters of a description that are compared
SHORTEST = 2  # a single character says nothing


@dataclass(frozen=True, slots=True)
class Similar:
    """Another problem, and the share of the pairs of characters that both texts have."""

    id: int
    number: str
    title: str
    enterprise: str
    status_label: str
    share: float
    is_same_enterprise: bool  # perhaps the same matter; else one of the same class
    common_id: int | None
    common_number: str

    @property
    def percent(self) -> int:
        """The share as people read it."""
        return round(self.share * 100)


def pairs(*texts: str) -> frozenset[str]:
    """Return the pairs of Chinese characters, and the Latin words, of some texts, folded."""
    grams = search.grams("\n".join(texts))
    return frozenset(gram for gram in grams if len(gram) >= SHORTEST)


def share(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how alike two sets of pairs are, from 0 to 1: twice what both have, of all (Dice)."""
    if one == other:
        return 1.0
    return 2 * len(one & other) / (len(one) + len(other))


def similar(ticket: Ticket, *, viewer: Actor, most: int = 8) -> list[Similar]:
    """Return the problems of the same category that are most like `ticket`, the best first.

    Three statements, however many tickets there are. What the viewer may not know of is not
    offered.
    """
    if ticket.category_id is None:
        return []
    own = pairs(ticket.title, ticket.description[:READ])
    lines = [*_open(ticket, viewer), *_closed_lately(ticket, viewer)]
    best = sorted(_scored(own, lines), key=lambda one: (-one[0], -one[1].id))[:most]
    return _named(best, ticket.enterprise_id)


def _scored(own: frozenset[str], lines: Iterable[Row[Any]]) -> list[tuple[float, Row[Any]]]:
    scored = ((share(own, pairs(line.title, line.said)), line) for line in lines)
    return [(alike, line) for alike, line in scored if alike >= THRESHOLD]


def _named(best: list[tuple[float, Row[Any]]], enterprise_id: int) -> list[Similar]:
    """Return what was found with the names that a page shows: read for the few that are left."""
    if not best:
        return []
    names = {
        line.id: line
        for line in db.session.execute(_NAMES.where(Ticket.id.in_([one.id for _, one in best])))
    }
    return [
        Similar(
            id=line.id,
            number=line.number or "",
            title=line.title,
            enterprise=names[line.id].short_name or names[line.id].name,
            status_label=status_label(line.status, line.round),
            share=alike,
            is_same_enterprise=line.enterprise_id == enterprise_id,
            common_id=line.common_id,
            common_number=names[line.id].common_number or "",
        )
        for alike, line in best
    ]


def _open(ticket: Ticket, viewer: Actor) -> list[Row[Any]]:
    # Sorted by an expression: the database is to go by the index of what is open, and not to
    # read a whole category from its newest down, of which nearly all is closed.
    asked = (
        _candidates(ticket, viewer, Ticket.is_open == true())
        .order_by((Ticket.id + 0).desc())
        .limit(COMPARED)
    )
    return list(db.session.execute(asked))


def _closed_lately(ticket: Ticket, viewer: Actor) -> list[Row[Any]]:
    since = clock.now() - timedelta(days=CLOSED_DAYS)
    closed = (Ticket.status == Status.CLOSED) & (Ticket.closed_at >= since)
    newest = (
        select(_NEWEST.c.id)
        .where(_NEWEST.c.enterprise_id == ticket.enterprise_id)
        .order_by(_NEWEST.c.id.desc())
        .limit(RECENT)
        .subquery()
    )
    asked = _candidates(ticket, viewer, closed).join(newest, newest.c.id == Ticket.id)
    return list(db.session.execute(asked))


def _candidates(
    ticket: Ticket, viewer: Actor, standing: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    return _COLUMNS.where(
        policy.visible_to(viewer, numbered=True),
        Ticket.number.is_not(None),
        Ticket.tenant_id == ticket.tenant_id,
        Ticket.category_id == ticket.category_id,
        Ticket.id != ticket.id,
        standing,
    )


_NEWEST = cast("Table", Ticket.__table__).alias("newest")
_COLUMNS: Select[*tuple[Any, ...]] = select(
    Ticket.id,
    Ticket.number,
    Ticket.title,
    func.substr(Ticket.description, 1, READ).label("said"),
    Ticket.status,
    Ticket.round,
    Ticket.enterprise_id,
    Ticket.common_id,
)
_NAMES: Select[*tuple[Any, ...]] = (
    select(
        Ticket.id,
        Enterprise.name,
        Enterprise.short_name,
        CommonProblem.number.label("common_number"),
    )
    .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
    .outerjoin(CommonProblem, CommonProblem.id == Ticket.common_id)
)
