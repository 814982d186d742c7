"""What somebody asked for, and the decision on it."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.http import submitted
from app.tickets import queries
from app.tickets import service as tickets
from app.tickets.forms.steps import DecideForm, StepForm, WithdrawForm
from app.tickets.service import Kind
from app.tickets.views import actions, presence, stages
from app.tickets.views.blueprint import bp, reading


@bp.get("/<int:ticket_id>/proposals/<int:proposal_id>")
def proposal(ticket_id: int, proposal_id: int) -> ResponseReturnValue:
    """Show what was asked for, with the decision for whom it waits for."""
    ticket = queries.get(ticket_id, viewer=current_user)
    return _page(ticket_id, proposal_id, DecideForm(version=ticket.version))


@bp.post("/<int:ticket_id>/proposals/<int:proposal_id>")
def decide(ticket_id: int, proposal_id: int) -> ResponseReturnValue:
    """Approve or refuse what was asked for."""
    ticket = queries.to_act_on(ticket_id, viewer=current_user)
    found = queries.proposal(ticket, proposal_id, viewer=current_user)
    form = DecideForm()

    def work() -> str:
        tickets.check_version(ticket, form.version.data)
        tickets.decide(found, form.given(), approve=form.approves, actor=current_user)
        return url_for(".detail", ticket_id=ticket_id)

    page = lambda: _page(ticket_id, proposal_id, form)  # noqa: E731 - handed on as it is
    return submitted(form, work, page=page, flash=_("决定已记下。"))


@bp.post("/<int:ticket_id>/proposals/<int:proposal_id>/withdraw")
def withdraw(ticket_id: int, proposal_id: int) -> ResponseReturnValue:
    """Take back what one asked for."""
    ticket = queries.to_act_on(ticket_id, viewer=current_user)
    found = queries.proposal(ticket, proposal_id, viewer=current_user)
    form = WithdrawForm()

    def work() -> str:
        tickets.check_version(ticket, form.version.data)
        tickets.withdraw(found, actor=current_user)
        return url_for(".detail", ticket_id=ticket_id)

    page = lambda: _page(ticket_id, proposal_id, form)  # noqa: E731 - handed on as it is
    return submitted(form, work, page=page, flash=_("已撤回。"))


def _page(ticket_id: int, proposal_id: int, form: StepForm) -> str:
    page = queries.page(ticket_id, viewer=current_user)
    ticket = page.ticket
    found = queries.proposal(ticket, proposal_id, viewer=current_user)
    offers = tickets.offers(ticket, actor=current_user)
    decides = any(o.kind is Kind.DECIDE and o.proposal is found for o in offers)
    decides = decides and not isinstance(form, WithdrawForm)
    if form.version.data is not None and form.version.data != ticket.version:
        form.renew(ticket.version)
    return render_template(
        "tickets/proposal.html",
        ticket=ticket,
        proposal=found,
        asked=actions.told(page, found, decides=decides, viewer=current_user),
        form=form,
        decides=decides,
        presence_said=presence.sentences if decides else None,
        light=stages.light(ticket, reading()),
    )
