"""The working calendar: a year by months, a day, a year's notice, and the simulator."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock, forms
from app.core.errors import NotFound
from app.core.http import submitted
from app.core.i18n import N_
from app.workdays import queries, service
from app.workdays.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    SATURDAY,
    CountedDay,
    Notice,
    Span,
    WorkCalendar,
    festivals,
    month_of,
    weeks_of,
)
from app.workdays.forms import (
    ORDINARY,
    Asked,
    ConfirmForm,
    CountUnit,
    DayForm,
    EnterForm,
    SimulateForm,
)

ENTER = "enter"  # the button of a notice that was read already
NEXT_MONTHS = 4  # of this year, shown at first

bp = Blueprint("workdays", __name__, url_prefix="/calendar")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the simulator found: the deadline, and how it was reached."""

    since: datetime
    amount: int
    due: datetime
    days: tuple[CountedDay, ...]
    spans: tuple[Span, ...]
    unconfirmed: tuple[int, ...]


@bp.get("")
def index() -> ResponseReturnValue:
    """Show a year by months, its festivals, and the simulator."""
    calendar = queries.calendar_seen_by(current_user)
    today = clock.today()
    year = _year_or(today.year)
    asked = SimulateForm(forms.asked(request.args))
    is_asked = "since" in request.args
    simulated = _simulated(calendar, asked.asked()) if is_asked and asked.validate() else None
    if not is_asked:
        asked = SimulateForm(
            since=clock.local(clock.now()).replace(second=0, microsecond=0, tzinfo=None), amount=5
        )
    return render_template(
        "workdays/index.html",
        year=year,
        today=today,
        years=queries.years(today, viewer=current_user),
        unconfirmed=queries.unconfirmed_years(queries.calendar_of(current_user.tenant_id), today),
        may_edit=queries.may_edit(current_user),
        months=[(n, weeks_of(month_of(calendar, year, n))) for n in _months(year, today)],
        festivals=festivals(calendar, year),
        workdays=calendar.between(date(year - 1, 12, 31), date(year, 12, 31)),
        windows=calendar.windows,
        form=asked,
        simulated=simulated,
        simulated_weeks=weeks_of(simulated.days) if simulated else (),
    )


@bp.get("/days/<day>")
def day(day: str) -> ResponseReturnValue:
    """Show one day, and what may be changed about it."""
    the_day = _day_or_404(day)
    special = queries.special_day(the_day, viewer=current_user)
    form = DayForm(
        kind=special.kind.value if special else ORDINARY,
        name=special.name if special else "",
        version=queries.version(viewer=current_user),
    )
    return _day_page(the_day, form)


@bp.post("/days/<day>")
def save_day(day: str) -> ResponseReturnValue:
    """Change one day."""
    the_day = _day_or_404(day)
    form = DayForm()

    def work() -> str:
        kind, reason = form.chosen(), (form.reason.data or "").strip()
        version = form.version.data
        if kind is None:
            service.clear_day(the_day, reason=reason, version=version, actor=current_user)
        else:
            name = (form.name.data or "").strip()
            service.set_day(the_day, kind, name, reason=reason, version=version, actor=current_user)
        return url_for(".index", year=the_day.year, all=1, _anchor=f"m{the_day.month}")

    return submitted(form, work, page=lambda: _day_page(the_day, form), flash=_("日历已修改。"))


@bp.get("/<int:year>/confirm")
def confirm(year: int) -> ResponseReturnValue:
    """Ask where the official calendar of a year stands."""
    return _confirm_page(year, ConfirmForm(version=queries.version(viewer=current_user)))


@bp.post("/<int:year>/confirm")
def save_confirm(year: int) -> ResponseReturnValue:
    """Confirm a year whose days were entered one by one."""
    form = ConfirmForm()

    def work() -> str:
        source = (form.source.data or "").strip()
        service.confirm_year(year, source=source, version=form.version.data, actor=current_user)
        return url_for(".index", year=year)

    return submitted(
        form,
        work,
        page=lambda: _confirm_page(year, form),
        flash=_("%(year)s年日历已确认。", year=year),
    )


