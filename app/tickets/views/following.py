"""Pages: the way by which an enterprise follows a ticket without an account, made worthless."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import links
from app.core.errors import NotAllowed
from app.core.http import submitted
from app.core.i18n import N_
from app.tickets import queries, service
from app.tickets.forms.following import AGAIN, RevokeForm
from app.tickets.models import Ticket
from app.tickets.views.blueprint import bp


@bp.get("/<int:ticket_id>/follow")
def follow_links(ticket_id: int) -> ResponseReturnValue:
    """Say how the enterprise follows the ticket, and offer to make that worthless."""
    return _page(_ticket(ticket_id), RevokeForm(formdata=None))


@bp.post("/<int:ticket_id>/follow")
def revoke_links(ticket_id: int) -> ResponseReturnValue:
    """Make the links and the query code of the ticket worthless."""
    ticket = _ticket(ticket_id)
    form = RevokeForm()

    def work() -> str:
        service.revoke_links(
            queries.to_act_on(ticket_id, viewer=current_user),
            form.reason.data or "",
            send_again=form.then.data == AGAIN,
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".detail", ticket_id=ticket_id)

    def page() -> str:
        form.renew(ticket.version)
        return _page(ticket, form)

    return submitted(form, work, page=page, flash=_("已作废，以前的链接和查询码都不能用了。"))


def _ticket(ticket_id: int) -> Ticket:
    ticket = queries.get(ticket_id, viewer=current_user)
    if not service.may_revoke(current_user, ticket):
        raise NotAllowed(N_("查进度的链接由营商办作废。"))
    return ticket


def _page(ticket: Ticket, form: RevokeForm) -> str:
    link = links.good(
        tenant_id=ticket.tenant_id,
        purpose=service.FOLLOW,
        subject=service.subject_of(ticket.id),
    )
    if not form.is_submitted():
        form.version.data = ticket.version
    return render_template("tickets/follow_links.html", ticket=ticket, form=form, link=link)
