"""待核实来信: what was told on the public page and has to be looked at first."""

from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import queries as accounts
from app.accounts.models import UnitKind
from app.attachments import queries as attachments
from app.core import clock, files
from app.core.forms import Form
from app.core.http import page_number, reader, submitted
from app.core.paging import paged
from app.core.transactions import transaction
from app.enterprises import queries as enterprises
from app.enterprises.models import masked
from app.portal.forms.clearing import DiscardForm, FileForm, ReleaseForm, StepForm
from app.portal.models import Telling, TellingState, WhyNot
from app.portal.queries import firms, tellings
from app.portal.queries.tellings import Counts, Wait
from app.portal.service import clearing
from app.portal.views.blueprint import bp
from app.tickets.forms.fields import MOST_ID
from app.workdays import queries as workdays

SHOWN = (TellingState.HELD, TellingState.RELEASED, TellingState.DISCARDED)


@bp.get("/tellings")
def held() -> ResponseReturnValue:
    """List what waits to be looked at, or what was looked at before."""
    viewer = reader()
    asked = request.args.get("state", "")
    state = next((one for one in SHOWN if one.value == asked), TellingState.HELD)
    page = paged(tellings.to_clear(state, viewer=viewer), page_number())
    waiting = [one for one in page.items if one.is_held]
    return render_template(
        "portal/held.html",
        page=page,
        state=state,
        states=SHOWN,
        counts=_counts(),
        waits=_waits(waiting),
        meant=firms.meant(waiting, viewer=viewer),
        forms={one.id: _step(one) for one in waiting},
        **_before(),
    )


@bp.get("/tellings/<int:telling_id>")
def letter(telling_id: int) -> ResponseReturnValue:
    """Show one telling, and what can be done with it."""
    return _page(tellings.get(telling_id, viewer=current_user))


@bp.post("/tellings/<int:telling_id>/phone")
def letter_phone(telling_id: int) -> ResponseReturnValue:
    """Show the whole telephone number of a telling, and write down who asked for it."""
    with transaction():
        found = tellings.get(telling_id, viewer=current_user)
        number = clearing.reveal_phone(found, actor=current_user)
    return _page(tellings.get(telling_id, viewer=current_user), whole=number)


@bp.post("/tellings/<int:telling_id>/release")
def release(telling_id: int) -> ResponseReturnValue:
    """Let a telling in under the name that was corrected."""
    form = ReleaseForm()

    def work(found: Telling) -> None:
        name = form.enterprise_name.data or ""
        clearing.release(found, name, version=form.version.data, actor=current_user)

    return _done(telling_id, form, work, lambda: _again(telling_id, release=form))


@bp.post("/tellings/<int:telling_id>/release/<int:enterprise_id>")
def release_to(telling_id: int, enterprise_id: int) -> ResponseReturnValue:
    """Let a telling in for an enterprise that was chosen."""
    form = StepForm()

    def work(found: Telling) -> None:
        firm = enterprises.get(enterprise_id, viewer=current_user)
        clearing.release_to(found, firm, version=form.version.data, actor=current_user)

    return _done(telling_id, form, work, lambda: _again(telling_id, step=form))


@bp.post("/tellings/<int:telling_id>/file")
def release_to_new(telling_id: int) -> ResponseReturnValue:
    """Begin the file of the enterprise that a telling comes from, and let the telling in."""
    form = _offered(FileForm())

    def work(found: Telling) -> None:
        clearing.release_to_new(
            found,
            form.given(),
            keeps_contact=bool(form.keeps_contact.data),
            version=form.version.data,
            actor=current_user,
        )

    return _done(telling_id, form, work, lambda: _again(telling_id, file=form))


@bp.post("/tellings/<int:telling_id>/discard")
def discard(telling_id: int) -> ResponseReturnValue:
    """Do not take a telling."""
    form = DiscardForm()

    def work(found: Telling) -> None:
        why = form.why.data or ""
        clearing.discard(found, why, version=form.version.data, actor=current_user)

    return _done(telling_id, form, work, lambda: _again(telling_id, discard=form))


