"""Trying a way out: a message that is sent while somebody waits for the answer."""

from typing import Any

from sqlalchemy import select

from app.accounts.models import Tenant, User
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import Invalid, TooMany
from app.core.i18n import N_
from app.notifications import policy, queries
from app.notifications.channels.letters import End, Letter, Outcome
from app.notifications.models import Channel, GroupRobot, Message
from app.notifications.service import pace
from app.notifications.service.delivery import claim, settle
from app.notifications.service.promises import Outsider, enqueue

RULE = "test"
SUBJECT = N_("【{tenant}营商办】这是一条测试消息，收到就说明发得出去")


def try_mail(key: str, *, actor: Actor) -> Letter | None:
    """Promise a mail to the actor under `key`, and take it up; None the second time."""
    person = _person(actor)
    if not person.email:
        raise Invalid(N_("您还没有邮箱。请系统管理员先给您填上邮箱，再试发。"))
    return _tried(key, actor, Channel.MAIL, person.id)


def try_sms(phone: str, key: str, *, actor: Actor) -> Letter | None:
    """Promise a text message to a number, and take it up; None the second time."""
    _person(actor)
    if not queries.has_gateway(actor.tenant_id):
        raise Invalid(N_("短信还没有启用。先填好设置并勾上“启用”，再试发。"), field="phone")
    return _tried(key, actor, Channel.SMS, Outsider(f"test:{actor.user_id}", actor.name, phone))


def try_robot(robot: GroupRobot, key: str, *, actor: Actor) -> Letter | None:
    """Promise a message to a robot, and take it up; None the second time."""
    _person(actor)
    if not robot.is_active:
        raise Invalid(N_("机器人已停用。先启用，再试发。"))
    held = pace.locked(robot.recipient_key)
    if held is None or pace.allowance(held) <= 0:
        raise TooMany(N_("现在发得太密，请一分钟后再试。"))
    return _tried(key, actor, Channel.ROBOT, Outsider(robot.recipient_key, robot.name, ""))


def keep_trial(outcome: Outcome) -> None:
    """Record how a trial ended; it is not tried again by itself."""
    if outcome.end is End.SENT:
        settle(outcome.letter, answer=outcome.answer)
    else:
        settle(outcome.letter, outcome.reason, answer=outcome.answer, for_good=True)


def _person(actor: Actor) -> User:
    policy.require_outbox(actor)
    return db.session.get_one(User, actor.user_id)


def _tried(key: str, actor: Actor, channel: Channel, to: int | Outsider) -> Letter | None:
    tenant, period = db.session.get_one(Tenant, actor.tenant_id), f"{actor.user_id}-{key}"[:60]
    context: dict[str, Any] = {"tenant": tenant.name, "is_demo": tenant.is_demo, "n": 1}
    promised = enqueue(
        to,
        tenant_id=tenant.id,
        rule=RULE,
        period=period,
        channel=channel,
        subject=SUBJECT,
        context=context,
        link="/" if channel is Channel.MAIL else "",
    )
    asked = select(Message.id).where(Message.tenant_id == tenant.id, Message.rule == RULE)
    found = db.session.scalars(asked.where(Message.period == period, Message.channel == channel))
    return claim(found.one()) if promised else None
