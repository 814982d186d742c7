"""What waits to be sent, and what a person has been told."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.notifications import policy
from app.notifications.models import Channel, Message, MessageState

BATCH = 100


def due_ids(limit: int = BATCH) -> Sequence[int]:
    """Return the ids of the messages to send now, the longest waiting first."""
    return db.session.scalars(
        select(Message.id)
        .where(Message.state == MessageState.QUEUED)
        .where(Message.next_try_at <= clock.machine_now())
        .order_by(Message.next_try_at, Message.id)
        .limit(limit)
    ).all()


def get(message_id: int, *, viewer: Actor) -> Message:
    """Return a message that was written to `viewer`, or raise NotFound."""
    found = db.session.scalar(inbox(viewer).where(Message.id == message_id))
    if found is None:
        raise NotFound(N_("没有找到这条消息。"))
    return found


def inbox(viewer: Actor) -> Select[Message]:
    """Return what `viewer` has been told, the newest first; the caller paginates."""
    return select(Message).where(_told(viewer)).order_by(Message.id.desc())


def unread_count(viewer: Actor) -> int:
    """Return how many messages `viewer` has not opened."""
    return _count(_told(viewer), Message.read_at.is_(None))


def outbox(state: MessageState, *, viewer: Actor) -> Select[Message]:
    """Return the mail that is in `state`, the newest first; the caller paginates."""
    return (
        select(Message)
        .where(_mailed(viewer), Message.state == state)
        .options(joinedload(Message.recipient))
        .order_by(Message.id.desc())
    )


def outbox_counts(viewer: Actor) -> dict[MessageState, int]:
    """Return how much mail is in each state; a state without mail is missing."""
    counted = db.session.execute(
        select(Message.state, func.count()).where(_mailed(viewer)).group_by(Message.state)
    )
    return {state: number for state, number in counted}  # noqa: C416 - a row is no pair to mypy


def failed_count(viewer: Actor) -> int:
    """Return how much mail could not be sent; only those who can mend it are told."""
    return _count(_mailed(viewer), Message.state == MessageState.FAILED)


def _told(viewer: Actor) -> ColumnElement[bool]:
    return and_(policy.addressed_to(viewer), Message.channel == Channel.INBOX)


def _mailed(viewer: Actor) -> ColumnElement[bool]:
    return and_(policy.watched_by(viewer), Message.channel == Channel.MAIL)


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Message.id)).where(*conditions)) or 0
