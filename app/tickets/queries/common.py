"""Reading common problems: what several enterprises have, as far as the viewer may know.

A viewer knows of a common problem who sees all tickets, whose unit leads it, or who sees one of
its members; the enterprise never does. Members are listed only as far as they may be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.roles import Actor, Permission, Role
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import CommonProblem, CommonState, Reply, Ticket
from app.tickets.queries.choices import Option
from app.tickets.queries.register import COLUMNS
from app.tickets.queries.rows import Reading, Row, row_of
from app.tickets.workflow.states import TERMINAL, Status

MOST_MEMBERS = 200  # of one common problem, that a page lists
MOST_OFFERED = 30  # common problems to choose from
UNIT = (Role.HANDLER, Role.DEPT_HEAD)


@dataclass(frozen=True, slots=True)
class Listed:
    """A common problem with the number of its members that the viewer may know of."""

    common: CommonProblem
    members: int = 0
    open_members: int = 0
    to_dispatch: int = 0
    handled: int = 0


def visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a common problem."""
    return (CommonProblem.tenant_id == viewer.tenant_id) & _scope(viewer)


def _scope(viewer: Actor) -> ColumnElement[bool]:
    if policy.is_outside(viewer):
        return false()
    if viewer.may(Permission.TICKET_SEE_ALL):
        return true()
    seen = select(Ticket.common_id).where(
        Ticket.common_id.is_not(None), policy.visible_to(viewer, numbered=True)
    )
    rules: list[ColumnElement[bool]] = [CommonProblem.id.in_(seen)]
    if viewer.unit_id is not None and viewer.role in UNIT:
        rules.append(CommonProblem.lead_unit_id == viewer.unit_id)
    return or_(*rules)


def search(state: CommonState | None, *, viewer: Actor) -> Select[CommonProblem]:
    """Return the common problems in a state, or in any, the newest first; the caller paginates."""
    found = (
        select(CommonProblem)
        .where(visible_to(viewer))
        .options(joinedload(CommonProblem.lead_unit), joinedload(CommonProblem.category))
        .order_by(CommonProblem.id.desc())
    )
    return found.where(CommonProblem.state == state) if state else found


def with_members(found: Sequence[CommonProblem], *, viewer: Actor) -> list[Listed]:
    """Return common problems with how many members the viewer may know of. One statement."""
    counted = select(
        Ticket.common_id,
        func.count(),
        func.count().filter(Ticket.is_open == true()),
        func.count().filter(Ticket.status == Status.PENDING_DISPATCH),
        func.count().filter(_waits_for_the_answer()),
    ).where(Ticket.common_id.in_([one.id for one in found]))
    lines = db.session.execute(
        counted.join(CommonProblem, CommonProblem.id == Ticket.common_id)
        .where(policy.visible_to(viewer, numbered=True))
        .group_by(Ticket.common_id)
    )
    counts = {line[0]: tuple(line[1:]) for line in lines}
    return [Listed(one, *counts.get(one.id, ())) for one in found]


def _waits_for_the_answer() -> ColumnElement[bool]:
    """Return the condition that the lead unit has a member in hand that it may answer for all."""
    for_itself = exists().where(
        Reply.ticket_id == Ticket.id,
        or_(
            Reply.round != Ticket.round,
            CommonProblem.drafted_at.is_(None),
            Reply.submitted_at >= CommonProblem.drafted_at,
        ),
    )
    return and_(
        Ticket.status == Status.IN_PROGRESS,
        Ticket.lead_unit_id == CommonProblem.lead_unit_id,
        ~for_itself,
    )


def has_returned(common: CommonProblem) -> bool:
    """Tell whether the review sent the answer of a member back, which the lead unit has now."""
    found = (
        select(Ticket.id)
        .join(Reply, and_(Reply.ticket_id == Ticket.id, Reply.round == Ticket.round))
        .where(Ticket.common_id == common.id, Ticket.status == Status.IN_PROGRESS)
        .where(Ticket.lead_unit_id == common.lead_unit_id)
    )
    return db.session.scalar(found.limit(1)) is not None


def over_ids() -> Select[int]:
    """Return the common problems of whose members none can be opened again."""
    members = select(Ticket.id).where(Ticket.common_id == CommonProblem.id)
    alive = members.where(Ticket.status.not_in(sorted(TERMINAL)))
    return select(CommonProblem.id).where(
        CommonProblem.state != CommonState.ENDED, members.exists(), ~alive.exists()
    )


def get(common_id: int, *, viewer: Actor) -> CommonProblem:
    """Return a common problem, or raise NotFound where the viewer may not know of it."""
    found: CommonProblem | None = db.session.scalar(
        select(CommonProblem)
        .where(CommonProblem.id == common_id, visible_to(viewer))
        .options(
            joinedload(CommonProblem.lead_unit),
            joinedload(CommonProblem.category),
            joinedload(CommonProblem.created_by),
            joinedload(CommonProblem.drafted_by),
            joinedload(CommonProblem.published_by),
            selectinload(CommonProblem.citations),
        )
    )
    if found is None:
        raise NotFound(N_("没有找到这个共性问题，可能不在您能看的范围内。"))
    return found


def of_ticket(ticket: Ticket, *, viewer: Actor) -> CommonProblem | None:
    """Return the common problem that a ticket belongs to; the enterprise is told of none."""
    if ticket.common_id is None or policy.is_outside(viewer):
        return None
    found: CommonProblem | None = db.session.scalar(
        select(CommonProblem)
        .where(CommonProblem.id == ticket.common_id)
        .options(joinedload(CommonProblem.lead_unit))
    )
    return found


def members(common: CommonProblem, reading: Reading, *, viewer: Actor) -> list[Row]:
    """Return the members that the viewer may know of, as the register prints them."""
    found: Select[*tuple[Any, ...]] = (
        COLUMNS.where(Ticket.common_id == common.id, policy.visible_to(viewer, numbered=True))
        .order_by(Ticket.id)
        .limit(MOST_MEMBERS)
    )
    return [row_of(line, reading) for line in db.session.execute(found)]


def to_act_on(common: CommonProblem, *, viewer: Actor) -> Sequence[Ticket]:
    """Return the open members that the viewer may know of, the oldest first."""
    return db.session.scalars(
        select(Ticket)
        .where(
            Ticket.common_id == common.id,
            Ticket.is_open == true(),
            policy.visible_to(viewer, numbered=True),
        )
        .order_by(Ticket.id)
        .limit(MOST_MEMBERS)
    ).all()


def member(common: CommonProblem, ticket_id: int, *, viewer: Actor) -> Ticket:
    """Return one member; raise NotFound for what is none, or not for this viewer."""
    found: Ticket | None = db.session.scalar(
        select(Ticket).where(
            Ticket.id == ticket_id, Ticket.common_id == common.id, policy.visible_to(viewer)
        )
    )
    if found is None:
        raise NotFound(N_("这件不在这个共性问题里，可能刚被移出。"))
    return found


def to_join(ticket: Ticket, *, viewer: Actor) -> list[Option]:
    """Return the common problems that a ticket may join, those of its category first."""
    lines = db.session.execute(
        select(CommonProblem.id, CommonProblem.number, CommonProblem.title)
        .where(visible_to(viewer), CommonProblem.state != CommonState.ENDED)
        .order_by(
            (CommonProblem.category_id == (ticket.category_id or 0)).desc(),
            CommonProblem.id.desc(),
        )
        .limit(MOST_OFFERED)
    )
    return [(line.id, f"{line.number} {line.title}") for line in lines]
