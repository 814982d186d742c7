"""Days: planned, changed, called off.

Whoever was told of a day is told of every change of it, in the transaction of the change.
"""

from collections.abc import Collection
from datetime import date, time

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.servicedays import policy, queries
from app.servicedays.models import ServiceDay
from app.servicedays.queries.appointments import standing_of
from app.servicedays.queries.days import same_day
from app.servicedays.queries.people import may_host
from app.servicedays.service import announcing, inviting, telling
from app.servicedays.service.drafts import DayDraft
from app.servicedays.service.steps import take
from app.servicedays.workflow import Action, Inviting
from app.workdays import queries as workdays

SUBJECT = "service-day"
REASON_SHORTEST = 2
_COLUMNS = (
    "kind",
    "held_on",
    "begins_at",
    "ends_at",
    "place",
    "host_id",
    "focus",
    "notes",
    "is_online",
    "online_how",
    "capacity",
    "slot_minutes",
    "inviting",
    "exception_reason",
)

_TEXTS = frozenset({"place", "focus", "notes", "online_how", "exception_reason"})


def open_day(draft: DayDraft, *, actor: Actor) -> ServiceDay:
    """Plan a day, and tell its host and its units. Raises Invalid at the field that is wrong."""
    policy.require_manage(actor)
    _check(draft, None, actor)
    day = ServiceDay(tenant_id=actor.tenant_id, created_by_id=actor.user_id, created_at=clock.now())
    _write(day, draft, actor)
    db.session.add(day)
    db.session.flush()  # gives the day the id that invitations and messages name
    _invite(day, draft, actor)
    accounts.log(actor, N_("安排服务企业家日"), SUBJECT, day.id, after=_told(day))
    if not announcing.announce_if_due(day):
        telling.tell_of_new(day, but=actor.user_id)
    return day


def change_day(
    day: ServiceDay, draft: DayDraft, *, version: int | None = None, actor: Actor
) -> None:
    """Change a day; whoever was told of it is told what is otherwise now."""
    check_version(day.version, version)
    take(day, Action.EDIT, actor=actor)
    _check(draft, day, actor)
    _check_guests(day, draft)
    before, period = telling.facts(day), queries.period_of(day)
    logged = _told(day)
    _write(day, draft, actor)
    _invite(day, draft, actor)
    old, new = accounts.changes(logged, _told(day))
    if not new:
        return
    db.session.flush()  # the version is part of the key of what is told
    accounts.log(actor, N_("修改服务企业家日"), SUBJECT, day.id, before=old, after=new)
    telling.tell_of_change(day, before, period)
    announcing.announce_if_due(day)


def cancel_day(day: ServiceDay, reason: str, *, version: int | None = None, actor: Actor) -> None:
    """Call a day off, and tell everybody who was told of it or had booked."""
    check_version(day.version, version)
    step = take(day, Action.CANCEL, actor=actor)
    words = reason.strip()
    if len(words) < REASON_SHORTEST:
        raise Invalid(N_("请写明为什么取消，企业会看到。"), field="reason")
    if any(one.has_come for one in standing_of(day.id)):
        raise Invalid(N_("已经有企业签到，不能取消。可以标为已举办。"), field="reason")
    day.state, day.cancel_reason = step.target, words
    db.session.flush()  # the version is part of the key of what is told
    accounts.log(actor, N_("取消服务企业家日"), SUBJECT, day.id, after=_told(day), reason=words)
    telling.tell_of_cancellation(day)


def _check(draft: DayDraft, day: ServiceDay | None, actor: Actor) -> None:
    _check_date(draft, day, actor)
    if draft.ends_at <= draft.begins_at:
        raise Invalid(N_("结束时间要晚于开始时间。"), field="ends_at")
    if not draft.place.strip():
        raise Invalid(N_("请写地点。"), field="place")
    if not may_host(draft.host_id, actor.tenant_id):
        raise Invalid(N_("请从列表中选接待领导。"), field="host_id")
    if draft.is_online and not draft.online_how.strip():
        raise Invalid(N_("请写企业怎么在线上参加，例如会议号。"), field="online_how")
    if draft.inviting is Inviting.CHOSEN and not draft.enterprise_ids:
        raise Invalid(N_("请选要通知的企业，或者改选别的。"), field="enterprise_ids")
    length = (_minutes(draft.ends_at) - _minutes(draft.begins_at)) if draft.slot_minutes else 0
    if draft.slot_minutes and draft.slot_minutes > length:
        raise Invalid(N_("一个时段比整场还长，请改短一些。"), field="slot_minutes")


