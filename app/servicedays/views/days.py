"""The calendar of service days, and the page of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.accounts.roles import Actor
from app.core import clock, locale
from app.core.http import page_number, reader
from app.core.paging import paged
from app.core.pieces import Card
from app.servicedays import calendar, policy, queries
from app.servicedays.models import Appointment, ServiceDay
from app.servicedays.queries import Tally
from app.servicedays.views.blueprint import bp, day_light, days_left, may
from app.workdays import queries as workdays
from app.workdays.calendar import FIRST_YEAR, LAST_YEAR, CountedDay, month_of, weeks_of


@dataclass(frozen=True, slots=True)
class Month:
    """A month as the page draws it: its weeks, and the service days in it."""

    year: int
    month: int
    weeks: tuple[tuple[CountedDay | None, ...], ...]
    days: Mapping[date, Sequence[ServiceDay]]

    @property
    def before(self) -> str:
        """The month before, as the address names it."""
        year, month = calendar.month_after(self.year, self.month, -1)
        return f"{year:04}-{month:02}"

    @property
    def after(self) -> str:
        """The month after, as the address names it."""
        year, month = calendar.month_after(self.year, self.month, 1)
        return f"{year:04}-{month:02}"


@bp.get("/service-days")
def index() -> ResponseReturnValue:
    """Show the days to come, a month, and the days past with what came of them."""
    viewer = reader()
    coming = queries.coming(viewer=viewer)
    page = paged(queries.past(viewer=viewer), page_number(), size=current_app.config["PAGE_SIZE"])
    suggested = queries.suggested(viewer=viewer) if policy.may_manage(viewer) else None
    return render_template(
        "servicedays/index.html",
        coming=coming,
        page=page,
        month=_month(viewer),
        tallies=queries.tallies([one.id for one in (*coming, *page.items)]),
        card=_index_card(coming, suggested, viewer),
        suggested=suggested,
        rule=accounts.tenant(viewer.tenant_id).parameters.service_day_of_month,
        may_manage=policy.may_manage(viewer),
        light=day_light,
        today=clock.today(),
    )


@bp.get("/service-days/<int:day_id>")
def detail(day_id: int) -> ResponseReturnValue:
    """Show one day, who comes, and what is to be done with it."""
    return day_page(queries.get(day_id, viewer=reader()))


def day_page(day: ServiceDay, revealed: Mapping[int, str] | None = None) -> str:
    """Return the page of a day; `revealed` are the numbers that the viewer has asked for."""
    viewer = reader()
    appointments = queries.appointments_of(day, viewer=viewer)
    allowed = may(day, viewer)
    notice = calendar.noticed_at(
        day.held_on,
        workdays=accounts.tenant(day.tenant_id).parameters.service_day_notice,
        calendar=workdays.calendar_of(day.tenant_id),
    )
    return render_template(
        "servicedays/detail.html",
        day=day,
        appointments=appointments,
        places=queries.places_of(day),
        may=allowed,
        may_book=policy.may_book(viewer),
        card=_card(day, appointments, viewer),
        light=day_light(day),
        notice=notice,
        told=queries.told_summary(day),
        revealed=revealed or {},
        sees_all=policy.sees_all_appointments(viewer),
    )


def _month(viewer: Actor) -> Month:
    year, month = _asked_month()
    days: dict[date, list[ServiceDay]] = {}
    for day in queries.days_of_month(year, month, viewer=viewer):
        days.setdefault(day.held_on, []).append(day)
    worked = workdays.calendar_of(viewer.tenant_id)
    return Month(year, month, weeks_of(month_of(worked, year, month)), days)


def _asked_month() -> tuple[int, int]:
    try:
        asked = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        asked = clock.today()
    if not FIRST_YEAR <= asked.year <= LAST_YEAR:
        asked = clock.today()
    return asked.year, asked.month


def _index_card(coming: Sequence[ServiceDay], suggested: date | None, viewer: Actor) -> Card:
    keeps = policy.may_manage(viewer)
    late = [day for day in coming if day.held_on < clock.today()]
    if late and keeps:
        return Card(
            _("%(day)s的%(kind)s还没有标为已举办", **_named(late[0])),
            _("标了以后，结果才会发给接待领导和到场单位。"),
            "red",
            url_for(".detail", day_id=late[0].id),
            _("去看看"),
            "check2-square",
        )
    following = next((day for day in coming if day.held_on >= clock.today()), None)
    if following is not None:
        return Card(
            _("下一场：%(day)s %(kind)s", **_named(following)),
            _(
                "%(hours)s，%(place)s，%(host)s接待。",
                hours=following.hours,
                place=following.place,
                host=following.host.name,
            ),
            url=url_for(".detail", day_id=following.id),
            verb=_("看这一场"),
            icon="calendar-event",
        )
    if keeps:
        return Card(
            _("还没有安排下一场"),
            _("按规则下一场是%(day)s。", day=locale.day(suggested)) if suggested else "",
            url=url_for(".new", day=suggested),
            verb=_("安排一场"),
            icon="calendar-plus",
        )
    return Card(_("没有要参加的服务企业家日"), _("安排好了会通知您。"), "done")


def _named(day: ServiceDay) -> dict[str, str]:
    return {"day": locale.day(day.held_on), "kind": locale.translated(day.kind.label)}


def _card(day: ServiceDay, appointments: Sequence[Appointment], viewer: Actor) -> Card:
    if day.is_cancelled:
        return Card(_("这一场已取消"), day.cancel_reason, "done")
    if day.is_held:
        told = queries.tallies([day.id])[day.id]
        return _held_card(day, told)
    allowed = may(day, viewer)
    if day.held_on < clock.today() and allowed.hold:
        return Card(
            _("已经过了，请标为已举办"),
            _("标了以后，到场企业和问题会发给接待领导和到场单位。"),
            "red",
            url_for(".confirm_hold", day_id=day.id),
            _("标为已举办"),
            "check2-square",
        )
    if day.held_on <= clock.today() and allowed.sign_in:
        came = sum(one.has_come for one in appointments)
        return Card(
            _(
                "今天举办：到了 %(m)s 家，还有 %(n)s 家没到",
                n=sum(one.is_expected for one in appointments),
                m=came,
            ),
            _("到了就签到，问题当场登记成企业问题。"),
            url=url_for(".reception", day_id=day.id),
            verb=_("签到和受理"),
            icon="person-check",
        )
    return _waiting_card(day, appointments, books=allowed.book)


def _waiting_card(day: ServiceDay, appointments: Sequence[Appointment], *, books: bool) -> Card:
    left = days_left(day)
    title = _("还有 %(n)s 个工作日，已约 %(m)s 家", n=left, m=len(appointments))
    if left == 0:
        title = _("就在%(day)s，已约 %(m)s 家", day=locale.day(day.held_on), m=len(appointments))
    text = _("%(hours)s，%(place)s。", hours=day.hours, place=day.place)
    if not books:
        return Card(title, text)
    return Card(
        title,
        text,
        url=url_for(".new_appointment", day_id=day.id),
        verb=_("替企业预约"),
        icon="calendar-plus",
    )


def _held_card(day: ServiceDay, told: Tally) -> Card:
    title = _("到场 %(n)s 家，收到 %(m)s 个问题", n=told.came, m=told.problems)
    text = _("还有 %(n)s 个在办。", n=told.open) if told.open else ""
    if told.problems and not told.open:
        text = _("全部办结。")
    return Card(
        title,
        text,
        "" if told.open else "done",
        url_for(".results", day_id=day.id),
        _("看结果"),
        "list-check",
    )
