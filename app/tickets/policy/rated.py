"""Whom a rating is about, and who calls again: a unit that is rated neither bends nor reads it."""

from collections.abc import Collection, Iterable
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    false,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.models import Absence, RoleHolding
from app.accounts.queries.absences import is_running
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.core.prepared import Numbers
from app.tickets.models import CoTask, Dispatch, Ticket, TicketEvent
from app.tickets.policy.seeing import CONDITIONS, is_outside
from app.tickets.workflow.states import Event, Note

Ids = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]

#: What tells of a rating: whoever is rated learns that it was given, and why it is handled again.
HEARD = frozenset({Event.REVISIT_CLOSE, Event.REVISIT_REWORK, Note.REVISITED, Note.ATTEMPT})
#: Of what such an event noted: a reason only where it is handled again, for of one ticket alone
#: it is known whose it is.
TOLD_TO_RATED = {Event.REVISIT_REWORK.value: frozenset({"round", "reasons"})}
#: What a proposal carries of what the enterprise said, and who is rated is not shown.
SAID = frozenset({"solved", "result_score", "attitude_score", "contacted", "words"})
LONG_ENOUGH = 6  # characters by which words are known again inside a reason
#: Who stands above the units: a seat in such a role makes nobody a part of what is rated.
ABOVE = frozenset(
    {
        Role.DISPATCHER,
        Role.OFFICE_DIRECTOR,
        Role.CHIEF,
        Role.SUPERVISOR,
        Role.SYS_ADMIN,
        Role.AUDIT_ADMIN,
    }
)
HANDLING = frozenset({Role.HANDLER, Role.DEPT_HEAD})
#: In whose notes stands who handled before.
PASSED = frozenset({Note.ASSIGNED, Note.HANDED_OVER, Note.COVERED, Note.UNCOVERED, Note.VACATED})
#: Who of the office calls again.
CHECKERS = frozenset({Role.DISPATCHER, Role.OFFICE_DIRECTOR})


def is_rated(viewer: Actor, ticket_id: int) -> bool:
    """Tell whether `viewer` is of those whom the enterprise rates with this ticket.

    That is whoever handled it, once or now, in the lead unit or a co-unit, for themselves or
    for somebody who is away; and whoever has a seat in such a unit, in whatever role they act
    at the moment. They neither enter a rating, nor see it, nor call again.
    """
    if viewer.user_id is None or is_outside(viewer):
        return False
    asked = {"ticket_id": ticket_id, **ids_of(viewer)}
    (found,) = _is_rated(anyone_like(viewer)).read(asked)
    return bool(found)


@lru_cache(maxsize=CONDITIONS)
def _is_rated(viewer: Actor) -> Numbers:
    """Return the statement of one ticket: kept, for each page of a ticket asks."""
    one = Ticket.id == bindparam("ticket_id")
    return Numbers(select(exists(select(Ticket.id).where(one, rates(viewer)))))


def units_of(viewer: Actor, roles: Collection[Role]) -> frozenset[int]:
    """Return the units where a viewer, or whom they stand in for, has a seat in one of `roles`."""
    if viewer.user_id is None or is_outside(viewer):
        return frozenset()
    people, _unit_id = _who(viewer)
    seats = _seats(people).where(RoleHolding.role.in_(roles))
    return frozenset(id_ for id_ in db.session.scalars(seats) if id_ is not None)


def works_for_office(user_id: int) -> bool:
    """Tell whether a person holds any role other than an enterprise's, whatever they act in now."""
    held = select(RoleHolding.id).where(
        RoleHolding.user_id == user_id,
        RoleHolding.is_active,
        RoleHolding.role != Role.ENTERPRISE_USER,
    )
    return db.session.scalar(held.limit(1)) is not None


def sees_rating(viewer: Actor, ticket_id: int) -> bool:
    """Tell whether `viewer`, who sees the ticket, may read what the enterprise said of it."""
    return is_outside(viewer) or not is_rated(viewer, ticket_id)


