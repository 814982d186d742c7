"""The page of what the office sends."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.http import page_number
from app.core.paging import paged
from app.core.transactions import transaction
from app.notifications import policy, queries, service
from app.notifications.models import MessageState
from app.notifications.views.blueprint import bp, lines_of


@bp.get("/outbox")
def outbox() -> ResponseReturnValue:
    """Show the office what could not be sent, and what was."""
    policy.require_outbox(current_user)
    state = request.args.get("state", MessageState.FAILED, type=MessageState)
    page = paged(queries.outbox(state, viewer=current_user), page_number())
    return render_template(
        "notifications/outbox.html",
        state=state,
        states=list(MessageState),
        counts=queries.outbox_counts(current_user),
        page=page,
        lines=lines_of(page.items),
    )


@bp.post("/outbox/<int:message_id>")
def send_again(message_id: int) -> ResponseReturnValue:
    """Queue a mail once more that could not be sent."""
    with transaction():
        name = service.send_again(message_id, actor=current_user).recipient_name
    flash(_("已重新排队，一分钟内发给 %(name)s。", name=name), "success")
    return redirect(url_for(".outbox"), 303)
