"""Planning a visit, asking for a waiver, and deciding on it."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock
from app.core.http import submitted
from app.core.locale import translated
from app.visits import policy, queries, service
from app.visits.calendar import Month
from app.visits.forms import YES, DecisionForm, ExemptionForm, PlanForm
from app.visits.models import GROUND_OF, ExemptGround, VisitTask
from app.visits.views.blueprint import bp


@bp.get("/visits/tasks/<int:task_id>/plan")
def plan(task_id: int) -> ResponseReturnValue:
    """Show the form for the day of a visit."""
    task = queries.get_task(task_id, viewer=current_user)
    policy.require_record(current_user)
    return _plan_page(PlanForm(obj=task), task)


@bp.post("/visits/tasks/<int:task_id>/plan")
def save_plan(task_id: int) -> ResponseReturnValue:
    """Set the day of a visit; where others go there too, say so first."""
    task = queries.get_task(task_id, viewer=current_user)
    form = PlanForm(obj=task)

    def work() -> str:
        service.plan(
            task,
            form.planned_on.data or clock.today(),
            together=bool(form.together.data),
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".mine", period=task.period)

    return submitted(form, work, page=lambda: _plan_page(form, task), flash=_("日期已排好。"))


@bp.get("/visits/tasks/<int:task_id>/exemption")
def exemption(task_id: int) -> ResponseReturnValue:
    """Show the form that asks for a waiver, or to the office the one that decides."""
    task = queries.get_task(task_id, viewer=current_user)
    if task.awaits_decision and policy.may_exempt(current_user):
        return _decision_page(DecisionForm(obj=task), task)
    policy.require_record(current_user)
    return _exemption_page(ExemptionForm(formdata=None, obj=task, **_begun()), task)


@bp.post("/visits/tasks/<int:task_id>/exemption")
def ask_exemption(task_id: int) -> ResponseReturnValue:
    """Ask the office for a waiver."""
    task = queries.get_task(task_id, viewer=current_user)
    form = ExemptionForm(obj=task)

    def work() -> str:
        service.ask_exemption(
            task,
            ExemptGround(form.ground.data),
            form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".mine", period=task.period)

    done = _("已交营商办批准；批准前仍算待走访。")
    return submitted(form, work, page=lambda: _exemption_page(form, task), flash=done)


@bp.post("/visits/tasks/<int:task_id>/exemption/decision")
def decide_exemption(task_id: int) -> ResponseReturnValue:
    """Waive the visit, or not."""
    task = queries.get_task(task_id, viewer=current_user)
    form = DecisionForm(obj=task)

    def work() -> str:
        service.decide_exemption(
            task,
            approve=form.decision.data == YES,
            answer=form.answer.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".exemptions")

    done = _("已答复，申请人会收到消息。")
    return submitted(form, work, page=lambda: _decision_page(form, task), flash=done)


@bp.get("/visits/exemptions")
def exemptions() -> ResponseReturnValue:
    """Show the office which waivers wait for it."""
    return render_template("visits/exemptions.html", asked=queries.asked_exemptions(current_user))


def _begun() -> dict[str, str]:
    """Return the ground and the words that a failed visit speaks for, where one led here."""
    visit_id = request.args.get("visit", type=int)
    if visit_id is None:
        return {}
    visit = queries.get(visit_id, viewer=current_user)
    ground = GROUND_OF.get(visit.outcome)
    if ground is None:
        return {}
    words = _(
        "%(month)s月%(day)s日上门：%(outcome)s。",
        month=visit.visited_on.month,
        day=visit.visited_on.day,
        outcome=translated(visit.outcome.label),
    )
    return {"ground": ground.value, "reason": f"{words}{visit.opinions}"[:200]}


def _plan_page(form: PlanForm, task: VisitTask) -> str:
    if form.version.data not in {None, task.version}:
        form.renew(task.version)
    day = form.planned_on.data or clock.today()
    return render_template(
        "visits/plan.html",
        form=form,
        task=task,
        near=queries.neighbours(task.linkage, on=day, but=current_user),
        today=clock.today(),
        last=Month.read(task.period).last,
    )


def _exemption_page(form: ExemptionForm, task: VisitTask) -> str:
    if form.version.data not in {None, task.version}:
        form.renew(task.version)
    return render_template("visits/exemption.html", form=form, task=task)


def _decision_page(form: DecisionForm, task: VisitTask) -> str:
    if form.version.data not in {None, task.version}:
        form.renew(task.version)
    return render_template("visits/decision.html", form=form, task=task)
