"""By which calendar and at which moment a worklist is read, and the lights that follow."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.accounts.models import Tenant
from app.accounts.parameters import Parameters
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.tickets import clocks
from app.tickets.clocks import Light
from app.tickets.workflow.states import Status
from app.workdays.calendar import WorkCalendar
from app.workdays.queries import calendar_of

ANSWERED_LATELY = timedelta(days=14)  # how long a leader is shown the answer to a directive
SHORT = 1  # working days: acceptance, dispatch, sign, review, contact; yellow as a short limit


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the worklist."""

    viewer: Actor
    calendar: WorkCalendar
    parameters: Parameters
    now: datetime

    @property
    def today(self) -> date:
        """The office's day."""
        return clock.local(self.now).date()

    @property
    def moments(self) -> dict[str, datetime]:
        """The moments that the statements of a worklist are given; see `ask.Moment`."""
        last = self.calendar.add(self.today, self.parameters.yellow_short)
        soon = self.calendar.end_of(last)
        return {"now": self.now, "soon": soon, "lately": self.now - ANSWERED_LATELY}

    def short(self, due_at: datetime | None) -> Light | None:
        """Return the light of a clock of a few days."""
        return clocks.move_light(
            due_at,
            SHORT,
            calendar=self.calendar,
            parameters=self.parameters,
            now=self.now,
        )

    def own(
        self,
        status: Status,
        move_due_at: datetime | None,
        due_at: datetime | None,
        warn_on: date | None,
    ) -> Light | None:
        """Return the light of the move that comes next."""
        if status is Status.SUSPENDED:
            return self.handling(status, due_at, warn_on)
        handling = status is Status.IN_PROGRESS and move_due_at == due_at
        if handling and due_at and warn_on:
            return clocks.running_light(due_at, warn_on, calendar=self.calendar, now=self.now)
        return self.short(move_due_at)

    def beside(self, status: Status, due_at: datetime) -> Light | None:
        """Return the light of what is owed beside the handling: it pauses with the ticket."""
        return clocks.beside_light(
            status,
            due_at,
            SHORT,
            calendar=self.calendar,
            parameters=self.parameters,
            now=self.now,
        )

    def handling(
        self, status: Status, due_at: datetime | None, warn_on: date | None
    ) -> Light | None:
        """Return the light of the handling clock, as registers show it."""
        return clocks.handling_light(status, due_at, warn_on, calendar=self.calendar, now=self.now)


def begin(viewer: Actor) -> Reading:
    """Return what `viewer` reads by, now."""
    tenant = db.session.get_one(Tenant, viewer.tenant_id)
    return Reading(viewer, calendar_of(viewer.tenant_id), tenant.parameters, clock.now())
