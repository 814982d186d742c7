"""An enterprise follows its problem without an account: where it is, whose move, until when.

Looking changes nothing. What it changes a person must type; a link that was used to change
something is replaced, and the page that follows shows the new one.
"""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.core import files, forms
from app.core.errors import DomainError
from app.core.forms import Form
from app.core.front import front
from app.core.http import csrf, public, submitted
from app.core.transactions import transaction
from app.portal.forms.following import (
    CodeForm,
    GoingOnForm,
    LeavingForm,
    SupplementForm,
    WithdrawalForm,
)
from app.portal.queries import following as queries
from app.portal.service import following as service
from app.portal.service import guessing
from app.portal.service.following import Came
from app.portal.views import standing
from app.portal.views.blueprint import bp
from app.portal.views.entering import HERE, Entry, Shut, enter, let_in, let_out, was_sent_before
from app.tickets import clocks
from app.tickets import service as tickets
from app.tickets.service import WhyBack
from app.workdays import queries as workdays


@bp.get("/follow")
@public
def follow() -> ResponseReturnValue:
    """Ask for the number and the query code."""
    return _door(CodeForm(formdata=None))


@bp.post("/follow")
@public
def open_ticket() -> ResponseReturnValue:
    """Let in who knows the number and its code; what is wrong is counted, and kept."""
    form = CodeForm()
    if not form.validate():
        return _door(form), 422
    with transaction():
        opened = guessing.open_by_code(
            form.number.data or "", form.code.data or "", ip=request.remote_addr or ""
        )
    if isinstance(opened, DomainError):
        forms.show(form, opened)
        return _door(form), opened.status
    if isinstance(opened, guessing.Waiting):
        return _waiting(opened)
    let_in(opened.ticket_id)
    return redirect(url_for(".followed", token=HERE), 303)


def _waiting(told: guessing.Waiting) -> str:
    """Say of what was told that it is looked at first, or was not taken."""
    tenant = accounts.tenant(told.tenant_id)
    calendar = workdays.calendar_of(tenant.id)
    due = clocks.acceptance_deadline(told.told_at, calendar, tenant.parameters)
    return render_template(
        "portal/waiting.html",
        due_at=due.due_at,
        shell=front(tenant.name, demo=tenant.is_demo, home_url=url_for(".follow")),
        told=told,
        phone=tenant.office_phone,
    )


@bp.get("/follow/<token>")
@public
def followed(token: str) -> ResponseReturnValue:
    """Show where the problem stands."""
    entry = enter(token)
    if isinstance(entry, Shut):
        return _shut(entry)
    return _page(entry, SupplementForm(formdata=None))


@bp.post("/follow/<token>")
@public
def supplement(token: str) -> ResponseReturnValue:
    """Add what the enterprise says to its problem."""
    entry = enter(token)
    if isinstance(entry, Shut):
        return _shut_or_done(entry, token)
    form = SupplementForm()

    def work() -> str:
        service.supplement(
            entry.ticket_id,
            form.words.data or "",
            form.chosen(),
            version=form.version.data,
            came=_came(entry),
        )
        return url_for(".followed", token=HERE)

    return _changed(entry, form, work, _page, _("收到了，已经告诉承办的同志和营商办。"))


@bp.get("/follow/<token>/withdraw")
@public
def withdrawal(token: str) -> ResponseReturnValue:
    """Ask whether the problem is really to be taken back, and why; or whether it is not."""
    entry = enter(token)
    if isinstance(entry, Shut):
        return _shut(entry)
    if queries.followed(entry.ticket_id).asked_to_withdraw:
        return _going_on(entry, GoingOnForm(formdata=None))
    return _withdrawal(entry, WithdrawalForm(formdata=None))


@bp.post("/follow/<token>/withdraw")
@public
def withdraw(token: str) -> ResponseReturnValue:
    """Take the problem back, or ask the office to."""
    entry = enter(token)
    if isinstance(entry, Shut):
        return _shut_or_done(entry, token)
    form = WithdrawalForm()

    def work() -> str:
        service.withdraw(
            entry.ticket_id,
            WhyBack(form.why.data),
            form.words.data or "",
            version=form.version.data,
            came=_came(entry),
        )
        return url_for(".followed", token=HERE)

    return _changed(entry, form, work, _withdrawal, _("记下了，已经告诉营商办。"))


@bp.post("/follow/leave")
@public
def leave() -> ResponseReturnValue:
    """Let this browser look no longer."""
    if LeavingForm().validate():
        let_out()
        flash(_("已退出，别人在这台设备上看不到了。"), "success")
    return redirect(url_for(".follow"), 303)


@bp.post("/follow/<token>/go-on")
@public
def go_on(token: str) -> ResponseReturnValue:
    """Drop the wish to take the problem back."""
    entry = enter(token)
    if isinstance(entry, Shut):
        return _shut_or_done(entry, token)
    form = GoingOnForm()

    def work() -> str:
        service.go_on(entry.ticket_id, version=form.version.data, came=_came(entry))
        return url_for(".followed", token=HERE)

    return _changed(entry, form, work, _going_on, _("好的，接着办，已经告诉营商办。"))


