"""Who looks after an enterprise or a project: arranged, handed over, ended."""

from datetime import timedelta

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.http import submitted
from app.enterprises import policy, queries, service
from app.enterprises.forms import EndForm, LinkageForm
from app.enterprises.models import Enterprise, KeyProject, Linkage
from app.enterprises.views.blueprint import bp
from app.enterprises.views.files import people

Target = Enterprise | KeyProject


@bp.get("/enterprises/<int:enterprise_id>/linkage")
def linkage(enterprise_id: int) -> ResponseReturnValue:
    """Show who looks after an enterprise, and the form to change that."""
    return _shown(queries.get(enterprise_id, viewer=current_user))


@bp.get("/projects/<int:project_id>/linkage")
def project_linkage(project_id: int) -> ResponseReturnValue:
    """Show who looks after a project, and the form to change that."""
    return _shown(queries.project(project_id, viewer=current_user))


@bp.post("/enterprises/<int:enterprise_id>/linkage")
def start_linkage(enterprise_id: int) -> ResponseReturnValue:
    """Let somebody look after an enterprise from a day on."""
    return _started(queries.get(enterprise_id, viewer=current_user))


@bp.post("/projects/<int:project_id>/linkage")
def start_project_linkage(project_id: int) -> ResponseReturnValue:
    """Let somebody look after a project from a day on."""
    return _started(queries.project(project_id, viewer=current_user))


@bp.post("/linkages/<int:linkage_id>")
def change_linkage(linkage_id: int) -> ResponseReturnValue:
    """Hand a target over from a day on."""
    current = queries.linkage(linkage_id, viewer=current_user)
    target = current.target
    policy.require_link(current_user, target)
    form = LinkageForm()
    form.offer(**people())

    def work() -> str:
        version = form.version.data
        draft = form.given(**_ids(target))
        service.change_linkage(current, draft, version=version, actor=current_user)
        return _url_of(target)

    def page() -> str:
        return _page(target, form, EndForm(formdata=None))

    return submitted(form, work, page=page, flash=_("包联已安排好。"))


@bp.post("/linkages/<int:linkage_id>/end")
def end_linkage(linkage_id: int) -> ResponseReturnValue:
    """End who looks after a target with a day."""
    current = queries.linkage(linkage_id, viewer=current_user)
    target = current.target
    policy.require_link(current_user, target)
    form = EndForm()

    def work() -> str:
        service.end_linkage(
            current,
            form.day,
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return _url_of(target)

    def page() -> str:
        return _page(target, LinkageForm(formdata=None, obj=current), form)

    return submitted(form, work, page=page, flash=_("包联已结束，经过还在下面。"))


def _shown(target: Target) -> ResponseReturnValue:
    policy.require_link(current_user, target)
    current = _current(target)
    form = LinkageForm(obj=current)
    if current is not None:  # handed over from now on, at the earliest the day after it began
        form.valid_from.data = max(clock.today(), current.valid_from + timedelta(days=1))
    else:
        form.per_month.data = _least(target)
        if isinstance(target, Enterprise):
            form.tier.data = target.tier
    return _page(target, form, EndForm())


def _started(target: Target) -> ResponseReturnValue:
    policy.require_link(current_user, target)
    form = LinkageForm()
    form.offer(**people())

    def work() -> str:
        service.start_linkage(form.given(**_ids(target)), actor=current_user)
        return _url_of(target)

    def page() -> str:
        return _page(target, form, EndForm(formdata=None))

    return submitted(form, work, page=page, flash=_("包联已安排好。"))


def _page(target: Target, form: LinkageForm, ending: EndForm) -> str:
    """Return the page of who looks after a target, as it is now."""
    form.offer(**people())
    current = _current(target)
    if current is not None:
        form.renew(current.version)
        ending.renew(current.version)
    return render_template(
        "enterprises/linkage.html",
        target=target,
        target_url=_url_of(target),
        current=current,
        history=queries.history(**_ids(target)),
        form=form,
        ending=ending,
        save_url=_save_url(target, current),
        least=_least(target),
    )


def _least(target: Target) -> int:
    """Return how many visits a month the tenant asks for at least."""
    parameters = current_user.parameters
    if isinstance(target, Enterprise):
        return int(parameters.visit_per_month)
    return int(parameters.project_per_month)


def _current(target: Target) -> Linkage | None:
    """Return who looks after the target today."""
    if isinstance(target, Enterprise):
        return queries.linkage_of(target.id, clock.today())
    return queries.linkage_of_project(target.id, clock.today())


def _ids(target: Target) -> dict[str, int]:
    is_enterprise = isinstance(target, Enterprise)
    return {"enterprise_id" if is_enterprise else "project_id": target.id}


def _url_of(target: Target) -> str:
    if isinstance(target, Enterprise):
        return url_for(".detail", enterprise_id=target.id)
    return url_for(".project", project_id=target.id)


def _save_url(target: Target, current: Linkage | None) -> str:
    if current is not None:
        return url_for(".change_linkage", linkage_id=current.id)
    if isinstance(target, Enterprise):
        return url_for(".start_linkage", enterprise_id=target.id)
    return url_for(".start_project_linkage", project_id=target.id)
