"""Days: one, those to come, those past, and what the clock has to do with them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts import queries as people
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.servicedays import calendar, policy
from app.servicedays.models import Appointment, ReceivedProblem, ServiceDay
from app.servicedays.workflow import Booking, State
from app.tickets.models import Ticket
from app.tickets.workflow.states import OPEN, Status
from app.visits.models import Mode, Visit
from app.workdays import queries as workdays

SOON = timedelta(days=7)  # from when on a worklist speaks of a day
LATE_VISITS = timedelta(days=62)  # how long a late entry still belongs to its day
SHOWN = 60  # days to come that a page shows


@dataclass(frozen=True, slots=True)
class Tally:
    """How many enterprises booked and came to a day, and the problems that were received."""

    booked: int = 0
    came: int = 0
    problems: int = 0
    open: int = 0

    @property
    def closed(self) -> int:
        """How many problems nobody has to work on any more."""
        return self.problems - self.open


def get(day_id: int, *, viewer: Actor) -> ServiceDay:
    """Return one day, or raise NotFound where the viewer may not know of it."""
    found = db.session.scalar(_seen(viewer).where(ServiceDay.id == day_id))
    if found is None:
        raise NotFound(N_("没有找到这个服务日，或者不在您能看的范围内。"))
    return found


def coming(*, viewer: Actor) -> Sequence[ServiceDay]:
    """Return the days that are still to be held, the next first; what is overdue is among them."""
    return db.session.scalars(
        _seen(viewer)
        .where(ServiceDay.state == State.ANNOUNCED)
        .order_by(ServiceDay.held_on, ServiceDay.begins_at, ServiceDay.id)
        .limit(SHOWN)
    ).all()


def past(*, viewer: Actor) -> Select[ServiceDay]:
    """Return the days that were held or cancelled, the latest first; the caller paginates."""
    return (
        _seen(viewer)
        .where(ServiceDay.state != State.ANNOUNCED)
        .order_by(ServiceDay.held_on.desc(), ServiceDay.id.desc())
    )


def days_of_month(year: int, month: int, *, viewer: Actor) -> Sequence[ServiceDay]:
    """Return the days of a month that were not called off."""
    first = date(year, month, 1)
    following = date(*calendar.month_after(year, month, 1), 1)
    return db.session.scalars(
        _seen(viewer)
        .where(ServiceDay.held_on >= first, ServiceDay.held_on < following)
        .where(ServiceDay.state != State.CANCELLED)
        .order_by(ServiceDay.held_on, ServiceDay.begins_at, ServiceDay.id)
    ).all()


def is_near(viewer: Actor, today: date) -> ColumnElement[bool]:
    """Return the condition that a worklist speaks of a day: coming soon, or not yet held."""
    soon = ServiceDay.held_on <= today + SOON
    return and_(policy.visible_to(viewer), ServiceDay.state == State.ANNOUNCED, soon)


def near(*, viewer: Actor, today: date, limit: int) -> Sequence[ServiceDay]:
    """Return the days of which a worklist speaks, the next first."""
    return db.session.scalars(
        _seen(viewer)
        .where(is_near(viewer, today))
        .order_by(ServiceDay.held_on, ServiceDay.id)
        .limit(limit)
    ).all()


def tallies(day_ids: Collection[int]) -> dict[int, Tally]:
    """Return the counts of some days; two statements, however many they are."""
    found = {day_id: Tally() for day_id in day_ids}
    if not found:
        return found
    counted = db.session.execute(
        select(
            Appointment.day_id,
            func.count().filter(Appointment.state != Booking.RELEASED),
            func.count().filter(Appointment.state == Booking.CAME),
        )
        .where(Appointment.day_id.in_(day_ids))
        .group_by(Appointment.day_id)
    )
    firms = {day_id: (booked, came) for day_id, booked, came in counted}
    problems = {day_id: (n, still) for day_id, n, still in db.session.execute(_problems(day_ids))}
    return {
        day_id: Tally(*firms.get(day_id, (0, 0)), *problems.get(day_id, (0, 0)))
        for day_id in day_ids
    }


def suggested(*, viewer: Actor) -> date | None:
    """Return the next day that the month's rule gives, where no day is planned in its month."""
    today = clock.today()
    taken = db.session.scalars(
        select(ServiceDay.held_on).where(
            ServiceDay.tenant_id == viewer.tenant_id,
            ServiceDay.state != State.CANCELLED,
            ServiceDay.held_on >= today.replace(day=1),
        )
    ).all()
    return calendar.next_by_rule(
        today,
        taken,
        nth=people.tenant(viewer.tenant_id).parameters.service_day_of_month,
        calendar=workdays.calendar_of(viewer.tenant_id),
    )


