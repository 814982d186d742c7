"""The library: policies that answers cite, and answers to begin from, by category.

The library itself knows nothing of tickets; its pages speak of their categories, and so stand here.
"""

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock, forms
from app.core.http import page_number, submitted
from app.core.paging import paged
from app.library import policy, queries, service
from app.library.models import CannedAnswer, PolicyDocument
from app.tickets.forms.library import AnswerForm, DocumentFilterForm, DocumentForm, WithdrawForm
from app.tickets.queries import choices
from app.tickets.queries.choices import Option

bp = Blueprint("library", __name__, url_prefix="/library")


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


@bp.get("/documents/<int:document_id>")
def document(document_id: int) -> ResponseReturnValue:
    """Show one policy document; to who keeps the library, with its form."""
    found = queries.document(document_id, viewer=current_user)
    return _document_page(_document_form(found), found)


@bp.post("/documents/<int:document_id>")
def save_document(document_id: int) -> ResponseReturnValue:
    """Change a policy document."""
    found = queries.document(document_id, viewer=current_user)
    policy.require_keeping(current_user)
    form = DocumentForm()
    form.offer(_categories())

    def work() -> str:
        service.edit_document(found, form.given(), version=form.version.data, actor=current_user)
        return url_for(".document", document_id=document_id)

    return submitted(
        form, work, page=lambda: _document_page(form, found), flash=_("政策文件已保存。")
    )


@bp.get("/documents/new")
def new_document() -> ResponseReturnValue:
    """Ask for a new policy document."""
    policy.require_keeping(current_user)
    return _document_page(DocumentForm())


@bp.post("/documents/new")
def add_document() -> ResponseReturnValue:
    """Put a policy document into the library."""
    policy.require_keeping(current_user)
    form = DocumentForm()
    form.offer(_categories())

    def work() -> str:
        made = service.add_document(form.given(), actor=current_user)
        return url_for(".document", document_id=made.id)

    return submitted(
        form, work, page=lambda: _document_page(form), flash=_("已收录，答复时可以引用。")
    )


@bp.post("/documents/<int:document_id>/withdraw")
def withdraw_document(document_id: int) -> ResponseReturnValue:
    """Take a policy document out of use."""
    found = queries.document(document_id, viewer=current_user)
    form = WithdrawForm()

    def work() -> str:
        service.withdraw_document(found, version=form.version.data, actor=current_user)
        return url_for(".index")

    return submitted(
        form,
        work,
        page=lambda: _document_page(_document_form(found), found, withdraw=form),
        flash=_("已停用，以后的答复不能再引用；以前引用它的答复不变。"),
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


@bp.get("/answers/<int:answer_id>")
def answer(answer_id: int) -> ResponseReturnValue:
    """Show one canned answer; to who keeps the library, with its form."""
    found = queries.answer(answer_id, viewer=current_user)
    return _answer_page(_answer_form(found), found)


@bp.post("/answers/<int:answer_id>")
def save_answer(answer_id: int) -> ResponseReturnValue:
    """Change a canned answer."""
    found = queries.answer(answer_id, viewer=current_user)
    policy.require_keeping(current_user)
    form = AnswerForm()
    form.offer(_categories())

    def work() -> str:
        service.edit_answer(found, form.given(), version=form.version.data, actor=current_user)
        return url_for(".answers")

    return submitted(
        form, work, page=lambda: _answer_page(form, found), flash=_("常用答复已保存。")
    )


@bp.get("/answers/new")
def new_answer() -> ResponseReturnValue:
    """Ask for a new canned answer."""
    policy.require_keeping(current_user)
    return _answer_page(AnswerForm())


@bp.post("/answers/new")
def add_answer() -> ResponseReturnValue:
    """Keep an answer to begin from."""
    policy.require_keeping(current_user)
    form = AnswerForm()
    form.offer(_categories())

    def work() -> str:
        service.add_answer(form.given(), actor=current_user)
        return url_for(".answers")

    return submitted(
        form, work, page=lambda: _answer_page(form), flash=_("已收录，写答复时可以从它开始。")
    )


@bp.post("/answers/<int:answer_id>/withdraw")
def withdraw_answer(answer_id: int) -> ResponseReturnValue:
    """Take a canned answer out of use."""
    found = queries.answer(answer_id, viewer=current_user)
    form = WithdrawForm()

    def work() -> str:
        service.withdraw_answer(found, version=form.version.data, actor=current_user)
        return url_for(".answers")

    return submitted(
        form,
        work,
        page=lambda: _answer_page(_answer_form(found), found, withdraw=form),
        flash=_("已停用，写答复时不再列出。"),
    )


def _categories() -> list[Option]:
    return choices.categories(viewer=current_user)


def _document_form(found: PolicyDocument) -> DocumentForm:
    return DocumentForm(formdata=None, obj=found)


def _answer_form(found: CannedAnswer) -> AnswerForm:
    return AnswerForm(formdata=None, obj=found)


def _document_page(
    form: DocumentForm, found: PolicyDocument | None = None, *, withdraw: WithdrawForm | None = None
) -> str:
    categories = _categories()
    form.offer(categories)
    return render_template(
        "library/document.html",
        form=form,
        document=found,
        today=clock.today(),
        category=dict(categories).get(found.category_id or 0, "") if found else "",
        withdraw=withdraw or _withdrawal(found),
        may_keep=policy.may_keep(current_user),
    )


def _answer_page(
    form: AnswerForm, found: CannedAnswer | None = None, *, withdraw: WithdrawForm | None = None
) -> str:
    categories = _categories()
    form.offer(categories)
    return render_template(
        "library/answer.html",
        form=form,
        answer=found,
        category=dict(categories).get(found.category_id or 0, "") if found else "",
        withdraw=withdraw or _withdrawal(found),
        may_keep=policy.may_keep(current_user),
    )


def _withdrawal(found: PolicyDocument | CannedAnswer | None) -> WithdrawForm | None:
    """Return the button that takes out of use what is in use."""
    if found is None or not found.is_active or not policy.may_keep(current_user):
        return None
    return WithdrawForm(formdata=None, version=found.version)
