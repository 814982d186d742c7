"""Problems that several enterprises have: the list, the page of one, and what is done with it."""

from collections.abc import Callable
from typing import Any

from flask import current_app, render_template, request, url_for
from flask import flash as tell
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.roles import Actor
from app.core.http import page_number, submitted
from app.core.locale import said, translated
from app.core.paging import paged
from app.tickets import queries as tickets
from app.tickets.forms.common import AnswerForm, ButtonForm, CommonForm, JoinForm, LeaveForm
from app.tickets.models import CommonProblem, CommonState, Ticket
from app.tickets.queries import catalogue, choices
from app.tickets.queries import common as queries
from app.tickets.service import check_version
from app.tickets.service import common as service
from app.tickets.views import answering
from app.tickets.views.blueprint import bp, reading
from app.tickets.views.common_now import cards

MOST_NAMED = 20  # refusals that are told one by one


@bp.get("/common")
def commons() -> ResponseReturnValue:
    """List the common problems that the viewer may know of."""
    asked = request.args.get("state", "")
    state = CommonState(asked) if asked in set(CommonState) else None
    found = queries.search(state, viewer=current_user)
    page = paged(found, page_number(), size=current_app.config["PAGE_SIZE"])
    return render_template(
        "tickets/commons.html",
        page=page,
        listed=queries.with_members(page.items, viewer=current_user),
        state=state,
        filters=[
            {
                "label": translated(one.label),
                "url": url_for(".commons", state=one.value),
                "current": one is state,
            }
            for one in CommonState
        ],
        may_keep=service.is_keeper(current_user),
    )


@bp.get("/common/<int:common_id>")
def common(common_id: int) -> ResponseReturnValue:
    """Show one common problem: its members, its answer, and what comes next."""
    return _page(queries.get(common_id, viewer=current_user))


@bp.get("/common/new")
def common_new() -> ResponseReturnValue:
    """Ask for a new common problem; from a ticket where the address names one."""
    first = next(iter(_named()), None)
    form = CommonForm(formdata=None, **_begun(first))
    return _form_page(form)


@bp.post("/common/new")
def common_add() -> ResponseReturnValue:
    """Begin a common problem, with the tickets that the address names."""
    form = CommonForm()
    members = _named()

    def work() -> str:
        made = service.begin(form.given(), actor=current_user)
        for ticket in members:
            service.group(ticket, made, actor=current_user)
        return url_for(".common", common_id=made.id)

    return submitted(form, work, page=lambda: _form_page(form), flash=_("共性问题已建立。"))


@bp.get("/common/<int:common_id>/edit")
def common_edit(common_id: int) -> ResponseReturnValue:
    """Show the file of a common problem to be changed."""
    found = queries.get(common_id, viewer=current_user)
    return _form_page(CommonForm(formdata=None, obj=found), found)


@bp.post("/common/<int:common_id>/edit")
def common_save(common_id: int) -> ResponseReturnValue:
    """Change the file of a common problem."""
    found = queries.get(common_id, viewer=current_user)
    form = CommonForm()

    def work() -> str:
        service.edit(found, form.given(), version=form.version.data, actor=current_user)
        return url_for(".common", common_id=common_id)

    return submitted(form, work, page=lambda: _form_page(form, found), flash=_("已保存。"))


@bp.get("/<int:ticket_id>/common")
def common_join(ticket_id: int) -> ResponseReturnValue:
    """Ask which common problem a ticket belongs to."""
    ticket = tickets.get(ticket_id, viewer=current_user)
    start = request.args.get("common", type=int)
    return _join_page(JoinForm(formdata=None, version=ticket.version, common_id=start), ticket)


@bp.post("/<int:ticket_id>/common")
def common_joined(ticket_id: int) -> ResponseReturnValue:
    """Put a ticket into a common problem."""
    ticket = tickets.get(ticket_id, viewer=current_user)
    form = JoinForm()

    def work() -> str:
        check_version(ticket, form.version.data)
        found = queries.get(form.common_id.data, viewer=current_user)
        service.group(ticket, found, actor=current_user)
        return url_for(".common", common_id=found.id)

    return submitted(
        form, work, page=lambda: _join_page(form, ticket), flash=_("已归入，仍单独回访。")
    )


@bp.get("/common/<int:common_id>/leave/<int:ticket_id>")
def common_leave(common_id: int, ticket_id: int) -> ResponseReturnValue:
    """Ask why a ticket is taken out."""
    found = queries.get(common_id, viewer=current_user)
    ticket = queries.member(found, ticket_id, viewer=current_user)
    return _leave_page(LeaveForm(version=ticket.version), found, ticket)


@bp.post("/common/<int:common_id>/leave/<int:ticket_id>")
def common_left(common_id: int, ticket_id: int) -> ResponseReturnValue:
    """Take a ticket out of a common problem."""
    found = queries.get(common_id, viewer=current_user)
    ticket = queries.member(found, ticket_id, viewer=current_user)
    form = LeaveForm()

    def work() -> str:
        check_version(ticket, form.version.data)
        service.ungroup(ticket, found, (form.reason.data or "").strip(), actor=current_user)
        return url_for(".common", common_id=common_id)

    return submitted(
        form, work, page=lambda: _leave_page(form, found, ticket), flash=_("已移出，按单件继续办。")
    )


@bp.post("/common/<int:common_id>/dispatch")
def common_dispatch(common_id: int) -> ResponseReturnValue:
    """Hand every member that waits for it to the lead unit."""

    def act(found: CommonProblem, version: int | None) -> None:
        done = service.dispatch_all(found, version=version, actor=current_user)
        _tell(done, _("已交办 %(n)s 件。", n=done.count))

    return _pressed(common_id, act)


