"""The random call-back 抽查回访: whom to call again, what they say, and how often it differs."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import service as accounts
from app.core import clock
from app.core.errors import NotAllowed
from app.core.http import page_number, reader, submitted
from app.core.i18n import N_
from app.core.locale import said, translated
from app.core.paging import paged
from app.core.pieces import Card
from app.core.transactions import transaction
from app.tickets.forms.steps.closing import SpotCheckForm
from app.tickets.models import SpotCheck
from app.tickets.queries import spot_checks as queries
from app.tickets.queries.spot_checks import Difference
from app.tickets.service import spot_checks as service
from app.tickets.views import people, script
from app.tickets.views.blueprint import bp
from app.tickets.workflow import ratings

DONE = "done"
YEAR = timedelta(days=365)
LAST_DRAWS = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One rating that was drawn: whom to call, and what came of it."""

    id: int
    ticket_id: int
    title: str
    number: str
    enterprise: str
    channel: str
    tries: int
    refused: str  # why this viewer may not call
    again: str
    differs: bool


@bp.get("/spot-checks")
def spot_checks() -> ResponseReturnValue:
    """List what was drawn; and above it how often the second answer is another one."""
    viewer = reader()
    done = request.args.get("view") == DONE
    found = queries.listed(viewer, done=done)
    page = paged(found, page_number(), size=current_app.config["PAGE_SIZE"])
    until = clock.now() + timedelta(seconds=1)
    figures = queries.figures(until - YEAR, until, viewer=viewer)
    return render_template(
        "tickets/spot_checks.html",
        page=page,
        rows=[_line(check) for check in page.items],
        done=done,
        card=_card(page.total, figures.total, done=done),
        total=figures.total,
        channels=[(translated(one.label), sums) for one, sums in figures.by_channel.items()],
        draws=paged(queries.draws(viewer), 1, size=LAST_DRAWS).items,
        percent=viewer.parameters.spot_check_percent,
    )


@bp.get("/spot-checks/<int:check_id>")
def spot_check(check_id: int) -> ResponseReturnValue:
    """Show what is asked again, or what was said."""
    return _page(queries.get(check_id, viewer=current_user), SpotCheckForm(formdata=None))


@bp.post("/spot-checks/<int:check_id>")
def record_spot_check(check_id: int) -> ResponseReturnValue:
    """Write down a second call."""
    check = queries.get(check_id, viewer=current_user)
    form = SpotCheckForm()

    def work() -> str:
        service.record(check, form.given(), actor=current_user)
        return url_for(".spot_check", check_id=check_id)

    return submitted(form, work, page=lambda: _page(check, form), flash=_("抽查结果已记下。"))


@bp.post("/spot-checks/<int:check_id>/phone")
def spot_check_phone(check_id: int) -> ResponseReturnValue:
    """Show the whole number, and write down who asked for it."""
    check = queries.get(check_id, viewer=current_user)
    service.check_may_call(check, current_user)
    with transaction():
        accounts.log(current_user, N_("查看联系电话"), "ticket", check.ticket_id)
    check = queries.get(check_id, viewer=current_user)
    return _page(check, SpotCheckForm(formdata=None), reveal=True)


@bp.get("/spot-checks/draws/<int:draw_id>")
def spot_draw(draw_id: int) -> ResponseReturnValue:
    """Show one draw with its seed, computed again."""
    draw = queries.a_draw(draw_id, viewer=reader())
    return render_template("tickets/spot_draw.html", draw=draw, holds=queries.holds(draw))


def _card(total: int, sums: Difference, *, done: bool) -> Card:
    if done or not total:
        text = _("近一年抽中 %(n)s 件，已再问 %(m)s 件。", n=sums.chosen, m=sums.checked)
        return Card(_("抽中的都问过了") if not done else _("两次说的对照"), text, tone="done")
    return Card(
        title=_("有 %(n)s 家要再问一次", n=total),
        text=_("由没有打过第一次电话的人来问。问之前看不到第一次的回答。"),
    )


def _line(check: SpotCheck) -> Line:
    ticket, answer = check.ticket, check.answer
    return Line(
        id=check.id,
        ticket_id=ticket.id,
        title=ticket.title,
        number=ticket.number or "",
        enterprise=ticket.enterprise.called,
        channel=translated(check.revisit.channel.label),
        tries=len(check.calls),
        refused=_refusal(check) if answer is None else "",
        again=script.call(answer, answer.by.name).title if answer else "",
        differs=_differs(check),
    )


def _differs(check: SpotCheck) -> bool:
    if check.answer is None:
        return False
    return ratings.differs(queries.said_of(check.revisit), queries.said_of(check.answer))


def _refusal(check: SpotCheck) -> str:
    """Return why the viewer may not make this call: who made the first one does not make both."""
    if current_user.acts_for(check.revisit.by_id):
        return said(NotAllowed(N_("第一次是您回访的，抽查要换一个人。")))
    return ""


def _page(check: SpotCheck, form: SpotCheckForm, *, reveal: bool = False) -> str:
    viewer = reader()
    first = check.revisit
    calls = [script.call(one, one.by.name) for one in reversed(check.calls)]
    return render_template(
        "tickets/spot_check.html",
        check=check,
        ticket=check.ticket,
        form=form,
        refused=_refusal(check),
        script=script.script(check.ticket, viewer, viewer.tenant_name, again=True),
        tries=calls,
        first=script.call(first, first.by.name if first.by else "") if check.answer else None,
        differs=_differs(check),
        contact=people.contact(check.ticket, reveal=reveal),
    )
