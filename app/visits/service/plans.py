"""The plan of a visit: a day that does not crowd the enterprise, alone or together.

Source: the office's visit rules, C3.1 (无事不扰). Every change of the day is a row of its own; the
row that ended keeps what was said to it. Who plans at the same moment for the same enterprise
waits for the other, and then sees them.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock, links
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotFound, check_version
from app.core.i18n import N_
from app.notifications import service as outbox
from app.visits import queries
from app.visits.calendar import Month
from app.visits.models import VisitPlan, VisitTask
from app.visits.queries import Near
from app.visits.service import along, inviting
from app.visits.service.owning import hold, require_owed, require_owner

REASON_SHORTEST = 2
MINE = "/visits/mine"
BACK = N_("{name}不和您一起去{target}了，您仍是{day_on}去")
MOVED = N_("{name}把去{target}的日子改到{day_on}，您约好一起去的也改了")
ALONE = N_("{name}不去{target}了，您仍是{day_on}去")


def plan(
    task: VisitTask, planned_on: date, *, reason: str = "", version: int | None, actor: Actor
) -> None:
    """Set the day on which a target is to be visited, and tell the enterprise when it is near.

    Where somebody else goes there within seven days, names them: one goes together, on another
    day, or says why it has to be this day; the others then hear of it. Who had joined this plan
    goes along to the new day.
    """
    check_version(task.version, version)
    _require_may_plan(task, actor)
    _check_day(task, planned_on)
    now = queries.open_plan(task.id)
    party = {one.task_id for one in queries.companions(now)} if now else set()
    around = queries.neighbours(task.linkage, on=planned_on, but=actor)
    near = [one for one in around if one.task_id not in party]
    said = reason.strip()
    if near and len(said) < REASON_SHORTEST:
        raise _crowded(near)
    if task.planned_on == planned_on and now is not None and now.host_id is None:
        now.reason = said or now.reason
        return
    made = begin(task, planned_on, by=actor.user_id, reason=said)
    along.tell(task, actor=actor)
    _log(actor, N_("排定走访"), made, reason=said)
    _warn(made, near, actor)


def join(task: VisitTask, other_id: int, *, version: int | None, actor: Actor) -> VisitPlan:
    """Go together with somebody who has planned a visit to the same enterprise, on their day.

    The others are told who joins. Raises NotFound where they plan it no more.
    """
    check_version(task.version, version)
    _require_may_plan(task, actor)
    host = _host(task, other_id)
    _check_day(task, host.planned_on)
    made = begin(task, host.planned_on, by=actor.user_id, host=host)
    along.tell(task, actor=actor)
    _log(actor, N_("约好一起走访"), made)
    outbox.tell(
        _others([host, *queries.joined(host.id)], made, actor),
        tenant_id=task.tenant_id,
        rule="visit-joined",
        period=str(made.id),
        subject=N_("{name}和您一起去{target}：{day_on}"),
        context=_told(made, actor),
        link=MINE,
    )
    return made


def leave(task: VisitTask, *, version: int | None, actor: Actor) -> None:
    """Take back that one goes together: the day planned before holds again, if there was one."""
    check_version(task.version, version)
    _require_may_plan(task, actor)
    plan_now = queries.open_plan(task.id)
    if plan_now is None or plan_now.host_id is None:
        raise Invalid(N_("您没有和别人约在一起，不用撤回。"))
    party = queries.companions(plan_now)
    before = plan_now.before_on
    _log(actor, N_("撤回一起走访"), plan_now)
    if before is not None and before >= clock.today():
        begin(task, before, by=actor.user_id)
    else:
        end(plan_now)
        task.planned_on = None
    _tell_each(party, plan_now, actor, subject=BACK, rule="visit-left")


def cancel_plan(task: VisitTask, *, version: int | None, actor: Actor) -> None:
    """Plan no day any more; the enterprise hears of it, and so do those who would go along."""
    check_version(task.version, version)
    _require_may_plan(task, actor)
    if task.planned_on is None:
        raise Invalid(N_("还没有排日子，不用取消。"))
    plan_now = queries.open_plan(task.id)
    task.planned_on = None
    if plan_now is not None:
        _log(actor, N_("取消走访安排"), plan_now)
        party = queries.companions(plan_now)
        inviting.call_off(plan_now)
        end(plan_now)
        _tell_each(party, plan_now, actor, subject=ALONE, rule="visit-given-up")


def begin(
    task: VisitTask,
    day: date,
    *,
    by: int | None,
    reason: str = "",
    host: VisitPlan | None = None,
) -> VisitPlan:
    """Let a new plan hold instead of the one before, take those along who had joined it."""
    old = queries.open_plan(task.id)
    guests = queries.joined(old.id) if old else ()
    before, was_told = task.planned_on, old is not None and old.told_at is not None
    if old is not None:
        if host is not None:
            inviting.call_off(old, instead=day)
        _close(old)
    made = VisitPlan(
        tenant_id=task.tenant_id,
        task_id=task.id,
        planned_on=day,
        made_by_id=by,
        made_at=clock.now(),
        reason=reason,
        host_id=host.id if host else None,
        before_on=before,
        task=task,
    )
    db.session.add(made)
    task.planned_on = day
    db.session.flush()  # gives the plan the id that guests, letters and messages name
    _bring_along(guests, host or made, by_firm=by is None)
    inviting.invite_when_near(made, at_once=was_told)
    return made


def end(plan_now: VisitPlan) -> None:
    """Let a plan hold no more; its link opens nothing, and who had joined it stays on the day."""
    guests = queries.joined(plan_now.id)
    _close(plan_now)
    head = next(iter(guests), None)
    for guest in guests:
        guest.host_id = head.id if head is not None and guest is not head else None
    db.session.flush()  # the next plan of a task must find this one ended
    if head is not None:
        inviting.invite_when_near(head)


def settle(linkage_ids: Iterable[int]) -> None:
    """End the plans of what is owed no more: visited, waived, or nobody's."""
    for one in db.session.scalars(
        select(VisitPlan)
        .join(VisitPlan.task)
        .where(VisitTask.linkage_id.in_(list(linkage_ids)), VisitPlan.ended_at.is_(None))
        .order_by(VisitPlan.id)
    ).all():
        if not one.task.is_owed:
            if not one.task.is_done:
                inviting.call_off(one)
            end(one)


