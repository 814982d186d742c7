"""A day is over: what came of it is told, and told once more when all of it is closed."""

from sqlalchemy import exists, select

from app.accounts import service as accounts
from app.accounts.roles import Actor, system
from app.core import clock
from app.core.db import db
from app.core.errors import check_version
from app.core.i18n import N_
from app.servicedays import queries
from app.servicedays.models import Appointment, ReceivedProblem, ServiceDay
from app.servicedays.queries.appointments import standing_for, standing_of
from app.servicedays.service import results
from app.servicedays.service.appointments import write
from app.servicedays.service.drafts import AppointmentDraft
from app.servicedays.service.receiving import visit_of
from app.servicedays.service.steps import lock, take
from app.servicedays.workflow import Action, Booking, Origin
from app.tickets.models import Ticket
from app.visits.models import Mode, Visit

SUBJECT = "service-day"


def hold(day: ServiceDay, *, version: int | None = None, actor: Actor) -> None:
    """Mark a day as held, and report what came of it to the host and the units.

    Visits that somebody recorded as of this day are taken in with their problems; every
    enterprise that came and has a file has a visit afterwards.
    """
    check_version(day.version, version)
    step = take(day, Action.HOLD, actor=actor)
    _take_in(day, actor)
    for appointment in standing_of(day.id):
        if appointment.has_come and appointment.enterprise_id is not None:
            visit_of(day, appointment, actor=actor)
    day.state, day.held_at = step.target, clock.now()
    db.session.flush()  # what is told is read again
    told = queries.tallies([day.id])[day.id]
    accounts.log(
        actor,
        N_("服务企业家日已举办"),
        SUBJECT,
        day.id,
        after={"came": told.came, "problems": told.problems},
    )
    results.tell(day)


def complete(day_id: int) -> None:
    """Take in visits of a day that somebody recorded after it was held, with their problems."""
    day = db.session.get_one(ServiceDay, day_id)
    lock(day)
    if day.is_held:
        _take_in(day, system(day.tenant_id))


def finish(day_id: int) -> None:
    """Tell the host, once, that everything received on a day is closed."""
    day = db.session.get_one(ServiceDay, day_id)
    lock(day)
    told = queries.tallies([day_id])[day_id]
    if not day.is_held or day.finished_at is not None or not told.problems or told.open:
        return
    day.finished_at = clock.now()
    actor = system(day.tenant_id)
    accounts.log(
        actor, N_("服务企业家日全部办结"), SUBJECT, day.id, after={"problems": told.problems}
    )
    results.tell_finished(day)


def _take_in(day: ServiceDay, actor: Actor) -> None:
    """Let visits of this day that were recorded elsewhere belong to it."""
    known = exists().where(Appointment.visit_id == Visit.id)
    found = db.session.scalars(
        select(Visit)
        .where(Visit.tenant_id == day.tenant_id, Visit.visited_on == day.held_on)
        .where(Visit.mode == Mode.SERVICE_DAY, Visit.enterprise_id.is_not(None))
        .where(~known)
        .order_by(Visit.id)
    ).all()
    for visit in found:
        _seat(day, visit, actor)


def _seat(day: ServiceDay, visit: Visit, actor: Actor) -> None:
    appointment = standing_for(day.id, visit.enterprise_id or 0)
    if appointment is None:
        draft = AppointmentDraft(enterprise_id=visit.enterprise_id, contact_name="")
        appointment = write(day, draft, Origin.WALK_IN, actor=actor)
    if not appointment.has_come:
        appointment.state = Booking.CAME
        appointment.came_at = clock.at(visit.visited_on, visit.began_at or day.begins_at)
    if appointment.visit_id is None:
        appointment.visit = visit
    brought = db.session.scalars(
        select(Ticket).where(Ticket.visit_id == visit.id).order_by(Ticket.id)
    ).all()
    for ticket in brought:
        if db.session.get(ReceivedProblem, ticket.id) is None:
            db.session.add(
                ReceivedProblem(ticket_id=ticket.id, day_id=day.id, appointment_id=appointment.id)
            )
    db.session.flush()  # the next visit of the same enterprise finds it
