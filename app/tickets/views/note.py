"""The dispatch note 交办单, or the letter 商请函 to a unit that is not ours, for paper."""

from datetime import datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from app.core import clock, locale
from app.core.errors import NotFound
from app.core.http import reader
from app.core.i18n import N_
from app.enterprises.models import masked
from app.tickets import policy, queries
from app.tickets.models import Dispatch, Ticket
from app.tickets.views import due
from app.tickets.views.blueprint import bp, reading
from app.tickets.workflow.states import Event

HANDS_OUT = frozenset({Event.DISPATCH, Event.REASSIGN})


@bp.get("/<int:ticket_id>/note")
def note(ticket_id: int) -> ResponseReturnValue:
    """Show the note under which the ticket was last handed out, ready to be printed."""
    viewer = reader()
    page = queries.page(ticket_id, viewer=viewer)
    ticket = page.ticket
    dispatch = _newest(ticket)
    if dispatch is None or not policy.may_print_note(viewer):
        raise NotFound(N_("这件企业问题还没有交办，没有交办单。"))
    mine = [task for task in ticket.co_tasks if task.dispatch_id == dispatch.id]
    with locale.on_paper():
        return render_template(
            "tickets/note.html",
            ticket=ticket,
            dispatch=dispatch,
            unit=dispatch.lead_unit,
            co_tasks=mine,
            due=due.handling(page, reading()),
            phone=masked(ticket.contact_phone or ""),
            words=_words(page, dispatch.dispatched_at),
            printed_at=clock.now(),
            back_url=url_for(".detail", ticket_id=ticket.id),
        )


def _newest(ticket: Ticket) -> Dispatch | None:
    return ticket.dispatches[-1] if ticket.dispatches else None


def _words(page: queries.TicketPage, at: datetime) -> str:
    """Return what was said with the dispatch."""
    said = (event.comment for event in page.events if event.at == at and event.kind in HANDS_OUT)
    return next(said, "")
