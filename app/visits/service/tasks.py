"""The tasks of a month: made, waived, overdue.

Source: the office's visit rules, C3.1 and C3.2.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, update

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.parameters import Parameters
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage
from app.notifications import service as outbox
from app.visits import policy
from app.visits.calendar import Month
from app.visits.models import ExemptGround, TaskState, VisitTask
from app.visits.service import plans
from app.visits.service.completing import complete
from app.visits.service.days import open_until
from app.visits.service.owning import hold, require_owed, require_owner
from app.workdays import queries as workdays

OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)


def generate_tasks(tenant_id: int, period: str) -> int:
    """Make what every active linkage owes in a month; return how many tasks are new.

    A second run makes nothing twice, and a target that has its tasks gets no more when the
    parameters ask for more: that begins next month. A linkage begun after the 15th owes its first
    visit next month; one that has ended owes none. Visits made before the tasks count for them.
    What continues another that was handed on began with the first, and owes what that one still
    owed.
    """
    month, today = Month.read(period), clock.today()
    due_on = month.due_on(workdays.calendar_of(tenant_id))
    parameters = people.tenant(tenant_id).parameters
    made, have = 0, _roots_with_tasks(tenant_id, period)
    holding = enterprises.linkages_on(tenant_id, min(max(today, month.first), month.last))
    began = _began(holding)
    for linkage in holding:
        if began[linkage.root_id] > month.last_start or linkage.root_id in have:
            continue
        new = [
            _make(linkage, period, seq=seq, due_on=due_on)
            for seq in range(1, _owed_by(linkage, parameters) + 1)
        ]
        if any(new):
            made += sum(new)
            complete(linkage, month)
    _cancel_ended(tenant_id, today)
    return made


def _roots_with_tasks(tenant_id: int, period: str) -> set[int]:
    """Return which linkages have tasks in a month, by the first of each line of them.

    A run that finds them all writes nothing.
    """
    root = func.coalesce(Linkage.origin_id, Linkage.id)
    asked = (
        select(root)
        .join(VisitTask, VisitTask.linkage_id == Linkage.id)
        .where(VisitTask.tenant_id == tenant_id, VisitTask.period == period)
    )
    return set(db.session.scalars(asked.distinct()))


def _owed_by(linkage: Linkage, parameters: Parameters) -> int:
    """Return how many visits a linkage owes a month: its own number, not below the tenant's."""
    least = parameters.project_per_month if linkage.project_id else parameters.visit_per_month
    return max(linkage.per_month, least)


def _began(holding: Sequence[Linkage]) -> dict[int, date]:
    """Return since when each target owes visits, by the first of its linkages."""
    firsts = list(holding)
    if handed_on := {one.origin_id for one in holding if one.origin_id is not None}:
        firsts += db.session.scalars(select(Linkage).where(Linkage.id.in_(handed_on)))
    return {
        one.id: max(clock.local(one.created_at).date(), one.valid_from)
        for one in firsts
        if one.origin_id is None
    }


def _make(linkage: Linkage, period: str, *, seq: int, due_on: date) -> bool:
    made = db.session.execute(
        inserting(VisitTask)
        .values(
            tenant_id=linkage.tenant_id,
            linkage_id=linkage.id,
            period=period,
            seq=seq,
            due_on=due_on,
            state=TaskState.PLANNED,
            liaison_only=False,
            exempt_reason="",
            exempt_answer="",
            version=1,
        )
        .on_conflict_do_nothing(index_elements=["linkage_id", "period", "seq"])
        .returning(VisitTask.id)
    ).first()
    return made is not None


