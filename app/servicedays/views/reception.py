"""On the day: who came, who came without an appointment, and what they brought."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.http import done_before, submitted
from app.core.transactions import transaction
from app.enterprises import policy as enterprises_policy
from app.enterprises import queries as enterprises
from app.servicedays import policy, queries, service
from app.servicedays.forms import ReceptionForm, WalkInForm
from app.servicedays.forms.reception import BOOKED
from app.servicedays.models import ServiceDay
from app.servicedays.service.steps import check
from app.servicedays.views.blueprint import bp, may
from app.servicedays.workflow import Action
from app.tickets.queries import catalogue


@bp.get("/service-days/<int:day_id>/reception")
def reception(day_id: int) -> ResponseReturnValue:
    """Show who is expected and who is here."""
    day = queries.get(day_id, viewer=current_user)
    check(day, Action.SIGN_IN, actor=current_user)
    return _page(day, WalkInForm(formdata=None))


@bp.post("/service-days/<int:day_id>/appointments/<int:appointment_id>/came")
def sign_in(day_id: int, appointment_id: int) -> ResponseReturnValue:
    """Tick one enterprise, or take the tick back."""
    day = queries.get(day_id, viewer=current_user)
    found = queries.appointment(appointment_id, day=day, viewer=current_user)
    undo = "undo" in request.form
    with transaction():
        (service.sign_out if undo else service.sign_in)(found, actor=current_user)
        name = found.called
    flash(
        _("%(name)s的签到已撤回。", name=name) if undo else _("%(name)s已签到。", name=name),
        "success",
    )
    return redirect(url_for(".reception", day_id=day_id, _anchor=f"a{appointment_id}"), 303)


@bp.post("/service-days/<int:day_id>/walk-in")
def walk_in(day_id: int) -> ResponseReturnValue:
    """Add an enterprise that came without an appointment."""
    day = queries.get(day_id, viewer=current_user)
    if done := done_before():  # a second click: what it chose is no longer offered
        return done
    form = _offered_walk_in(WalkInForm(), day)

    def work() -> str:
        made = service.walk_in(day, form.given(), actor=current_user)
        return url_for(".reception", day_id=day.id, _anchor=f"a{made.id}")

    return submitted(form, work, page=lambda: _page(day, form), flash=_("已登记到场。"))


@bp.get("/service-days/<int:day_id>/problems/new")
def problems(day_id: int) -> ResponseReturnValue:
    """Show the quick form, for the enterprise that was asked for."""
    day = queries.get(day_id, viewer=current_user)
    check(day, Action.RECEIVE, actor=current_user)
    form = ReceptionForm(formdata=None)
    asked = request.args.get("appointment", type=int)
    if asked is not None:
        guest = queries.appointment(asked, day=day, viewer=current_user)
        form.firm.data = f"{BOOKED}{guest.id}"
        form.contact_name.data = guest.contact_name
    return _problems_page(form, day)


@bp.post("/service-days/<int:day_id>/problems/new")
def receive(day_id: int) -> ResponseReturnValue:
    """Write down what an enterprise brought, or offer one problem more or fewer."""
    day = queries.get(day_id, viewer=current_user)
    policy.require(current_user, day, Action.RECEIVE)
    if done := done_before():  # a second click: what it chose is no longer offered
        return done
    form = ReceptionForm()
    if "add-problems" in request.form:
        form.grow()
        return _problems_page(form, day)
    if "remove-problems" in request.form:
        form.drop(request.form.get("remove-problems", -1, type=int))
        return _problems_page(form, day)
    _offered(form, day)

    def work() -> str:
        made = service.receive(day, form.given(), actor=current_user)
        numbers = "、".join(ticket.number or "" for ticket in made)
        flash(
            _(
                "已登记 %(n)s 个问题：%(numbers)s。可以接着登记下一家。",
                n=len(made),
                numbers=numbers,
            ),
            "success",
        )
        return url_for(".problems", day_id=day.id)

    return submitted(form, work, page=lambda: _problems_page(form, day))


def _page(day: ServiceDay, form: WalkInForm) -> str:
    appointments = queries.appointments_of(day, viewer=current_user)
    return render_template(
        "servicedays/reception.html",
        day=day,
        appointments=appointments,
        brought=queries.brought_by(day.id),
        form=_offered_walk_in(form, day),
        may=may(day, current_user),
    )


def _offered_walk_in(form: WalkInForm, day: ServiceDay) -> WalkInForm:
    form.offer(queries.bookable(viewer=current_user, day=day))
    return form


def _offered(form: ReceptionForm, day: ServiceDay) -> ReceptionForm:
    guests = sorted(
        queries.appointments_of(day, viewer=current_user),
        key=lambda one: (not one.has_come, one.slot is None, one.slot, one.id),
    )
    here = {one.enterprise_id for one in guests}
    firms = [one for one in enterprises.choices(viewer=current_user) if one[0] not in here]
    form.offer(guests, firms, catalogue.choices(viewer=current_user))
    return form


def _problems_page(form: ReceptionForm, day: ServiceDay) -> str:
    return render_template(
        "servicedays/problems.html",
        form=_offered(form, day),
        day=day,
        may=may(day, current_user),
        makes_files=enterprises_policy.may_edit(current_user),
        received=queries.tallies([day.id])[day.id],
    )
