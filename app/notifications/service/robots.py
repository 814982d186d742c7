"""Robots of chat groups: entering them, and what is said to all that hear a rule."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.notifications import policy, queries
from app.notifications.channels import robots as channel
from app.notifications.channels.letters import RobotAccount
from app.notifications.models import Channel, GroupRobot, Platform
from app.notifications.service.promises import Outsider, enqueue
from app.notifications.wordings import WORDINGS

SOMEBODY = "某企业"
HIDDEN = "***"
SHORTEST_NAME = 2
TENANT = "tenant"  # whose name is no firm's
IN_ADDRESS = re.compile(r"(?:key=|access_token=|/hook/)([A-Za-z0-9_-]+)")
KEYS: Mapping[Platform, re.Pattern[str]] = {
    Platform.WECOM: re.compile(r"[0-9a-fA-F-]{20,64}"),
    Platform.DINGTALK: re.compile(r"[0-9a-zA-Z]{20,128}"),
    Platform.FEISHU: re.compile(r"[0-9a-zA-Z-]{20,64}"),
}


@dataclass(frozen=True, slots=True)
class RobotDraft:
    """What is written down of a robot; an empty key or secret keeps the one there is."""

    name: str
    platform: Platform
    key: str = ""
    signing_secret: str = ""
    rules: tuple[str, ...] = ()
    is_active: bool = True


def add_robot(draft: RobotDraft, *, actor: Actor) -> GroupRobot:
    """Enter a robot; raise Invalid at the field that is wrong."""
    policy.require_outbox(actor)
    made = GroupRobot(tenant_id=actor.tenant_id, created_at=clock.now(), rests_until=None)
    _write(made, draft, actor=actor)
    db.session.add(made)
    db.session.flush()  # gives it the id that it is logged under
    accounts.log(actor, N_("登记群机器人"), "robot", made.id, after=_told(made))
    return made


def edit_robot(
    robot: GroupRobot, draft: RobotDraft, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Write down something else of a robot, and say why."""
    policy.require_outbox(actor)
    check_version(robot.version, version)
    was = _told(robot)
    _write(robot, draft, actor=actor)
    said = accounts.why(reason)
    before, after = accounts.changes(was, _told(robot))
    of = {accounts.OF: robot.name} | ({"key": HIDDEN} if draft.key else {})
    accounts.log(
        actor,
        N_("修改群机器人"),
        "robot",
        robot.id,
        before=before,
        after=of | after,
        reason=said,
    )


def announce(
    tenant_id: int,
    *,
    rule: str,
    period: str,
    subject: str,
    context: Mapping[str, Any],
    link: str = "",
    matters_until: datetime | None = None,
) -> int:
    """Promise one message to each robot in use that hears `rule`; return how many are new.

    A chat group is no confidential place: of the context goes what `subject` names, without names
    of firms, and `link` leads to a page for which one signs in.
    """
    hearers = queries.hearing(tenant_id, rule)
    if not hearers:
        return 0
    kept = _discreet(tenant_id, subject, context)
    return sum(
        enqueue(
            Outsider(robot.recipient_key, robot.name, ""),
            tenant_id=tenant_id,
            rule=rule,
            period=period,
            channel=Channel.ROBOT,
            subject=subject,
            context=kept,
            link=link,
            matters_until=matters_until,
        )
        for robot in hearers
    )


def _write(robot: GroupRobot, draft: RobotDraft, *, actor: Actor) -> None:
    key = _key_in(draft.key) or robot.key or ""
    secret = draft.signing_secret or robot.signing_secret or ""
    _check(draft, key, secret)
    for other in queries.robots(actor):
        if other.id == robot.id:
            continue
        if other.name == draft.name:
            raise Invalid(N_("已经有叫这个名字的机器人。"), field="name")
        if other.key == key:
            raise Invalid(N_("这个机器人已经登记为“{name}”。"), field="key", name=other.name)
    robot.name, robot.platform, robot.is_active = draft.name, draft.platform, draft.is_active
    robot.key, robot.signing_secret = key, secret or None
    robot.rules = sorted(set(draft.rules))


def _check(draft: RobotDraft, key: str, secret: str) -> None:
    if not draft.name:
        raise Invalid(N_("请写机器人在哪个群，例如：营商办工作群。"), field="name")
    if not key:
        raise Invalid(N_("请填机器人的密钥。"), field="key")
    if not KEYS[draft.platform].fullmatch(key):
        raise Invalid(
            N_("这不像{platform}机器人的密钥。请从机器人地址里复制等号或最后一个斜杠后面的一段。"),
            field="key",
            platform=draft.platform,
        )
    if secret and draft.platform is Platform.WECOM:
        raise Invalid(N_("企业微信的机器人没有加签密钥，请留空。"), field="signing_secret")
    if not channel.is_sound(RobotAccount(draft.platform, key, secret)):
        raise Invalid(N_("加签密钥的写法不对，请重新复制。"), field="signing_secret")


def _key_in(typed: str) -> str:
    """Return the key out of what was typed, also where a whole address was pasted."""
    found = IN_ADDRESS.search(typed)
    return found.group(1) if found else typed.strip()


def _told(robot: GroupRobot) -> dict[str, object]:
    """Return what the log may say of a robot."""
    return {
        "name": robot.name,
        "platform": robot.platform,
        "rules": [WORDINGS[rule].label for rule in robot.rules if rule in WORDINGS],
        "is_active": robot.is_active,
        "signed": bool(robot.signing_secret),
    }


def _discreet(tenant_id: int, subject: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a context a chat group may read."""
    named = {name for _text, name, _spec, _how in Formatter().parse(subject) if name}
    kept = {name: context[name] for name in named}
    if not any(isinstance(value, str) for name, value in kept.items() if name != TENANT):
        return kept
    found = db.session.execute(
        select(Enterprise.name, Enterprise.short_name).where(Enterprise.tenant_id == tenant_id)
    )
    firms = sorted(_long({name for row in found for name in row}), key=len, reverse=True)
    return {
        name: _without(value, firms) if isinstance(value, str) and name != TENANT else value
        for name, value in kept.items()
    }


def _long(names: Iterable[str]) -> list[str]:
    return [name for name in names if name and len(name) >= SHORTEST_NAME]


def _without(text: str, firms: list[str]) -> str:
    for firm in firms:
        text = text.replace(firm, SOMEBODY)
    return text
