"""The audit log, as auditors read it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, or_, select

from app.accounts import policy
from app.accounts.models import User
from app.accounts.roles import Actor, Permission
from app.core import clock
from app.core.audit import AuditRow
from app.core.db import db
from app.core.i18n import N_

REFUSED = N_("登录未成功")
RECENT = 5000  # rows in which the choices of actions are looked for

#: What actions are done to, in the office's words.
SUBJECTS = {
    "tenant": N_("乡镇"),
    "parameters": N_("参数"),
    "unit": N_("单位"),
    "user": N_("人员"),
    "session": N_("登录"),
    "calendar": N_("工作日历"),
    "category": N_("派单目录"),
    "enterprise": N_("企业"),
    "contact": N_("企业联系人"),
    "project": N_("重点项目"),
    "linkage": N_("包联关系"),
    "ticket": N_("企业问题"),
    "spot-draw": N_("抽查回访"),
    "visit": N_("走访"),
    "visit_task": N_("走访任务"),
    "campaign": N_("专项活动"),
    "financing_needs": N_("融资需求"),
    "labor_needs": N_("用工需求"),
    "village-visit": N_("入村调研"),
    "household-count": N_("走访户数"),
    "service-day": N_("服务企业家日"),
    "appointment": N_("服务日预约"),
    "attachment": N_("附件"),
    "common-problem": N_("共性问题"),
    "policy-document": N_("政策文件"),
    "canned-answer": N_("常用答复"),
    "message": N_("消息"),
    "digest": N_("领导送阅"),
    "report": N_("月报"),
    "wording": N_("信件用语"),
    "robot": N_("群机器人"),
    "sms-gateway": N_("短信"),
    "resend": N_("批量重发"),
    "demo": N_("演示"),
}


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the log is narrowed to."""

    since: date | None = None
    until: date | None = None
    person: str = ""
    action: str = ""
    subject: str = ""
    subject_id: int | None = None


def audit_rows(asked: AuditFilter, *, viewer: Actor) -> Select[AuditRow]:
    """Return the rows that an auditor asks for, the newest first."""
    policy.require(viewer, Permission.AUDIT_READ)
    found = (
        select(AuditRow)
        .where(AuditRow.tenant_id == viewer.tenant_id)
        .order_by(AuditRow.at.desc(), AuditRow.id.desc())
    )
    if asked.since:
        found = found.where(AuditRow.at >= clock.at(asked.since, time()))
    if asked.until:
        found = found.where(AuditRow.at < clock.at(asked.until + timedelta(days=1), time()))
    if asked.person:
        people = select(User.id).where(
            policy.visible_users(viewer),
            or_(
                User.name.contains(asked.person, autoescape=True),
                User.username.contains(asked.person.lower(), autoescape=True),
            ),
        )
        found = found.where(AuditRow.user_id.in_(people))
    if asked.action:
        found = found.where(AuditRow.action == asked.action)
    if asked.subject:
        found = found.where(AuditRow.subject == asked.subject)
    if asked.subject_id is not None:
        found = found.where(AuditRow.subject_id == asked.subject_id)
    return found


def refused_since(since: datetime, *, viewer: Actor) -> int:
    """Return how many attempts to sign in failed since then."""
    policy.require(viewer, Permission.AUDIT_READ)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(AuditRow)
            .where(
                AuditRow.tenant_id == viewer.tenant_id,
                AuditRow.at >= since,
                AuditRow.action == REFUSED,
            )
        )
        or 0
    )


def actions(*, viewer: Actor) -> Sequence[str]:
    """Return the actions that occur among the newest rows."""
    recent = (
        select(AuditRow.action)
        .where(AuditRow.tenant_id == viewer.tenant_id)
        .order_by(AuditRow.at.desc())
        .limit(RECENT)
        .subquery()
    )
    return db.session.scalars(select(recent.c.action).distinct().order_by(recent.c.action)).all()


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of some people."""
    wanted = {one for one in user_ids if one}
    found = select(User.id, User.name).where(User.id.in_(wanted))
    return {row.id: row.name for row in db.session.execute(found)} if wanted else {}
