"""What came of a day: it stays live until everything is closed."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.accounts import queries as accounts
from app.core.http import reader
from app.servicedays import policy, queries
from app.servicedays.views.blueprint import bp, may
from app.workdays import queries as workdays


@bp.get("/service-days/<int:day_id>/results")
def results(day_id: int) -> ResponseReturnValue:
    """Show who came, what they brought and where each problem stands now."""
    viewer = reader()
    day = queries.get(day_id, viewer=viewer)
    workdays_to_answer = accounts.tenant(day.tenant_id).parameters.service_day_answer
    outcome = queries.outcome_of(
        day,
        queries.appointments_of(day, viewer=viewer),
        viewer=viewer,
        calendar=workdays.calendar_of(day.tenant_id),
        workdays=workdays_to_answer,
    )
    return render_template(
        "servicedays/results.html",
        day=day,
        outcome=outcome,
        workdays=workdays_to_answer,
        may=may(day, viewer),
        sees_all=policy.sees_all_appointments(viewer),
    )
