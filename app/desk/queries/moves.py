"""Whose move a ticket is, as SQL conditions.

Source: who holds the ball in each state (C2.1) and the roles × rights table (C2.6). What the
roles may do is read from the workflow table; here is only for whom it is time to do it.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from app.accounts.policy import theirs
from app.accounts.roles import Actor, Role
from app.tickets.models import (
    CoTask,
    CoTaskState,
    LeaderDirective,
    Proposal,
    SupervisionNote,
    Ticket,
)
from app.tickets.queries import deciding, supervision
from app.tickets.workflow.states import Event, NoteLevel, Status

_T = aliased(Ticket)
#: What a unit asked for and now waits for.
UNIT_ASKS = (Event.SUBMIT_REPLY, Event.APPROVE_RETURN, Event.APPROVE_SUSPENSION)


def to_accept() -> ColumnElement[bool]:
    """Return the condition that the office has not said yes or no."""
    return and_(Ticket.status == Status.PENDING_ACCEPTANCE, ~deciding.asked_for(Event.REJECT))


def to_dispatch() -> ColumnElement[bool]:
    """Return the condition that a dispatcher may hand the ticket out: not a hard one (T07)."""
    return and_(
        Ticket.status == Status.PENDING_DISPATCH, ~deciding.is_hard(), ~supervision.to_meet()
    )


def to_review() -> ColumnElement[bool]:
    """Return the condition that an answer waits for the office's review."""
    return Ticket.status == Status.PENDING_REVIEW


