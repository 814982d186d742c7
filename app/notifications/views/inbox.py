"""The page of what a person was told."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.forms import NUL
from app.core.http import page_number, safe_next
from app.core.paging import paged
from app.core.transactions import transaction
from app.notifications import queries, service
from app.notifications.queries import Group, InboxFilter, Shelf
from app.notifications.views.blueprint import bp, lines_of

LONGEST = 40  # characters that are looked for


@bp.get("/inbox")
def index() -> ResponseReturnValue:
    """Show what the reader has been told, the newest first, as they narrow it."""
    asked = _asked()
    page = paged(queries.search_inbox(asked, viewer=current_user), page_number())
    return render_template(
        "notifications/index.html",
        page=page,
        lines=lines_of(page.items),
        asked=asked,
        counts=queries.inbox_counts(asked, viewer=current_user),
        shelves=list(Shelf),
        groups=list(Group),
        days=current_user.parameters.inbox_days,
        here=request.full_path.rstrip("?"),
    )


@bp.post("/inbox/<int:message_id>")
def open_message(message_id: int) -> ResponseReturnValue:
    """Note that a message was read, and lead to what it speaks of."""
    with transaction():
        link = service.mark_read(message_id, actor=current_user).link
    return redirect(safe_next(link, url_for(".index")), 303)


@bp.post("/inbox/<int:message_id>/read")
def mark_read(message_id: int) -> ResponseReturnValue:
    """Note that a message was read, and stay where one was."""
    with transaction():
        service.mark_read(message_id, actor=current_user)
    return redirect(safe_next(request.form.get("next"), url_for(".index")), 303)


@bp.post("/inbox")
def read_all() -> ResponseReturnValue:
    """Note that everything was read."""
    with transaction():
        service.mark_all_read(actor=current_user)
    flash(_("已全部标为已读。"), "success")
    return redirect(url_for(".index"), 303)


def _asked() -> InboxFilter:
    """Return what the address asks of the inbox; nonsense asks for nothing."""
    days = timedelta(days=current_user.parameters.inbox_days)
    return InboxFilter(
        old_before=clock.now() - days,
        shelf=request.args.get("shelf", Shelf.PRESENT, type=Shelf),
        group=request.args.get("group", None, type=Group),
        text=request.args.get("q", "").replace(NUL, "").strip()[:LONGEST],
    )
