"""What a person has seen of what they were told."""

from sqlalchemy import update

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.notifications import policy, queries
from app.notifications.models import Channel, Message


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
