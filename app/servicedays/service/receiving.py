"""Problems received on a day: a visit, its tickets and the day's own rows, in one transaction."""

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.enterprises import service as enterprises_service
from app.servicedays import queries
from app.servicedays.models import Appointment, ReceivedProblem, ServiceDay
from app.servicedays.queries.appointments import standing_for
from app.servicedays.service.appointments import write
from app.servicedays.service.drafts import AppointmentDraft, Heard, Reception
from app.servicedays.service.steps import take
from app.servicedays.workflow import Action, Booking, Origin
from app.tickets.models import Category, Ticket
from app.visits import service as visits
from app.visits.models import Mode, Visit

OTHER = "99"  # the category of what nobody has classified
MOST_PROBLEMS = 10


def receive(day: ServiceDay, given: Reception, *, actor: Actor) -> list[Ticket]:
    """Write down what one enterprise brought; every problem is a ticket at once.

    Raises NotAllowed, NotFound, or Invalid at the field that is wrong; then nothing has changed.
    """
    take(day, Action.RECEIVE, actor=actor)
    if not given.problems:
        raise Invalid(N_("请至少写一个问题；没有问题的，签到就行。"), field="problems-0-title")
    if len(given.problems) > MOST_PROBLEMS:
        raise Invalid(N_("一次最多记 {n} 个问题，其余的再登记一次。"), n=MOST_PROBLEMS)
    appointment = _guest(day, given, actor)
    visit = visit_of(day, appointment, actor=actor)
    made = [
        _take_down(place, heard, given, appointment=appointment, visit=visit, actor=actor)
        for place, heard in enumerate(given.problems)
    ]
    accounts.log(
        actor,
        N_("服务日受理问题"),
        "service-day",
        day.id,
        after={"firm": appointment.called, "problems": len(made)},
    )
    return made


def visit_of(day: ServiceDay, appointment: Appointment, *, actor: Actor) -> Visit:
    """Return the visit that an enterprise made on a day; the first time, it is recorded.

    So the month's task is done; the leader was present where the host looks after the firm.
    """
    if appointment.visit is not None:
        return appointment.visit
    visitors = dict.fromkeys(one for one in (day.host_id, actor.user_id) if one is not None)
    visit = visits.record_visit(
        visits.VisitDraft(
            visited_on=day.held_on,
            mode=Mode.SERVICE_DAY,
            enterprise_id=appointment.enterprise_id,
            visitor_ids=tuple(visitors),
            began_at=day.begins_at,
            ended_at=day.ends_at,
            persons_met=appointment.contact_name,
            opinions=appointment.topic,
        ),
        actor=actor,
    )
    appointment.visit = visit
    return visit


def _guest(day: ServiceDay, given: Reception, actor: Actor) -> Appointment:
    """Return the enterprise among those who came; who came by itself is added."""
    if given.appointment_id is not None:
        found = queries.appointment(given.appointment_id, day=day, viewer=actor)
        if not found.stands:
            raise Invalid(N_("这个预约已经取消，请重新选企业。"), field="firm")
    else:
        found = _walked_in(day, given, actor)
    if found.enterprise_id is None:
        _give_file(found, given, actor)
    if not found.has_come:
        found.state, found.came_at = Booking.CAME, clock.now()
    return found


def _walked_in(day: ServiceDay, given: Reception, actor: Actor) -> Appointment:
    if given.enterprise_id is None:
        raise Invalid(N_("请选是哪家企业。"), field="firm")
    firm = enterprises.get(given.enterprise_id, viewer=actor)
    return standing_for(day.id, firm.id) or write(
        day,
        AppointmentDraft(
            enterprise_id=firm.id,
            contact_name=given.contact_name,
            contact_phone=given.contact_phone,
        ),
        Origin.WALK_IN,
        actor=actor,
    )


def _give_file(appointment: Appointment, given: Reception, actor: Actor) -> None:
    """Let an enterprise that is known by its name alone have a file: a ticket needs one."""
    if not given.makes_file:
        raise Invalid(
            N_("“{name}”还没有企业档案。勾选“按这个名称建档”，或者在上面选档案里的企业。"),
            field="makes_file",
            name=appointment.firm_name,
        )
    try:
        draft = enterprises_service.EnterpriseDraft(name=appointment.firm_name)
        made = enterprises_service.create_enterprise(draft, actor=actor)
    except DomainError as refusal:
        refusal.field = "makes_file"
        raise
    appointment.enterprise_id, appointment.firm_name = made.id, ""
    db.session.flush()  # the visit is recorded for the file that is new
    db.session.refresh(appointment, ["enterprise"])


def _take_down(
    place: int,
    heard: Heard,
    given: Reception,
    *,
    appointment: Appointment,
    visit: Visit,
    actor: Actor,
) -> Ticket:
    problem = visits.Problem(
        title=heard.title,
        description=heard.description,
        wish=heard.wish,
        category_id=heard.category_id or _other(actor.tenant_id),
        contact_name=given.contact_name or appointment.contact_name,
        contact_phone=given.contact_phone or appointment.contact_phone or "",
        no_secrets=given.no_secrets,
        done_on_site=heard.answer.strip(),  # with which T06 begins
    )
    try:
        ticket = visits.add_problem(
            visit, problem, place=place, solved=heard.answer.strip(), actor=actor
        )
    except DomainError as refusal:
        refusal.field = _field(refusal.field, place)
        raise
    db.session.add(
        ReceivedProblem(
            ticket_id=ticket.id,
            day_id=appointment.day_id,
            appointment_id=appointment.id,
            answer=heard.answer.strip(),
        )
    )
    return ticket


def _field(field: str, place: int) -> str:
    """Return the field of the quick form that a refusal speaks of: some stand there once."""
    name = field.removeprefix(f"problems-{place}-")
    return name if name in {"no_secrets", "contact_name", "contact_phone"} else field


def _other(tenant_id: int) -> int | None:
    """Return the category of what the office has still to classify."""
    found = select(Category.id).where(
        Category.tenant_id == tenant_id,
        Category.code == OTHER,
        Category.parent_id.is_(None),
        Category.is_active,
    )
    return db.session.scalar(found)