@bp.post("/tellings/<int:telling_id>/restore")
def restore(telling_id: int) -> ResponseReturnValue:
    """Let a telling that was not taken wait again."""
    found = tellings.get(telling_id, viewer=current_user)
    form = StepForm()

    def work() -> str:
        clearing.bring_back(found, version=form.version.data, actor=current_user)
        return url_for(".letter", telling_id=telling_id)

    return submitted(
        form,
        work,
        page=lambda: _again(telling_id, step=form),
        flash=_("已恢复，又在待核实里了。"),
    )


@bp.get("/tellings/<int:telling_id>/files/<int:attachment_id>")
def held_file(telling_id: int, attachment_id: int) -> ResponseReturnValue:
    """Hand out a file that came with a telling."""
    found = tellings.get(telling_id, viewer=current_user)
    one = attachments.get(attachment_id, viewer=current_user, telling_id=found.id)
    return files.send(one, inline="inline" in request.args)


def _done(
    telling_id: int, form: Form, work: Callable[[Telling], None], page: Callable[[], str]
) -> ResponseReturnValue:
    """Deal with a telling, and lead to the next one that waits, or to the list."""
    found = tellings.get(telling_id, viewer=current_user)

    def work_and_lead_on() -> str:
        work(found)
        following = tellings.after(telling_id, viewer=current_user)
        if following is None:
            return url_for(".held", done=telling_id)
        return url_for(".letter", telling_id=following, done=telling_id)

    return submitted(form, work_and_lead_on, page=page)


def _again(telling_id: int, **refused: Form) -> str:
    """Show the page anew after something was refused, for the version that is now."""
    found = tellings.get(telling_id, viewer=current_user)
    for form in refused.values():
        form.renew(found.version)
    return _page(found, **refused)


def _page(
    found: Telling,
    *,
    release: Form | None = None,
    file: Form | None = None,
    discard: Form | None = None,
    step: Form | None = None,
    whole: str = "",
) -> str:
    viewer = reader()
    return render_template(
        "portal/letter.html",
        telling=found,
        phone=whole or masked(found.contact_phone),
        is_whole=bool(whole),
        meant=firms.meant([found], viewer=viewer)[found.id] if found.is_held else None,
        whys=list(WhyNot),
        keeps=viewer.parameters.letter_days,
        release=release or _filled(ReleaseForm, found, enterprise_name=found.enterprise_name),
        file=file or _file_form(found),
        discard=discard or _filled(DiscardForm, found),
        step=step or _step(found),
        wait=_waits([found])[found.id] if found.is_held else None,
        attachments=attachments.belonging_to(viewer=viewer, telling_id=found.id),
        file_url=lambda id_: url_for(".held_file", telling_id=found.id, attachment_id=id_),
        **_before(),
    )


def _waits(found: list[Telling]) -> dict[int, Wait]:
    """Return how long each of some tellings may still wait, by its id."""
    viewer, now = reader(), clock.now()
    calendar = workdays.calendar_of(viewer.tenant_id)
    return {
        one.id: tellings.wait_of(one, calendar=calendar, parameters=viewer.parameters, now=now)
        for one in found
    }


def _counts() -> Counts:
    viewer = reader()
    calendar = workdays.calendar_of(viewer.tenant_id)
    late = calendar.late_before(clock.now(), viewer.parameters.acceptance_workdays)
    return tellings.counts(viewer=viewer, late_before=late)


def _before() -> dict[str, Any]:
    """Return the telling that was dealt with just now, and the form that brings it back."""
    done = request.args.get("done", 0, type=int)
    before = tellings.settled(done, viewer=current_user) if 0 < done <= MOST_ID else None
    return {"before": before, "undo": _step(before) if before else None}


def _step(found: Telling) -> StepForm:
    return StepForm(formdata=None, version=found.version)


def _filled(kind: type[Form], found: Telling, **more: str) -> Form:
    return kind(formdata=None, version=found.version, **more)


def _file_form(found: Telling) -> FileForm:
    return _offered(FileForm(formdata=None, version=found.version, name=found.enterprise_name))


def _offered(form: FileForm) -> FileForm:
    villages = accounts.units(viewer=current_user, kinds=(UnitKind.VILLAGE,))
    form.offer([(unit.id, unit.name) for unit in villages])
    return form
