"""Planning a visit, alone or together, asking for a waiver, and deciding on it."""

from collections.abc import Callable, Sequence
from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.roles import Actor
from app.core import clock, locale
from app.core.forms import Form
from app.core.http import submitted
from app.core.locale import translated
from app.visits import policy, queries, service
from app.visits.calendar import Month
from app.visits.forms import YES, DecisionForm, ExemptionForm, PlanForm
from app.visits.models import GROUND_OF, ExemptGround, VisitPlan, VisitTask
from app.visits.queries import Errand, Near
from app.visits.views.blueprint import bp, may_join

WORDS = 150  # of what an enterprise said, that the reason of a waiver repeats


@bp.get("/visits/tasks/<int:task_id>/plan")
def plan(task_id: int) -> ResponseReturnValue:
    """Show the form for the day of a visit."""
    task = queries.get_task(task_id, viewer=current_user)
    policy.require_record(current_user)
    form = PlanForm(formdata=None, planned_on=task.planned_on, version=task.version)
    return _plan_page(form, task)


@bp.post("/visits/tasks/<int:task_id>/plan")
def save_plan(task_id: int) -> ResponseReturnValue:
    """Set the day of a visit; where others go there too, say so first."""
    task = queries.get_task(task_id, viewer=current_user)
    form = PlanForm()

    def work() -> str:
        service.plan(
            task,
            form.planned_on.data or clock.today(),
            reason=form.reason.data or "",
            version=form.version.data,
            actor=current_user,
        )
        return url_for(".mine", period=task.period)

    return submitted(form, work, page=lambda: _plan_page(form, task), flash=_("日期已排好。"))


@bp.post("/visits/tasks/<int:task_id>/plan/cancel")
def cancel_plan(task_id: int) -> ResponseReturnValue:
    """Plan no day any more."""
    return _changed(task_id, service.cancel_plan, _("已取消这一天。"))


@bp.post("/visits/tasks/<int:task_id>/plan/leave")
def leave(task_id: int) -> ResponseReturnValue:
    """Take back that one goes together with somebody."""
    return _changed(task_id, service.leave, _("已撤回，对方会收到消息。"))


@bp.post("/visits/tasks/<int:task_id>/plan/join/<int:other_id>")
def join(task_id: int, other_id: int) -> ResponseReturnValue:
    """Go together with somebody who goes to the same enterprise, on their day."""

    def together(task: VisitTask, *, version: int | None, actor: Actor) -> None:
        service.join(task, other_id, version=version, actor=actor)

    return _changed(task_id, together, _("已约在一起去，对方会收到消息。改主意可以撤回。"))


def _changed(task_id: int, verb: Callable[..., None], done: str) -> ResponseReturnValue:
    """Do what a button without further fields says; a refusal stands on the page of the plan."""
    task = queries.get_task(task_id, viewer=current_user)
    form = Form()

    def work() -> str:
        verb(task, version=form.version.data, actor=current_user)
        return url_for(".mine", period=task.period, _anchor=f"task-{task.id}")

    def page() -> str:
        again = PlanForm(formdata=None, planned_on=task.planned_on, version=task.version)
        again.form_errors.extend(form.form_errors)
        return _plan_page(again, task)

    return submitted(form, work, page=page, flash=done)


@bp.get("/visits/tasks/<int:task_id>/exemption")
def exemption(task_id: int) -> ResponseReturnValue:
    """Show the form that asks for a waiver, or to the office the one that decides."""
    task = queries.get_task(task_id, viewer=current_user)
    if task.awaits_decision and policy.may_exempt(current_user):
        return _decision_page(DecisionForm(obj=task), task)
    policy.require_record(current_user)
    form = ExemptionForm(formdata=None, obj=task, **_begun())
    refusal = queries.refusal_of(task)
    if refusal is not None and task.exempt_asked_at is None:
        form.ground.data, form.reason.data = ExemptGround.ASKED.value, _asked_in_words(refusal)
    return _exemption_page(form, task)


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


def _asked_in_words(refusal: VisitPlan) -> str:
    """Return the reason of a waiver that an enterprise asked for itself, with its own words."""
    day = locale.day(refusal.answered_at)
    if refusal.answer_words:
        words = refusal.answer_words[:WORDS]
        return str(_("企业%(day)s书面提出无需走访：%(words)s", day=day, words=words))
    return str(_("企业%(day)s书面提出无需走访。", day=day))


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
    errand = queries.errands([task], viewer=current_user, today=clock.today())[0]
    return render_template(
        "visits/plan.html",
        form=form,
        task=task,
        planned=errand.planned,
        near=_near(task, errand, form.planned_on.data),
        may_join=may_join,
        button=lambda: Form(formdata=None, version=task.version),
        today=clock.today(),
        last=Month.read(task.period).last,
    )


def _near(task: VisitTask, errand: Errand, day: date | None) -> Sequence[Near]:
    """Return who else goes around the day that is on the form: not who goes along."""
    if day is None or day == (task.planned_on or clock.today()):
        return errand.near
    along = {one.task_id for one in errand.planned.together}
    around = queries.neighbours(task.linkage, on=day, but=current_user)
    return [one for one in around if one.task_id not in along]


def _exemption_page(form: ExemptionForm, task: VisitTask) -> str:
    if form.version.data not in {None, task.version}:
        form.renew(task.version)
    refusal = queries.refusal_of(task)
    return render_template("visits/exemption.html", form=form, task=task, refusal=refusal)


def _decision_page(form: DecisionForm, task: VisitTask) -> str:
    if form.version.data not in {None, task.version}:
        form.renew(task.version)
    refusal = queries.refusal_of(task)
    return render_template("visits/decision.html", form=form, task=task, refusal=refusal)
