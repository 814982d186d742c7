"""What goes along when a ticket becomes confidential 限知: all that would tell of it elsewhere.

Earlier messages fall silent, a common problem loses it, and what was merged into it or split
off it tells the same story, and so is for the same few.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core.db import db
from app.core.i18n import N_
from app.notifications import service as outbox
from app.tickets.models import Ticket
from app.tickets.service import firms, membership, moving, readers
from app.tickets.service.given import StepInput
from app.tickets.workflow.states import Note, Status

#: What earlier messages say from then on, whoever they were for.
HUSHED = N_("一件限知件")
LEAVES = N_("这件只有知情人看得到，不再归入共性问题。")
ALONG = N_("并入或分出它的那一件是限知件。")


def follow(ticket: Ticket, *, actor: Actor, at: datetime) -> None:
    """Hide what tells of a ticket that has just become confidential."""
    outbox.hush(f"/tickets/{ticket.id}", tenant_id=ticket.tenant_id, subject=HUSHED)
    about = firms.subject_of(ticket.id)
    outbox.hush_linked(about, tenant_id=ticket.tenant_id, subject=firms.FOR_FEW)
    membership.leave(ticket, LEAVES, actor=actor)
    for other in _of_one_story(ticket):
        _take_along(other, actor=actor, at=at)
        follow(other, actor=actor, at=at)


def _of_one_story(ticket: Ticket) -> Sequence[Ticket]:
    """Return what was merged into a ticket or split off it, and is still open to all."""
    return db.session.scalars(
        select(Ticket)
        .where(or_(Ticket.master_id == ticket.id, Ticket.split_from_id == ticket.id))
        .where(Ticket.confidential.is_(False), Ticket.status != Status.DRAFT)
        .order_by(Ticket.id)
    ).all()


def _take_along(ticket: Ticket, *, actor: Actor, at: datetime) -> None:
    """Keep one more ticket for the few; what is archived has a sealed history, and only a log."""
    if ticket.status is not Status.ARCHIVED:
        move = moving.begin(ticket, StepInput(comment=ALONG), actor=actor)
        ticket.confidential = True
        moving.close(move, Note.MADE_CONFIDENTIAL)
        return
    ticket.confidential = True
    readers.keep(ticket, Note.MADE_CONFIDENTIAL, actor_id=actor.user_id, at=at)
    accounts.log(actor, Note.MADE_CONFIDENTIAL.label, "ticket", ticket.id, reason=ALONG)
