"""How often a robot may speak, counted in the database, so that several processes agree.

Source: the platforms' own limits (practice B9): WeCom and DingTalk 20 a minute, and DingTalk is
silent for ten minutes after one too many; Feishu 100 a minute and 5 a second.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from app.core import clock
from app.core.db import db
from app.notifications.channels.letters import RobotAccount
from app.notifications.models import ROBOT, GroupRobot, Message, Platform, RobotCall

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
LIMITS: Mapping[Platform, tuple[tuple[timedelta, int], ...]] = {
    Platform.WECOM: ((MINUTE, 20),),
    Platform.DINGTALK: ((MINUTE, 20),),
    Platform.FEISHU: ((MINUTE, 100), (SECOND, 5)),
}
LONGEST_REST = timedelta(minutes=15)  # a later end is that of a clock that was set back


def locked(recipient_key: str) -> GroupRobot | None:
    """Return the robot that is meant; who else would speak through it waits for the caller."""
    number = recipient_key.removeprefix(ROBOT)
    if not number.isdigit():
        return None
    asked = select(GroupRobot).where(GroupRobot.id == int(number)).with_for_update()
    return db.session.scalar(asked.execution_options(populate_existing=True))


def allowance(robot: GroupRobot) -> int:
    """Return how many times `robot` may speak now. The caller holds its lock."""
    now = clock.machine_now()
    if robot.rests_until is not None and now < robot.rests_until <= now + LONGEST_REST:
        return 0
    mine = RobotCall.robot_id == robot.id
    db.session.execute(delete(RobotCall).where(mine, RobotCall.at <= now - MINUTE))
    db.session.execute(update(RobotCall).where(mine, RobotCall.at > now).values(at=now))
    left = []
    for window, most in LIMITS[robot.platform]:
        recent = select(func.count(RobotCall.id)).where(mine, RobotCall.at > now - window)
        left.append(most - (db.session.scalar(recent) or 0))
    return max(0, min(left))


def account(message: Message) -> RobotAccount | None:
    """Note that a message is about to be said, and return where; None where there is no robot."""
    robot = locked(message.recipient_key)
    if robot is None or robot.tenant_id != message.tenant_id:
        return None
    db.session.add(RobotCall(robot_id=robot.id, message_id=message.id, at=clock.machine_now()))
    return RobotAccount(robot.platform, robot.key or "", robot.signing_secret or "")


def called(message_id: int, at: datetime) -> None:
    """Note when a robot really spoke: that is when its platform counts."""
    db.session.execute(update(RobotCall).where(RobotCall.message_id == message_id).values(at=at))


def rest(message_id: int, until: datetime) -> None:
    """Let the robot rest that its platform found too loud."""
    whose = select(RobotCall.robot_id).where(RobotCall.message_id == message_id)
    db.session.execute(update(GroupRobot).where(GroupRobot.id.in_(whose)).values(rests_until=until))
