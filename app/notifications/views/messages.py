"""Pages: what a person was told, and what the office could not send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.forms import NUL
from app.core.http import page_number, safe_next
from app.core.paging import paged
from app.core.transactions import transaction
from app.notifications import policy, queries, service
from app.notifications.channels import worded
from app.notifications.models import Message, MessageState
from app.notifications.queries import Group, InboxFilter, Shelf

bp = Blueprint("notifications", __name__)

LONGEST = 40  # characters that are looked for


@dataclass(frozen=True, slots=True)
class Line:
    """A message as it is shown: its subject in the reader's language."""

    message: Message
    subject: str


@bp.get("/inbox")
def index() -> ResponseReturnValue:
    """Show what the reader has been told, the newest first, as they narrow it."""
    asked = _asked()
    page = paged(queries.search_inbox(asked, viewer=current_user), page_number())
    return render_template(
        "notifications/index.html",
        page=page,
        lines=_lines(page.items),
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
        lines=_lines(page.items),
    )


@bp.post("/outbox/<int:message_id>")
def send_again(message_id: int) -> ResponseReturnValue:
    """Queue a mail once more that could not be sent."""
    with transaction():
        name = service.send_again(message_id, actor=current_user).recipient_name
    flash(_("已重新排队，一分钟内发给 %(name)s。", name=name), "success")
    return redirect(url_for(".outbox"), 303)


def _asked() -> InboxFilter:
    """Return what the address asks of the inbox; nonsense asks for nothing."""
    days = timedelta(days=current_user.parameters.inbox_days)
    return InboxFilter(
        old_before=clock.now() - days,
        shelf=request.args.get("shelf", Shelf.PRESENT, type=Shelf),
        group=request.args.get("group", None, type=Group),
        text=request.args.get("q", "").replace(NUL, "").strip()[:LONGEST],
    )


def _lines(messages: Sequence[Message]) -> list[Line]:
    return [Line(message, worded(message.subject, message.context)) for message in messages]
