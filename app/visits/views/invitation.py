"""What an enterprise sees of a planned visit by its link, without an account, and answers.

A GET changes nothing; a link that is none of ours is counted. Nothing is chosen on the form before
a person chooses: what opens every link of a mail, and sends every form that it finds, changes
nothing either.
"""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as accounts
from app.accounts.models import Tenant
from app.core import clock, locale
from app.core.front import Front, front
from app.core.http import csrf, public, submitted
from app.core.links import Standing
from app.core.transactions import transaction
from app.notifications.service import guessing
from app.visits import queries, service
from app.visits.calendar import Month, days_to_choose
from app.visits.forms import AnswerForm
from app.visits.models import Answer, VisitPlan
from app.visits.queries import Invitation
from app.visits.views.blueprint import bp
from app.workdays import queries as workdays


@bp.get("/v/<token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    """Show who comes when, and ask whether it suits."""
    found = _invited(token)
    if found is None or not found.is_open:
        return _closed(found)
    return _page(AnswerForm(formdata=None, version=found.plan.version), found, token)


@bp.post("/v/<token>")
@public
def answer(token: str) -> ResponseReturnValue:
    """Write down what the enterprise says."""
    found = _invited(token)
    if found is None or not found.is_open:
        return _closed(found)
    form = _offered(AnswerForm(), found)

    def work() -> str:
        service.answer(token, form.given(), version=form.version.data)
        return "?said=1"  # to the same address: the token is written down nowhere

    def page() -> str:
        now = queries.invitation(token)
        if now is None or not now.is_open:
            return str(_closed(now)[0])
        form.renew(now.plan.version)
        return _page(form, now, token)

    return submitted(form, work, page=page, flash=_("谢谢，已经告诉来走访的同志。"))


csrf.exempt(answer)  # its form asks itself: who lost their cookie sees it again, not the sign-in


def _invited(token: str) -> Invitation | None:
    """Return what a link opens; what is no link of ours is counted, and kept.

    Raises TooMany where that was tried too often from one place.
    """
    ip = request.remote_addr or ""
    guessing.check_place(ip)
    found = queries.invitation(token)
    if found is None:
        with transaction():
            refused = guessing.wrong_link(token, ip=ip)
        if refused is not None:
            raise refused
    return found


def _offered(form: AnswerForm, found: Invitation) -> AnswerForm:
    calendar = workdays.calendar_of(found.plan.tenant_id)
    month = Month.read(found.task.period)
    days = days_to_choose(month, clock.today(), calendar)
    form.offer([(day.isoformat(), locale.day(day)) for day in days if day != found.plan.planned_on])
    return form


def _page(form: AnswerForm, found: Invitation, token: str) -> str:
    tenant = accounts.tenant(found.plan.tenant_id)
    return render_template(
        "visits/invitation.html",
        shell=_front(tenant),
        form=_offered(form, found),
        found=found,
        plan=found.plan,
        phone=tenant.office_phone,
        tenant=tenant,
        address=url_for(".answer", token=token),
    )


def _closed(found: Invitation | None) -> tuple[str, int]:
    """Say kindly why a link asks nothing any more; after an answer, what was answered."""
    tenant = accounts.tenant(found.plan.tenant_id) if found else None
    page = render_template(
        "visits/closed.html",
        shell=_front(tenant),
        found=found,
        why=_why(found),
        phone=tenant.office_phone if tenant else "",
    )
    if found is None:
        return page, 404
    return page, 200 if found.plan.answer and not found.plan.is_open else 410


def _why(found: Invitation | None) -> tuple[str, str]:
    """Return a heading and a sentence."""
    if found is None:
        return _("没有找到这次走访"), _("请核对链接是否完整，最好直接点邮件或短信里的链接。")
    if found.plan.answer in {Answer.DECLINED, Answer.OTHER_DAY}:
        return _said(found.plan)
    return _ended(found)


def _said(plan: VisitPlan) -> tuple[str, str]:
    """Return what the enterprise answered, and what comes of it."""
    if plan.answer_on is None:
        return _("已记下：这次不用来"), _("我们不来打扰了。以后有事，随时找我们。")
    day = locale.day(plan.answer_on)
    return (
        _("已记下：改到%(day)s", day=day),
        _("来的同志已经收到。新的链接会发给您，还能再改。"),
    )


def _ended(found: Invitation) -> tuple[str, str]:
    """Return why there is nothing to answer any more."""
    if found.task.is_done:
        return _("这次走访已经结束"), _("谢谢您接待。有没说完的，随时找我们。")
    if found.standing is Standing.EXPIRED:
        return _("这一天已经过了"), _("这个链接只在走访之前能回复。")
    if found.task.planned_on is not None and found.task.is_owed:
        return _("走访的日子改了"), _("新的链接已经另外发给您，请用最新的那一个。")
    return _("这次走访取消了"), _("不用再回复。给您添麻烦了。")


def _front(tenant: Tenant | None) -> Front:
    return front(tenant.name, demo=tenant.is_demo) if tenant else front()
