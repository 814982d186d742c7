"""Who has a part in a ticket: helpers, supervision, and the enterprise's contact."""

from dataclasses import dataclass
from datetime import datetime

from app.core.locale import translated
from app.core.pieces import Light
from app.enterprises.models import masked
from app.tickets import clocks
from app.tickets.models import CoTask, CoTaskState, Reply, Ticket
from app.tickets.queries import Reading
from app.tickets.views import supervising
from app.tickets.views.stages import shown
from app.tickets.workflow.states import NoteLevel

COLOURS = {NoteLevel.BLUE: "blue", NoteLevel.ORANGE: "orange", NoteLevel.RED: "red"}


@dataclass(frozen=True, slots=True)
class Helper:
    """A co-handling unit, and how far it is with its opinion."""

    unit: str
    word: str
    opinion: str
    answered_at: datetime | None
    due_at: datetime
    light: Light | None
    handler: str
    round: int
    settled_words: str


@dataclass(frozen=True, slots=True)
class Supervision:
    """A supervision note and its answer."""

    light: Light
    raised_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    late: str  # how late the answer is, or was
    is_of_directive: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call: the number is masked until somebody asks for it."""

    name: str
    phone: str
    is_whole: bool


def helpers(ticket: Ticket, reading: Reading) -> list[Helper]:
    """Return the co-handling units of the present dispatch."""
    return [
        Helper(
            unit=task.unit.name,
            word=translated(task.state.label),
            opinion=task.opinion,
            answered_at=task.answered_at,
            due_at=task.due_at,
            light=_light(task, reading),
            handler=task.handler.name if task.handler else "",
            round=task.round,
            settled_words=task.settled_words,
        )
        for task in ticket.present_co_tasks
    ]


def _light(task: CoTask, reading: Reading) -> Light | None:
    if task.state is not CoTaskState.OPEN:
        return None
    return shown(
        clocks.beside_light(
            task.ticket.status,
            task.due_at,
            reading.parameters.co_unit_workdays,
            calendar=reading.calendar,
            parameters=reading.parameters,
            now=reading.now,
        )
    )


def supervision(ticket: Ticket, reading: Reading) -> list[Supervision]:
    """Return the supervision notes, the newest first."""
    return [
        Supervision(
            light=Light(COLOURS[note.level], "megaphone", translated(note.level.label)),
            raised_at=note.raised_at,
            due_at=note.answer_due_at,
            answer=note.answer,
            answered_at=note.answered_at,
            late=supervising.late(note, reading),
            is_of_directive=note.directive_id is not None,
        )
        for note in reversed(ticket.supervision_notes)
    ]


def contact(ticket: Ticket, *, reveal: bool) -> Contact:
    """Return the contact of the ticket, the number masked unless it was asked for."""
    number = ticket.contact_phone or ""
    return Contact(ticket.contact_name, number if reveal else masked(number), reveal)


def replies(ticket: Ticket) -> list[Reply]:
    """Return the versions of the answer, the newest first."""
    return ticket.replies[::-1]
