"""What the office sees of digests: promised, sent, confirmed by a click, instructions written."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.core.http import page_number, reader
from app.reports import policy
from app.reports.queries import digests as queries
from app.reports.views.blueprint import bp

LONGEST = 10  # characters of a period


@bp.get("/digests")
def deliveries() -> ResponseReturnValue:
    """List the digests, what became of each, and who confirmed it."""
    viewer = reader()
    policy.require_watch(viewer)
    period = request.args.get("period", "")[:LONGEST]
    return render_template(
        "reports/deliveries.html",
        page=queries.page(
            period, page_number(), viewer=viewer, size=current_app.config["PAGE_SIZE"]
        ),
        period=period,
        periods=queries.periods(viewer),
    )