def _close(plan_now: VisitPlan) -> None:
    plan_now.ended_at = clock.now()
    links.revoke(
        tenant_id=plan_now.tenant_id,
        purpose=queries.PURPOSE,
        subject=inviting.subject_of(plan_now.task_id),
    )
    inviting.take_back(plan_now)
    db.session.flush()  # the next plan of a task must find this one ended


def _bring_along(guests: Sequence[VisitPlan], host: VisitPlan, *, by_firm: bool) -> None:
    """Let those who had joined a plan go on the new day; who cannot then stays on the old one.

    What the enterprise itself asked for, everybody hears of from it.
    """
    for guest in guests:
        if guest.task_id == host.task_id:
            continue
        stays = host.planned_on > Month.read(guest.task.period).last
        if stays:
            guest.host_id = None
            inviting.invite_when_near(guest)
        else:
            guest.host_id, guest.planned_on = host.id, host.planned_on
            guest.task.planned_on = host.planned_on
        if stays or not by_firm:
            _tell_guest(guest, host, subject=ALONE if stays else MOVED)


def _tell_guest(guest: VisitPlan, host: VisitPlan, *, subject: str) -> None:
    outbox.tell(
        queries.people_of(guest.task.linkage),
        tenant_id=guest.tenant_id,
        rule="visit-moved",
        period=f"{host.id}/{guest.id}",
        subject=subject,
        context=_context(guest, queries.names_of(host.task.linkage), guest.planned_on),
        link=MINE,
    )


