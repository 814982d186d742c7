"""Files of a ticket, handed out to those who may see it, and shown to its enterprise or not."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import files, locale
from app.core.http import reader, submitted
from app.tickets import queries
from app.tickets import service as tickets
from app.tickets.forms.files import NO, YES, ShowForm
from app.tickets.views.blueprint import bp


@bp.get("/<int:ticket_id>/attachments/<int:attachment_id>")
def attachment(ticket_id: int, attachment_id: int) -> ResponseReturnValue:
    """Hand out one file of a ticket; pictures may be shown in place."""
    ticket = queries.get(ticket_id, viewer=current_user)
    found = queries.file_of(ticket, attachment_id, viewer=current_user)
    return files.send(found, inline=request.args.get("inline") == "1")


@bp.get("/<int:ticket_id>/attachments/<int:attachment_id>/enterprise")
def file_for_enterprise(ticket_id: int, attachment_id: int) -> ResponseReturnValue:
    """Ask whether the enterprise may really have a file, or have it no longer."""
    return _page(ticket_id, attachment_id, ShowForm(formdata=None))


@bp.post("/<int:ticket_id>/attachments/<int:attachment_id>/enterprise")
def show_file(ticket_id: int, attachment_id: int) -> ResponseReturnValue:
    """Let the enterprise have a file, or have it no longer."""
    form = ShowForm()

    def work() -> str:
        ticket = queries.to_act_on(ticket_id, viewer=current_user)
        tickets.check_version(ticket, form.version.data)
        found = queries.file_of(ticket, attachment_id, viewer=current_user)
        tickets.show_file(ticket, found, shown=form.shown.data == YES, actor=current_user)
        return url_for(".detail", ticket_id=ticket_id)

    said = (
        _("企业查进度时可以下载这个附件了。")
        if form.shown.data == YES
        else _("企业看不到这个附件了。")
    )
    return submitted(form, work, page=lambda: _page(ticket_id, attachment_id, form), flash=said)


def _page(ticket_id: int, attachment_id: int, form: ShowForm) -> str:
    viewer = reader()
    ticket = queries.get(ticket_id, viewer=viewer)
    found = queries.file_of(ticket, attachment_id, viewer=viewer)
    refusal = tickets.against_showing(ticket, found, actor=viewer)
    form.renew(ticket.version)
    form.shown.data = NO if found.for_enterprise else YES
    return render_template(
        "tickets/file_for_enterprise.html",
        ticket=ticket,
        file=found,
        form=form,
        refusal=locale.said(refusal) if refusal else "",
    )