@bp.post("/common/<int:common_id>/publish")
def common_publish(common_id: int) -> ResponseReturnValue:
    """Sign the common answer off for every member."""

    def act(found: CommonProblem, version: int | None) -> None:
        done = service.publish(found, version=version, actor=current_user)
        _tell(done, _("%(n)s 件已提交答复，由营商办逐件审核。", n=done.count))

    return _pressed(common_id, act)


@bp.post("/common/<int:common_id>/end")
def common_end(common_id: int) -> ResponseReturnValue:
    """End a common problem of which nothing is left to do."""

    def act(found: CommonProblem, _version: int | None) -> None:
        service.end(found, actor=current_user)
        tell(_("共性问题已结束。"), "success")

    return _pressed(common_id, act)


@bp.post("/common/<int:common_id>/answer")
def common_draft(common_id: int) -> ResponseReturnValue:
    """Keep the draft of the answer for all."""
    found = queries.get(common_id, viewer=current_user)
    form = AnswerForm()

    def work() -> str:
        service.draft_answer(found, form.given(), version=form.version.data, actor=current_user)
        return url_for(".common", common_id=common_id)

    return submitted(
        form,
        work,
        page=lambda: _page(found, answer=form),
        flash=_("统一答复已起草，等单位负责人发布。"),
    )


def panel(ticket: Ticket, viewer: Actor) -> dict[str, Any]:
    """Return what the page of a ticket says of its common problem, or of the way into one."""
    found = queries.of_ticket(ticket, viewer=viewer)
    return {
        "common_problem": found,
        "may_group": found is None and service.may_group(viewer, ticket),
    }


def _pressed(
    common_id: int, act: Callable[[CommonProblem, int | None], None]
) -> ResponseReturnValue:
    """Carry out what a button of the page says; what is refused is said on the page."""
    found = queries.get(common_id, viewer=current_user)
    form = ButtonForm()

    def work() -> str:
        act(found, form.version.data)
        return url_for(".common", common_id=common_id)

    return submitted(form, work, page=lambda: _page(found, button=form))


def _tell(done: service.Done, sentence: str) -> None:
    """Say how many took the step, and name each that did not."""
    if done.count:
        tell(sentence, "success")
    for one in done.refused[:MOST_NAMED]:
        tell(
            _(
                "%(number)s %(title)s：%(why)s",
                number=one.number,
                title=one.title,
                why=said(one.why),
            ),
            "warning",
        )
    if len(done.refused) > MOST_NAMED:
        tell(_("还有 %(n)s 件没有办成。", n=len(done.refused) - MOST_NAMED), "warning")
    if not done.count and not done.refused:
        tell(_("现在没有可以办的。"), "info")


def _named() -> list[Ticket]:
    """Return the tickets that the address names; raise NotFound for what may not be seen."""
    ids = dict.fromkeys(request.args.getlist("ticket", type=int))
    return [tickets.get(ticket_id, viewer=current_user) for ticket_id in list(ids)[:2]]


def _begun(ticket: Ticket | None) -> dict[str, Any]:
    """Return what a new common problem starts from: the words of its first ticket."""
    if ticket is None:
        return {}
    unit = ticket.lead_unit_id or (
        catalogue.proposed(ticket.category, ticket.subcategory).lead_unit
        if ticket.category
        else None
    )
    return {
        "title": ticket.title,
        "category_id": ticket.category_id,
        "lead_unit_id": unit if isinstance(unit, int) or unit is None else unit.id,
    }


def _form_page(form: CommonForm, found: CommonProblem | None = None) -> str:
    service.require_keeper(current_user)
    form.offer(choices.categories(viewer=current_user), choices.units(viewer=current_user))
    return render_template(
        "tickets/common_form.html", form=form, common=found, members=[] if found else _named()
    )


def _join_page(form: JoinForm, ticket: Ticket) -> str:
    service.require_keeper(current_user)
    form.offer(queries.to_join(ticket, viewer=current_user))
    return render_template(
        "tickets/common_join.html",
        form=form,
        ticket=ticket,
        own=queries.of_ticket(ticket, viewer=current_user),
        like=request.args.get("like", type=int),
    )


def _leave_page(form: LeaveForm, found: CommonProblem, ticket: Ticket) -> str:
    service.require_keeper(current_user)
    return render_template("tickets/common_leave.html", form=form, common=found, ticket=ticket)


def _page(
    found: CommonProblem, *, answer: AnswerForm | None = None, button: ButtonForm | None = None
) -> str:
    (counted,) = queries.with_members([found], viewer=current_user)
    if answer is None and service.may_draft(found, current_user):
        answer = _answer_form(found)
    above = answering.of_category(found.category_id, answer) if answer else {}
    first, *more = cards(counted, current_user)
    return render_template(
        "tickets/common.html",
        common=found,
        members=queries.members(found, reading(), viewer=current_user),
        card=first,
        presses=[card for card in more if card.press],
        answer=answer,
        button=button or ButtonForm(formdata=None, version=found.version),
        may_keep=service.is_keeper(current_user),
        **above,
    )


def _answer_form(found: CommonProblem) -> AnswerForm:
    """Return the form of the answer, with what was drafted or with the answer that was chosen."""
    start = {
        "version": found.version,
        "outcome": found.outcome,
        "answer": found.answer,
        "basis": found.basis,
        "citation_ids": answering.still_holding(found.citations),
    }
    return AnswerForm(formdata=None, **(start | answering.begun("answer")))
