"""What is kept an eye on: conditions on tickets, counted, and one page of each.

Scope comes first, as everywhere. The conditions are used by the supervision page, by the
worklists and by the timetable, so that all of them mean the same.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.i18n import N_
from app.core.jobs import each_id
from app.tickets.models import (
    JointMeeting,
    LeaderDirective,
    Proposal,
    SupervisionNote,
    Ticket,
    Urge,
)
from app.tickets.workflow.states import TERMINAL, Event, NoteLevel, Status

At = datetime | ColumnElement[datetime]
HIGHEST = 3  # levels of escalation
MEETING_AFTER = 2  # returns in total
YELLOW, OVERDUE = "yellow", "overdue"  # steps of the ladder that are urges
OFFICE = frozenset({Role.OFFICE_DIRECTOR, Role.DISPATCHER})


def overdue(now: At) -> ColumnElement[bool]:
    """Return the condition that the handling clock runs and is red."""
    return and_(Ticket.is_running.is_(True), Ticket.due_at < now)


def yellow(now: At, today: date) -> ColumnElement[bool]:
    """Return the condition that the handling clock runs and is yellow."""
    return and_(Ticket.is_running.is_(True), Ticket.due_at >= now, Ticket.warn_on <= today)


def answers_wanted() -> ColumnElement[bool]:
    """Return the condition on a directive that its answer is still waited for."""
    return LeaderDirective.answered_at.is_(None)


def alive() -> ColumnElement[bool]:
    """Return the condition on a ticket that something may still be written on it."""
    return Ticket.status.not_in(sorted(TERMINAL))


def to_be_lifted() -> ColumnElement[bool]:
    """Return the condition that escalation is suggested: the red note is not answered (T15)."""
    of_now = aliased(SupervisionNote)
    red = and_(  # the few that are unanswered are looked up first
        Ticket.id.in_(
            select(SupervisionNote.ticket_id).where(
                SupervisionNote.answered_at.is_(None), SupervisionNote.level == NoteLevel.RED
            )
        ),
        exists().where(
            of_now.ticket_id == Ticket.id,
            of_now.level == NoteLevel.RED,
            of_now.of_due_at == Ticket.due_at,
            of_now.answered_at.is_(None),
        ),
    )
    asked = exists().where(
        Proposal.ticket_id == Ticket.id,
        Proposal.event == Event.ESCALATE,
        Proposal.waiting(),
    )
    lower = Ticket.escalation_level < HIGHEST
    return and_(Ticket.status == Status.IN_PROGRESS, lower, red, ~asked)


def to_meet() -> ColumnElement[bool]:
    """Return the condition that a ticket returned twice waits for the meeting on whose it is."""
    held = exists().where(
        JointMeeting.ticket_id == Ticket.id, JointMeeting.return_count >= Ticket.return_count
    )
    returned = Ticket.return_count >= MEETING_AFTER
    return and_(Ticket.status == Status.PENDING_DISPATCH, returned, ~held)


def newest_meeting(ticket_id: int) -> JointMeeting | None:
    """Return the newest meeting on whose a ticket is."""
    found = select(JointMeeting).where(JointMeeting.ticket_id == ticket_id)
    return db.session.scalar(
        found.options(joinedload(JointMeeting.lead_unit).load_only(OrgUnit.name))
        .order_by(JointMeeting.id.desc())
        .limit(1)
    )


def directives_of(ticket_id: int, *, waiting: bool = False) -> Sequence[LeaderDirective]:
    """Return the directives on a ticket, the newest first; or those that wait for an answer."""
    found = select(LeaderDirective).where(LeaderDirective.ticket_id == ticket_id)
    if waiting:
        found = found.where(answers_wanted())
    return db.session.scalars(
        found.options(
            joinedload(LeaderDirective.by).load_only(User.name, User.post),
            joinedload(LeaderDirective.answered_by).load_only(User.name),
        ).order_by(LeaderDirective.id.desc())
    ).all()


def is_answered_by(directive: LeaderDirective, ticket: Ticket, viewer: Actor) -> bool:
    """Tell whether a directive on a ticket waits for `viewer`.

    The head of the unit that leads now answers what was given to a unit; the office answers
    what was given while nobody led, and what lies with it again after a return.
    """
    if directive.unit_id is None or ticket.lead_unit_id is None:
        return viewer.role in OFFICE
    return viewer.role is Role.DEPT_HEAD and viewer.unit_id == ticket.lead_unit_id


def answered_by(viewer: Actor) -> ColumnElement[bool]:
    """Return `is_answered_by` as a condition on a directive and its ticket."""
    if viewer.role in OFFICE:
        nobody = or_(LeaderDirective.unit_id.is_(None), Ticket.lead_unit_id.is_(None))
        return and_(alive(), nobody)
    if viewer.role is not Role.DEPT_HEAD or viewer.unit_id is None:
        return false()
    of_unit = LeaderDirective.unit_id.is_not(None)
    return and_(alive(), of_unit, Ticket.lead_unit_id == viewer.unit_id)


def directive(ticket: Ticket, directive_id: int | None) -> LeaderDirective:
    """Return a directive on this ticket that was chosen; raise Invalid for any other."""
    found = db.session.get(LeaderDirective, directive_id) if directive_id else None
    if found is None or found.ticket_id != ticket.id:
        raise Invalid(N_("请从列表中选一个。"), field="directive_id")
    return found


def to_climb_ids(tenant_id: int, now: datetime) -> Iterator[int]:
    """Return the tickets for which a step of the ladder may be due; the service decides."""
    return each_id(to_climb(tenant_id, now), Ticket.id)


def to_climb(tenant_id: int, now: datetime) -> Select[int]:
    """Return the statement for them."""
    today = clock.local(now).date()
    unanswered = select(SupervisionNote.ticket_id).where(
        SupervisionNote.answered_at.is_(None), SupervisionNote.answer_due_at < now
    )
    near = and_(Ticket.due_at >= now, Ticket.warn_on <= today, ~_urged(YELLOW))
    late = and_(Ticket.due_at < now, or_(~_urged(OVERDUE), ~_has_red()))
    left = and_(Ticket.id.in_(unanswered), ~_has_red())
    return select(Ticket.id).where(
        Ticket.tenant_id == tenant_id,
        Ticket.is_running.is_(True),
        Ticket.due_at.is_not(None),
        or_(near, late, left),
    )


def _urged(step: str) -> ColumnElement[bool]:
    return exists().where(
        Urge.ticket_id == Ticket.id, Urge.step == step, Urge.of_due_at == Ticket.due_at
    )


def _has_red() -> ColumnElement[bool]:
    return exists().where(
        SupervisionNote.ticket_id == Ticket.id,
        SupervisionNote.level == NoteLevel.RED,
        SupervisionNote.of_due_at == Ticket.due_at,
    )
