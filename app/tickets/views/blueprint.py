"""The blueprint of the pages about tickets, and what each of them reads by."""

from flask import Blueprint, g, request
from flask_login import current_user

from app.accounts import queries as accounts
from app.core import clock
from app.tickets.queries import Reading
from app.workdays import queries as workdays

bp = Blueprint("tickets", __name__, url_prefix="/tickets")


@bp.before_request
def hold_tenant() -> None:
    """Keep the tenant at hand: rules ask for it again and again, the database only once."""
    if request.method == "GET" and current_user.is_authenticated:  # writing reads it anew
        g.tenant = accounts.own_tenant(viewer=current_user)


def reading() -> Reading:
    """Return the calendar, the settings and the moment by which lights are read."""
    return Reading(
        calendar=workdays.calendar_of(current_user.tenant_id),
        parameters=current_user.parameters,
        now=clock.now(),
    )
