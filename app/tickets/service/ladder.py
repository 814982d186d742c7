"""The urge and supervision ladder: raised by the timetable, once each for one deadline.

Source: C2.5. Yellow: an urge. First overdue working day: a notice. Then blue, orange and red
notes, each after its number of overdue working days or when the one before was not answered.
Nothing is raised outside working time. With the red note the office's director is asked to
propose escalation (T15): the proposal itself stays a person's.
"""

from app.accounts import roles
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.tickets.models import SupervisionNote, Ticket
from app.tickets.queries.facts import Holders
from app.tickets.service import moving, telling, urging
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Move
from app.tickets.workflow.states import RUNNING, Clock, DueReason, Note, NoteLevel

HEADS = frozenset({Role.DEPT_HEAD})
#: Who hears of a note beside the unit and the leaders whom the ticket names.
ALSO = {
    NoteLevel.ORANGE: frozenset({Role.OFFICE_DIRECTOR}),
    NoteLevel.RED: frozenset({Role.CHIEF, Role.SUPERVISOR}),
}
LIFT = N_("建议提请提级办理，红色督办单已发出：{title}（{number}）")


def climb(ticket_id: int) -> None:
    """Take the next step of the ladder that is due for a ticket; a second run does nothing.

    Nor does a run outside working time. A note that a leader's directive raised and nobody
    answered is followed by the next, though the ticket is not overdue.
    """
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    if ticket.status not in RUNNING or ticket.due_at is None or ticket.warn_on is None:
        return
    move = moving.begin(ticket, StepInput(), actor=roles.system(ticket.tenant_id))
    if not move.calendar.is_working_time(move.at):
        return
    urging.urge_by_itself(move)
    level = _next_level(move, move.calendar.overdue(ticket.due_at, move.at))
    if level is not None:
        _raise_note(move, level)


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
    answers = move.after(move.parameters.note_answer_workdays)
    answer_due = answers.due_at
    ticket.supervision_notes.append(
        SupervisionNote(
            level=level,
            of_due_at=ticket.due_at,
            raised_at=move.at,
            answer_due_at=answer_due,
        )
    )
    move.note_changed()
    move.payload = {"level": level.value, "answer_due_at": answer_due.isoformat()}
    move.note_due(Clock.SUPERVISION, answers, DueReason.STARTED)
    _write(move, level)


def _raised_today(move: Move) -> bool:
    """Tell whether a note was raised on this day already: one step of the ladder a day."""
    today = clock.local(move.at).date()
    raised = (clock.local(note.raised_at).date() for note in move.ticket.supervision_notes)
    return any(day == today for day in raised)


def _write(move: Move, level: NoteLevel) -> None:
    ticket, note = move.ticket, Note.SUPERVISED
    event = moving.close(move, note, comment="")
    people = [ticket.handler_id, *telling.unit(HEADS, ticket)]
    if level in ALSO:
        people.append(Holders(ALSO[level]))
    if level is NoteLevel.BLUE:
        people.append(ticket.leader_id)
    if level is NoteLevel.ORANGE and ticket.lead_unit is not None:
        people.append(ticket.lead_unit.in_charge_id)
    telling.to(people, telling.MOVED, ticket, event, what=note.label)
    if level is NoteLevel.RED:
        director = [Holders(frozenset({Role.OFFICE_DIRECTOR}))]
        telling.to(director, LIFT, ticket, event, what=note.label)
