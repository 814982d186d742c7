"""The page of what a person was told."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.http import page_number, safe_next
from app.core.paging import paged
from app.core.transactions import transaction
from app.notifications import queries, service
from app.notifications.views.blueprint import bp, lines_of


@bp.get("/inbox")
def index() -> ResponseReturnValue:
    """Show what the reader has been told, the newest first."""
    page = paged(queries.inbox(current_user), page_number())
    return render_template(
        "notifications/index.html",
        page=page,
        lines=lines_of(page.items),
        unread=queries.unread_count(current_user),
    )


@bp.post("/inbox/<int:message_id>")
def open_message(message_id: int) -> ResponseReturnValue:
    """Note that a message was read, and lead to what it speaks of."""
    with transaction():
        link = service.mark_read(message_id, actor=current_user).link
    return redirect(safe_next(link, url_for(".index")), 303)


@bp.post("/inbox")
def read_all() -> ResponseReturnValue:
    """Note that everything was read."""
    with transaction():
        service.mark_all_read(actor=current_user)
    flash(_("已全部标为已读。"), "success")
    return redirect(url_for(".index"), 303)
