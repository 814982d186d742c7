"""Handing a portfolio on: who has what, what would move, and the word that moves it."""

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask import flash as tell
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import policy as accounts
from app.accounts import queries as people
from app.accounts.roles import Permission
from app.core import clock, forms, locale
from app.core.errors import NotFound
from app.core.http import came_from, done_before, page_number, submitted
from app.core.i18n import N_
from app.core.paging import paged
from app.core.pieces import Card
from app.core.transactions import transaction
from app.enterprises import policy
from app.enterprises import queries as enterprises
from app.enterprises.models import Seat
from app.visits import service
from app.visits.forms import CallOffForm, ConfirmForm, HandoverForm
from app.visits.models import Handover
from app.visits.queries import cautions
from app.visits.queries import handover as queries
from app.visits.queries.cautions import Caution
from app.visits.queries.handover import HandoverDraft
from app.visits.views.blueprint import bp

GONE = N_("没有找到要移交的人，请从名单里选。")


@bp.get("/handovers")
def handovers() -> ResponseReturnValue:
    """Show what nobody does any more, what is arranged, and what was handed on."""
    policy.require_link(current_user)
    left = queries.left_behind(tenant_id=current_user.tenant_id)
    waiting = queries.waiting_handovers(current_user.tenant_id)
    past = queries.past_handovers(viewer=current_user)
    return render_template(
        "visits/handovers.html",
        left=left,
        waiting=waiting,
        page=paged(past, page_number(), size=current_app.config["PAGE_SIZE"]),
        card=_list_card(len(left), waiting),
    )


@bp.get("/handovers/new")
def handover_new() -> ResponseReturnValue:
    """Ask whose seat, then who takes over what and when."""
    policy.require_link(current_user)
    if not request.args.get("giver"):
        held = queries.holders(viewer=current_user)
        return render_template("visits/handover_who.html", held=held)
    return _new_page(_form())


@bp.get("/handovers/preview")
def handover_preview() -> ResponseReturnValue:
    """Show exactly what would move, and what should be known before."""
    policy.require_link(current_user)
    form = _form()
    if not form.validate():
        return _new_page(form), 422
    return _preview(form, ConfirmForm(formdata=None))


@bp.post("/handovers")
def handover_arrange() -> ResponseReturnValue:
    """Arrange what the address of the page asks for; for today, it is done at once."""
    policy.require_link(current_user)
    if earlier := done_before():  # the list is empty now: a second click has nothing to choose
        return earlier
    form, confirm = _form(), ConfirmForm()
    if not form.validate():
        return _new_page(form), 422
    draft = _draft(form)

    def work() -> str:
        seen = confirm.seen.data or ""
        made = service.arrange_handover(draft, seen=seen, actor=current_user)
        return url_for(".handover", handover_id=made.id)

    done = _("已移交。两位同志和企业都会收到消息。")
    if draft.from_on > clock.today():
        done = _("已排定。%(day)s 0 点自动移交，在那之前可以撤销。", day=locale.day(draft.from_on))
    return submitted(confirm, work, page=lambda: _preview(form, confirm), flash=done)


@bp.get("/handovers/<int:handover_id>")
def handover(handover_id: int) -> ResponseReturnValue:
    """Show one handover: what it moves, or moved."""
    found = queries.handover(handover_id, viewer=current_user)
    return render_template(
        "visits/handover.html",
        handover=found,
        card=_card(found),
        may_undo=_may_undo(found),
        may_give_back=queries.may_give_back(found),
    )


@bp.get("/handovers/<int:handover_id>/undo")
def handover_undo(handover_id: int) -> ResponseReturnValue:
    """Ask before a handover is undone."""
    found = queries.handover(handover_id, viewer=current_user)
    return _undo_page(found, CallOffForm(formdata=None))


@bp.post("/handovers/<int:handover_id>/undo")
def handover_call_off(handover_id: int) -> ResponseReturnValue:
    """Undo a handover whose day has not come, or give back what was handed over today."""
    found = queries.handover(handover_id, viewer=current_user)
    form = CallOffForm()

    back = queries.may_give_back(found)
    undo = service.give_back_handover if back else service.call_off_handover

    def work() -> str:
        reason, version = form.reason.data or "", form.version.data
        undo(found, reason=reason, version=version, actor=current_user)
        return url_for(".handovers")

    done = _("已交回，都会收到消息。") if back else _("已撤销，什么都没有动。")
    return submitted(form, work, page=lambda: _undo_page(found, form), flash=done)


@bp.post("/handovers/ask/<int:user_id>")
def handover_ask(user_id: int) -> ResponseReturnValue:
    """Let whoever keeps the accounts ask the office to hand on what somebody has."""
    accounts.require(current_user, Permission.ACCOUNT_MANAGE)
    with transaction():
        service.ask_for_handover(user_id, actor=current_user)
    tell(_("已告诉营商办，请等移交办好再停用账号或结束岗位。"), "success")
    return redirect(came_from() or url_for("accounts.users"), 303)


