"""Who else has a form of a ticket open just now, by the machine's clock."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.tickets.models import Presence

STAYS = timedelta(seconds=90)  # so long after the last sign somebody counts as there
MOST = 5  # names that are shown
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody else, and how many minutes ago they were last seen."""

    name: str
    minutes: int


def others(ticket_id: int, *, viewer: Actor) -> list[Present]:
    """Return who else works on a ticket that the viewer sees; the last seen first."""
    now = clock.machine_now()
    lines = db.session.execute(
        select(User.name, Presence.seen_at)
        .join(User, User.id == Presence.user_id)
        .where(Presence.ticket_id == ticket_id, Presence.user_id != (viewer.user_id or 0))
        .where(Presence.seen_at >= now - STAYS)
        .order_by(Presence.seen_at.desc())
        .limit(MOST)
    )
    return [Present(name, int((now - at).total_seconds()) // MINUTE) for name, at in lines]
