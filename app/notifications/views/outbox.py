"""The outbox: what was sent, what was not and why, and sending it again."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.roles import Permission
from app.core.forms import asked as typed
from app.core.http import page_number, submitted
from app.core.paging import paged
from app.core.transactions import transaction
from app.notifications import policy, queries, service
from app.notifications.forms import OutboxFilterForm, SendAgainForm
from app.notifications.models import MessageState
from app.notifications.queries import OutboxFilter
from app.notifications.views.blueprint import bp, lines_of


@bp.get("/outbox")
def outbox() -> ResponseReturnValue:
    """Show the office what could not be sent, and what was."""
    policy.require_outbox(current_user)
    form = OutboxFilterForm(typed(request.args))
    asked = form.asked()
    page = paged(queries.outbox(asked, viewer=current_user), page_number())
    counts = queries.outbox_counts(asked, viewer=current_user)
    return render_template(
        "notifications/outbox.html",
        form=form,
        asked=asked,
        narrowed=_query(asked),
        states=list(MessageState),
        counts=counts,
        outages=queries.outages(),
        page=page,
        lines=lines_of(page.items),
    )


@bp.post("/outbox/<int:message_id>")
def send_again(message_id: int) -> ResponseReturnValue:
    """Queue a message once more that could not be sent."""
    with transaction():
        name = service.send_again(message_id, actor=current_user).recipient_name
    flash(_("已重新排队，一分钟内发给 %(name)s。", name=name), "success")
    return redirect(
        url_for(".outbox", **_query(OutboxFilterForm(typed(request.args)).asked())), 303
    )


@bp.get("/outbox/again")
def outbox_again() -> ResponseReturnValue:
    """Ask whether to send again all that failed of what is asked for."""
    policy.require_outbox(current_user)
    return _again_page(SendAgainForm(formdata=None), _failed())


@bp.post("/outbox/again")
def outbox_send_all() -> ResponseReturnValue:
    """Queue once more all that failed of what is asked for."""
    policy.require_outbox(current_user)
    form, asked = SendAgainForm(), _failed()

    def work() -> str:
        made = service.send_all_again(asked, actor=current_user)
        return url_for(".outbox_resend", resend_id=made.id)

    return submitted(form, work, page=lambda: _again_page(form, asked))


@bp.get("/outbox/resends/<int:resend_id>")
def outbox_resend(resend_id: int) -> ResponseReturnValue:
    """Show how far it is with what was queued once more."""
    found = queries.resend(resend_id, viewer=current_user)
    counts = queries.resend_counts(found)
    return render_template(
        "notifications/resend.html", resend=found, counts=counts, total=sum(counts.values())
    )


@bp.get("/outbox/unreached")
def outbox_unreached() -> ResponseReturnValue:
    """List whom mail does not reach: without an address, or with one that it comes back from."""
    return render_template(
        "notifications/unreached.html",
        without=queries.without_address(current_user),
        bounced=queries.bounced(current_user),
        may_mend=current_user.may(Permission.ACCOUNT_MANAGE),
    )


def _failed() -> OutboxFilter:
    return OutboxFilterForm(typed(request.args)).asked()


def _again_page(form: SendAgainForm, asked: OutboxFilter) -> str:
    counts = queries.outbox_counts(asked, viewer=current_user)
    return render_template(
        "notifications/again.html",
        form=form,
        asked=asked,
        narrowed=_query(asked),
        filters=OutboxFilterForm(typed(request.args)),
        failed=counts.get(MessageState.FAILED, 0),
    )


def _query(asked: OutboxFilter) -> dict[str, Any]:
    """Return a filter as it stands in an address, without its state."""
    values = {
        "rule": asked.rule,
        "channel": asked.channel.value if asked.channel else "",
        "recipient": asked.recipient,
    }
    return {name: value for name, value in values.items() if value}
