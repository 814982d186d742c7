"""What is put up and laid out: the notice, and the sheet to sign and write on. A4."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import queries as accounts
from app.core import clock, locale
from app.servicedays import queries
from app.servicedays.views.blueprint import bp

EMPTY_ROWS = 8  # of the sheet, for who comes without an appointment


@bp.get("/service-days/<int:day_id>/notice")
def notice(day_id: int) -> ResponseReturnValue:
    """Show the notice of a day, ready to be printed and put up."""
    day = queries.get(day_id, viewer=current_user)
    with locale.on_paper():
        return render_template(
            "servicedays/notice.html",
            day=day,
            tenant=accounts.tenant(day.tenant_id),
            written_on=clock.local(day.created_at).date(),
            back_url=url_for(".detail", day_id=day.id),
        )


@bp.get("/service-days/<int:day_id>/sheet")
def sheet(day_id: int) -> ResponseReturnValue:
    """Show the sheet on which enterprises sign in and their problems are written down."""
    day = queries.get(day_id, viewer=current_user)
    with locale.on_paper():
        return render_template(
            "servicedays/sheet.html",
            day=day,
            tenant=accounts.tenant(day.tenant_id),
            appointments=queries.appointments_of(day, viewer=current_user),
            empty=EMPTY_ROWS,
            back_url=url_for(".detail", day_id=day.id),
        )
