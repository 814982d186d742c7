"""待核实来信: what was told on the public page and has to be looked at first."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.attachments import queries as attachments
from app.core import files
from app.core.http import page_number, submitted
from app.core.paging import paged
from app.portal.forms.telling import DiscardForm, ReleaseForm, StepForm
from app.portal.models import Telling, TellingState
from app.portal.queries import tellings
from app.portal.service import clearing
from app.portal.views.blueprint import bp

SHOWN = (TellingState.HELD, TellingState.RELEASED, TellingState.DISCARDED)


@bp.get("/tellings")
def held() -> ResponseReturnValue:
    """List what waits to be looked at, or what was looked at before."""
    asked = request.args.get("state", "")
    state = next((one for one in SHOWN if one.value == asked), TellingState.HELD)
    page = paged(tellings.to_clear(state, viewer=current_user), page_number())
    return render_template(
        "portal/held.html",
        page=page,
        state=state,
        states=SHOWN,
        counts=tellings.counts(viewer=current_user),
        forms={one.id: _release_form(one) for one in page.items if one.is_held},
    )


@bp.get("/tellings/<int:telling_id>")
def letter(telling_id: int) -> ResponseReturnValue:
    """Show one telling, and what can be done with it."""
    return _page(tellings.get(telling_id, viewer=current_user))


@bp.post("/tellings/<int:telling_id>/release")
def release(telling_id: int) -> ResponseReturnValue:
    """Let a telling in: it becomes a ticket."""
    found = tellings.get(telling_id, viewer=current_user)
    form = ReleaseForm()

    def work() -> str:
        name = form.enterprise_name.data or ""
        ticket = clearing.release(found, name, version=form.version.data, actor=current_user)
        return url_for("tickets.detail", ticket_id=ticket.id)

    said = _("已登记，等候时间从企业反映的那一刻算起。")
    return submitted(form, work, page=lambda: _again(telling_id, release=form), flash=said)


@bp.post("/tellings/<int:telling_id>/discard")
def discard(telling_id: int) -> ResponseReturnValue:
    """Do not take a telling."""
    found = tellings.get(telling_id, viewer=current_user)
    form = DiscardForm()

    def work() -> str:
        why = form.why.data or ""
        clearing.discard(found, why, version=form.version.data, actor=current_user)
        return url_for(".letter", telling_id=telling_id)

    said = _("没有收。原话还在，点“恢复”可以撤回。")
    return submitted(form, work, page=lambda: _again(telling_id, discard=form), flash=said)


@bp.post("/tellings/<int:telling_id>/restore")
def restore(telling_id: int) -> ResponseReturnValue:
    """Let a telling that was not taken wait again."""
    found = tellings.get(telling_id, viewer=current_user)
    form = StepForm()

    def work() -> str:
        clearing.bring_back(found, version=form.version.data, actor=current_user)
        return url_for(".letter", telling_id=telling_id)

    return submitted(
        form, work, page=lambda: _again(telling_id), flash=_("已恢复，又在待核实里了。")
    )


@bp.get("/tellings/<int:telling_id>/files/<int:attachment_id>")
def held_file(telling_id: int, attachment_id: int) -> ResponseReturnValue:
    """Hand out a file that came with a telling."""
    found = tellings.get(telling_id, viewer=current_user)
    one = attachments.get(attachment_id, viewer=current_user, telling_id=found.id)
    return files.send(one, inline="inline" in request.args)


def _again(
    telling_id: int, *, release: ReleaseForm | None = None, discard: DiscardForm | None = None
) -> str:
    """Show the page anew after something was refused, for the version that is now."""
    found = tellings.get(telling_id, viewer=current_user)
    for form in (release, discard):
        if form is not None:
            form.renew(found.version)
    return _page(found, release=release, discard=discard)


def _page(
    found: Telling, *, release: ReleaseForm | None = None, discard: DiscardForm | None = None
) -> str:
    return render_template(
        "portal/letter.html",
        telling=found,
        release=release or _release_form(found),
        discard=discard or DiscardForm(formdata=None, version=found.version),
        restore=StepForm(formdata=None, version=found.version),
        attachments=attachments.belonging_to(viewer=current_user, telling_id=found.id),
        file_url=lambda id_: url_for(".held_file", telling_id=found.id, attachment_id=id_),
    )


def _release_form(found: Telling) -> ReleaseForm:
    name = found.enterprise.name if found.enterprise else found.enterprise_name
    return ReleaseForm(formdata=None, version=found.version, enterprise_name=name)