def is_verbatim(reason: str, said: Iterable[str]) -> bool:
    """Tell whether a reason is, or holds, what the enterprise said: then the unit is not told it.

    A few characters are no words that anybody is known by.
    """
    reason = reason.strip()
    spoken = [words for one in said if (words := one.strip())]
    return any(one == reason or (len(one) >= LONG_ENOUGH and one in reason) for one in spoken)


def rates(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a rating of the ticket is one of the viewer."""
    if viewer.user_id is None or is_outside(viewer):
        return false()
    return _rates(*_who(viewer))


@lru_cache(maxsize=CONDITIONS)
def _rates(people: tuple[int, ...], unit_id: int | None) -> ColumnElement[bool]:
    """Return the condition that one of `people` is rated, or is of a unit that is.

    Whoever the first of them stands in for at present, in whatever role, counts as well; units
    are those of a seat that is not above the units, and `unit_id`.
    """
    away, seats = _away(people), _seats(people)

    def is_one(column: Ids) -> ColumnElement[bool]:
        return or_(column.in_(people), column.in_(away))

    def is_theirs(column: Ids) -> ColumnElement[bool]:
        return (
            or_(column == unit_id, column.in_(seats)) if unit_id is not None else column.in_(seats)
        )

    helped = or_(
        is_theirs(CoTask.unit_id), is_one(CoTask.handler_id), is_one(CoTask.covered_for_id)
    )
    acted = and_(is_one(TicketEvent.actor_id), TicketEvent.actor_role.in_(HANDLING))
    before = cast(TicketEvent.payload["before"].as_string(), String)
    named = or_(
        before.in_([cast(id_, String) for id_ in people]),
        before.in_(away.with_only_columns(cast(Absence.user_id, String))),
    )
    passed = and_(TicketEvent.kind.in_(PASSED), named)
    # What is NULL is of nobody: said so, for the condition is also asked the other way round.
    return or_(
        and_(Ticket.handler_id.is_not(None), is_one(Ticket.handler_id)),
        and_(Ticket.covered_for_id.is_not(None), is_one(Ticket.covered_for_id)),
        and_(Ticket.lead_unit_id.is_not(None), is_theirs(Ticket.lead_unit_id)),
        exists().where(Dispatch.ticket_id == Ticket.id, is_theirs(Dispatch.lead_unit_id)),
        exists().where(CoTask.ticket_id == Ticket.id, helped),
        exists().where(TicketEvent.ticket_id == Ticket.id, or_(acted, passed)),
    )


def _away(people: tuple[int, ...]) -> Select[int]:
    """Return for whom the first of `people` stands in at present."""
    return select(Absence.user_id).where(Absence.deputy_id == people[0], is_running())


def _seats(people: tuple[int, ...]) -> Select[int | None]:
    """Return the units of the seats that are not above the units, own ones and stood in for."""
    return select(RoleHolding.unit_id).where(
        or_(RoleHolding.user_id.in_(people), RoleHolding.user_id.in_(_away(people))),
        RoleHolding.is_active,
        RoleHolding.unit_id.is_not(None),
        RoleHolding.role.not_in(ABOVE),
    )


def _who(viewer: Actor) -> tuple[tuple[int, ...], int | None]:
    """Return who a viewer is and stands in for, themselves first, and the unit they act for."""
    unit_id = viewer.unit_id if viewer.role not in ABOVE else None
    people = () if viewer.user_id is None else (viewer.user_id, *viewer.stands_in_for)
    return people, unit_id


def may_check(viewer: Actor) -> bool:
    """Tell whether `viewer` belongs to the office that calls again (抽查回访)."""
    return viewer.role in CHECKERS


def require_check(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` belongs to the office that calls again."""
    if not may_check(viewer):
        raise NotAllowed(N_("抽查回访由营商办来做。"))
