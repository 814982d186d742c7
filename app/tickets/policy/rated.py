"""Whom a rating is about, and who calls again: a unit that is rated neither bends nor reads it."""

from collections.abc import Collection
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

from app.accounts.models import Absence, RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.tickets.models import CoTask, Dispatch, Ticket, TicketEvent
from app.tickets.policy.seeing import CONDITIONS, is_outside
from app.tickets.workflow.states import Event, Note

#: What tells of a rating: whoever is rated learns that it was given, and why it is handled again.
HEARD = frozenset({Event.REVISIT_CLOSE, Event.REVISIT_REWORK, Note.REVISITED, Note.ATTEMPT})
TOLD_TO_RATED = frozenset({"round", "reasons"})  # of what such an event noted
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
    people = _persons(viewer)
    if not people or is_outside(viewer):
        return False
    found = _is_rated(people, _units_of(viewer, people))
    return db.session.scalar(found, {"ticket_id": ticket_id}) is not None


@lru_cache(maxsize=CONDITIONS)
def _is_rated(people: tuple[int, ...], units: tuple[int, ...]) -> Select[int]:
    """Return the statement of one ticket: kept, for each page of a ticket asks."""
    rated = _rates(people, units)
    return select(Ticket.id).where(Ticket.id == bindparam("ticket_id"), rated)


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


def rates(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a rating of the ticket is one of the viewer."""
    people = _persons(viewer)
    if not people or is_outside(viewer):
        return false()
    return _rates(people, _units_of(viewer, people))


def rates_by(user_id: int) -> ColumnElement[bool]:
    """Return what `rates` says of a person of the office, asked anew each time it runs.

    For statements that are kept: nothing is read to put it together.
    """
    away = _AWAY.params(deputy_id=user_id)
    people = select(User.id).where(or_(User.id == user_id, User.id.in_(away)))
    units = _seats(RoleHolding.user_id.in_(people))
    return _rated_by(people, units, people.with_only_columns(cast(User.id, String)))


@lru_cache(maxsize=CONDITIONS)
def _rates(people: tuple[int, ...], units: tuple[int, ...]) -> ColumnElement[bool]:
    return _rated_by(people, units, [str(id_) for id_ in people])


def _rated_by(
    people: Collection[int] | Select[int],
    units: Collection[int] | Select[int | None],
    noted: Collection[str] | Select[str],
) -> ColumnElement[bool]:
    """Return the condition for these people and units; `noted` are their ids as notes have them."""
    helped = or_(
        CoTask.unit_id.in_(units),
        CoTask.handler_id.in_(people),
        CoTask.covered_for_id.in_(people),
    )
    acted = and_(TicketEvent.actor_id.in_(people), TicketEvent.actor_role.in_(HANDLING))
    before = cast(TicketEvent.payload["before"].as_string(), String)
    passed = and_(TicketEvent.kind.in_(PASSED), before.in_(noted))
    # What is NULL is of nobody: said so, for the condition is also asked the other way round.
    return or_(
        and_(Ticket.handler_id.is_not(None), Ticket.handler_id.in_(people)),
        and_(Ticket.covered_for_id.is_not(None), Ticket.covered_for_id.in_(people)),
        and_(Ticket.lead_unit_id.is_not(None), Ticket.lead_unit_id.in_(units)),
        exists().where(Dispatch.ticket_id == Ticket.id, Dispatch.lead_unit_id.in_(units)),
        exists().where(CoTask.ticket_id == Ticket.id, helped),
        exists().where(TicketEvent.ticket_id == Ticket.id, or_(acted, passed)),
    )


_AWAY = select(Absence.user_id).where(
    Absence.deputy_id == bindparam("deputy_id"),
    Absence.begun_at.is_not(None),
    Absence.ended_at.is_(None),
)


def _seats(whose: ColumnElement[bool]) -> Select[int | None]:
    """Return the units in which these people have a seat that is not above the units."""
    return select(RoleHolding.unit_id).where(
        whose,
        RoleHolding.is_active,
        RoleHolding.unit_id.is_not(None),
        RoleHolding.role.not_in(ABOVE),
    )


_SEATS = _seats(RoleHolding.user_id.in_(bindparam("people", expanding=True))).distinct()


def _persons(viewer: Actor) -> tuple[int, ...]:
    """Return the viewer, and all for whom they stand in at present, in whatever role."""
    if viewer.user_id is None:
        return ()
    away = db.session.scalars(_AWAY, {"deputy_id": viewer.user_id})
    return (viewer.user_id, *viewer.stands_in_for, *away)


def _units_of(viewer: Actor, people: tuple[int, ...]) -> tuple[int, ...]:
    """Return the units in which any of `people` has a seat that is not above the units."""
    found = {unit_id for unit_id in db.session.scalars(_SEATS, {"people": people}) if unit_id}
    if viewer.unit_id is not None and viewer.role not in ABOVE:
        found.add(viewer.unit_id)
    return tuple(sorted(found))


def may_check(viewer: Actor) -> bool:
    """Tell whether `viewer` belongs to the office that calls again (抽查回访)."""
    return viewer.role in CHECKERS


def require_check(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` belongs to the office that calls again."""
    if not may_check(viewer):
        raise NotAllowed(N_("抽查回访由营商办来做。"))
