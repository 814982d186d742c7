"""The urge and supervision ladder: raised by the timetable, once each for one deadline.

Source: C2.5. Yellow: an urge. First overdue working day: a notice. Then blue, orange and red
notes, each after its number of overdue working days or when the one before was not answered.
"""

from datetime import timedelta

from sqlalchemy import or_, select

from app.accounts import roles
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.tickets.models import SupervisionNote, Ticket, Urge
from app.tickets.queries.facts import Holders
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Move
from app.tickets.workflow.states import RUNNING, Note, NoteLevel

YELLOW, OVERDUE = "yellow", "overdue"
HEARS = {
    YELLOW: frozenset({Role.DEPT_HEAD}),
    OVERDUE: frozenset({Role.DEPT_HEAD}),
    NoteLevel.BLUE: frozenset({Role.DEPT_HEAD}),
    NoteLevel.ORANGE: frozenset({Role.DEPT_HEAD}),
    NoteLevel.RED: frozenset({Role.DEPT_HEAD}),
}
ALSO = {
    OVERDUE: frozenset({Role.DISPATCHER}),
    NoteLevel.ORANGE: frozenset({Role.OFFICE_DIRECTOR}),
    NoteLevel.RED: frozenset({Role.OFFICE_DIRECTOR, Role.CHIEF, Role.SUPERVISOR}),
}


def climb(ticket_id: int) -> None:
    """Take the next step of the ladder that is due for a ticket; a second run does nothing."""
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    if ticket.status not in RUNNING or ticket.due_at is None or ticket.warn_on is None:
        return
    move = moving.begin(ticket, StepInput(), actor=roles.system(ticket.tenant_id))
    today = clock.local(move.at).date()
    if move.at <= ticket.due_at:
        if today >= ticket.warn_on:
            _urge(move, YELLOW, Note.URGED)
        return
    late = move.calendar.overdue(ticket.due_at, move.at)
    if late < 1:
        return
    _urge(move, OVERDUE, Note.OVERDUE_NOTICE)
    level = _next_level(move, late)
    if level is not None:
        _raise_note(move, level)


def _urge(move: Move, step: str, note: Note) -> None:
    ticket = move.ticket
    today = clock.local(move.at).date()
    told = or_(Urge.of_due_at == ticket.due_at, Urge.on == today)
    before = select(Urge.id).where(Urge.ticket_id == ticket.id, Urge.step == step, told)
    if db.session.scalar(before.limit(1)) is not None:
        return
    db.session.add(
        Urge(
            ticket_id=ticket.id,
            step=step,
            on=today,
            at=move.at,
            of_due_at=ticket.due_at,
        )
    )
    move.payload = {"step": step}
    _write(move, note, step)


def _next_level(move: Move, late: int) -> NoteLevel | None:
    """Return the note that is due now: one level at a time, in order."""
    rules = move.parameters
    raised = {
        note.level: note
        for note in move.ticket.supervision_notes
        if note.of_due_at == move.ticket.due_at
    }
    after = {
        NoteLevel.BLUE: rules.blue_after,
        NoteLevel.ORANGE: rules.orange_after,
        NoteLevel.RED: rules.red_after,
    }
    before: SupervisionNote | None = None
    for level in NoteLevel:
        if level not in raised:
            waited = before is not None and _unanswered(before, move)
            return level if late >= after[level] or waited else None
        before = raised[level]
    return None


def _unanswered(note: SupervisionNote, move: Move) -> bool:
    return note.answered_at is None and move.at > note.answer_due_at


def _raise_note(move: Move, level: NoteLevel) -> None:
    ticket = move.ticket
    if ticket.due_at is None or _raised_today(move):
        return
    answer_due = move.calendar.due_at(move.at, move.parameters.note_answer_workdays)
    ticket.supervision_notes.append(
        SupervisionNote(
            level=level,
            of_due_at=ticket.due_at,
            raised_at=move.at,
            answer_due_at=answer_due,
        )
    )
    move.payload = {"level": level.value, "answer_due_at": answer_due.isoformat()}
    _write(move, Note.SUPERVISED, level)


def _raised_today(move: Move) -> bool:
    """Tell whether a note was raised in the last hours: one step of the ladder a day."""
    since = move.at - timedelta(hours=20)
    return any(note.raised_at > since for note in move.ticket.supervision_notes)


def _write(move: Move, note: Note, step: str) -> None:
    ticket = move.ticket
    event = moving.close(move, note, comment="")
    people = [ticket.handler_id, *telling.unit(HEARS[step], ticket)]
    if step in ALSO:
        people.append(Holders(ALSO[step]))
    if step == NoteLevel.BLUE:
        people.append(ticket.leader_id)
    if step == NoteLevel.ORANGE and ticket.lead_unit is not None:
        people.append(ticket.lead_unit.in_charge_id)
    telling.to(people, telling.MOVED, ticket, event, what=note.label)
