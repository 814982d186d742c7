"""What lies with somebody who hands their enterprises on: as their contact, writer or lead."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import RoleHolding, User
from app.accounts.roles import GRANTS, Actor, Permission, Role
from app.core.db import db
from app.tickets import policy
from app.tickets.models import CoTask, Dispatch, Ticket, TicketEvent
from app.tickets.queries.facts import HANDLING
from app.tickets.workflow.states import OPEN, Status

#: What goes along: somebody has a move to make, or it came back to whoever wrote it.
GOES = OPEN | {Status.DRAFT}
#: Here its writer still has, or may get, a move of their own.
WRITERS = frozenset({Status.DRAFT, Status.PENDING_ACCEPTANCE})


@dataclass(frozen=True, slots=True)
class Passing:
    """Who gives what, in which role, to whom.

    `firm_ids` are the enterprises that go along. `is_whole`: with them all that has the giver as
    its contact; `writes_on` are then enterprises whose drafts the giver keeps, as they still look
    after them. None there: they keep all other drafts. `spare_id` is whom a draft goes to that
    complains about the successor's own unit.
    """

    giver_id: int
    successor_id: int
    role: Role
    firm_ids: frozenset[int]
    is_whole: bool = False
    writes_on: frozenset[int] | None = None
    spare_id: int | None = None


def contact_of(passing: Passing) -> ColumnElement[bool]:
    """Return the condition that the giver is the leader, or the liaison officer, of a ticket."""
    column = Ticket.leader_id if passing.role is Role.LEADER else Ticket.liaison_id
    return and_(column == passing.giver_id, Ticket.status.in_(sorted(GOES)), _along(passing))


def led_by(passing: Passing) -> ColumnElement[bool]:
    """Return the condition that the giver is to see a lifted ticket through."""
    if passing.role is not Role.LEADER:
        return false()
    own = Ticket.escalation_owner_id == passing.giver_id
    return and_(own, Ticket.status.in_(sorted(OPEN)), _along(passing))


def written_by(passing: Passing) -> ColumnElement[bool]:
    """Return the condition that the giver wrote it, and has it or may get it back."""
    own = and_(Ticket.created_by_id == passing.giver_id, Ticket.status.in_(sorted(WRITERS)))
    along: ColumnElement[bool] = Ticket.enterprise_id.in_(passing.firm_ids)
    if passing.is_whole and passing.writes_on is not None:
        along = or_(along, Ticket.enterprise_id.not_in(passing.writes_on))
    return and_(own, along)


def to_pass_ids(passing: Passing) -> Sequence[int]:
    """Return the ids of the tickets of which something goes along."""
    goes = or_(contact_of(passing), led_by(passing), written_by(passing))
    return db.session.scalars(select(Ticket.id).where(goes).order_by(Ticket.id)).all()


def to_pass(passing: Passing, *, viewer: Actor) -> Sequence[Ticket]:
    """Return those of the tickets that go along of which `viewer` may know, by enterprise."""
    goes = or_(contact_of(passing), led_by(passing), written_by(passing))
    return db.session.scalars(
        select(Ticket)
        .where(policy.visible_to(viewer), goes)
        .options(joinedload(Ticket.enterprise))
        .order_by(Ticket.enterprise_id, Ticket.move_due_at, Ticket.id)
    ).all()


def draft_count(passing: Passing) -> int:
    """Return how many drafts go along that nobody but their writer has seen."""
    found = select(func.count(Ticket.id)).where(written_by(passing))
    unseen = found.where(Ticket.status == Status.DRAFT, Ticket.number.is_(None))
    return db.session.scalar(unseen) or 0


def complains_about(user_id: int) -> ColumnElement[bool]:
    """Return the condition that a ticket complains about a unit in which a person has a role."""
    units = select(RoleHolding.unit_id).where(
        RoleHolding.user_id == user_id, RoleHolding.is_active, RoleHolding.unit_id.is_not(None)
    )
    return and_(Ticket.complained_unit_id.is_not(None), Ticket.complained_unit_id.in_(units))


def had_a_part_in(user_id: int) -> ColumnElement[bool]:
    """Return the condition that a person, or a unit of theirs, handled a ticket.

    Whoever handled does not revisit.
    """
    acted = exists().where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.actor_id == user_id,
        TicketEvent.actor_role.in_(HANDLING),
    )
    units = select(RoleHolding.unit_id).where(
        RoleHolding.user_id == user_id, RoleHolding.is_active, RoleHolding.role.in_(HANDLING)
    )
    led = exists().where(Dispatch.ticket_id == Ticket.id, Dispatch.lead_unit_id.in_(units))
    helped = exists().where(CoTask.ticket_id == Ticket.id, CoTask.unit_id.in_(units))
    return or_(acted, led, helped)


def writes_otherwise(user_id: int, role: Role) -> bool:
    """Tell whether a person may write problems down in a role of their own beside this one."""
    others = [one for one in Role if one is not role and Permission.TICKET_OPEN in GRANTS[one]]
    found = (
        select(RoleHolding.id)
        .join(User, User.id == RoleHolding.user_id)
        .where(RoleHolding.user_id == user_id, RoleHolding.role.in_(others), User.is_active)
        .where(RoleHolding.is_active, RoleHolding.absence_id.is_(None))
    )
    return db.session.scalar(found.limit(1)) is not None


def _along(passing: Passing) -> ColumnElement[bool]:
    if passing.is_whole:
        return Ticket.id.is_not(None)
    return Ticket.enterprise_id.in_(passing.firm_ids)