def _cancel_ended(tenant_id: int, today: date) -> None:
    """Cancel what nobody owes any more, because the linkage ended before the visit was due.

    One that held to the month's last workday owed its visit: it is not cancelled by the night.
    """
    ended = select(Linkage.id).where(
        Linkage.id == VisitTask.linkage_id,
        Linkage.valid_to < today,
        Linkage.valid_to < VisitTask.due_on,
    )
    cancelled = db.session.scalars(
        update(VisitTask)
        .where(VisitTask.tenant_id == tenant_id, VisitTask.state == TaskState.PLANNED)
        .where(ended.exists())
        .values(state=TaskState.CANCELLED, version=VisitTask.version + 1)
        .returning(VisitTask.linkage_id)
    ).all()
    if cancelled:
        plans.settle(cancelled)


def mark_overdue(task_id: int) -> None:
    """Note that the day of a task has passed without a visit that counts."""
    task = db.session.get_one(VisitTask, task_id)
    if task.state is TaskState.PLANNED and task.due_on < clock.today():
        task.state = TaskState.OVERDUE


def ask_exemption(
    task: VisitTask, ground: ExemptGround, reason: str, *, version: int | None, actor: Actor
) -> None:
    """Ask the office to waive a task. Raises NotAllowed to all but those whose task it is.

    As with late entries, a month is closed after the fifth workday of the next to all but the
    office: its figures have been reported.
    """
    check_version(task.version, version)
    require_owner(task, actor)
    require_owed(task)
    _require_open_month(task, actor)
    if task.awaits_decision:
        raise Invalid(N_("已经申请过了，营商办还没有答复。"))
    task.exempt_ground, task.exempt_reason = ground, reason.strip()
    task.exempt_asked_by_id, task.exempt_asked_at = actor.user_id, clock.now()
    task.exempt_decided_by_id = task.exempt_decided_at = None
    task.exempt_answer = ""
    told = {"target": task.target_name, "period": task.period, "ground": ground}
    accounts.log(actor, N_("申请免访"), "visit_task", task.id, after=told, reason=reason)
    outbox.tell(
        [person.id for person in people.users_with_role(task.tenant_id, OFFICE)],
        tenant_id=task.tenant_id,
        rule="exemption-asked",
        period=f"{task.id}/{task.version}",
        subject=N_("{name}申请免访：{target}（{ground_label}）"),
        context={"name": actor.name, "target": task.target_name, "ground_label": ground.label},
        link=f"/visits/tasks/{task.id}/exemption",
    )


def decide_exemption(
    task: VisitTask, *, approve: bool, answer: str, version: int | None, actor: Actor
) -> None:
    """Waive a task, or not. Another person decides than the one who asked."""
    check_version(task.version, version)
    decider_id = policy.require_exempt(actor, task)
    hold(task.linkage)
    if not task.awaits_decision or not task.is_owed:
        raise Invalid(N_("这项免访申请已经办完，或者企业已经走访过了。"))
    if not approve and not answer.strip():
        raise Invalid(N_("不同意时请写明理由，申请人会看到。"), field="answer")
    task.exempt_decided_by_id, task.exempt_decided_at = decider_id, clock.now()
    task.exempt_answer = answer.strip()
    if approve:
        task.state = TaskState.EXEMPT
        plans.settle([task.linkage_id])
    verb = N_("同意免访") if approve else N_("不同意免访")
    told = {"target": task.target_name, "period": task.period}
    accounts.log(actor, verb, "visit_task", task.id, after=told, reason=answer)
    outbox.tell(
        [task.exempt_asked_by_id],
        tenant_id=task.tenant_id,
        rule="exemption-decided",
        period=f"{task.id}/{task.version}",
        subject=N_("{verb_label}：{target}"),
        context={"verb_label": verb, "target": task.target_name},
        link=f"/visits/mine?period={task.period}",
    )


def _require_open_month(task: VisitTask, actor: Actor) -> None:
    month = Month.read(task.period)
    until = open_until(month, task.tenant_id)
    if clock.today() > until and not policy.may_record_late(actor):
        raise Invalid(
            N_("{month}月的免访只能申请到{last_month}月{last_day}日，已经过了。请联系营商办。"),
            month=month.month,
            last_month=until.month,
            last_day=until.day,
        )
