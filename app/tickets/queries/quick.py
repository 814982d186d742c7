"""Quick filters that ask more than one column: what waits for me, is due for review, came back.

Each is a list of ids, every part of which has an index of its own; nothing here reads all
that is open. The statement is given `tenant_id` and `review_ends` as values.
"""

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, false, or_, select
from sqlalchemy.orm import aliased

from app.accounts.policy import theirs
from app.accounts.roles import Actor, Role
from app.tickets.models import CoTask, CoTaskState, Proposal, ProposalState, Ticket
from app.tickets.queries.asked import View
from app.tickets.workflow import table
from app.tickets.workflow.states import RUNNING, Complexity, Event, Status
from app.workdays.calendar import WorkCalendar

OF_DISPATCHER = (
    Status.PENDING_ACCEPTANCE,
    Status.PENDING_REVIEW,
    Status.PENDING_REVISIT,
    Status.PENDING_DISPATCH,
)
REVIEW_WORKDAYS = 5  # so long before its review day a suspension shows up
_T = aliased(Ticket)
_TENANT: BindParameter[int] = bindparam("tenant_id")
_IDS = select(_T.id).where(_T.tenant_id == _TENANT)
_OFFICE_VIEWS = (
    View.WAITING,
    View.OPEN,
    View.TODAY,
    View.YELLOW,
    View.RED,
    View.REVIEW_DUE,
    View.RETURNED,
    View.REVISIT,
    View.ALL,
)
_UNIT_VIEWS = (
    View.WAITING,
    View.OPEN,
    View.TODAY,
    View.YELLOW,
    View.RED,
    View.REWORK,
    View.RETURNED,
    View.SUSPENDED,
    View.ALL,
)
_OTHER_VIEWS = (
    View.OPEN,
    View.TODAY,
    View.YELLOW,
    View.RED,
    View.REVISIT,
    View.SUSPENDED,
    View.REWORK,
    View.CLOSED,
    View.ALL,
)
_WITH_MOVES = (View.WAITING, *(view for view in _OTHER_VIEWS if view is not View.REWORK))
VIEWS: dict[Role, tuple[View, ...]] = {
    Role.DISPATCHER: _OFFICE_VIEWS,
    Role.OFFICE_DIRECTOR: _OFFICE_VIEWS,
    Role.DEPT_HEAD: _UNIT_VIEWS,
    Role.HANDLER: _UNIT_VIEWS,
    Role.CHIEF: _WITH_MOVES,
    Role.LIAISON: _WITH_MOVES,
}


def shown_to(role: Role) -> tuple[View, ...]:
    """Return the quick filters of a role, at most nine, in the order of the page."""
    return VIEWS.get(role, _OTHER_VIEWS)


def review_ends(calendar: WorkCalendar, now: datetime) -> datetime:
    """Return until when a review day counts as near."""
    return calendar.end_of(calendar.add(calendar.effective_date(now), REVIEW_WORKDAYS))


def review_due() -> list[ColumnElement[bool]]:
    """Return the conditions that a suspension comes up for review within five working days."""
    return [Ticket.status == Status.SUSPENDED, Ticket.move_due_at <= bindparam("review_ends")]


def returned() -> list[ColumnElement[bool]]:
    """Return the conditions that a unit gave it back, or asks to."""
    back = _IDS.where(_T.status == Status.PENDING_DISPATCH, _T.return_count > 0)
    return [Ticket.id.in_(back.union_all(_asked(Event.APPROVE_RETURN)))]


def waiting_for(viewer: Actor) -> list[ColumnElement[bool]]:
    """Return the conditions that the next move is this viewer's, in the role they act in.

    What an index of its own tells is asked for itself, not as a list of ids to look up.
    """
    if viewer.role is Role.DISPATCHER:
        plain = or_(Ticket.complexity.is_(None), Ticket.complexity != Complexity.HARD)
        theirs_too = or_(Ticket.status != Status.PENDING_DISPATCH, plain)
        return [Ticket.status.in_(OF_DISPATCHER), theirs_too]
    parts = _waiting(viewer)
    if not parts:
        return [false()]
    first, *more = parts
    return [Ticket.id.in_(first.union_all(*more) if more else first)]


def _waiting(viewer: Actor) -> list[Select[int]]:
    if viewer.role is Role.OFFICE_DIRECTOR:
        hard = and_(_T.status == Status.PENDING_DISPATCH, _T.complexity == Complexity.HARD)
        near = and_(_T.status == Status.SUSPENDED, _T.move_due_at <= bindparam("review_ends"))
        return [_IDS.where(hard), _IDS.where(near), *_to_decide(viewer.role)]
    if viewer.role is Role.CHIEF:
        return _to_decide(viewer.role)
    return _of_a_person(viewer)


def _of_a_person(viewer: Actor) -> list[Select[int]]:
    if viewer.user_id is None:
        return []
    if viewer.role is Role.LIAISON:
        mine = theirs(_T.liaison_id, viewer)
        sent_back = and_(theirs(_T.created_by_id, viewer), _T.number.is_not(None))
        return [
            _IDS.where(mine, _T.status == Status.PENDING_REVISIT),
            _IDS.where(sent_back, _T.status == Status.DRAFT),
        ]
    if viewer.unit_id is None or viewer.role not in {Role.DEPT_HEAD, Role.HANDLER}:
        return []
    leads = _IDS.where(_T.lead_unit_id == viewer.unit_id, _T.status.in_(sorted(RUNNING)))
    if viewer.role is Role.HANDLER:
        leads = leads.where(or_(_T.handler_id == viewer.user_id, _T.handler_id.is_(None)))
    helps = select(CoTask.ticket_id).where(
        CoTask.unit_id == viewer.unit_id, CoTask.state == CoTaskState.OPEN
    )
    return [leads, helps]


def _to_decide(role: Role) -> list[Select[int]]:
    """Return the tickets with a proposal on which the role decides, or which it checks."""
    pending = [row for row in table.TABLE if row.two_person and role in (row.checks or row.who)]
    checked = [row for row in table.TABLE if row.checks and role in row.who]
    lifted = [row for row in table.TABLE if row.lifts and role in row.lifts[1]]
    found = []
    if pending or lifted:
        found.append(_asked(*(row.event for row in (*pending, *lifted))))
    if checked:
        found.append(_asked(*(row.event for row in checked), state=ProposalState.CHECKED))
    return found


def _asked(*events: Event, state: ProposalState = ProposalState.PENDING) -> Select[int]:
    return select(Proposal.ticket_id).where(
        Proposal.tenant_id == _TENANT,
        Proposal.waiting(),
        Proposal.state == state,
        Proposal.event.in_(sorted(set(events))),
    )
