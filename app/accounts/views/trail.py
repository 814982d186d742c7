"""The trail of what an administrator keeps: parameters, catalogue, calendar, people, units."""

from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries
from app.accounts.queries.trail import Area
from app.accounts.service import OF
from app.accounts.views import audit
from app.accounts.views.audit import Line
from app.accounts.views.blueprint import bp
from app.core.audit import AuditRow
from app.core.errors import NotFound
from app.core.http import page_number
from app.core.i18n import N_
from app.core.paging import paged

#: The page that is kept under each area.
HOME = {
    Area.PARAMETERS: "accounts.parameters",
    Area.CATALOGUE: "catalogue.index",
    Area.CALENDAR: "workdays.index",
    Area.PEOPLE: "accounts.users",
    Area.UNITS: "accounts.units",
    Area.LIBRARY: "library.index",
    Area.WORDINGS: "letters.index",
    Area.OUTBOX: "notifications.outbox",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of what, and what the log says of it."""

    of: str
    line: Line


@bp.get("/admin/trail/<name>")
def trail(name: str) -> ResponseReturnValue:
    """Show what was changed in one area, the newest first."""
    area = _area(name)
    page = paged(queries.trail(area, viewer=current_user), page_number())
    changes = [Change(_of(line.row), line) for line in audit.lines(page.items, but=OF)]
    return render_template(
        "accounts/trail.html", area=area, page=page, changes=changes, home=url_for(HOME[area])
    )


def _area(name: str) -> Area:
    try:
        return Area(name)
    except ValueError:
        raise NotFound(N_("没有这样的变更记录。")) from None


def _of(row: AuditRow) -> str:
    """Return what the thing was called when it was changed."""
    told = (row.before or {}) | (row.after or {})
    if OF in told:
        return str(told[OF])
    if row.subject == "calendar" and row.subject_id:
        return str(_("%(year)s年", year=row.subject_id))
    return str(told.get("name", ""))
