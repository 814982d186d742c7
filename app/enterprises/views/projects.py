"""Key projects: the list, the page of one, and its file."""

from collections.abc import Collection

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.roles import Permission
from app.core import clock, forms
from app.core.http import page_number, submitted
from app.core.paging import Page, paged
from app.core.pieces import Card
from app.enterprises import policy, queries, service
from app.enterprises.forms import ProjectFilterForm, ProjectForm
from app.enterprises.models import KeyProject
from app.enterprises.views.blueprint import bp


@bp.get("/projects")
def projects() -> ResponseReturnValue:
    """List the key projects that the viewer may see."""
    form = ProjectFilterForm(forms.asked(request.args))
    found = queries.search_projects(form.asked(), viewer=current_user)
    page = paged(found, page_number(), size=current_app.config["PAGE_SIZE"])
    linkages = queries.linkages_by_project([one.id for one in page.items], clock.today())
    return render_template(
        "enterprises/projects.html",
        form=form,
        page=page,
        linkages=linkages,
        today=clock.today(),
        card=_list_card(page, linkages),
        may_edit=policy.may_edit(current_user),
    )


@bp.get("/projects/<int:project_id>")
def project(project_id: int) -> ResponseReturnValue:
    """Show one key project and who looks after it."""
    found = queries.project(project_id, viewer=current_user)
    history = queries.history(project_id=found.id)
    today = clock.today()
    current = next((one for one in history if one.is_active_on(today)), None)
    coming = next((one for one in reversed(history) if one.valid_from > today), None)
    return render_template(
        "enterprises/project.html",
        project=found,
        current=current,
        arranged=current or coming,
        history=history,
        card=_card(found, is_linked=bool(current or coming)),
        sees_builder=current_user.may(Permission.ENTERPRISE_SEE_ALL),
        may_edit=policy.may_edit(current_user, found),
        may_link=policy.may_link(current_user, found),
    )


@bp.get("/projects/new")
def new_project() -> ResponseReturnValue:
    """Show the form for a new project."""
    policy.require_edit(current_user)
    return _form_page(_form(), None)


@bp.post("/projects/new")
def create_project() -> ResponseReturnValue:
    """Begin the file of a project."""
    policy.require_edit(current_user)
    form = _form()

    def work() -> str:
        made = service.create_project(form.given(), actor=current_user)
        return url_for(".project", project_id=made.id)

    done = _("项目已建好。接下来请安排包联。")
    return submitted(form, work, page=lambda: _form_page(form, None), flash=done)


@bp.get("/projects/<int:project_id>/edit")
def edit_project(project_id: int) -> ResponseReturnValue:
    """Show the file of a project as a form."""
    found = queries.project(project_id, viewer=current_user)
    policy.require_edit(current_user, found)
    return _form_page(_form(found), found)


@bp.post("/projects/<int:project_id>/edit")
def save_project(project_id: int) -> ResponseReturnValue:
    """Change the file of a project."""
    found = queries.project(project_id, viewer=current_user)
    form = _form(found)

    def work() -> str:
        version = form.version.data
        service.edit_project(found, form.given(), version=version, actor=current_user)
        return url_for(".project", project_id=found.id)

    return submitted(form, work, page=lambda: _form_page(form, found), flash=_("项目已保存。"))


def _form(project: KeyProject | None = None) -> ProjectForm:
    form = ProjectForm(obj=project)
    form.offer(queries.choices(viewer=current_user))
    return form


def _form_page(form: ProjectForm, project: KeyProject | None) -> str:
    differences = []
    if project is not None and form.version.data not in {None, project.version}:
        differences = forms.differences(form, project)
        form.renew(project.version)
    return render_template(
        "enterprises/project_form.html", form=form, project=project, differences=differences
    )


def _card(project: KeyProject, *, is_linked: bool) -> Card | None:
    """Return what is to be done for a project, if the viewer can do it."""
    if not project.is_active:
        return Card(_("已完工或取消，不再走访"), tone="done")
    if not is_linked and policy.may_link(current_user, project):
        return _unlinked(project)
    if is_linked and current_user.may(Permission.VISIT_RECORD):
        return Card(
            _("走访这个项目"),
            _("听到的问题可以和走访一起登记。"),
            url=url_for("visits.new", project=project.id),
            verb=_("记录走访"),
            icon="geo-alt",
        )
    return None


def _list_card(page: Page[KeyProject], linked: Collection[int | None]) -> Card:
    """Return the first project that nobody looks after, or that all are looked after."""
    unlinked = [one for one in page.items if one.id not in linked and one.is_active]
    if unlinked and policy.may_link(current_user):
        return _unlinked(unlinked[0])
    if not page.total:
        return Card(_("这里还没有您能看的重点项目"), _("包联关系由营商办安排。"), tone="done")
    return Card(_("您能看的 %(n)s 个项目都在这里", n=page.total), tone="done")


def _unlinked(project: KeyProject) -> Card:
    return Card(
        _("还没有人包联%(name)s", name=project.name),
        _("安排包联领导和联络员后，每月的走访任务会自动生成。"),
        url=url_for(".project_linkage", project_id=project.id),
        verb=_("安排包联"),
        icon="person-plus",
    )