def still_in(tenant_id: int, first: date, last: date) -> Sequence[ServiceDay]:
    """Return the days between two dates that are still to come, the next first."""
    return db.session.scalars(
        select(ServiceDay)
        .where(ServiceDay.tenant_id == tenant_id, ServiceDay.state == State.ANNOUNCED)
        .where(ServiceDay.held_on.between(max(first, clock.today()), last))
        .options(joinedload(ServiceDay.host))
        .order_by(ServiceDay.held_on, ServiceDay.begins_at, ServiceDay.id)
    ).all()


def same_day(tenant_id: int, day: ServiceDay | None, held_on: date) -> Sequence[ServiceDay]:
    """Return the other days on a date that were not called off."""
    found = select(ServiceDay).where(
        ServiceDay.tenant_id == tenant_id,
        ServiceDay.held_on == held_on,
        ServiceDay.state != State.CANCELLED,
    )
    if day is not None:
        found = found.where(ServiceDay.id != day.id)
    return db.session.scalars(found.order_by(ServiceDay.id)).all()


def to_announce(tenant_id: int, today: date, until: date) -> Sequence[int]:
    """Return the ids of the days that may have to be announced on a day."""
    return db.session.scalars(
        select(ServiceDay.id)
        .where(ServiceDay.tenant_id == tenant_id, ServiceDay.state == State.ANNOUNCED)
        .where(ServiceDay.held_on.between(today, until))
        .order_by(ServiceDay.held_on, ServiceDay.id)
    ).all()


def to_finish() -> Sequence[int]:
    """Return the ids of the days whose problems are all closed, and whose host does not know."""
    some = select(ReceivedProblem.day_id)
    still = _with_fate(select(ReceivedProblem.day_id)).where(_is_open())
    return db.session.scalars(
        select(ServiceDay.id)
        .where(ServiceDay.state == State.HELD, ServiceDay.finished_at.is_(None))
        .where(ServiceDay.id.in_(some), ServiceDay.id.not_in(still))
        .order_by(ServiceDay.id)
    ).all()


def to_complete() -> Sequence[int]:
    """Return the ids of the days of which somebody recorded a visit after they were held."""
    late = exists().where(
        Visit.tenant_id == ServiceDay.tenant_id,
        Visit.visited_on == ServiceDay.held_on,
        Visit.mode == Mode.SERVICE_DAY,
        Visit.enterprise_id.is_not(None),
        Visit.recorded_at > ServiceDay.held_at,
        ~exists().where(Appointment.visit_id == Visit.id),
    )
    return db.session.scalars(
        select(ServiceDay.id)
        .where(ServiceDay.state == State.HELD, late)
        .where(ServiceDay.held_on >= clock.today() - LATE_VISITS)
        .order_by(ServiceDay.id)
    ).all()


_MASTER = aliased(Ticket)


def _is_open() -> ColumnElement[bool]:
    """Return the condition that somebody works on a problem, or on what it was merged into."""
    waiting = or_(Ticket.status.in_(OPEN), Ticket.status == Status.DRAFT)
    merged = and_(Ticket.status == Status.MERGED, _MASTER.status.in_(OPEN))
    return or_(waiting, merged)


def _with_fate(asked: Select[int]) -> Select[int]:
    return asked.join(Ticket, Ticket.id == ReceivedProblem.ticket_id).outerjoin(
        _MASTER, _MASTER.id == Ticket.master_id
    )


def _problems(day_ids: Collection[int]) -> Select[int, int, int]:
    counted = select(ReceivedProblem.day_id, func.count(), func.count().filter(_is_open()))
    return (
        counted.join(Ticket, Ticket.id == ReceivedProblem.ticket_id)
        .outerjoin(_MASTER, _MASTER.id == Ticket.master_id)
        .where(ReceivedProblem.day_id.in_(day_ids))
        .group_by(ReceivedProblem.day_id)
    )


def _seen(viewer: Actor) -> Select[ServiceDay]:
    return (
        select(ServiceDay)
        .where(policy.visible_to(viewer))
        .options(joinedload(ServiceDay.host), selectinload(ServiceDay.units))
    )
