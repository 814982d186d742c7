"""Accounting for delivery: who sends what, how it ended, and what becomes of it then."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import joinedload

from app.core import clock, links
from app.core.db import db
from app.core.i18n import N_
from app.notifications.channels import Letter
from app.notifications.models import Delivery, Message, MessageState
from app.notifications.service import letters
from app.notifications.service.promises import reached_at

LEASE = timedelta(minutes=10)
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
TOO_LATE = N_("已经过时，没有再发")


def claim(message_id: int) -> Letter | None:
    """Reserve a due message for the caller to send, or return None.

    The conditional update keeps two senders from sending it twice. A sender that dies before
    `settle` leaves it due again once the lease runs out, under the same Message-ID.
    """
    now = clock.machine_now()
    taken = db.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.QUEUED)
        .where(Message.next_try_at <= now)
        .values(next_try_at=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message.id)
    ).first()
    if taken is None:
        return None
    message = db.session.get_one(
        Message,
        message_id,
        populate_existing=True,
        options=[joinedload(Message.recipient), joinedload(Message.office_wording)],
    )
    if message.matters_until is not None and message.matters_until <= clock.now():
        message.state, message.next_try_at = MessageState.SKIPPED, None
        message.last_error = TOO_LATE
        return None
    return _letter(message)


def settle(letter: Letter, error: str = "", *, answer: str = "") -> None:
    """Record that a claimed message was sent, or why not and when to try again.

    `answer` is what the other side said. Of a claim that ran out and was taken by another sender
    only the attempt is noted.
    """
    now = clock.machine_now()
    db.session.add(
        Delivery(
            message_id=letter.id,
            attempt=letter.attempt,
            at=now,
            is_sent=not error,
            answer=(error or answer)[:500],
        )
    )
    ended: dict[str, Any] = {
        "state": MessageState.SENT,
        "sent_at": now,
        "next_try_at": None,
        "last_error": "",
    }
    if error:
        again = letter.attempt <= len(RETRIES)
        ended = {
            "state": MessageState.QUEUED if again else MessageState.FAILED,
            "next_try_at": now + RETRIES[letter.attempt - 1] if again else None,
            "last_error": error[:500],
        }
    db.session.execute(
        update(Message)
        .where(Message.id == letter.id, Message.state == MessageState.QUEUED)
        .where(Message.attempts == letter.attempt)
        .values(ended)
    )


def _letter(message: Message) -> Letter:
    recipient = message.recipient
    link = message.link
    if message.public_link is not None:
        link = link.replace(links.PLACE, links.token_of(message.public_link))
    return Letter(
        id=message.id,
        attempt=message.attempts,
        message_id=message.message_id,
        name=message.recipient_name,
        address=reached_at(recipient, message.channel)
        if recipient
        else message.outsider_address or "",
        rule=message.rule,
        subject=message.subject,
        context=dict(message.context),
        link=link,
        written_at=message.created_at,
        needs_sign_in=recipient is not None,
        wording=letters.own_words(message),
    )
