"""What people do with messages: the office sends one again, everybody reads their own."""

from sqlalchemy import select, update

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import N_
from app.notifications import policy, queries
from app.notifications.models import SWITCHED_OFF, Channel, Message, MessageState
from app.notifications.service.promises import address_of


def send_again(message_id: int, *, actor: Actor) -> Message:
    """Queue a mail once more that failed, or whose recipient had no address; return it."""
    policy.require_outbox(actor)
    message = db.session.scalar(
        select(Message)
        .where(policy.watched_by(actor), Message.id == message_id)
        .where(Message.channel == Channel.MAIL)
        .where(Message.state.in_([MessageState.FAILED, MessageState.SKIPPED]))
    )
    if message is None:
        raise NotFound(N_("这封邮件不在发送失败的名单里了，可能已经重发。"))
    if message.last_error == SWITCHED_OFF:
        raise NotAllowed(N_("本人关闭了这种提醒，不能再发；站内消息里有。"))
    if message.recipient_id is not None and not address_of(message.recipient_id, message.channel):
        raise NotFound(N_("收件人还没有邮箱。请系统管理员先填上邮箱，再重发。"))
    message.state = MessageState.QUEUED
    message.attempts = 0
    message.next_try_at = clock.machine_now()
    return message


def mark_read(message_id: int, *, actor: Actor) -> Message:
    """Note that `actor` opened a message written to them; return it."""
    message = queries.get(message_id, viewer=actor)
    message.read_at = message.read_at or clock.now()
    return message


def mark_all_read(*, actor: Actor) -> None:
    """Note that `actor` has seen everything written to them."""
    db.session.execute(
        update(Message)
        .where(policy.addressed_to(actor), Message.channel == Channel.INBOX)
        .where(Message.read_at.is_(None))
        .values(read_at=clock.now())
    )
