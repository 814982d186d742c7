"""Files of a ticket, handed out to those who may see it."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.core import files
from app.tickets import queries
from app.tickets.views.blueprint import bp


@bp.get("/<int:ticket_id>/attachments/<int:attachment_id>")
def attachment(ticket_id: int, attachment_id: int) -> ResponseReturnValue:
    """Hand out one file of a ticket; pictures may be shown in place."""
    ticket = queries.get(ticket_id, viewer=current_user)
    found = queries.file_of(ticket, attachment_id, viewer=current_user)
    return files.send(found, inline=request.args.get("inline") == "1")
