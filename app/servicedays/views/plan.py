"""Planning a day, changing it, calling it off, and marking it as held."""

from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.http import submitted
from app.enterprises import queries as enterprises
from app.servicedays import policy, queries, service
from app.servicedays.forms import CancelForm, DayForm, StepForm
from app.servicedays.models import ServiceDay
from app.servicedays.queries.appointments import invited
from app.servicedays.views.blueprint import bp, may


@bp.get("/service-days/new")
def new() -> ResponseReturnValue:
    """Show an empty form, on the day that was asked for or that the rule gives."""
    policy.require_manage(current_user)
    form = DayForm(formdata=None)
    form.held_on.data = _asked_day() or queries.suggested(viewer=current_user)
    return _page(form, None)


@bp.post("/service-days/new")
def create() -> ResponseReturnValue:
    """Plan the day."""
    policy.require_manage(current_user)
    form = _offered(DayForm())

    def work() -> str:
        day = service.open_day(form.given(), actor=current_user)
        return url_for(".detail", day_id=day.id)

    done = _("已安排，接待领导和到场单位都收到了消息。")
    return submitted(form, work, page=lambda: _page(form, None), flash=done)


@bp.get("/service-days/<int:day_id>/edit")
def edit(day_id: int) -> ResponseReturnValue:
    """Show a day to be changed."""
    day = queries.get(day_id, viewer=current_user)
    policy.require_manage(current_user)
    form = DayForm(formdata=None)
    form.show(day, invited(day))
    return _page(form, day)


@bp.post("/service-days/<int:day_id>/edit")
def save(day_id: int) -> ResponseReturnValue:
    """Change the day, and tell everybody who was told of it."""
    day = queries.get(day_id, viewer=current_user)
    policy.require_manage(current_user)
    form = _offered(DayForm())

    def work() -> str:
        service.change_day(day, form.given(), version=form.version.data, actor=current_user)
        return url_for(".detail", day_id=day.id)

    done = _("已修改，通知过的人都收到了改动。")
    return submitted(form, work, page=lambda: _page(form, day), flash=done)


@bp.get("/service-days/<int:day_id>/cancel")
def confirm_cancel(day_id: int) -> ResponseReturnValue:
    """Say what calling the day off means, and ask why."""
    day = queries.get(day_id, viewer=current_user)
    policy.require_manage(current_user)
    return _cancel_page(CancelForm(formdata=None, version=day.version), day)


@bp.post("/service-days/<int:day_id>/cancel")
def cancel(day_id: int) -> ResponseReturnValue:
    """Call the day off."""
    day = queries.get(day_id, viewer=current_user)
    policy.require_manage(current_user)
    form = CancelForm()

    def work() -> str:
        service.cancel_day(
            day, form.reason.data or "", version=form.version.data, actor=current_user
        )
        return url_for(".detail", day_id=day.id)

    done = _("已取消，通知过和预约了的都收到了消息。")
    return submitted(form, work, page=lambda: _cancel_page(form, day), flash=done)


@bp.get("/service-days/<int:day_id>/hold")
def confirm_hold(day_id: int) -> ResponseReturnValue:
    """Show what will be reported, before the day is marked as held."""
    day = queries.get(day_id, viewer=current_user)
    policy.require_manage(current_user)
    return _hold_page(StepForm(formdata=None, version=day.version), day)


@bp.post("/service-days/<int:day_id>/hold")
def hold(day_id: int) -> ResponseReturnValue:
    """Mark the day as held."""
    day = queries.get(day_id, viewer=current_user)
    form = StepForm()

    def work() -> str:
        service.hold(day, version=form.version.data, actor=current_user)
        return url_for(".results", day_id=day.id)

    done = _("已标为已举办，结果已发给接待领导和到场单位。")
    return submitted(form, work, page=lambda: _hold_page(form, day), flash=done)


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def _offered(form: DayForm) -> DayForm:
    form.offer(
        queries.hosts(current_user.tenant_id),
        queries.present_units(viewer=current_user),
        enterprises.choices(viewer=current_user),
    )
    return form


def _page(form: DayForm, day: ServiceDay | None) -> str:
    _offered(form)
    if day is not None and form.version.data not in {None, day.version}:
        form.renew(day.version)
    return render_template(
        "servicedays/form.html",
        form=form,
        day=day,
        suggested=queries.suggested(viewer=current_user) if day is None else None,
        today=clock.today(),
    )


def _cancel_page(form: CancelForm, day: ServiceDay) -> str:
    if form.version.data not in {None, day.version}:
        form.renew(day.version)
    return render_template(
        "servicedays/cancel.html",
        form=form,
        day=day,
        told=queries.told_summary(day),
        tally=queries.tallies([day.id])[day.id],
        may=may(day, current_user),
    )


def _hold_page(form: StepForm, day: ServiceDay) -> str:
    if form.version.data not in {None, day.version}:
        form.renew(day.version)
    return render_template(
        "servicedays/hold.html",
        form=form,
        day=day,
        appointments=queries.appointments_of(day, viewer=current_user),
        tally=queries.tallies([day.id])[day.id],
        may=may(day, current_user),
    )
