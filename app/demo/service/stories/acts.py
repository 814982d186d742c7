"""One thing that somebody does at one moment, and the problem that it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.core.db import db
from app.tickets.models import Proposal, Ticket


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does at `moment`; the caller holds the clock there, in a transaction."""

    moment: datetime
    run: Callable[[], None]


@dataclass(slots=True)
class Case:
    """A problem of the year; its ticket is known once it was heard."""

    ticket_id: int = 0

    @property
    def ticket(self) -> Ticket:
        """The ticket, as this transaction finds it."""
        return db.session.get_one(Ticket, self.ticket_id)

    @property
    def asked(self) -> Proposal:
        """The proposal that waits for somebody."""
        return next(p for p in reversed(self.ticket.proposals) if p.is_open)
