"""The blueprint of the pages about tickets, and what each of them reads by."""

from flask import Blueprint
from flask_login import current_user

from app.core import clock
from app.tickets.queries import Reading
from app.workdays import queries as workdays

bp = Blueprint("tickets", __name__, url_prefix="/tickets")


def reading() -> Reading:
    """Return the calendar, the settings and the moment by which lights are read."""
    return Reading(
        calendar=workdays.calendar_of(current_user.tenant_id),
        parameters=current_user.parameters,
        now=clock.now(),
    )
