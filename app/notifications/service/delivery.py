"""Accounting for delivery: who sends what, how it ended, and what becomes of it then.

A claim is a lease. Whoever holds it sends outside any transaction and settles; whoever dies
leaves the message due again once the lease runs out, under the same Message-ID.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from app.core import clock, links
from app.core.db import db, inserting
from app.core.i18n import N_
from app.notifications import queries
from app.notifications.channels.letters import End, Letter, Outcome, RobotAccount, SmsAccount
from app.notifications.models import Channel, Delivery, Message, MessageState, Outage
from app.notifications.service import gateways, letters, pace
from app.notifications.service.promises import NO_SMS, reached_at

LEASE = timedelta(minutes=10)
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
TOO_LATE = N_("已经过时，没有再发")
NO_ROBOT = N_("机器人已停用，没有发")


def claim(message_id: int) -> Letter | None:
    """Reserve a due message for the caller to send, or return None.

    The conditional update keeps two senders from sending it twice.
    """
    found = _claimed([message_id])
    return found[0] if found else None


def claim_due(channel: Channel, most: int) -> list[Letter]:
    """Reserve up to `most` messages that are due on a channel, the longest waiting first.

    Of a robot no more than its platform lets it say now, whoever else claims for it.
    """
    if channel is Channel.ROBOT:
        keys = sorted(queries.due_keys(channel))  # in one order, so that nobody waits for ever
        return _claimed([id_ for key in keys for id_ in _for_robot(key, most)])
    due = queries.due(channel).limit(most).with_for_update(skip_locked=True)
    return _claimed(db.session.scalars(due).all())


def settle(letter: Letter, error: str = "", *, answer: str = "", for_good: bool = False) -> None:
    """Record that a claimed message was sent, or why not and when to try again.

    `answer` is what the other side said, `error` our sentence for it. Of a claim that ran out and
    was taken by another sender only the attempt is noted.
    """
    now = clock.machine_now()
    db.session.add(
        Delivery(
            message_id=letter.id,
            attempt=letter.attempt,
            at=now,
            is_sent=not error,
            reason=error[:200],
            answer=(answer or error)[:500],
        )
    )
    ended: dict[str, Any] = {
        "state": MessageState.SENT,
        "sent_at": now,
        "went_at": clock.now(),
        "next_try_at": None,
        "last_error": "",
    }
    if error:
        again = letter.attempt <= len(RETRIES) and not for_good
        ended = {
            "state": MessageState.QUEUED if again else MessageState.FAILED,
            "next_try_at": now + RETRIES[letter.attempt - 1] if again else None,
            "last_error": error[:500],
        }
    _end(letter, ended)
    if letter.channel is Channel.ROBOT:
        pace.called(letter.id, now)


def keep(outcome: Outcome) -> None:
    """Record how it ended with a letter."""
    letter = outcome.letter
    if outcome.end is End.SENT:
        settle(letter, answer=outcome.answer)
    elif outcome.end is End.WAITS:
        _put_off(outcome)
    else:
        for_good = outcome.end is End.NEVER
        settle(letter, outcome.reason, answer=outcome.answer, for_good=for_good)


def note_outage(channel: Channel, reason: str, answer: str) -> None:
    """Note that a way out takes nothing, since when, and what it said last."""
    now = clock.machine_now()
    said: dict[str, Any] = {"last_at": now, "reason": reason[:200], "answer": answer[:500]}
    db.session.execute(
        inserting(Outage)
        .values(channel=channel, since=now, **said)
        .on_conflict_do_update(index_elements=["channel"], set_=said)
    )


def end_outage(channel: Channel) -> None:
    """Note that a way out takes letters again."""
    db.session.execute(delete(Outage).where(Outage.channel == channel))


def _end(letter: Letter, ended: dict[str, Any]) -> None:
    db.session.execute(
        update(Message)
        .where(Message.id == letter.id, Message.state == MessageState.QUEUED)
        .where(Message.attempts == letter.attempt)
        .values(is_claimed=False, **ended)
    )


def _put_off(outcome: Outcome) -> None:
    """Let a message wait whose turn it was not: that was no attempt."""
    letter, now = outcome.letter, clock.machine_now()
    if letter.channel is Channel.ROBOT and outcome.answer:
        pace.rest(letter.id, now + timedelta(seconds=outcome.rest))
    _end(
        letter,
        {
            "attempts": letter.attempt - 1,
            "next_try_at": now + timedelta(seconds=outcome.rest),
            "last_error": outcome.reason[:500],
        },
    )


def _for_robot(key: str, most: int) -> Sequence[int]:
    """Return what a robot may be told now, noted as calls of it."""
    robot = pace.locked(key)
    if robot is None or not robot.is_active:
        db.session.execute(
            update(Message)
            .where(Message.recipient_key == key, Message.channel == Channel.ROBOT)
            .where(Message.state == MessageState.QUEUED, Message.is_claimed.is_(False))
            .values(state=MessageState.SKIPPED, next_try_at=None, last_error=NO_ROBOT)
        )
        return []
    may = min(pace.allowance(robot), most)
    if may <= 0:
        return []
    due = queries.due(Channel.ROBOT).where(Message.recipient_key == key).limit(may)
    return db.session.scalars(due).all()


def _claimed(ids: Sequence[int]) -> list[Letter]:
    """Reserve those of the messages that are due and still matter."""
    if not ids:
        return []
    now = clock.machine_now()
    taken = db.session.scalars(
        update(Message)
        .where(Message.id.in_(ids), Message.state == MessageState.QUEUED)
        .where(queries.is_due(now))
        .values(next_try_at=now + LEASE, is_claimed=True, attempts=Message.attempts + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    messages = db.session.scalars(
        select(Message)
        .where(Message.id.in_(taken))
        .options(
            joinedload(Message.recipient),
            joinedload(Message.public_link),
            joinedload(Message.office_wording),
        )
        .order_by(Message.id)
        .execution_options(populate_existing=True)
    ).all()
    return [letter for message in messages if (letter := _taken_up(message)) is not None]


def _taken_up(message: Message) -> Letter | None:
    """Return the letter of a message that was reserved; skip one that is for nobody any more."""
    if message.matters_until is not None and message.matters_until <= clock.now():
        _skip(message, TOO_LATE)
        return None
    through: RobotAccount | SmsAccount | None = None
    if message.channel is Channel.SMS:
        through = gateways.account(message.tenant_id)
        if through is None:
            _skip(message, NO_SMS)
            return None
    if message.channel is Channel.ROBOT:
        through = pace.account(message)
        if through is None:
            _skip(message, NO_ROBOT)
            return None
    return _letter(message, through)


def _skip(message: Message, reason: str) -> None:
    message.state, message.next_try_at, message.is_claimed = MessageState.SKIPPED, None, False
    message.last_error = reason


def _letter(message: Message, through: RobotAccount | SmsAccount | None) -> Letter:
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
        channel=message.channel,
        through=through,
        wording=letters.own_words(message),
    )
