"""The tasks of a month: made, planned, waived, overdue.

Source: the office's visit rules, C3.1 and C3.2.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, update

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import DomainError, Invalid, NotAllowed, check_version
from app.core.i18n import N_
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage
from app.notifications import service as outbox
from app.visits import policy, queries
from app.visits.calendar import Month
from app.visits.models import ExemptGround, TaskState, VisitTask
from app.visits.service.completing import complete
from app.visits.service.inviting import invite
from app.workdays import queries as workdays

OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)


def generate_tasks(tenant_id: int, period: str) -> int:
    """Make what every active linkage owes in a month; return how many tasks are new.

    A second run makes nothing twice. A linkage begun after the 15th owes its first visit
    next month; one that has ended owes none. Visits made before the tasks count for them. What
    continues another that was handed on began with the first, and owes what that one still owed.
    """
    month, today = Month.read(period), clock.today()
    due_on = month.due_on(workdays.calendar_of(tenant_id))
    made, have = 0, _tasks_of(tenant_id, period)
    holding = enterprises.linkages_on(tenant_id, min(max(today, month.first), month.last))
    began = _began(holding)
    for linkage in holding:
        if began[linkage.root_id] > month.last_start:
            continue
        new = [
            _make(linkage, period, seq=seq, due_on=due_on)
            for seq in range(1, linkage.per_month + 1)
            if (linkage.root_id, seq) not in have
        ]
        if any(new):
            made += sum(new)
            complete(linkage, month)
    _cancel_ended(tenant_id, today)
    return made


def _tasks_of(tenant_id: int, period: str) -> set[tuple[int, int]]:
    """Return which tasks a month has: a run that finds them all writes nothing."""
    root = func.coalesce(Linkage.origin_id, Linkage.id)
    asked = (
        select(root, VisitTask.seq)
        .join(VisitTask.linkage)
        .where(VisitTask.tenant_id == tenant_id, VisitTask.period == period)
    )
    return {(root_id, seq) for root_id, seq in db.session.execute(asked)}


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
    """Cancel what nobody owes any more, because the linkage has ended."""
    ended = select(Linkage.id).where(Linkage.tenant_id == tenant_id, Linkage.valid_to < today)
    db.session.execute(
        update(VisitTask)
        .where(VisitTask.tenant_id == tenant_id, VisitTask.state == TaskState.PLANNED)
        .where(VisitTask.linkage_id.in_(ended))
        .values(state=TaskState.CANCELLED, version=VisitTask.version + 1)
    )


def mark_overdue(task_id: int) -> None:
    """Note that the day of a task has passed without a visit that counts."""
    task = db.session.get_one(VisitTask, task_id)
    if task.state is TaskState.PLANNED and task.due_on < clock.today():
        task.state = TaskState.OVERDUE


def plan(
    task: VisitTask, planned_on: date, *, together: bool, version: int | None, actor: Actor
) -> None:
    """Set the day on which a target is to be visited.

    Where somebody else goes there within seven days, names them and asks to go together;
    `together` says that this was read.
    """
    check_version(task.version, version)
    _require_owner(task, actor)
    _require_owed(task)
    month = Month.read(task.period)
    if planned_on < clock.today() or planned_on > month.last:
        raise Invalid(
            N_("请选今天到{month}月{day}日之间的一天。"),
            field="planned_on",
            month=month.month,
            day=month.last.day,
        )
    near = queries.neighbours(task.linkage, on=planned_on, but=actor)
    if near and not together:
        raise _crowded(near)
    moved = task.planned_on != planned_on
    task.planned_on = planned_on
    if moved:
        invite(task, actor=actor)


def _crowded(near: Sequence[queries.Near]) -> DomainError:
    first = near[0]
    return Invalid(
        N_(
            "{names}在{month}月{day}日也去这家企业，前后不到 7 天。建议约在一起去，少打扰企业；"
            "还要排这一天，请勾选后再提交。"
        ),
        field="together",
        names=first.names,
        month=first.on.month,
        day=first.on.day,
    )


def ask_exemption(
    task: VisitTask, ground: ExemptGround, reason: str, *, version: int | None, actor: Actor
) -> None:
    """Ask the office to waive a task. Raises NotAllowed to all but those whose task it is."""
    check_version(task.version, version)
    _require_owner(task, actor)
    _require_owed(task)
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
    if not task.awaits_decision or not task.is_owed:
        raise Invalid(N_("这项免访申请已经办完，或者企业已经走访过了。"))
    if not approve and not answer.strip():
        raise Invalid(N_("不同意时请写明理由，申请人会看到。"), field="answer")
    task.exempt_decided_by_id, task.exempt_decided_at = decider_id, clock.now()
    task.exempt_answer = answer.strip()
    if approve:
        task.state = TaskState.EXEMPT
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


def _require_owner(task: VisitTask, actor: Actor) -> None:
    policy.require_record(actor)
    own = policy.looks_after(actor, task.linkage)
    if task.tenant_id != actor.tenant_id or not (own or policy.may_see_all(actor)):
        raise NotAllowed(N_("这家企业不是您联系的，请找它的包联领导或联络员。"))


def _require_owed(task: VisitTask) -> None:
    if not task.is_owed:
        raise Invalid(N_("这项任务已经{state}，不用再排了。"), state=task.state)
