"""The enterprise has the last word: what it says of an answer, by its link.

A GET changes nothing. What is posted first is only read back; what was read back, and sealed, is
posted again. Nothing is chosen before a person chooses: what opens every link of a mail, and
sends every form that it finds, changes nothing either.
"""

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from app.accounts import queries as accounts
from app.accounts import roles
from app.accounts.roles import Actor
from app.core import forms, links, locale
from app.core.errors import Invalid, NotFound
from app.core.front import Front, front
from app.core.http import csrf, public, reader, submitted
from app.core.i18n import N_
from app.core.transactions import transaction
from app.portal.forms import rating as rating_forms
from app.portal.forms.rating import RatingForm, SureForm
from app.portal.views.blueprint import bp
from app.tickets import queries as tickets
from app.tickets import service
from app.tickets.queries import rating as queries
from app.tickets.queries.rating import Asked, Stand
from app.tickets.service import StepInput

HELD_FOR = 24 * 3600  # seconds that answers wait to be confirmed
CHANGE = "change"  # the button that leads back to the questions
WHY_CLOSED = {
    Stand.HEARD: (
        N_("我们已经听您说过了"),
        N_("回访的人联系过您，您说的已经记下，不用再填。记得不对的，请打电话告诉我们。"),
    ),
    Stand.OLD: (
        N_("这个链接是上一次答复的"),
        N_("这件事后来又重新办理，从前的链接不能再用。新的答复审核通过后，会另外发给您新的链接。"),
    ),
    Stand.OVER: (
        N_("这件事已经结束"),
        N_("现在不用再评价。还有问题的，请打电话给我们，期限以内可以重新办理。"),
    ),
    Stand.MOVED: (
        N_("这件事又在办理"),
        N_("办好以后，会把新的答复和新的链接发给您。"),
    ),
    Stand.PARTS: (
        N_("还有一部分在办"),
        N_("分给别的单位的一部分还没有办完，都办完了再请您评价。这个链接到时还能用。"),
    ),
    Stand.EXPIRED: (
        N_("这个链接已经不能用了"),
        N_("链接过了期，或者换了新的。请用最新的那一个，也可以打电话告诉我们办得怎么样。"),
    ),
}


@bp.get("/rate/<token>")
@public
def rating(token: str) -> ResponseReturnValue:
    """Show the answer, and ask whether it has solved the problem."""
    asked = queries.asked(token)
    if asked is None or not asked.is_open:
        return _closed(asked)
    if not _may_answer(asked):
        return _not_yours(asked)
    return _page(RatingForm(formdata=None, bound_to=_bound(asked)), asked)


@bp.post("/rate/<token>")
@public
def rate(token: str) -> ResponseReturnValue:
    """Read back what was answered; write it down once it was confirmed."""
    asked = queries.asked(token)
    if asked is None:
        return _closed(None)
    if not _may_answer(asked):
        with transaction():
            service.refuse_rating(asked, actor=reader())
        return _not_yours(asked)
    if "answers" in request.form:
        return _confirmed(token, asked)
    if not asked.is_open:
        return _closed(asked)
    return _read_back(asked)


csrf.exempt(rate)  # its forms ask themselves: who lost their cookie sees them again, filled


@bp.get("/rate/mine/<int:ticket_id>")
def rate_mine(ticket_id: int) -> ResponseReturnValue:
    """Lead somebody of the enterprise, who is signed in, to the same page as the link does."""
    ticket = tickets.get(ticket_id, viewer=current_user)
    link = queries.current(ticket.id)
    if link is None or ticket.enterprise_id != current_user.enterprise_id:
        raise NotFound(N_("这件企业问题现在不用评价。"))
    return redirect(url_for(".rating", token=links.token_of(link)))


def _read_back(asked: Asked) -> ResponseReturnValue:
    """Show what was answered, to be confirmed; or what is missing."""
    form = RatingForm(bound_to=_bound(asked))
    if not form.validate():
        return _page(form, asked), 422
    try:
        service.said(form.given())
    except Invalid as error:
        forms.show(form, error)
        return _page(form, asked), error.status
    kept = form.kept()
    sealed = str(_seal(asked).dumps(kept))
    return _sure_page(SureForm(formdata=None, answers=sealed), asked, kept)


def _confirmed(token: str, asked: Asked) -> ResponseReturnValue:
    """Write down what was read back; or show the questions again, filled, to be changed."""
    form = SureForm()
    try:
        kept = _seal(asked).loads(form.answers.data or "", max_age=HELD_FOR)
    except BadData:
        fresh = RatingForm(formdata=None, bound_to=_bound(asked))
        fresh.form_errors.append(_("这一页放得太久，或者不完整，请再填一次。"))
        return (_page(fresh, asked), 422) if asked.is_open else _closed(asked)
    given = rating_forms.given_of(kept)
    if CHANGE in request.form and asked.is_open:
        filled = RatingForm(formdata=None, bound_to=_bound(asked), **rating_forms.filled(given))
        filled.before = rating_forms.files_of(kept)
        return _page(filled, asked)
    actor = _actor(asked)

    def work() -> str:
        service.rate(token, given, files=rating_forms.files_of(kept), actor=actor)
        return "?said=1"  # to the same address: the token is written down nowhere

    def page() -> str:
        now = queries.asked(token)
        if now is None or not now.is_open:
            return str(_closed(now)[0])
        return _sure_page(form, now, kept)

    return submitted(form, work, page=page)