@bp.get("/<int:year>/enter")
def enter(year: int) -> ResponseReturnValue:
    """Ask for the notice of a year."""
    return _enter_page(year, EnterForm(version=queries.version(viewer=current_user)))


@bp.post("/<int:year>/enter")
def save_enter(year: int) -> ResponseReturnValue:
    """Show what was understood of a notice; enter the year where that was already seen."""
    form = EnterForm()
    if request.form.get("step") != ENTER:
        if not form.validate():
            return _enter_page(year, form), 422
        return _enter_page(year, form, form.notice(year))

    def work() -> str:
        service.enter_year(
            year,
            form.notice(year).days,
            source=(form.source.data or "").strip(),
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".index", year=year)

    return submitted(
        form,
        work,
        page=lambda: _enter_page(year, form),
        flash=_("%(year)s年日历已录入并确认。", year=year),
    )


def _day_page(the_day: date, form: DayForm) -> str:
    calendar = queries.calendar_seen_by(current_user)
    return render_template(
        "workdays/day.html",
        day=calendar.described(the_day),
        form=form,
        may_edit=queries.may_edit(current_user),
        workday=calendar.is_workday(the_day),
        is_weekend=the_day.weekday() >= SATURDAY,
        confirmed=calendar.is_confirmed(the_day),
    )


def _confirm_page(year: int, form: ConfirmForm) -> str:
    _within_reach(year)
    calendar = queries.calendar_seen_by(current_user)
    return render_template(
        "workdays/confirm.html",
        year=year,
        form=form,
        festivals=festivals(calendar, year),
        workdays=calendar.between(date(year - 1, 12, 31), date(year, 12, 31)),
        confirmed=year in calendar.confirmed_years,
        may_edit=queries.may_edit(current_user),
    )


def _enter_page(year: int, form: EnterForm, notice: Notice | None = None) -> str:
    _within_reach(year)
    calendar = queries.calendar_seen_by(current_user)
    read = _as_calendar(notice) if notice else WorkCalendar()
    years_read = sorted({day.day.year for day in notice.days} | {year}) if notice else []
    return render_template(
        "workdays/enter.html",
        year=year,
        form=form,
        notice=notice,
        festivals=[festival for each in years_read for festival in festivals(read, each)],
        workdays=read.between(date(year - 1, 12, 31), date(year, 12, 31)),
        confirmed=year in calendar.confirmed_years,
        may_edit=queries.may_edit(current_user),
    )


def _as_calendar(notice: Notice) -> WorkCalendar:
    return WorkCalendar(
        holidays=frozenset(day.day for day in notice.days if not day.works),
        makeup_days=frozenset(day.day for day in notice.days if day.works),
        names={day.day: day.name for day in notice.days},
    )


def _simulated(calendar: WorkCalendar, asked: Asked) -> Simulated:
    since, by_hours = asked.since.astimezone(UTC), asked.unit is CountUnit.HOURS
    count = calendar.after_hours if by_hours else calendar.due_at
    due = count(since, asked.amount)
    reach = range(asked.since.year, clock.local(due).year + 1)
    return Simulated(
        since=since,
        amount=asked.amount,
        due=due,
        days=() if by_hours else calendar.counted(since, asked.amount),
        spans=calendar.counted_hours(since, asked.amount) if by_hours else (),
        unconfirmed=tuple(year for year in reach if year not in calendar.confirmed_years),
    )


def _months(year: int, today: date) -> range:
    """Return the months to show: of this year the next few, unless all are asked for."""
    if year != today.year or "all" in request.args:
        return range(1, 13)
    return range(min(today.month, 13 - NEXT_MONTHS), min(today.month + NEXT_MONTHS, 13))


def _year_or(otherwise: int) -> int:
    year = request.args.get("year", otherwise, type=int)
    return year if FIRST_YEAR <= year <= LAST_YEAR else otherwise


def _within_reach(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound(N_("没有这一年的日历。"))


def _day_or_404(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise NotFound(N_("没有这一天。")) from error
    _within_reach(found.year)
    return found