def _whose() -> tuple[int, Seat]:
    """Return whose seat the address of the page names."""
    giver_id = request.args.get("giver", type=int)
    seat = request.args.get("seat", type=Seat)
    if giver_id is None or seat is None:
        raise NotFound(GONE)
    return giver_id, seat


def _form() -> HandoverForm:
    giver_id, seat = _whose()
    people.user(giver_id, viewer=current_user)  # of this township
    asked = forms.asked(request.args)
    form = HandoverForm(asked if "successor" in asked else None)
    form.offer(
        queries.candidates(seat, viewer=current_user, but=giver_id),
        enterprises.portfolio(giver_id, seat, clock.today()),
    )
    if "successor" not in asked:  # the empty form
        form.from_on.data = clock.today()
    return form


def _draft(form: HandoverForm) -> HandoverDraft:
    return form.given(*_whose())


def _new_page(form: HandoverForm) -> str:
    giver_id, seat = _whose()
    return render_template(
        "visits/handover_new.html",
        form=form,
        giver=people.user(giver_id, viewer=current_user),
        seat=seat,
        count=len(form.keys),
    )


def _preview(form: HandoverForm, confirm: ConfirmForm) -> str:
    found = queries.portfolio(_draft(form), viewer=current_user)
    confirm.seen.data = found.print_of_it
    warned = list(cautions.before(found, viewer=current_user))
    args: dict[str, Any] = request.args.to_dict(flat=False)
    return render_template(
        "visits/handover_preview.html",
        found=found,
        form=confirm,
        cautions=[(said(one), one.is_grave) for one in warned],
        is_blocked=any(one.is_grave for one in warned),
        is_today=found.draft.from_on <= clock.today(),
        back_url=url_for(".handover_new", **args),
        save_url=url_for(".handover_arrange", **args),
    )


def _undo_page(found: Handover, form: CallOffForm) -> str:
    form.renew(found.version)
    back = queries.may_give_back(found)
    if back:
        form.reason.label.text = _("为什么交回")
    return render_template("visits/handover_undo.html", handover=found, form=form, back=back)


def _may_undo(found: Handover) -> bool:
    return found.is_waiting and (found.from_on > clock.today() or bool(found.problem))


def said(caution: Caution) -> str:
    """Return a caution in the reader's language."""
    told = {name: _told(value) for name, value in caution.values.items()}
    return locale.translated(caution.text).format(**told)


def _told(value: Any) -> Any:  # noqa: ANN401 - whatever a caution names
    if isinstance(value, Seat):
        return locale.translated(value.label)
    return locale.day(value) if hasattr(value, "isoformat") else value


def _list_card(left: int, waiting: Any) -> Card:  # noqa: ANN401 - a sequence of handovers
    start = {"url": url_for(".handover_new"), "verb": _("开始移交"), "icon": "arrow-left-right"}
    stuck = next((one for one in waiting if one.problem), None)
    if stuck is not None:
        return Card(
            _("有一次移交没有办成"),
            locale.translated(stuck.problem),
            tone="red",
            url=url_for(".handover", handover_id=stuck.id),
            verb=_("看看"),
            icon="arrow-left-right",
        )
    if left:
        text = _("账号停用了，或者岗位结束了，名下的企业没有人走访、没有人回访。")
        return Card(_("%(n)s 位同志名下的包联没有人接手", n=left), text, tone="red", **start)
    if waiting:
        first = waiting[0]
        title = _("%(day)s有一次移交", day=locale.day(first.from_on))
        text = _("%(giver)s移交给%(to)s。", giver=first.giver.name, to=first.successor.name)
        return Card(title, text, **start)
    text = _("有人调离、退休或者调整分工时，从这里把名下的企业整批交给别人。")
    return Card(_("每家企业都有人接手"), text, tone="done", **start)


def _card(found: Handover) -> Card:
    if found.problem:
        return Card(_("没有办成"), locale.translated(found.problem), tone="red")
    if found.is_waiting:
        return Card(
            _("%(day)s 0 点自动移交", day=locale.day(found.from_on)),
            _("在那之前可以撤销，什么都不会动。"),
        )
    if found.cancelled_at is not None:
        nothing = _("什么都没有动。")
        again = _("当天交回%(name)s了，见另一次移交。", name=found.giver.name)
        return Card(_("已撤销"), again if found.carried_out_at else nothing, tone="done")
    text = _(
        "移交了 %(n)s 家、%(tasks)s 项走访任务、%(tickets)s 件在办问题。",
        n=found.result.get("targets", 0),
        tasks=found.result.get("tasks", 0),
        tickets=found.result.get("tickets", 0),
    )
    return Card(_("已移交给%(name)s", name=found.successor.name), text, tone="done")
