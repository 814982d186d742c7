"""The named few of a confidential ticket 限知件: who they are from the start, and who joins.

The pen keeps them: whatever is written into the history of a confidential ticket, whoever has
a part in it from then on may read it. Nobody of the unit that is complained about ever does.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, insert, or_, select, update
from sqlalchemy.orm import aliased

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Role
from app.core.db import db
from app.core.i18n import N_
from app.core.prepared import Numbers
from app.tickets.models import Category, CoTaskState, Ticket, TicketReader
from app.tickets.queries import facts
from app.tickets.queries.facts import Holders
from app.tickets.workflow.catalogue import ABOUT_OFFICIALS
from app.tickets.workflow.states import Event, Note

HEADS = frozenset({Role.DEPT_HEAD})
#: Who may read each confidential ticket of the tenant from its first day.
ANSWERABLE = frozenset({Role.OFFICE_DIRECTOR, Role.CHIEF})
#: What hands a ticket to a unit, whose heads then read it.
HANDED_TO_UNITS = frozenset({Event.DISPATCH, Event.REASSIGN, Note.CO_OPENED, Note.MEETING})
FROM_THE_START = N_("设为限知件时列入")
HAS_A_PART = N_("经办这件")

_ABOVE = aliased(Category)
_KIND = Numbers(
    select(
        or_(Category.confidential, _ABOVE.confidential.is_(True)).label("confidential"),
        Category.code,
    )
    .outerjoin(_ABOVE, _ABOVE.id == Category.parent_id)
    .where(Category.id == bindparam("category_id"))
)
_TICKETS = cast("Table", Ticket.__table__)
_READERS = cast("Table", TicketReader.__table__)
_WRITE = insert(_READERS)


def concerns_officials(ticket: Ticket) -> bool:
    """Tell whether it is for the named few by what it is about.

    By its category, or because a unit is complained about for how it enforces or serves.
    """
    if ticket.category_id is None:
        return False
    kind_id = ticket.subcategory_id or ticket.category_id
    for confidential, code in _KIND.rows({"category_id": kind_id}):
        if confidential or (code[:2] in ABOUT_OFFICIALS and ticket.complained_unit_id is not None):
            return True
    return False


def is_for_few(ticket: Ticket) -> bool:
    """Tell whether it is confidential, or will be as soon as it is handed in."""
    return ticket.confidential or concerns_officials(ticket)


def close_off(ticket: Ticket) -> None:
    """Keep a ticket for the named few where its category or its complaint asks for it."""
    if not ticket.confidential and concerns_officials(ticket):
        ticket.confidential = True


def inherit(ticket: Ticket) -> None:
    """Keep a part of a confidential ticket as confidential as the whole."""
    if ticket.split_from_id is None or ticket.confidential:
        return
    of_whole = select(_TICKETS.c.confidential).where(_TICKETS.c.id == ticket.split_from_id)
    ticket.confidential = bool(db.session.scalar(of_whole))


def keep(ticket: Ticket, kind: Event | Note, *, actor_id: int | None, at: datetime) -> None:
    """Let everybody read a confidential ticket who has a part in it after this event."""
    there = current(ticket.id)
    begins = not there
    wanted = {ticket.handler_id, ticket.escalation_owner_id}
    wanted |= {task.handler_id for task in ticket.co_tasks if task.state is CoTaskState.OPEN}
    own = {ticket.created_by_id, ticket.submitted_by_id, actor_id} if begins else set()
    meant = [Holders(ANSWERABLE)] if begins else []
    if begins or kind in HANDED_TO_UNITS:
        meant += [Holders(HEADS, unit_id=unit_id) for unit_id in _units(ticket)]
    wanted |= set(facts.holders(ticket.tenant_id, *meant))
    if begins and ticket.split_from_id is not None:
        wanted |= current(ticket.split_from_id)
    wanted -= _of_unit(ticket.complained_unit_id)
    joining = {one for one in wanted | own if one is not None} - there
    why = FROM_THE_START if begins else HAS_A_PART
    name(ticket, joining, why=why, by_id=actor_id, at=at)


def name(
    ticket: Ticket, people: Iterable[int], *, why: str, by_id: int | None, at: datetime
) -> None:
    """Let these people read a confidential ticket from now on."""
    rows = [
        {"ticket_id": ticket.id, "user_id": one, "why": why, "added_by_id": by_id, "added_at": at}
        for one in sorted(people)
    ]
    if rows:
        db.session.execute(_WRITE, rows)


def end(ticket: Ticket, *, at: datetime, user_id: int | None = None) -> None:
    """End the reading of one of the named few, or of all; they lose sight of it at once."""
    ending = update(_READERS).where(
        _READERS.c.ticket_id == ticket.id, _READERS.c.ended_at.is_(None)
    )
    if user_id is not None:
        ending = ending.where(_READERS.c.user_id == user_id)
    db.session.execute(ending.values(ended_at=at))


def current(ticket_id: int) -> set[int]:
    """Return the ids of those who may read a confidential ticket now."""
    found = select(_READERS.c.user_id).where(
        _READERS.c.ticket_id == ticket_id, _READERS.c.ended_at.is_(None)
    )
    return set(db.session.scalars(found))


def may_be_named(ticket_id: int, namers: frozenset[Role]) -> bool:
    """Tell whether one of the named few still holds a role that may name another."""
    found = (
        select(_READERS.c.id)
        .join(RoleHolding, RoleHolding.user_id == _READERS.c.user_id)
        .join(User, User.id == _READERS.c.user_id)
        .where(_READERS.c.ticket_id == ticket_id, _READERS.c.ended_at.is_(None))
        .where(RoleHolding.role.in_(namers), RoleHolding.is_active, User.is_active)
    )
    return db.session.scalar(found.limit(1)) is not None


def told(ticket: Ticket, people: Iterable[int]) -> list[int]:
    """Return who of `people` may be told of a confidential ticket: readers, and its enterprise."""
    of_firm = (
        select(RoleHolding.user_id)
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.enterprise_id == ticket.enterprise_id)
        .where(RoleHolding.role == Role.ENTERPRISE_USER, RoleHolding.is_active, User.is_active)
    )
    may = current(ticket.id) | set(db.session.scalars(of_firm))
    return [one for one in people if one in may]


def of_complained_unit(ticket: Ticket, user_id: int) -> bool:
    """Tell whether a person holds a role in the unit that the ticket complains about."""
    return user_id in _of_unit(ticket.complained_unit_id)


def _of_unit(unit_id: int | None) -> set[int | None]:
    if unit_id is None:
        return set()
    found = select(RoleHolding.user_id).where(RoleHolding.unit_id == unit_id, RoleHolding.is_active)
    return set(db.session.scalars(found))


def _units(ticket: Ticket) -> list[int]:
    """Return the units that have the ticket now: the lead unit, and those that help it."""
    newest = max((task.dispatch_id for task in ticket.co_tasks), default=0)
    helping = {task.unit_id for task in ticket.co_tasks if task.dispatch_id == newest}
    return sorted(({ticket.lead_unit_id} if ticket.lead_unit_id else set()) | helping)