def _may_answer(asked: Asked) -> bool:
    return not current_user.is_authenticated or service.may_answer(asked, actor=reader())


def _actor(asked: Asked) -> Actor:
    if current_user.is_authenticated:
        person: Actor = reader()
        return person
    ticket = asked.ticket
    return roles.guest(ticket.tenant_id, ticket.enterprise_id, ip=request.remote_addr or "")


def _seal(asked: Asked) -> URLSafeTimedSerializer:
    """Return what seals answers to this one link: they can be given for no other."""
    salt = f"rating|answers|{_bound(asked)}"
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=salt)


def _bound(asked: Asked) -> str:
    """Return the one link and round for which answers and pictures are good."""
    return f"{asked.link.id}|{asked.link.serial}|{asked.round}"


# ---- pages ----


def _page(form: RatingForm, asked: Asked) -> str:
    """Return the questions; files that were chosen stay chosen."""
    form.carry_files()
    return render_template("portal/rating.html", form=form, **_around(asked))


def _sure_page(form: SureForm, asked: Asked, kept: dict[str, Any]) -> str:
    given = rating_forms.given_of(kept)
    return render_template(
        "portal/rating_sure.html",
        form=form,
        change=CHANGE,
        lines=rating_forms.told(given),
        files=[file.name for file in rating_forms.files_of(kept)],
        **_around(asked),
    )


def _not_yours(asked: Asked) -> tuple[str, int]:
    """Tell somebody of the office's side, signed in here, that only the enterprise answers."""
    why = (
        _("只有企业自己能评价"),
        _(
            "您现在登录着本系统。评价由企业自己填写，任何承办或者管理人员都不能代填；刚才什么也没有记下。"
        ),
    )
    return render_template("portal/rating_closed.html", why=why, lines=(), **_around(asked)), 403


def _closed(asked: Asked | None) -> tuple[str, int]:
    """Say kindly why a link asks nothing any more; after an answer, what was answered."""
    if asked is None:
        why = _("没有找到这次评价"), _("请核对链接是否完整，最好直接点邮件或短信里的链接。")
        page = render_template(
            "portal/rating_closed.html", why=why, lines=(), shell=front(), asked=None, phone=""
        )
        return page, 404
    if asked.said is None or not _may_answer(asked):
        heading, sentence = WHY_CLOSED.get(asked.stand, ANSWERED)
        why = locale.translated(heading), locale.translated(sentence)
        around = _around(asked)
        return render_template("portal/rating_closed.html", why=why, lines=(), **around), 410
    page = render_template(
        "portal/rating_closed.html",
        why=(_("谢谢，已经记下您的评价"), _what_comes_of_it(asked)),
        lines=rating_forms.told(_as_given(asked)),
        **_around(asked),
    )
    return page, 200


ANSWERED = (N_("企业已经评价"), N_("评价由企业自己填写，只有企业能看。"))


def _as_given(asked: Asked) -> StepInput:
    said = asked.said
    if said is None:
        return StepInput()
    return StepInput(
        solved=said.solved,
        result_score=said.result_score,
        attitude_score=said.attitude_score,
        contacted=said.contacted,
        reasons=tuple(said.reasons),
        comment=service.for_unit(asked),
        words=said.words,
    )


def _what_comes_of_it(asked: Asked) -> str:
    """Return what the answer has brought about."""
    ticket = asked.ticket
    if asked.said is not None and asked.said.closes:
        days = accounts.tenant(ticket.tenant_id).parameters.reopen_days
        return str(_("这件事办结了。%(n)s 天内又有问题，打电话给我们，可以重新办理。", n=days))
    if ticket.round > asked.round and ticket.lead_unit_id is None:
        return str(_("已经告诉营商办主任，由他定承办单位接着办；办好以后再请您评价。"))
    if ticket.round > asked.round:
        return str(_("已经退回承办单位重办，原因也告诉了他们；办好以后再请您评价。"))
    return str(
        _("已经报告营商办主任，由他决定是提级重办还是另作说明，再由没有参与办理的人联系您。")
    )


def _around(asked: Asked) -> dict[str, Any]:
    tenant = accounts.tenant(asked.ticket.tenant_id)
    return {
        "shell": _front(tenant.name, demo=tenant.is_demo),
        "asked": asked,
        "phone": tenant.office_phone,
    }


def _front(name: str, *, demo: bool) -> Front:
    return front(name, demo=demo)
