"""Who else is at work on a ticket: a warning, long before two people collide."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.http import reader, unasked
from app.core.transactions import transaction
from app.tickets import queries
from app.tickets.queries import presence as present
from app.tickets.service import presence as service
from app.tickets.views.blueprint import bp


@bp.post("/<int:ticket_id>/presence")
@unasked
def presence(ticket_id: int) -> ResponseReturnValue:
    """Note that the person is at a form of this ticket, and answer who else is."""
    with transaction():
        ticket = queries.to_act_on(ticket_id, viewer=current_user)
        service.note_presence(ticket, actor=current_user)
    return {"others": sentences(ticket_id)}


def sentences(ticket_id: int) -> list[str]:
    """Return a sentence for everybody else who is at work on a ticket."""
    return [
        _("%(who)s %(n)s 分钟前也在办这件。", who=one.name, n=one.minutes)
        if one.minutes
        else _("%(who)s也在办这件。", who=one.name)
        for one in present.others(ticket_id, viewer=reader())
    ]
