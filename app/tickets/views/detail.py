"""The page of one ticket."""

from collections.abc import Callable

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import service as accounts
from app.core.http import reader
from app.core.i18n import N_
from app.core.transactions import transaction
from app.tickets import policy, queries
from app.tickets import service as tickets
from app.tickets.views import (
    actions,
    beside_page,
    clocks,
    common,
    due,
    joint,
    naming,
    now,
    people,
    script,
    stages,
    supervising,
    timeline,
)
from app.tickets.views.blueprint import bp, reading
from app.tickets.workflow.states import Note


@bp.get("/<int:ticket_id>")
def detail(ticket_id: int) -> ResponseReturnValue:
    """Show one ticket: what to do now, where it stands, and all that happened."""
    return _page(ticket_id)


@bp.post("/<int:ticket_id>/phone")
def phone(ticket_id: int) -> ResponseReturnValue:
    """Show the whole telephone number of the contact, and write down who asked for it."""
    ticket = queries.get(ticket_id, viewer=current_user)
    with transaction():
        accounts.log(current_user, N_("查看联系电话"), "ticket", ticket.id)
    return _page(ticket_id, reveal=True)


def _page(ticket_id: int, *, reveal: bool = False) -> str:
    viewer = reader()
    page = queries.page(ticket_id, viewer=viewer)
    ticket = page.ticket
    offers = tickets.offers(ticket, actor=viewer)
    found = actions.actions(ticket.id, offers)
    by = reading()
    asked = tickets.may_rate(ticket, actor=viewer)
    card = now.rating(ticket) if asked else now.card(page, offers, found, by)
    return render_template(
        "tickets/detail.html",
        page=page,
        ticket=ticket,
        card=card,
        actions=[
            one
            for one in found
            if one.name != Note.COMMENTED
            and one.url != card.url
            and (not one.reason or one.reason != card.text)
        ],
        decisions=actions.proposals(page, offers, viewer),
        light=stages.light(ticket, by),
        stages=stages.stages(ticket, by),
        due=due.handling(page, by),
        clocks=clocks.lines(page, by, viewer),
        helpers=people.helpers(ticket, by),
        family=joint.relatives(page, viewer, by),
        supervision=people.supervision(ticket, by),
        directives=supervising.directives(ticket, by, viewer),
        lift=supervising.unanswered_red(ticket),
        waited=supervising.waited(ticket, viewer),
        contact=people.contact(ticket, reveal=reveal),
        lines=timeline.lines(page),
        replies=people.replies(ticket),
        revisits=[
            (one, script.call(one, page.names.users.get(one.by_id or 0, "")))
            for one in reversed(ticket.revisits)
        ],
        readers=naming.panel(ticket, viewer),
        **common.panel(ticket, viewer),
        may_revoke=tickets.may_revoke(viewer, ticket),
        may_attach=policy.may_attach(viewer, ticket),
        beside=beside_page.beside(ticket, offers, viewer),
        show_url=_show_url(ticket.id) if tickets.may_show(viewer, ticket) else None,
        file_url=lambda id_: url_for(".attachment", ticket_id=ticket.id, attachment_id=id_),
    )


def _show_url(ticket_id: int) -> Callable[[int], str]:
    """Return what addresses the page on which a file is shown to the enterprise, or not."""
    return lambda id_: url_for(".file_for_enterprise", ticket_id=ticket_id, attachment_id=id_)
