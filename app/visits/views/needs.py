"""What enterprises need and how far it has come; how far policies were carried; promises."""

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.forms import differences
from app.core.http import page_number, submitted
from app.core.paging import paged
from app.visits import policy, queries, service
from app.visits.forms import NeedForm, PromiseForm
from app.visits.models import NeedState, Promise, PromiseState
from app.visits.queries import Need
from app.visits.views.blueprint import bp


@bp.get("/visits/needs")
def needs() -> ResponseReturnValue:
    """List what enterprises need, with the sums of each state."""
    policy.require_reading(current_user)
    kind = request.args.get("kind", "")
    kind = kind if kind in queries.KINDS else next(iter(queries.KINDS))
    asked = request.args.get("state", "")
    state = NeedState(asked) if asked in set(NeedState) else None
    found = queries.search_needs(kind, viewer=current_user, state=state)
    return render_template(
        "visits/needs.html",
        kind=kind,
        state=state,
        states=NeedState,
        page=paged(found, page_number(), size=current_app.config["PAGE_SIZE"]),
        sums={name: queries.need_sums(name, viewer=current_user) for name in queries.KINDS},
        may_follow=policy.may_follow_needs(current_user),
    )


@bp.get("/visits/needs/<kind>/<int:need_id>")
def need(kind: str, need_id: int) -> ResponseReturnValue:
    """Show one need; to the office, with the form of how far it has come."""
    found = queries.need(kind, need_id, viewer=current_user)
    return _need_page(kind, found, NeedForm(formdata=None, obj=found))


@bp.post("/visits/needs/<kind>/<int:need_id>")
def follow_need(kind: str, need_id: int) -> ResponseReturnValue:
    """Say how far a need has come."""
    found = queries.need(kind, need_id, viewer=current_user)
    policy.require_needs(current_user)
    form = NeedForm()

    def work() -> str:
        service.follow_need(
            found,
            NeedState(form.state.data),
            reported_to=form.reported_to.data or "",
            note=form.note.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".needs", kind=kind)

    return submitted(
        form, work, page=lambda: _need_page(kind, found, form), flash=_("需求的进度已登记。")
    )


@bp.get("/visits/policies")
def policies() -> ResponseReturnValue:
    """Show how many enterprises each policy document has reached."""
    found = queries.documents_explained(viewer=current_user)
    page = paged(found, page_number(), size=current_app.config["PAGE_SIZE"])
    return render_template(
        "visits/policies.html",
        page=page,
        reach=queries.reach_of(page.items, viewer=current_user),
        today=clock.today(),
    )


@bp.get("/visits/promises/<int:promise_id>")
def promise(promise_id: int) -> ResponseReturnValue:
    """Show one promise, and ask how it stands."""
    found = queries.promise(promise_id, viewer=current_user)
    return _promise_page(found, PromiseForm(formdata=None, version=found.version))


@bp.post("/visits/promises/<int:promise_id>")
def settle_promise(promise_id: int) -> ResponseReturnValue:
    """Say how a promise stands, between two visits."""
    found = queries.promise(promise_id, viewer=current_user)
    policy.require_record(current_user)
    form = PromiseForm()

    def work() -> str:
        service.settle(
            found,
            PromiseState(form.answer.data),
            form.note.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".detail", visit_id=found.visit_id)

    return submitted(
        form, work, page=lambda: _promise_page(found, form), flash=_("兑现情况已登记。")
    )


def _need_page(kind: str, found: Need, form: NeedForm) -> str:
    conflict = []
    if form.version.data not in {None, found.version}:
        conflict = differences(form, found)
        form.renew(found.version)
    return render_template(
        "visits/need.html",
        kind=kind,
        need=found,
        form=form,
        conflict=conflict,
        may_follow=policy.may_follow_needs(current_user),
    )


def _promise_page(found: Promise, form: PromiseForm) -> str:
    if form.version.data not in {None, found.version}:
        form.renew(found.version)
    return render_template(
        "visits/promise.html",
        promise=found,
        visit=queries.visit_of(found),
        form=form,
        may_record=policy.may_record(current_user),
    )
