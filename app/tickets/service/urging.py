"""Urging whoever holds the ball: by hand and by the timetable, once a working day in all.

Source: C2.3 (side objects) and C2.5, steps 1 and 2. Where somebody urges on a working day on
which the ladder owes an urge or the notice, theirs takes that step: it comes on its day, and
nobody is urged a second time. Where somebody urged before it came to be owed, the timetable
waits for the next working day.
"""

from datetime import date, datetime, time

from sqlalchemy import and_, or_, select

from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket, Urge
from app.tickets.queries.facts import Holders
from app.tickets.queries.supervision import OVERDUE, YELLOW
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Move, Written
from app.tickets.workflow.states import RUNNING, Note
from app.workdays.calendar import WorkCalendar
from app.workdays.queries import calendar_of

BY_HAND = ""  # the step of an urge that is none of the ladder
NOTES = {BY_HAND: Note.URGED, YELLOW: Note.URGED, OVERDUE: Note.OVERDUE_NOTICE}
HEADS = frozenset({Role.DEPT_HEAD})
OFFICE = frozenset({Role.DISPATCHER})
WORDS = 500  # characters that are kept
AGAIN = N_("催办：今天已经催过一次，下一个工作日再催。")


def urge(ticket: Ticket, words: str, *, actor: Actor) -> Written:
    """Urge the unit by hand, at most once a working day for one ticket, whoever urged before."""
    if not actor.may(Permission.TICKET_URGE) or not policy.may_see(actor, ticket):
        raise NotAllowed(N_("您现在的身份不能催办。"))
    ticket = db.session.get_one(Ticket, ticket.id, with_for_update=True)  # one after another
    if ticket.status not in RUNNING:
        raise DomainError(N_("这件企业问题现在是“{status}”，不用催办。"), status=ticket.status)
    move = moving.begin(ticket, StepInput(comment=words.strip()), actor=actor)
    refusal = objection(ticket)
    if refusal is not None:
        raise refusal
    day = move.calendar.effective_date(move.at)
    step = owed(ticket, move.calendar, max(move.at, move.calendar.start_of(day)))
    return _write(move, step, day)


def urge_by_itself(move: Move) -> None:
    """Take the step that the ladder owes now, unless somebody urged for this working day."""
    step = owed(move.ticket, move.calendar, move.at)
    today = clock.local(move.at).date()
    if step and not _urged(move.ticket.id, today, move.at):
        _write(move, step, today)


def objection(ticket: Ticket) -> DomainError | None:
    """Return why nobody may urge now, where somebody did for this working day."""
    now = clock.now()
    day = calendar_of(ticket.tenant_id).effective_date(now)
    return DomainError(AGAIN) if _urged(ticket.id, day, now) else None


def owed(ticket: Ticket, calendar: WorkCalendar, at: datetime) -> str:
    """Return the step of the ladder that is due at a moment and was not taken; empty for none."""
    step = _step(ticket, calendar, at)
    if not step:
        return BY_HAND
    taken = select(Urge.id).where(
        Urge.ticket_id == ticket.id, Urge.step == step, Urge.of_due_at == ticket.due_at
    )
    return BY_HAND if db.session.scalar(taken.limit(1)) is not None else step


def _step(ticket: Ticket, calendar: WorkCalendar, at: datetime) -> str:
    if ticket.due_at is None or ticket.warn_on is None:
        return BY_HAND
    if calendar.overdue(ticket.due_at, at):
        return OVERDUE
    near = at <= ticket.due_at and clock.local(at).date() >= ticket.warn_on
    return YELLOW if near else BY_HAND


def _urged(ticket_id: int, day: date, at: datetime) -> bool:
    """Tell whether anybody urged for a working day, or on the calendar's day of a moment."""
    begins = clock.at(clock.local(at).date(), time())
    today = and_(Urge.at >= begins, Urge.at <= at)
    found = select(Urge.id).where(Urge.ticket_id == ticket_id, or_(Urge.on == day, today))
    return db.session.scalar(found.limit(1)) is not None


def _write(move: Move, step: str, day: date) -> Written:
    """Write an urge down, and tell the unit; of what is overdue, the office as well."""
    ticket, note = move.ticket, NOTES[step]
    db.session.add(
        Urge(
            ticket_id=ticket.id,
            step=step,
            on=day,
            at=move.at,
            of_due_at=ticket.due_at,
            by_id=move.actor.user_id,
            words=move.given.comment[:WORDS],
        )
    )
    if step:
        move.payload["step"] = step
    written = moving.close(move, note)
    people = [ticket.handler_id, *telling.unit(HEADS, ticket)]
    if step == OVERDUE:
        people.append(Holders(OFFICE))
    telling.to(people, telling.MOVED, ticket, written, what=note.label)
    return written
