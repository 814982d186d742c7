"""Appointments that the office and liaison officers make for enterprises."""

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import locale
from app.core.http import done_before, submitted
from app.core.transactions import transaction
from app.servicedays import policy, queries, service
from app.servicedays.forms import AppointmentForm, StepForm
from app.servicedays.models import Appointment, ServiceDay
from app.servicedays.service.steps import check
from app.servicedays.views.blueprint import bp
from app.servicedays.views.days import day_page
from app.servicedays.workflow import Action
from app.visits import queries as visits

NAMED = 2  # neighbours of an appointment that are worth a word


@bp.get("/service-days/<int:day_id>/appointments/new")
def new_appointment(day_id: int) -> ResponseReturnValue:
    """Show an empty form for an enterprise."""
    day = queries.get(day_id, viewer=current_user)
    check(day, Action.BOOK, actor=current_user)
    form = AppointmentForm(formdata=None)
    form.enterprise_id.data = request.args.get("enterprise", type=int)
    return _page(form, day)


@bp.post("/service-days/<int:day_id>/appointments/new")
def book(day_id: int) -> ResponseReturnValue:
    """Make the appointment."""
    day = queries.get(day_id, viewer=current_user)
    policy.require(current_user, day, Action.BOOK)
    if done := done_before():  # a second click: what it chose is no longer offered
        return done
    form = _offered(AppointmentForm(), day)

    def work() -> str:
        made = service.book(day, form.given(), actor=current_user)
        _tell_who_else_goes(made, day)
        return url_for(".detail", day_id=day.id, _anchor=f"a{made.id}")

    return submitted(form, work, page=lambda: _page(form, day), flash=_("已预约。"))


@bp.get("/service-days/<int:day_id>/appointments/<int:appointment_id>")
def appointment(day_id: int, appointment_id: int) -> ResponseReturnValue:
    """Show an appointment to be moved or called off."""
    day, found = _both(day_id, appointment_id)
    check(day, Action.MOVE, actor=current_user)
    form = AppointmentForm(formdata=None)
    form.show(found)
    return _move_page(form, day, found)


@bp.post("/service-days/<int:day_id>/appointments/<int:appointment_id>")
def move(day_id: int, appointment_id: int) -> ResponseReturnValue:
    """Change the appointment."""
    day, found = _both(day_id, appointment_id)
    policy.require(current_user, day, Action.MOVE)
    form = _offered(AppointmentForm(), day, but=found)

    def work() -> str:
        service.move(found, form.given(), version=form.version.data, actor=current_user)
        return url_for(".detail", day_id=day.id, _anchor=f"a{found.id}")

    return submitted(form, work, page=lambda: _move_page(form, day, found), flash=_("已改约。"))


@bp.post("/service-days/<int:day_id>/appointments/<int:appointment_id>/release")
def release(day_id: int, appointment_id: int) -> ResponseReturnValue:
    """Call the appointment off."""
    day, found = _both(day_id, appointment_id)
    form = StepForm()

    def work() -> str:
        service.release(found, version=form.version.data, actor=current_user)
        return url_for(".detail", day_id=day.id)

    def page() -> str:
        shown = AppointmentForm(formdata=None)
        shown.show(found)
        shown.form_errors = form.form_errors
        return _move_page(shown, day, found)

    return submitted(form, work, page=page, flash=_("预约已取消，这个时段空出来了。"))


@bp.post("/service-days/<int:day_id>/appointments/<int:appointment_id>/phone")
def reveal(day_id: int, appointment_id: int) -> ResponseReturnValue:
    """Show the day with the number of one enterprise; the audit log knows of it.

    There is no redirect: the number must not lie in an address or in a cookie.
    """
    _day, found = _both(day_id, appointment_id)
    with transaction():
        number = service.reveal_phone(found, actor=current_user)
    return day_page(queries.get(day_id, viewer=current_user), {appointment_id: number})


def _tell_who_else_goes(made: Appointment, day: ServiceDay) -> None:
    """Say who visits the enterprise within a week of the day: one of the two may do."""
    if made.enterprise_id is None:
        return
    near = visits.neighbours_of_firm(made.enterprise_id, on=day.held_on, but=current_user)
    for one in near[:NAMED]:
        words = {"names": one.names, "day": locale.day(one.on), "firm": made.called}
        if one.is_planned:
            flash(_("%(names)s打算%(day)s去%(firm)s走访，可以商量只见一次。", **words), "info")
        else:
            flash(_("%(names)s%(day)s去过%(firm)s，走访时说的事可以先看看。", **words), "info")


def _both(day_id: int, appointment_id: int) -> tuple[ServiceDay, Appointment]:
    day = queries.get(day_id, viewer=current_user)
    return day, queries.appointment(appointment_id, day=day, viewer=current_user)


def _offered(
    form: AppointmentForm, day: ServiceDay, but: Appointment | None = None
) -> AppointmentForm:
    firms = queries.bookable(viewer=current_user, day=day)
    if but is not None and but.enterprise_id is not None:
        firms = [(but.enterprise_id, but.called), *firms]
    form.offer(firms, queries.places_of(day, but=but.id if but else None))
    return form


def _page(form: AppointmentForm, day: ServiceDay) -> str:
    return render_template("servicedays/book.html", form=_offered(form, day), day=day, found=None)


def _move_page(form: AppointmentForm, day: ServiceDay, found: Appointment) -> str:
    if form.version.data not in {None, found.version}:
        form.renew(found.version)
    return render_template(
        "servicedays/book.html",
        form=_offered(form, day, found),
        day=day,
        found=found,
        step=StepForm(formdata=None, version=found.version),
    )
