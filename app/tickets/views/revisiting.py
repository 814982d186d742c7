"""Whom to call 待我回访, and the whole number for a call."""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import service as accounts
from app.core.http import page_number, reader
from app.core.i18n import N_
from app.core.paging import paged
from app.core.pieces import Card, Light
from app.core.transactions import transaction
from app.enterprises.models import masked
from app.tickets import clocks, queries
from app.tickets.models import Ticket
from app.tickets.queries import Reading
from app.tickets.queries import revisits as calls
from app.tickets.views import script, steps
from app.tickets.views.blueprint import bp, reading
from app.tickets.views.stages import shown
from app.tickets.workflow.states import Event


@dataclass(frozen=True, slots=True)
class ToCall:
    """One enterprise to be called: about what, until when, and how often it was tried."""

    id: int
    title: str
    number: str
    enterprise: str
    contact: str
    phone: str  # masked
    light: Light | None
    due_at: datetime | None
    tries: int
    last: str  # what came of the last attempt
    last_at: datetime | None
    is_unreached: bool  # in writing: what asks for a rating did not arrive
    is_for_few: bool


@bp.get("/revisits")
def revisits() -> ResponseReturnValue:
    """List whom the viewer may call, the most pressing first."""
    viewer = reader()
    by = reading()
    page = paged(calls.to_call(viewer), page_number(), size=current_app.config["PAGE_SIZE"])
    rows = [_row(ticket, by) for ticket in page.items]
    return render_template("tickets/revisits.html", page=page, rows=rows, card=_card(rows))


@bp.post("/<int:ticket_id>/revisit/phone")
def revisit_phone(ticket_id: int) -> ResponseReturnValue:
    """Show the form of the revisit with the whole number, and write down who asked for it."""
    ticket = queries.get(ticket_id, viewer=current_user)
    page = steps.fresh(ticket, Event.REVISIT_CLOSE.value, reveal=True)
    with transaction():
        accounts.log(current_user, N_("查看联系电话"), "ticket", ticket.id)
    return page


def _row(ticket: Ticket, by: Reading) -> ToCall:
    tries = [one for one in ticket.revisits if one.round == ticket.round]
    light = clocks.move_light(
        ticket.revisit_due_at,
        by.parameters.revisit_workdays,
        calendar=by.calendar,
        parameters=by.parameters,
        now=by.now,
    )
    last = tries[-1] if tries else None
    return ToCall(
        id=ticket.id,
        title=ticket.title,
        number=ticket.number or "",
        enterprise=ticket.enterprise.called,
        contact=ticket.contact_name,
        phone=masked(ticket.contact_phone or ""),
        light=shown(light),
        due_at=ticket.revisit_due_at,
        tries=sum(one.counts for one in tries),
        last=script.call(last, "").title if last else "",
        last_at=last.at if last else None,
        is_unreached=any(one.is_lost for one in tries)
        and not any(one.letter and one.counts for one in tries),
        is_for_few=ticket.confidential,
    )


def _card(rows: list[ToCall]) -> Card:
    if not rows:
        return Card(_("现在没有要您回访的企业"), tone="done")
    first = rows[0]
    return Card(
        title=_("先给%(firm)s打电话", firm=first.enterprise),
        text=_("按回访期限排，今天打过没打通的排在后面。"),
        url=url_for(".step", ticket_id=first.id, name=Event.REVISIT_CLOSE.value),
        verb=_("看话术并登记"),
        icon="telephone-outbound",
    )
