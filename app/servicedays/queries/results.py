"""What came of a day: each enterprise with its problems, as they stand at the moment.

Of a confidential problem nobody but its few reads more than that there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy import Row as Line
from sqlalchemy.orm import aliased

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.servicedays import policy
from app.servicedays.models import Appointment, ReceivedProblem, ServiceDay
from app.tickets import policy as tickets_policy
from app.tickets.clocks import Light
from app.tickets.models import Ticket
from app.tickets.queries.rows import status_label
from app.tickets.workflow.states import OPEN, RING, Status
from app.workdays.calendar import WorkCalendar

FOR_FEW = N_("一件限知件")
IN_TIME = N_("按时答复")
LATE = N_("超时答复")
STILL = N_("剩 {n} 个工作日答复")
LAST = N_("今天应答复")
OVERDUE = N_("超过 {n} 个工作日没有答复")
ENDED = frozenset({Status.CLOSED, Status.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Result:
    """One problem as it stands. `is_mine`: the viewer may open its page."""

    ticket_id: int
    appointment_id: int
    is_mine: bool
    is_for_few: bool
    title: str
    number: str
    unit: str
    state_label: str
    ring: int
    is_closed: bool
    is_paused: bool
    is_over: bool
    light: Light | None
    answer: str  # what was said on the spot
    to_close: bool  # answered on the spot, and the office may close it

    @property
    def in_time(self) -> bool:
        """Whether it was answered within the days of the parameter."""
        return self.light is not None and self.light.word == IN_TIME


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a day, of that which the viewer may know of."""

    appointments: Sequence[Appointment]
    results: Sequence[Result]

    @property
    def came(self) -> Sequence[Appointment]:
        """The enterprises that came."""
        return [one for one in self.appointments if one.has_come]

    @property
    def absent(self) -> Sequence[Appointment]:
        """The enterprises that had booked, and did not come."""
        return [one for one in self.appointments if one.is_expected]

    @property
    def open(self) -> int:
        """How many problems somebody still works on."""
        return sum(not one.is_over for one in self.results)

    @property
    def in_time(self) -> int:
        """How many were answered in time."""
        return sum(one.in_time for one in self.results)

    @property
    def answered_on_the_spot(self) -> int:
        """How many were answered on the day itself."""
        return sum(bool(one.answer) for one in self.results)

    @property
    def with_problems(self) -> Sequence[tuple[Appointment, Sequence[Result]]]:
        """The enterprises that brought something, each with what it brought."""
        found = [(one, self._of(one)) for one in self.came]
        return [(one, brought) for one, brought in found if brought]

    @property
    def without_problems(self) -> Sequence[Appointment]:
        """The enterprises that came and brought nothing."""
        return [one for one in self.came if not self._of(one)]

    def _of(self, appointment: Appointment) -> Sequence[Result]:
        return [one for one in self.results if one.appointment_id == appointment.id]


def has_problems(day_id: int) -> bool:
    """Tell whether anything was received on a day."""
    found = select(ReceivedProblem.ticket_id).where(ReceivedProblem.day_id == day_id)
    return db.session.scalar(found.limit(1)) is not None


def outcome_of(
    day: ServiceDay,
    appointments: Sequence[Appointment],
    *,
    viewer: Actor,
    calendar: WorkCalendar,
    workdays: int,
) -> Outcome:
    """Return what came of a day for these appointments; one statement."""
    master, unit = aliased(Ticket), aliased(OrgUnit)
    seen = tickets_policy.visible_to(viewer)
    found = db.session.execute(
        select(
            ReceivedProblem.appointment_id,
            ReceivedProblem.answer,
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.round,
            Ticket.confidential,
            Ticket.submitted_at,
            Ticket.replied_at,
            Ticket.closed_at,
            unit.name.label("unit"),
            master.status.label("master_status"),
            seen.label("seen"),
        )
        .join(Ticket, Ticket.id == ReceivedProblem.ticket_id)
        .outerjoin(unit, unit.id == Ticket.lead_unit_id)
        .outerjoin(master, master.id == Ticket.master_id)
        .where(ReceivedProblem.day_id == day.id)
        .where(ReceivedProblem.appointment_id.in_([one.id for one in appointments]))
        .where(or_(seen, _tellable(viewer)))
        .order_by(Ticket.id)
    )
    rule = _Rule(calendar, workdays, clock.now(), policy.may_manage(viewer))
    return Outcome(appointments, [rule.result(cast("Line[Any]", line)) for line in found])


def _tellable(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a problem is told to who was there; not to whom it accuses."""
    if viewer.unit_id is None:
        return true()
    return or_(Ticket.complained_unit_id.is_(None), Ticket.complained_unit_id != viewer.unit_id)


@dataclass(frozen=True, slots=True)
class _Rule:
    """By what a problem is read."""

    calendar: WorkCalendar
    workdays: int
    now: datetime
    keeps_days: bool

    def result(self, line: Line[Any]) -> Result:
        """Return a line of the database as the page tells it."""
        hidden = line.confidential and not line.seen
        status: Status = line.status
        over = status not in OPEN and status is not Status.DRAFT
        if status is Status.MERGED and line.master_status in OPEN:
            over = False
        return Result(
            ticket_id=line.id,
            appointment_id=line.appointment_id,
            is_mine=bool(line.seen),
            is_for_few=hidden,
            title="" if hidden else line.title,
            number="" if hidden else line.number or "",
            unit="" if hidden else line.unit or "",
            state_label="" if hidden else status_label(status, line.round),
            ring=0 if hidden else RING[status],
            is_closed=status in ENDED and not hidden,
            is_paused=status is Status.SUSPENDED and not hidden,
            is_over=over,
            light=None if hidden else self._light(line),
            answer="" if hidden else line.answer,
            to_close=bool(line.answer and line.seen and self.keeps_days)
            and status is Status.PENDING_DISPATCH,
        )

    def _light(self, line: Line[Any]) -> Light | None:
        """Return how the answer stands against the days that the parameter gives."""
        if line.submitted_at is None or line.status in {Status.REJECTED, Status.CANCELLED}:
            return None
        due = self.calendar.due_at(line.submitted_at, self.workdays)
        answered = line.replied_at or line.closed_at
        if answered is not None:
            good = answered <= due
            return Light("green", "check-circle", IN_TIME) if good else Light("grey", "clock", LATE)
        left = self.calendar.remaining(due, clock.local(self.now).date())
        if self.now > due:
            late = self.calendar.overdue(due, self.now)
            return Light("red", "exclamation-octagon", OVERDUE, late)
        if left == 0:
            return Light("yellow", "exclamation-triangle", LAST)
        return Light("yellow" if left == 1 else "green", "clock", STILL, left)