def _host(task: VisitTask, other_id: int) -> VisitPlan:
    """Return the plan to join: the other's, or the one that they joined themselves."""
    other = db.session.get(VisitTask, other_id)
    same = (
        other is not None
        and other.tenant_id == task.tenant_id
        and other.is_owed
        and other.planned_on is not None
        and other.linkage_id != task.linkage_id
        and queries.whom(other.linkage) == queries.whom(task.linkage)
    )
    if other is None or not same:
        raise NotFound(N_("对方已经不打算这几天去了，请刷新后再看。"))
    found = queries.open_plan(other.id) or begin_kept(other)
    if found.host_id is None:
        return found
    host: VisitPlan = db.session.get_one(VisitPlan, found.host_id)
    if host.task_id == task.id:
        raise Invalid(N_("您和对方已经约在一起了。"))
    return host


def begin_kept(task: VisitTask) -> VisitPlan:
    """Write down the plan of a task whose day was noted before plans were rows."""
    made = VisitPlan(
        tenant_id=task.tenant_id,
        task_id=task.id,
        planned_on=task.planned_on,
        made_at=clock.now(),
        task=task,
    )
    db.session.add(made)
    db.session.flush()  # gives the plan the id that who joins it names
    return made


def _require_may_plan(task: VisitTask, actor: Actor) -> None:
    require_owner(task, actor)
    require_owed(task)
    hold(task.linkage)


def _check_day(task: VisitTask, planned_on: date) -> None:
    month = Month.read(task.period)
    if clock.today() <= planned_on <= month.last:
        return
    raise Invalid(
        N_("请选今天到{month}月{day}日之间的一天。"),
        field="planned_on",
        month=month.month,
        day=month.last.day,
    )


def _crowded(near: Sequence[Near]) -> DomainError:
    first = near[0]
    return Invalid(
        N_(
            "{names}在{month}月{day}日也去这家企业，前后不到 7 天。请约在一起去、换一天，"
            "或者写明为什么还要排这一天。"
        ),
        field="reason",
        names=first.names,
        month=first.on.month,
        day=first.on.day,
    )


def _warn(made: VisitPlan, near: Sequence[Near], actor: Actor) -> None:
    """Tell those who plan to go there as well that somebody goes close to their day."""
    for one in near:
        if one.is_planned:
            outbox.tell(
                [user_id for user_id in one.user_ids if user_id != actor.user_id],
                tenant_id=made.tenant_id,
                rule="visit-near",
                period=f"{made.id}/{one.task_id}",
                subject=N_("{name}打算{day_on}也去{target}，和您前后不到 7 天，可以约在一起"),
                context=_told(made, actor),
                link=MINE,
            )


def _tell_each(
    party: Sequence[VisitPlan], mine: VisitPlan, actor: Actor, *, subject: str, rule: str
) -> None:
    for one in party:
        outbox.tell(
            [id_ for id_ in queries.people_of(one.task.linkage) if id_ != actor.user_id],
            tenant_id=mine.tenant_id,
            rule=rule,
            period=f"{mine.id}/{one.id}",
            subject=subject,
            context=_context(one, actor.name, one.planned_on),
            link=MINE,
        )


def _others(plans: Iterable[VisitPlan], mine: VisitPlan, actor: Actor) -> list[int]:
    """Return who else goes: not the one who does it, and not who has it from the same linkage."""
    found = {
        user_id
        for one in plans
        if one.id != mine.id
        for user_id in queries.people_of(one.task.linkage)
    }
    return sorted(found - {actor.user_id})


def _told(made: VisitPlan, actor: Actor) -> dict[str, str]:
    return _context(made, actor.name, made.planned_on)


def _context(plan_of: VisitPlan, name: str, day: date) -> dict[str, str]:
    return {"name": name, "target": plan_of.task.target_name, "day_on": day.isoformat()}


def _log(actor: Actor, action: str, made: VisitPlan, *, reason: str = "") -> None:
    told = {"target": made.task.target_name, "planned_on": made.planned_on}
    accounts.log(actor, action, "visit_task", made.task_id, after=told, reason=reason)
