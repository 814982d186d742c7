"""What people do with messages: reading their own; sending again what did not arrive."""

from sqlalchemy import select, update

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import N_
from app.notifications import policy, queries
from app.notifications.models import SWITCHED_OFF, Channel, Message, MessageState, Resend
from app.notifications.queries import OutboxFilter
from app.notifications.service.promises import address_of

AFRESH = {"state": MessageState.QUEUED, "attempts": 0, "is_claimed": False, "last_error": ""}


def send_again(message_id: int, *, actor: Actor) -> Message:
    """Queue a message once more that failed, or whose recipient had no address; return it."""
    policy.require_outbox(actor)
    message = db.session.scalar(
        select(Message)
        .where(policy.watched_by(actor), Message.id == message_id)
        .where(Message.channel != Channel.INBOX)
        .where(Message.state.in_([MessageState.FAILED, MessageState.SKIPPED]))
    )
    if message is None:
        raise NotFound(N_("这条消息不在没有发出去的名单里了，可能已经重发。"))
    if message.last_error == SWITCHED_OFF:
        raise NotAllowed(N_("本人关闭了这种提醒，不能再发；站内消息里有。"))
    if message.recipient_id is not None and not address_of(message.recipient_id, message.channel):
        raise NotFound(N_("收件人还没有邮箱或手机号。请系统管理员先填上，再重发。"))
    if message.channel is Channel.SMS and not queries.has_gateway(message.tenant_id):
        raise NotFound(N_("还没有配置短信。请先在短信设置页填好，再重发。"))
    for name, value in AFRESH.items():
        setattr(message, name, value)
    message.next_try_at = clock.machine_now()
    return message


def send_all_again(asked: OutboxFilter, *, actor: Actor) -> Resend:
    """Queue once more all that failed of what is asked for; return what tells how far it is."""
    policy.require_outbox(actor)
    resend = Resend(tenant_id=actor.tenant_id, by_id=actor.user_id, at=clock.now())
    db.session.add(resend)
    db.session.flush()  # gives it the id that its messages carry
    failed = queries.failed_ids(asked, viewer=actor)
    queued = db.session.scalars(
        update(Message)
        .where(Message.id.in_(failed))
        .values(next_try_at=clock.machine_now(), resend_id=resend.id, **AFRESH)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not queued:
        raise NotFound(N_("没有发送失败的消息可以重发，可能已经有人重发过。"))
    accounts.log(actor, N_("批量重发"), "resend", resend.id, after={"n": len(queued)})
    return resend


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