def _check_date(draft: DayDraft, day: ServiceDay | None, actor: Actor) -> None:
    moved = day is None or day.held_on != draft.held_on
    if moved and draft.held_on < clock.today():
        raise Invalid(N_("日期已经过了，请选今天或以后的一天。"), field="held_on")
    worked = workdays.calendar_of(actor.tenant_id).is_workday(draft.held_on)
    if not worked and not draft.exception_reason.strip():
        raise Invalid(
            N_("{month}月{day}日不是工作日。换一天；确实要在这一天办的，请在下面写明原因。"),
            field="held_on",
            month=draft.held_on.month,
            day=draft.held_on.day,
        )
    for other in same_day(actor.tenant_id, day, draft.held_on):
        if (other.kind, other.begins_at) == (draft.kind, draft.begins_at):
            raise Invalid(
                N_("这一天 {at} 已经有一场{kind}了。"),
                field="held_on",
                at=f"{other.begins_at:%H:%M}",
                kind=other.kind,
            )


def _check_guests(day: ServiceDay, draft: DayDraft) -> None:
    """Refuse a change under which somebody who booked could not come as they booked."""
    guests = standing_of(day.id)
    if draft.held_on != day.held_on and any(one.has_come for one in guests):
        raise Invalid(N_("已经有企业签到，不能改日期。"), field="held_on")
    changed = ServiceDay(
        begins_at=draft.begins_at, ends_at=draft.ends_at, slot_minutes=draft.slot_minutes
    )
    places = changed.slots
    lost = [one.slot for one in guests if one.is_expected and one.slot and one.slot not in places]
    if lost:
        raise Invalid(
            N_("{at} 已经有企业预约，这样改就没有这个时段了。请先给它改约。"),
            field="slot_minutes",
            at=f"{lost[0]:%H:%M}",
        )
    _check_room(draft.capacity, [one.slot for one in guests if one.is_expected], places)


def _check_room(
    capacity: int | None, taken: Collection[time | None], places: Collection[time]
) -> None:
    if capacity is None:
        return
    fullest = max((list(taken).count(at) for at in places), default=0) if places else len(taken)
    if fullest > capacity:
        raise Invalid(N_("已经预约了 {n} 家，不能少于这个数。"), field="capacity", n=fullest)


def _write(day: ServiceDay, draft: DayDraft, actor: Actor) -> None:
    for name in _COLUMNS:
        value = getattr(draft, name)
        setattr(day, name, value.strip() if name in _TEXTS else value)
    if workdays.calendar_of(actor.tenant_id).is_workday(draft.held_on):
        day.exception_reason = ""
    day.host = db.session.get_one(User, draft.host_id)
    units = db.session.scalars(
        select(OrgUnit)
        .where(OrgUnit.tenant_id == actor.tenant_id, OrgUnit.id.in_(draft.unit_ids))
        .order_by(OrgUnit.sort_order, OrgUnit.id)
    ).all()
    if len(units) != len(set(draft.unit_ids)):
        raise Invalid(N_("请从列表中选到场单位。"), field="unit_ids")
    day.units = list(units)


def _invite(day: ServiceDay, draft: DayDraft, actor: Actor) -> None:
    """Write down which enterprises were chosen; who was told stays."""
    wanted = set(draft.enterprise_ids) if draft.inviting is Inviting.CHOSEN else set()
    found = db.session.scalars(
        select(Enterprise.id).where(
            Enterprise.tenant_id == actor.tenant_id, Enterprise.id.in_(wanted)
        )
    ).all()
    if len(found) != len(wanted):
        raise Invalid(N_("请从列表中选要通知的企业。"), field="enterprise_ids")
    inviting.keep_only(day.id, wanted)
    inviting.invite(day.id, wanted)


def _told(day: ServiceDay) -> dict[str, object]:
    """Return what the audit log keeps of a day."""
    kept = {name: getattr(day, name) for name in _COLUMNS if name != "host_id"}
    plain = {
        name: value.isoformat() if isinstance(value, date | time) else value
        for name, value in kept.items()
    }
    return plain | {"host": day.host.name, "units": "、".join(unit.name for unit in day.units)}


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
