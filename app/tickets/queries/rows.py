"""One line of the ticket register: where it stands, whose move it is, and until when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row as Line

from app.accounts.models import UnitKind
from app.accounts.parameters import Parameters
from app.accounts.roles import Role
from app.tickets import clocks
from app.tickets.models.ticket import REWORK_ROUND, REWORKING
from app.tickets.queries.asked import ENDED_WELL
from app.tickets.workflow.states import OPEN, RING, RUNNING, Clock, Status
from app.workdays.calendar import WorkCalendar

OFFICE_DAY = 1  # working days that the office's own moves have


@dataclass(frozen=True, slots=True)
class Reading:
    """By which calendar and settings, and at which moment, lights are read."""

    calendar: WorkCalendar
    parameters: Parameters
    now: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket as the register prints it."""

    id: int
    number: str
    title: str
    enterprise: str
    status_label: str
    ring: int
    is_closed: bool
    is_paused: bool
    mover_label: str  # to be translated
    mover: str  # a name
    light: clocks.Light | None
    due_label: str  # what the date is for, where it is not the handling deadline
    due_at: datetime | None
    review_on: date | None
    closed_at: datetime | None
    is_for_few: bool  # confidential: who sees the row is one of the few


def row_of(line: Line[Any], reading: Reading) -> Row:
    """Return what the register prints of a line of the database."""
    status: Status = line.status
    mover_label, mover = _mover(line)
    due_label, due_at = _next_due(line)
    return Row(
        id=line.id,
        number=line.number or "",
        title=line.title,
        enterprise=line.enterprise_short or line.enterprise_name,
        status_label=status_label(status, line.round),
        ring=RING[status],
        is_closed=status in ENDED_WELL,
        is_paused=status is Status.SUSPENDED,
        mover_label=mover_label,
        mover=mover,
        light=_light(line, reading),
        due_label=due_label,
        due_at=due_at,
        review_on=line.next_review_on if status is Status.SUSPENDED else None,
        closed_at=line.closed_at,
        is_for_few=line.confidential,
    )


def status_label(status: Status, round_: int) -> str:
    """Return the word for where a ticket stands; a second round says so."""
    if status is Status.IN_PROGRESS and round_ >= REWORK_ROUND:
        return REWORKING
    return status.label


def _mover(line: Line[Any]) -> tuple[str, str]:
    """Return whose move it is: a word to be translated, and a name."""
    if line.status in RUNNING:
        return "", line.unit or ""
    if line.status is Status.PENDING_REVISIT and line.liaison:
        return Role.LIAISON.label, line.liaison
    if line.status in OPEN:
        return UnitKind.OFFICE.label, ""
    return "", ""


def _next_due(line: Line[Any]) -> tuple[str, datetime | None]:
    """Return the next deadline, and what it is for where it is not the handling deadline.

    Whose unit owes an opinion reads until when, before all else.
    """
    owed_at: datetime | None = getattr(line, "owed_at", None)
    if owed_at is not None and line.status in RUNNING:
        return Clock.CO_TASK.label, owed_at
    if line.status is Status.PENDING_SIGN:
        return Clock.SIGN.label, line.move_due_at
    if line.status is Status.IN_PROGRESS and line.move_due_at != line.due_at:
        which = Clock.CONTACT if line.move_due_at == line.contact_due_at else Clock.INTERIM
        return which.label, line.move_due_at
    if line.status is Status.SUSPENDED:
        return "", None
    return "", line.move_due_at


def _light(line: Line[Any], reading: Reading) -> clocks.Light | None:
    owed_at: datetime | None = getattr(line, "owed_at", None)
    if owed_at is not None and line.status in RUNNING:
        return clocks.move_light(
            owed_at,
            reading.parameters.co_unit_workdays,
            calendar=reading.calendar,
            parameters=reading.parameters,
            now=reading.now,
        )
    if line.status in {Status.PENDING_ACCEPTANCE, Status.PENDING_DISPATCH}:
        return clocks.move_light(
            line.move_due_at,
            OFFICE_DAY,
            calendar=reading.calendar,
            parameters=reading.parameters,
            now=reading.now,
        )
    return clocks.handling_light(
        line.status, line.due_at, line.warn_on, calendar=reading.calendar, now=reading.now
    )
