"""The list of visits, the page of one, its files, and the rules of conduct."""

from collections.abc import Sequence

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.attachments import queries as attachments
from app.core import clock, files, forms
from app.core.errors import Invalid
from app.core.http import page_number, submitted
from app.core.i18n import N_
from app.core.locale import translated
from app.core.paging import paged
from app.core.pieces import Card
from app.tickets.models import Ticket
from app.visits import policy, queries, service
from app.visits.calendar import Month
from app.visits.forms import FilesForm, VisitFilterForm
from app.visits.models import GROUND_OF, Visit, VisitTask
from app.visits.views.blueprint import bp

MONTHS_BACK = 24


@bp.get("/visits")
def index() -> ResponseReturnValue:
    """List the visits that the viewer may see, and how far this month has come."""
    form = VisitFilterForm(forms.asked(request.args))
    month = Month.of(clock.today())
    form.offer(people=queries.visitors_of(current_user.tenant_id), months=_months(month))
    found = queries.search(form.asked(), viewer=current_user)
    page = paged(found, page_number(), size=current_app.config["PAGE_SIZE"])
    may_read = policy.may_read(current_user)
    return render_template(
        "visits/index.html",
        form=form,
        may_read=may_read,
        page=page,
        month=month,
        share=queries.completion(month.period, viewer=current_user),
        asked=queries.asked_exemptions(current_user),
        problems=queries.problems_of([one.id for one in page.items], viewer=current_user),
        may_record=policy.may_record(current_user),
        may_exempt=policy.may_exempt(current_user),
        may_cover=policy.may_cover(current_user),
    )


@bp.get("/visits/<int:visit_id>")
def detail(visit_id: int) -> ResponseReturnValue:
    """Show one visit and all that it brought back."""
    return _page(queries.get(visit_id, viewer=current_user), FilesForm(formdata=None))


@bp.post("/visits/<int:visit_id>/files")
def add_files(visit_id: int) -> ResponseReturnValue:
    """Let more files belong to a visit."""
    visit = queries.get(visit_id, viewer=current_user)
    policy.require_files(current_user, visit)
    form = FilesForm(whose=current_user.user_id, bound_to=f"visit {visit.id}")

    def work() -> str:
        if not form.chosen():
            raise Invalid(N_("请选要补充的文件。"), field="files")
        service.add_files(visit, form.chosen(), actor=current_user)
        return url_for(".detail", visit_id=visit_id, _anchor="attachments")

    return submitted(form, work, page=lambda: _page(visit, form), flash=_("附件已补充。"))


@bp.get("/visits/<int:visit_id>/files/<int:attachment_id>")
def file(visit_id: int, attachment_id: int) -> ResponseReturnValue:
    """Hand out a file of a visit that the viewer may see."""
    visit = queries.get(visit_id, viewer=current_user)
    kept = attachments.get(attachment_id, viewer=current_user, visit_id=visit.id)
    return files.send(kept, inline=request.args.get("inline") == "1")


@bp.get("/visits/rules")
def rules() -> ResponseReturnValue:
    """Show how a visitor behaves: the eight things that are not done."""
    return render_template("visits/rules.html")


def _page(visit: Visit, form: FilesForm) -> str:
    form.carry_files()
    task = queries.task_to_waive(visit, viewer=current_user)
    problems = queries.problems_of([visit.id], viewer=current_user).get(visit.id, [])
    return render_template(
        "visits/detail.html",
        visit=visit,
        card=_card(visit, problems, task),
        problems=problems,
        left=queries.left_by(visit, viewer=current_user),
        files=attachments.belonging_to(viewer=current_user, visit_id=visit.id),
        file_url=lambda id_: url_for(".file", visit_id=visit.id, attachment_id=id_),
        files_form=form if policy.may_add_files(current_user, visit) else None,
        may_record=policy.may_record(current_user),
        near=queries.planned_after(visit, but=current_user),
    )


def _card(visit: Visit, problems: Sequence[Ticket], task: VisitTask | None) -> Card:
    """Return what is to be done first after a visit."""
    if not visit.took_place:
        return _failed_card(visit, task)
    if problems:
        is_open = any(ticket.is_open for ticket in problems)
        title = _("带回 %(n)s 个问题", n=len(problems))
        return Card(title, _("都已登记，进展看下面各项。"), tone="" if is_open else "done")
    if visit.open_promises:
        text = _("答应的事记在下面，下次走访前会提醒。")
    else:
        text = _("没有要跟进的事。")
    return Card(_("这次没有问题"), text, tone="done")


def _failed_card(visit: Visit, task: VisitTask | None) -> Card:
    """Return what follows from an attempt that came to nothing."""
    title = _("没有走访到：%(outcome)s", outcome=translated(visit.outcome.label))
    if task is None or visit.outcome not in GROUND_OF or not policy.may_record(current_user):
        return Card(title, _("已记下这一次，不算完成本月走访。"), tone="done")
    return Card(
        title,
        _("本月的任务还在。去不成的，可以现在申请免访，原因已经替您选好。"),
        url=url_for(".exemption", task_id=task.id, visit=visit.id),
        verb=_("申请本月免访"),
        icon="slash-circle",
    )


def _months(month: Month) -> list[Month]:
    found = [month]
    while len(found) < MONTHS_BACK:
        found.append(found[-1].preceding)
    return found
