"""The page that moves the demo's clock. Where no demo is, there is no such page."""

from datetime import date, datetime, timedelta

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask import flash as tell
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.policy import require
from app.accounts.roles import Permission
from app.core import clock, forms
from app.core.errors import DomainError, Invalid, NotFound
from app.core.http import ASSETS
from app.core.i18n import N_
from app.demo import jobs, queries
from app.demo.forms import TravelForm
from app.workdays.queries import calendar_of

SECONDS = 8.0  # that one request may take
DAY = timedelta(days=1)

bp = Blueprint("demo", __name__, url_prefix="/demo")


def init_app(app: Flask) -> None:
    """Let every request live on the demo's day, and have the page that moves it."""
    app.register_blueprint(bp)
    app.before_request(_follow)
    app.teardown_request(_leave)


def _follow() -> None:
    if request.endpoint not in ASSETS:
        jobs.follow_clock()


def _leave(_error: BaseException | None) -> None:
    jobs.leave_clock()


@bp.get("/travel")
def travel() -> ResponseReturnValue:
    """Show the demo's day, where one may go, and what happened on the way here."""
    _require()
    return _page(TravelForm(to=_next_workday()))


@bp.post("/travel")
def go() -> ResponseReturnValue:
    """Move the clock forward to a day; a long way is gone in several steps."""
    _require()
    form = TravelForm()
    if not form.validate():
        return _page(form), 422
    try:
        trip = jobs.travel(_wanted(form), actor=current_user, seconds=SECONDS)
    except DomainError as error:
        forms.show(form, error)
        return _page(form), error.status
    _tell(trip)
    return redirect(url_for(".travel", since=trip.since.isoformat(timespec="seconds")), 303)


def _tell(trip: jobs.Trip) -> None:
    day = _named(clock.local(trip.until).date())
    if trip.left:
        told = _("到了%(day)s，还有 %(n)s 天没有拨完，可以接着拨。", day=day, n=trip.left)
        tell(told, "warning")
    elif trip.days:
        tell(_("到了%(day)s 09:00。", day=day), "success")
    else:
        tell(_("已经是这一天了，时间没有动。"), "info")


def _named(day: date) -> str:
    """Return a day by its date: a name like today would move with the clock."""
    return str(_("%(month)s月%(day)s日", month=day.month, day=day.day))


def _require() -> None:
    """Raise NotFound where no demo is, and NotAllowed to whoever may not move its clock."""
    if not current_user.is_demo:
        raise NotFound(N_("没有找到这个页面，可能已被移走，或者不在您能看的范围内。"))
    require(current_user, Permission.DEMO_TRAVEL)


def _wanted(form: TravelForm) -> date:
    day = form.chosen()
    if day is None:
        raise Invalid(N_("请选一天。"), field="to")
    if day < clock.today():
        raise Invalid(N_("时间只能往前拨，请选今天以后的日子。"), field="to")
    return day


def _page(form: TravelForm) -> str:
    now, since = clock.now(), _since()
    tomorrow, workday = clock.today() + DAY, _next_workday()
    return render_template(
        "demo/travel.html",
        form=form,
        tomorrow=tomorrow,
        tomorrow_name=_named(tomorrow),
        workday=workday,
        workday_name=_named(workday),
        latest=clock.today() + jobs.LIMIT * DAY,
        since=since,
        happened=queries.happened(current_user.tenant_id, since, now) if since else None,
    )


def _next_workday() -> date:
    return calendar_of(current_user.tenant_id).following(clock.today())


def _since() -> datetime | None:
    """Return from when on the page tells what happened; nonsense tells nothing."""
    try:
        moment = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo and moment <= clock.now() else None
