"""Who came: ticked one by one, so that two who tick at once undo nothing of each other."""

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import N_
from app.servicedays.models import Appointment, ServiceDay
from app.servicedays.service.appointments import SUBJECT, check_firm, write
from app.servicedays.service.drafts import AppointmentDraft
from app.servicedays.service.steps import take
from app.servicedays.workflow import Action, Booking, Origin


def sign_in(appointment: Appointment, *, actor: Actor) -> None:
    """Note that an enterprise came. A second tick changes nothing."""
    take(appointment.day, Action.SIGN_IN, actor=actor)
    if not appointment.stands:
        raise Invalid(N_("这个预约已经取消。来了就按“当天到场”登记。"))
    if appointment.has_come:
        return
    appointment.state, appointment.came_at = Booking.CAME, clock.now()
    accounts.log(actor, N_("签到"), SUBJECT, appointment.id, after={"firm": appointment.called})


def sign_out(appointment: Appointment, *, actor: Actor) -> None:
    """Take a wrong tick back, as long as nothing was received from the enterprise."""
    take(appointment.day, Action.SIGN_IN, actor=actor)
    if appointment.visit_id is not None:
        raise Invalid(N_("{name}的问题已经登记，不能撤回签到。"), name=appointment.called)
    if not appointment.has_come:
        return
    walked_in = appointment.origin is Origin.WALK_IN
    appointment.state = Booking.RELEASED if walked_in else Booking.BOOKED
    appointment.came_at = None
    accounts.log(actor, N_("撤回签到"), SUBJECT, appointment.id, after={"firm": appointment.called})


def walk_in(day: ServiceDay, draft: AppointmentDraft, *, actor: Actor) -> Appointment:
    """Note an enterprise that came without an appointment; nobody who is there is sent away."""
    take(day, Action.SIGN_IN, actor=actor)
    check_firm(day, draft, actor)
    made = write(day, draft, Origin.WALK_IN, actor=actor)
    made.state, made.came_at = Booking.CAME, clock.now()
    return made
