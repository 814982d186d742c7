"""Noting who has a form of a ticket open. It is no history, and is forgotten soon."""

from datetime import timedelta

from sqlalchemy import Insert, delete

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.core.prepared import Writing
from app.tickets import policy
from app.tickets.models import Presence, Ticket

FORGOTTEN = timedelta(hours=1)


def note_presence(ticket: Ticket, *, actor: Actor) -> None:
    """Note that `actor`, who belongs to an office, is at work on the ticket now."""
    if actor.user_id is None or policy.is_outside(actor):
        raise NotAllowed(N_("您没有做这件事的权限。"))
    row = {"ticket_id": ticket.id, "user_id": actor.user_id, "seen_at": clock.machine_now()}
    _NOTE.write(row)


def forget_presences() -> None:
    """Remove what was noted long ago."""
    old = clock.machine_now() - FORGOTTEN
    db.session.execute(delete(Presence).where(Presence.seen_at < old))


def _noting() -> Insert:
    noting = inserting(Presence)
    return noting.on_conflict_do_update(
        index_elements=[Presence.ticket_id, Presence.user_id],
        set_={"seen_at": noting.excluded.seen_at},
    )


_NOTE = Writing(_noting)
