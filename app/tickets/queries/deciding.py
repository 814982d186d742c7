"""What waits for the word of a leader, the chief or the office's director, as SQL conditions.

Source: who holds the ball in each state (C2.1) and the transition table (C2.3). Worklists and the
digests of leaders ask the same, and so mean the same.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Control, OrgUnit
from app.accounts.policy import theirs
from app.accounts.roles import Actor, Role
from app.tickets.models import Category, Proposal, ProposalState, Ticket
from app.tickets.queries import supervision
from app.tickets.workflow import table
from app.tickets.workflow.states import Complexity, Event, Status

REVIEW_AHEAD = timedelta(days=14)  # a suspension comes up ten working days before (rule R9)


def to_dispatch_by_director() -> ColumnElement[bool]:
    """Return the condition that the director hands it out: hard, or a unit not the town's."""
    suggested = select(Category.id).join(OrgUnit, OrgUnit.id == Category.lead_unit_id)
    not_ours = and_(
        Ticket.category_id.is_not(None),
        Ticket.category_id.in_(suggested.where(OrgUnit.control != Control.TOWN)),
    )
    return and_(
        Ticket.status == Status.PENDING_DISPATCH,
        or_(is_hard(), not_ours),
        ~supervision.to_meet(),
    )


def to_find() -> ColumnElement[bool]:
    """Return the condition that the enterprise said no and no round is left.

    The director then asks for a lifted rework or for a finding (T22 with T15, T23).
    """
    return and_(
        Ticket.status == Status.PENDING_REVISIT,
        is_heard(),
        ~asked_for(Event.REVISIT_REWORK, Event.CLOSE_UNSATISFIED),
    )


def to_review_suspension(today: date) -> ColumnElement[bool]:
    """Return the condition that a suspended ticket comes up for review."""
    near = Ticket.next_review_on <= today + REVIEW_AHEAD
    return and_(Ticket.status == Status.SUSPENDED, near)


def to_give_a_unit() -> ColumnElement[bool]:
    """Return the condition that it is to be handled again and no unit ever had it (T06, T22)."""
    return and_(Ticket.status == Status.IN_PROGRESS, Ticket.lead_unit_id.is_(None))


def lifted_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a lifted ticket is the viewer's to see through."""
    if viewer.user_id is None:
        return false()
    return and_(theirs(Ticket.escalation_owner_id, viewer), Ticket.status == Status.IN_PROGRESS)


def decided_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a proposal waits for the word of the viewer.

    Read from the workflow table; who asked or looked at it before does not decide.
    """
    if viewer.user_id is None:
        return false()
    first = {
        row.event for row in table.TABLE if row.asks and viewer.role in (row.checks or row.who)
    }
    second = {row.event for row in table.TABLE if row.checks and viewer.role in row.who}
    lifted = {row.event for row in table.TABLE if row.lifts and viewer.role in row.lifts[1]}
    waits = or_(
        and_(Proposal.state == ProposalState.PENDING, Proposal.event.in_(sorted(first | lifted))),
        and_(Proposal.state == ProposalState.CHECKED, Proposal.event.in_(sorted(second))),
    )
    return and_(
        Proposal.tenant_id == viewer.tenant_id,
        Proposal.waiting(),
        waits,
        Proposal.asked_by_id != viewer.user_id,
        or_(Proposal.checked_by_id.is_(None), Proposal.checked_by_id != viewer.user_id),
    )


def decided_about(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition on the ticket that goes with `decided_by`.

    The first extension is the director's to decide, a second one the chief's (T14). A head
    decides for their own unit.
    """
    own = Ticket.extension_count > 0 if viewer.role is Role.CHIEF else Ticket.extension_count == 0
    timely = or_(Proposal.event != Event.APPROVE_EXTENSION, own)
    return and_(timely, _leads(viewer)) if viewer.role is Role.DEPT_HEAD else timely


def asked_for(*events: Event) -> ColumnElement[bool]:
    """Return the condition that one of these steps was asked for and not decided."""
    return exists().where(
        Proposal.ticket_id == Ticket.id,
        Proposal.waiting(),
        Proposal.event.in_(events),
    )


def is_hard() -> ColumnElement[bool]:
    """Return the condition of being hard; never unknown, so that it may be turned round."""
    return and_(Ticket.complexity.is_not(None), Ticket.complexity == Complexity.HARD)


def to_revisit() -> ColumnElement[bool]:
    """Return the condition that the enterprise is to be asked: not heard in this round."""
    return and_(Ticket.status == Status.PENDING_REVISIT, is_unheard(), ~waits_for_parts())


def waits_for_parts() -> ColumnElement[bool]:
    """Return the condition of having been split, with a part that is still being handled."""
    part = aliased(Ticket)
    return exists().where(part.split_from_id == Ticket.id, part.is_open.is_(True))


def is_heard() -> ColumnElement[bool]:
    """Return the condition that the enterprise was reached in this round."""
    return Ticket.heard_in == Ticket.round


def is_unheard() -> ColumnElement[bool]:
    """Return the condition that the enterprise was not reached in this round."""
    return or_(Ticket.heard_in.is_(None), Ticket.heard_in != Ticket.round)


def _leads(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the viewer's unit leads."""
    return Ticket.lead_unit_id == viewer.unit_id if viewer.unit_id is not None else false()