def with_unit(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the viewer's unit leads."""
    return Ticket.lead_unit_id == viewer.unit_id if viewer.unit_id is not None else false()


def handled_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the viewer handles it, or nobody of their unit does yet."""
    if viewer.unit_id is None or viewer.user_id is None:
        return false()
    whose = or_(Ticket.handler_id == viewer.user_id, Ticket.handler_id.is_(None))
    return and_(Ticket.lead_unit_id == viewer.unit_id, whose)


def to_sign() -> ColumnElement[bool]:
    """Return the condition that the unit has not signed, and asked for nothing."""
    return and_(Ticket.status == Status.PENDING_SIGN, ~deciding.asked_for(*UNIT_ASKS))


def to_handle() -> ColumnElement[bool]:
    """Return the condition that the unit works on it and waits for nobody."""
    return and_(Ticket.status == Status.IN_PROGRESS, ~deciding.asked_for(*UNIT_ASKS))


def resting() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that the unit has done its part for now, and waits for others."""
    asked = deciding.asked_for(*UNIT_ASKS)
    return (
        Ticket.status == Status.PENDING_REVIEW,
        Ticket.status == Status.PENDING_REVISIT,
        Ticket.status == Status.SUSPENDED,
        and_(Ticket.status == Status.PENDING_SIGN, asked),
        and_(Ticket.status == Status.IN_PROGRESS, asked),
    )


def near(today: date, soon: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that the next clock is yellow or red: today's work.

    `soon` is the end of the last day on which a short clock is yellow.
    """
    return or_(Ticket.warn_on <= today, Ticket.move_due_at <= soon)


def yellow_or_red(today: date) -> ColumnElement[bool]:
    """Return the condition that the handling clock runs and is yellow or red."""
    return and_(Ticket.is_running.is_(True), Ticket.warn_on <= today)


def with_note_only(today: date) -> ColumnElement[bool]:
    """Return the condition that a note waits for an answer, though the clock is green again."""
    late = and_(Ticket.is_running.is_(True), Ticket.warn_on.is_not(None), Ticket.warn_on <= today)
    return and_(Ticket.note_waits.is_(True), Ticket.is_open.is_(True), ~late)


def to_revisit_by_liaison(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the liaison officer is the one to ask the enterprise."""
    if viewer.user_id is None:
        return false()
    own = _found(theirs(_T.liaison_id, viewer), _T.status == Status.PENDING_REVISIT)
    return and_(own, deciding.is_unheard(), ~deciding.waits_for_parts(), _not_handled_by(viewer))


def to_revisit_by_leader(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the leader asks: the enterprise has no liaison officer."""
    if viewer.user_id is None:
        return false()
    own = _found(theirs(_T.leader_id, viewer), _T.status == Status.PENDING_REVISIT)
    return and_(
        own,
        Ticket.liaison_id.is_(None),
        deciding.is_unheard(),
        ~deciding.waits_for_parts(),
        _not_handled_by(viewer),
    )


def returned_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the office sent a ticket back to the viewer.

    Or to somebody for whom they stand in: a draft that was never handed in is its writer's alone.
    """
    back = _found(theirs(_T.created_by_id, viewer), _T.status == Status.DRAFT)
    return and_(back, Ticket.number.is_not(None))


def drafted_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that it is a draft of the viewer's, never submitted."""
    if viewer.user_id is None:
        return false()
    own = _found(_T.created_by_id == viewer.user_id, _T.status == Status.DRAFT)
    return and_(own, Ticket.number.is_(None))


def reported_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the viewer submitted it and somebody works on it."""
    if viewer.user_id is None:
        return false()
    return _found(_T.submitted_by_id == viewer.user_id, _T.is_open.is_(True))


def open_of_enterprise(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that somebody works on a problem of the viewer's enterprise."""
    if viewer.enterprise_id is None:
        return false()
    return _found(_T.enterprise_id == viewer.enterprise_id, _T.is_open.is_(True))


def asked_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a proposal of the viewer's waits for somebody else."""
    if viewer.user_id is None:
        return false()
    return and_(
        Proposal.tenant_id == viewer.tenant_id,
        Proposal.waiting(),
        Proposal.asked_by_id == viewer.user_id,
    )


def owed_by_unit(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the viewer's unit owes an opinion as co-unit.

    A handler owes what nobody was named for, or they themselves; the head all of it.
    """
    if viewer.unit_id is None:
        return false()
    owed = and_(CoTask.unit_id == viewer.unit_id, CoTask.state == CoTaskState.OPEN)
    if viewer.role is not Role.HANDLER:
        return owed
    return and_(owed, or_(CoTask.handler_id.is_(None), CoTask.handler_id == viewer.user_id))


def unanswered() -> ColumnElement[bool]:
    """Return the condition that nobody answered a supervision note."""
    return SupervisionNote.answered_at.is_(None)


def to_answer() -> ColumnElement[bool]:
    """Return the condition that a note waits for an answer of its own.

    The one that a leader's directive raised is answered with the directive.
    """
    return and_(unanswered(), SupervisionNote.directive_id.is_(None))


def directed_in(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a directive in the viewer's township waits for an answer."""
    return and_(LeaderDirective.tenant_id == viewer.tenant_id, supervision.answers_wanted())


def directed_by(viewer: Actor, lately: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a directive is the viewer's: it waits, or was answered lately."""
    if viewer.user_id is None:
        return false()
    news = LeaderDirective.answered_at >= lately
    return and_(theirs(LeaderDirective.by_id, viewer), or_(supervision.answers_wanted(), news))


def red_notes() -> ColumnElement[bool]:
    """Return the condition that a red note has not been answered."""
    return and_(unanswered(), SupervisionNote.level == NoteLevel.RED)


def _not_handled_by(viewer: Actor) -> ColumnElement[bool]:
    """Whoever handled does not revisit, nor does anybody of a unit that did."""
    not_self = or_(Ticket.handler_id.is_(None), Ticket.handler_id != viewer.user_id)
    if viewer.unit_id is None:
        return not_self
    helped = exists().where(CoTask.ticket_id == Ticket.id, CoTask.unit_id == viewer.unit_id)
    other = or_(Ticket.lead_unit_id.is_(None), Ticket.lead_unit_id != viewer.unit_id)
    return and_(not_self, other, ~helped)


def _found(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of being among the few tickets that an index of their own finds.

    Written so that no database looks for them among all tickets of the tenant.
    """
    return Ticket.id.in_(select(_T.id).where(*conditions))
