"""To whom the letters of a working day go: asked for a whole township at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.sql.selectable import TypedReturnsRows

from app.accounts.models import Absence, RoleHolding, User
from app.accounts.queries.absences import is_running
from app.accounts.roles import Role
from app.core.db import db
from app.tickets.models import CoTask, Dispatch, TicketEvent
from app.tickets.queries.digests.lines import Line
from app.tickets.queries.facts import HANDLING
from app.tickets.queries.firms import readers_of

OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)


@dataclass(frozen=True, slots=True)
class Revisitors:
    """Who may call whom: nobody calls about what they, or their unit, handled."""

    units: dict[int, set[int]]  # that ever had a ticket
    handlers: dict[int, set[int]]  # who ever acted on it for a unit
    seats: dict[int, set[int]]  # units in which a person handles
    deputies: dict[int, set[int]]  # who stands in for a person
    dispatchers: Sequence[int]

    def of(self, line: Line, readers: Collection[int] | None) -> set[int]:
        """Return who is to call: the enterprise's own liaison officer, or else the office.

        Where the enterprise has none, its leader. Of what is confidential only its `readers`.
        """
        own = line.liaison_id or line.leader_id
        meant = {own, *self.deputies.get(own, ())} if own else set()
        for people in (meant, self.dispatchers):
            able = {one for one in people if one and self._may(line.id, one)}
            able = able if readers is None else able & set(readers)
            if able:
                return able
        return set()

    def _may(self, ticket_id: int, user_id: int) -> bool:
        if user_id in self.handlers.get(ticket_id, ()):
            return False
        return not self.seats.get(user_id, set()) & self.units.get(ticket_id, set())


def holders_by_unit(tenant_id: int, role: Role) -> dict[int, list[int]]:
    """Return who holds a role in each unit, deputies included."""
    found: dict[int, list[int]] = {}
    rows = db.session.execute(
        select(RoleHolding.unit_id, RoleHolding.user_id)
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.tenant_id == tenant_id, RoleHolding.role == role)
        .where(RoleHolding.is_active, User.is_active, RoleHolding.unit_id.is_not(None))
        .distinct()
        .order_by(RoleHolding.user_id)
    )
    for unit_id, user_id in rows:
        found.setdefault(unit_id or 0, []).append(user_id)
    return found


def office(tenant_id: int, roles: Collection[Role] = OFFICE) -> Sequence[int]:
    """Return the ids of the people of the office, deputies included."""
    return db.session.scalars(
        select(RoleHolding.user_id)
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.tenant_id == tenant_id, RoleHolding.role.in_(roles))
        .where(RoleHolding.is_active, User.is_active)
        .distinct()
    ).all()


def active(user_ids: Collection[int]) -> dict[int, User]:
    """Return those of these people whose account is open, by id."""
    found = select(User).where(User.id.in_(user_ids), User.is_active)
    return {person.id: person for person in db.session.scalars(found)}


def readers(lines: Sequence[Line]) -> dict[int, set[int]]:
    """Return who may read each of the confidential ones."""
    return readers_of([line.id for line in lines if line.confidential])


def revisitors(tenant_id: int, lines: Sequence[Line]) -> Revisitors:
    """Return who may call about these; a fixed number of statements."""
    ids = [line.id for line in lines]
    led = select(Dispatch.ticket_id, Dispatch.lead_unit_id).where(Dispatch.ticket_id.in_(ids))
    helped = select(CoTask.ticket_id, CoTask.unit_id).where(CoTask.ticket_id.in_(ids))
    acted = (
        select(TicketEvent.ticket_id, TicketEvent.actor_id)
        .where(TicketEvent.ticket_id.in_(ids), TicketEvent.actor_role.in_(HANDLING))
        .where(TicketEvent.actor_id.is_not(None))
        .distinct()
    )
    seats = (
        select(RoleHolding.user_id, RoleHolding.unit_id)
        .where(RoleHolding.tenant_id == tenant_id, RoleHolding.is_active)
        .where(RoleHolding.role.in_((*HANDLING, Role.LIAISON, Role.LEADER)))
        .where(RoleHolding.unit_id.is_not(None))
    )
    own = {line.liaison_id or line.leader_id for line in lines}
    away = (
        select(Absence.user_id, Absence.deputy_id)
        .join(User, User.id == Absence.deputy_id)
        .where(Absence.user_id.in_([one for one in own if one]), is_running(), User.is_active)
    )
    return Revisitors(
        units=_grouped(led.union(helped)),
        handlers=_grouped(acted),
        seats=_grouped(seats),
        deputies=_grouped(away),
        dispatchers=office(tenant_id, (Role.DISPATCHER,)),
    )


def _grouped(found: TypedReturnsRows[*tuple[Any, ...]]) -> dict[int, set[int]]:
    """Return the second column of a statement by the first."""
    grouped: dict[int, set[int]] = {}
    for key, value in db.session.execute(found):
        grouped.setdefault(key, set()).add(value)
    return grouped
