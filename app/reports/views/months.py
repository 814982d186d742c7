"""The report of a month: a draft whose figures are frozen, for the screen and for A4."""

from datetime import date

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.models import Control
from app.core import clock, locale
from app.core.http import page_number, reader
from app.core.locale import said
from app.core.paging import paged
from app.core.pieces import Card
from app.reports import calendar, policy
from app.reports.queries import months as queries
from app.reports.queries import paragraph
from app.reports.queries.months import Reported, UnitLine
from app.reports.views.blueprint import bp
from app.visits.calendar import Month
from app.workdays import queries as workdays

SHORT = "short"


@bp.get("/reports")
def index() -> ResponseReturnValue:
    """List the months that were frozen, and say when the next one is."""
    viewer = reader()
    policy.require_reported(viewer)
    month = Month.of(clock.today())
    working = workdays.calendar_of(viewer.tenant_id)
    before = month.preceding
    comes = calendar.reported_on(before, working) >= clock.today()
    waits = comes and queries.find(viewer.tenant_id, before) is None
    next_month = before if waits else month
    page = paged(queries.listed(viewer), page_number(), size=current_app.config["PAGE_SIZE"])
    day = calendar.reported_on(next_month, working)
    return render_template(
        "reports/index.html",
        page=page,
        card=_card(page.total, next_month, day),
        may_watch=policy.may_watch(viewer),
    )


def _card(total: int, month: Month, day: date) -> Card:
    text = _(
        "%(year)s年%(month)s月的数据在%(day)s 06:00 按月底截止冻结，08:35 发给营商办主任核对。",
        year=month.year,
        month=month.month,
        day=locale.day(day),
    )
    return Card(_("共 %(n)s 个月的月报", n=total) if total else _("还没有月报"), text)


@bp.get("/reports/<period>")
def month(period: str) -> ResponseReturnValue:
    """Show the report of a month, ready to be printed."""
    viewer = reader()
    policy.require_reported(viewer)
    reported = queries.get(period, viewer=viewer)
    short = request.args.get(SHORT) == "1"
    refused = paragraph.fault(reported.told)
    with locale.on_paper():
        return render_template(
            "reports/month.html",
            tenant_name=viewer.tenant_name,
            reported=reported,
            before=queries.before(reported, viewer=viewer),
            words="" if refused else paragraph.written(reported.told, merge_suspended=short),
            refused=said(refused) if refused else "",
            short=short,
            groups=_groups(reported),
            printed_at=clock.now(),
        )


def _groups(reported: Reported) -> list[tuple[str, list[UnitLine]]]:
    """Return the units by who commands them: the town's own, and those it may only request."""
    own = [line for line in reported.units if line.control is Control.TOWN]
    others = [line for line in reported.units if line.control is not Control.TOWN]
    found = [(_("镇管单位"), own), (_("垂管和县管单位"), others)]
    return [(title, lines) for title, lines in found if lines]