@bp.get("/follow/<token>/files/<int:attachment_id>")
@public
def followed_file(token: str, attachment_id: int) -> ResponseReturnValue:
    """Hand out one file that the enterprise sent, or that is meant for it."""
    entry = enter(token)
    if isinstance(entry, Shut):
        return _shut(entry)
    return files.send(queries.file_of(entry.ticket_id, attachment_id))


for _view in (open_ticket, supplement, withdraw, go_on, leave):
    csrf.exempt(_view)  # their forms ask themselves: who lost the cookie sees the form again


def _changed(
    entry: Entry,
    form: Form,
    work: Callable[[], str],
    page: Callable[[Entry, Any], str],
    said: str,
) -> ResponseReturnValue:
    """Carry out a form that changes the problem; the link that was used up is told anew."""

    def again() -> str:
        form.renew(queries.followed(entry.ticket_id).ticket.version)
        return page(entry, form)

    answer = submitted(form, work, page=again, flash=said)
    if getattr(answer, "status_code", 0) == 303 and entry.link is not None:  # noqa: PLR2004
        let_in(entry.ticket_id)
        flash(_("您查进度的链接换新了，旧的不能用了。新链接在下面“查进度的链接”里。"), "info")
    return answer


def _came(entry: Entry) -> Came:
    """Return with what somebody came: the link, with which token, and from where."""
    link_id = entry.link.id if entry.link else None
    return Came(link_id, entry.serial, request.remote_addr or "")


def _page(entry: Entry, form: SupplementForm) -> str:
    found = queries.followed(entry.ticket_id)
    ticket = found.ticket
    if not form.is_submitted():
        form.version.data = ticket.version
    form.carry_files()
    address = url_for(".followed", token=found.token) if found.token else ""
    return render_template(
        "portal/followed.html",
        shell=front(found.tenant.name, demo=found.tenant.is_demo, home_url=url_for(".follow")),
        found=found,
        ticket=ticket,
        form=form,
        now=standing.standing(found),
        stages=standing.stages(found),
        lines=standing.lines(found),
        phone=found.tenant.office_phone,
        may_supplement=tickets.may_supplement(ticket),
        waits=tickets.waits_for_firm(ticket),
        may_withdraw=tickets.may_withdraw(ticket),
        past=standing.past_changing(ticket),
        token=entry.token,
        leaving=LeavingForm(formdata=None) if entry.token == HERE else None,
        address=str(current_app.config["PUBLIC_URL"]).rstrip("/") + address if address else "",
    )


def _withdrawal(entry: Entry, form: WithdrawalForm) -> str:
    found = queries.followed(entry.ticket_id)
    if not form.is_submitted():
        form.version.data = found.ticket.version
    return render_template(
        "portal/withdraw.html",
        shell=front(found.tenant.name, demo=found.tenant.is_demo, home_url=url_for(".follow")),
        ticket=found.ticket,
        form=form,
        token=entry.token,
        at_once=tickets.waits_for_firm(found.ticket),
        may=tickets.may_withdraw(found.ticket),
        past=standing.past_changing(found.ticket),
        phone=found.tenant.office_phone,
    )


def _going_on(entry: Entry, form: GoingOnForm) -> str:
    found = queries.followed(entry.ticket_id)
    if not form.is_submitted():
        form.version.data = found.ticket.version
    return render_template(
        "portal/going_on.html",
        shell=front(found.tenant.name, demo=found.tenant.is_demo, home_url=url_for(".follow")),
        ticket=found.ticket,
        form=form,
        token=entry.token,
        asked=found.asked_to_withdraw and tickets.may_withdraw(found.ticket),
        phone=found.tenant.office_phone,
    )


def _door(form: CodeForm) -> str:
    """Return the form for number and code; an installation with one township says its name."""
    houses = accounts.tenants()
    only = houses[0] if len(houses) == 1 else None
    return render_template(
        "portal/follow.html",
        shell=front(only.name if only else "", demo=bool(only and only.is_demo)),
        form=form,
        phone=only.office_phone if only else "",
    )


def _shut_or_done(shut: Shut, token: str) -> ResponseReturnValue:
    """Lead a second click where the first one led; to others say why nothing is opened."""
    if was_sent_before(token):
        return redirect(url_for(".followed", token=HERE), 303)
    return _shut(shut)


def _shut(shut: Shut) -> ResponseReturnValue:
    if shut.status == 303:  # noqa: PLR2004 - the session ended: it is asked for again
        flash(shut.sentence, "info")
        return redirect(url_for(".follow"), 303)
    tenant = accounts.tenant(shut.tenant_id) if shut.tenant_id else None
    page = render_template(
        "portal/follow_shut.html",
        shell=front(tenant.name, demo=tenant.is_demo) if tenant else front(),
        heading=shut.heading,
        sentence=shut.sentence,
        phone=tenant.office_phone if tenant else "",
    )
    return page, shut.status
