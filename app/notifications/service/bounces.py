"""Mail that came back: the message has failed after all, and its address is marked."""

from datetime import datetime

from sqlalchemy import select

from app.core import clock
from app.core.db import db, inserting
from app.core.i18n import N_
from app.notifications.models import Bounce, Channel, Message, MessageState

CAME_BACK = N_("邮件被退回，请核对邮箱")


def note_bounce(message_id: str, *, notice: str, reason: str, at: datetime | None = None) -> bool:
    """Note that a mail of ours came back, by the local part of its Message-ID.

    Return whether it is one of ours; the same notice changes nothing the second time.
    """
    message = db.session.scalar(
        select(Message).where(Message.message_id == message_id, Message.channel == Channel.MAIL)
    )
    if message is None:
        return False
    recipient = message.recipient
    noted = db.session.execute(
        inserting(Bounce)
        .values(
            tenant_id=message.tenant_id,
            message_id=message.id,
            notice=notice[:64],
            recipient_key=message.recipient_key,
            address=recipient.email if recipient else message.outsider_address,
            at=at or clock.machine_now(),
            reason=reason[:500],
        )
        .on_conflict_do_nothing(index_elements=["message_id", "notice"])
        .returning(Bounce.id)
    ).first()
    if noted and message.state is MessageState.SENT:
        message.state, message.next_try_at = MessageState.FAILED, None
        message.last_error = CAME_BACK
    return True
