"""Pages: how the office's letters are worded, tried out before they are kept.

What a letter would look like is shown in a frame: a page of its own that may carry the inline
styles of mail, and therefore may carry nothing else.
"""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core.errors import DomainError
from app.core.forms import differences
from app.core.http import IN_FRAME, submitted
from app.core.locale import said
from app.core.transactions import transaction
from app.notifications import channels, placeholders, policy, queries, service
from app.notifications.forms import RestoreForm, WordingForm
from app.notifications.models import OfficeWording
from app.notifications.service import WordingDraft
from app.notifications.wordings import WORDINGS, Wording

bp = Blueprint("letters", __name__, url_prefix="/admin/letters")


@dataclass(frozen=True, slots=True)
class Line:
    """A letter on the list: its default words, and what the office put in their place."""

    default: Wording
    held: OfficeWording | None

    @property
    def is_changed(self) -> bool:
        """Whether the office's words are in use."""
        return self.held is not None and self.held.is_used

    @property
    def wording(self) -> Wording:
        """The words in use."""
        return self.held.in_place_of(self.default) if self.held else self.default


@bp.get("")
def index() -> ResponseReturnValue:
    """Show every letter: to whom, when, and whose words it has."""
    held = queries.office_wordings(viewer=current_user)
    lines = [Line(one, held.get(one.rule)) for one in WORDINGS.values()]
    return render_template("letters/index.html", lines=lines)


@bp.get("/<rule>")
def edit(rule: str) -> ResponseReturnValue:
    """Show the words of one letter, to be changed."""
    line = _line(rule)
    return _page(_filled(line), line)


@bp.post("/<rule>")
def save(rule: str) -> ResponseReturnValue:
    """Let the letter be worded so from now on."""
    line = _line(rule)
    form = WordingForm(line.default)

    def work() -> str:
        service.save_wording(
            rule,
            form.given(),
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".edit", rule=rule)

    return submitted(
        form,
        work,
        page=lambda: _page(form, _line(rule)),
        flash=_("用语已保存，以后发出的信按新的写。"),
    )


@bp.get("/<rule>/sheet")
def sheet(rule: str) -> ResponseReturnValue:
    """Show the letter as it is now, for the frame of its page."""
    return _sheet(rule, WordingDraft.of(_line(rule).wording))


@bp.post("/<rule>/sheet")
def try_words(rule: str) -> ResponseReturnValue:
    """Show the letter in the words that were typed, which are not kept."""
    form = WordingForm(_line(rule).default)
    return _sheet(rule, form.given())


@bp.post("/<rule>/test")
def send_test(rule: str) -> ResponseReturnValue:
    """Send the letter in the words that were typed to whoever typed them."""
    form = WordingForm(_line(rule).default)
    key = form.idempotency_key.data or ""
    try:
        with transaction():
            service.send_test(rule, form.given(), key=key, actor=current_user)
    except DomainError as error:
        return _refused(error)
    return redirect(url_for(".sent", rule=rule), 303)


@bp.get("/<rule>/sent")
def sent(rule: str) -> ResponseReturnValue:
    """Say in the frame that the letter was promised."""
    _line(rule)
    sentence = _("已排队，一分钟内发到您的邮箱。内容是虚构的样子，用语还没有保存。")
    return _framed(render_template("mail/said.html", sentence=sentence, good=True))


@bp.get("/<rule>/default")
def confirm_default(rule: str) -> ResponseReturnValue:
    """Ask before the office's words are given up."""
    line = _line(rule)
    return _default_page(RestoreForm(formdata=None, version=_version(line)), line)


@bp.post("/<rule>/default")
def restore_default(rule: str) -> ResponseReturnValue:
    """Let the letter be worded as it is by default."""
    _line(rule)
    form = RestoreForm()

    def work() -> str:
        service.restore_default(
            rule, reason=form.reason.data or "", version=form.version.data, actor=current_user
        )
        return url_for(".edit", rule=rule)

    def page() -> str:
        form.renew(_version(_line(rule)))
        return _default_page(form, _line(rule))

    return submitted(form, work, page=page, flash=_("已恢复默认用语。原来的在变更记录里。"))


def _line(rule: str) -> Line:
    policy.require_wordings(current_user)
    return Line(queries.default_wording(rule), queries.office_wording(rule, viewer=current_user))


def _version(line: Line) -> int:
    return line.held.version if line.held else 0


def _filled(line: Line) -> WordingForm:
    return WordingForm(line.default, formdata=None, obj=line.wording, version=_version(line))


def _page(form: WordingForm, line: Line) -> str:
    stale = form.version.data not in (None, _version(line))
    conflict = differences(form, line.wording) if stale else []
    form.renew(_version(line))
    names = [(placeholders.written(name), word) for name, word in line.default.names.items()]
    return render_template(
        "letters/edit.html", form=form, line=line, conflict=conflict, names=names
    )


def _default_page(form: RestoreForm, line: Line) -> str:
    lost = differences(WordingForm(line.default, formdata=None, obj=line.wording), line.default)
    return render_template("letters/default.html", form=form, line=line, lost=lost)


def _sheet(rule: str, draft: WordingDraft) -> ResponseReturnValue:
    try:
        letter = service.sample_letter(rule, draft, viewer=current_user)
    except DomainError as error:
        return _refused(error)
    mail = channels.composed(letter)
    parts = {kind: mail.get_body((kind,)) for kind in ("html", "plain")}
    text = {kind: str(part.get_content()) if part else "" for kind, part in parts.items()}
    page = render_template(
        "mail/sheet.html", subject=mail["Subject"], html=text["html"], text=text["plain"]
    )
    return _framed(page)


def _refused(error: DomainError) -> ResponseReturnValue:
    form = WordingForm(next(iter(WORDINGS.values())), formdata=None)
    field = form[error.field].label.text if error.field in form else ""
    sentence = _("%(field)s：%(text)s", field=field, text=said(error)) if field else said(error)
    page = render_template("mail/said.html", sentence=sentence, good=False)
    answer = _framed(page)
    answer.status_code = error.status
    return answer


def _framed(page: str) -> Response:
    answer = make_response(page)
    answer.headers.update(IN_FRAME)
    return answer
