"""The library: policies that answers cite, and answers to begin from, by category.

The library itself knows nothing of tickets; its pages speak of their categories, and so stand
here. What stands on either shelf is shown, added, changed and withdrawn by the same views.
"""

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock, forms
from app.core.errors import NotFound
from app.core.http import page_number, submitted
from app.core.i18n import N_
from app.core.locale import translated
from app.core.paging import paged
from app.library import policy, queries, service
from app.library.models import CannedAnswer, PolicyDocument
from app.library.service import Kept
from app.tickets.forms.library import (
    AnswerForm,
    DocumentFilterForm,
    DocumentForm,
    KeptForm,
    WithdrawForm,
)
from app.tickets.queries import choices
from app.tickets.queries.choices import Option

bp = Blueprint("library", __name__, url_prefix="/library")


@dataclass(frozen=True, slots=True)
class Shelf:
    """One of the two shelves: what stands there, its form, and what its pages say."""

    name: str  # in addresses
    model: type[Kept]
    form: type[KeptForm]
    home: str  # the endpoint of its list
    title: str
    adds: str
    added: str
    saved: str
    ending: str  # what withdrawing it means
    ended: str


SHELVES = {
    one.name: one
    for one in (
        Shelf(
            "documents",
            PolicyDocument,
            DocumentForm,
            ".index",
            N_("政策文件"),
            N_("收录政策文件"),
            N_("已收录，答复时可以引用。"),
            N_("政策文件已保存。"),
            N_("停用后不能再引用，不能恢复；以前引用它的答复不变。"),
            N_("已停用，以后的答复不能再引用；以前引用它的答复不变。"),
        ),
        Shelf(
            "answers",
            CannedAnswer,
            AnswerForm,
            ".answers",
            N_("常用答复"),
            N_("收录常用答复"),
            N_("已收录，写答复时可以从它开始。"),
            N_("常用答复已保存。"),
            N_("停用后写答复时不再列出，不能恢复。"),
            N_("已停用，写答复时不再列出。"),
        ),
    )
}


@bp.get("")
def index() -> ResponseReturnValue:
    """List the policy documents."""
    form = DocumentFilterForm(forms.asked(request.args))
    asked = form.asked()
    found = queries.search_documents(asked, viewer=current_user)
    categories = _categories()
    return render_template(
        "library/index.html",
        page=paged(found, page_number(), size=current_app.config["PAGE_SIZE"]),
        asked=asked,
        categories=categories,
        names=dict(categories),
        today=clock.today(),
        may_keep=policy.may_keep(current_user),
    )


@bp.get("/answers")
def answers() -> ResponseReturnValue:
    """List the canned answers by category."""
    withdrawn = request.args.get("withdrawn") == "1"
    found = queries.answers(viewer=current_user, withdrawn=withdrawn)
    categories = _categories()
    groups = [(name, [one for one in found if one.category_id == id_]) for id_, name in categories]
    known = {id_ for id_, _name in categories}
    groups.append((_("各类通用"), [one for one in found if one.category_id not in known]))
    return render_template(
        "library/answers.html",
        groups=[(name, members) for name, members in groups if members],
        withdrawn=withdrawn,
        may_keep=policy.may_keep(current_user),
    )


@bp.get("/<name>/new")
def new(name: str) -> ResponseReturnValue:
    """Ask for something new on a shelf."""
    shelf = _shelf(name)
    policy.require_keeping(current_user)
    return _page(shelf, shelf.form())


@bp.post("/<name>/new")
def add(name: str) -> ResponseReturnValue:
    """Put something onto a shelf."""
    shelf = _shelf(name)
    policy.require_keeping(current_user)
    form = shelf.form()
    form.begins()
    form.offer(_categories())

    def work() -> str:
        made = service.add(form.given(), actor=current_user)
        return url_for(".kept", name=name, kept_id=made.id)

    return submitted(form, work, page=lambda: _page(shelf, form), flash=translated(shelf.added))


@bp.get("/<name>/<int:kept_id>")
def kept(name: str, kept_id: int) -> ResponseReturnValue:
    """Show what stands on a shelf; to who keeps the library, with its form."""
    shelf = _shelf(name)
    return _kept_page(shelf, queries.kept(shelf.model, kept_id, viewer=current_user))


@bp.post("/<name>/<int:kept_id>")
def save(name: str, kept_id: int) -> ResponseReturnValue:
    """Change what stands on a shelf, and say why."""
    shelf = _shelf(name)
    found = queries.kept(shelf.model, kept_id, viewer=current_user)
    policy.require_keeping(current_user)
    form = shelf.form()
    form.offer(_categories())

    def work() -> str:
        service.edit(
            found,
            form.given(),
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".kept", name=name, kept_id=kept_id)

    return submitted(
        form, work, page=lambda: _page(shelf, form, found), flash=translated(shelf.saved)
    )


@bp.post("/<name>/<int:kept_id>/withdraw")
def withdraw(name: str, kept_id: int) -> ResponseReturnValue:
    """Take it out of use, and say why."""
    shelf = _shelf(name)
    found = queries.kept(shelf.model, kept_id, viewer=current_user)
    policy.require_keeping(current_user)
    form = WithdrawForm()

    def work() -> str:
        service.withdraw(
            found,
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(shelf.home)

    return submitted(
        form,
        work,
        page=lambda: _kept_page(shelf, found, withdraw=form),
        flash=translated(shelf.ended),
    )


def _shelf(name: str) -> Shelf:
    policy.require_reading(current_user)
    if name not in SHELVES:
        raise NotFound(N_("资料库里没有这一栏。"))
    return SHELVES[name]


def _categories() -> list[Option]:
    return choices.categories(viewer=current_user)


def _kept_page(shelf: Shelf, found: Kept, *, withdraw: WithdrawForm | None = None) -> str:
    return _page(shelf, shelf.form(formdata=None, obj=found), found, withdraw=withdraw)


def _page(
    shelf: Shelf,
    form: KeptForm,
    found: Kept | None = None,
    *,
    withdraw: WithdrawForm | None = None,
) -> str:
    categories = _categories()
    form.offer(categories)
    if found is None and form.reason is not None:
        form.begins()
    changes = policy.may_keep(current_user) and (found is None or found.is_active)
    if withdraw is None and found is not None and changes:
        withdraw = WithdrawForm(formdata=None, version=found.version)
    return render_template(
        "library/kept.html",
        shelf=shelf,
        form=form,
        kept=found,
        today=clock.today(),
        category=dict(categories).get(found.category_id or 0, "") if found else "",
        withdraw=withdraw,
        changes=changes,
    )
