"""Which files of a ticket its enterprise may have: said when they are added, or afterwards."""

from sqlalchemy import exists, select

from app.accounts.models import RoleHolding
from app.accounts.roles import Actor
from app.attachments import service as attachments
from app.attachments.models import Attachment
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.service import moving
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Written
from app.tickets.service.readers import is_for_few
from app.tickets.workflow.states import Note


def may_show(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether `actor`, who sees it, decides which of its files the enterprise may have."""
    return policy.may_attach(actor, ticket) and not policy.is_outside(actor)


def against_showing(ticket: Ticket, file: Attachment, *, actor: Actor) -> DomainError | None:
    """Return what stands against changing whether the enterprise may have a file, or None.

    What the enterprise sent is its own. In a confidential ticket only the one who added a file
    knows whom it names; anybody of the few may take it back.
    """
    if not may_show(actor, ticket) or not policy.may_see(actor, ticket):
        return NotAllowed(N_("您现在不能定这件企业问题的附件给不给企业看。"))
    if file.revisit_id is not None:
        return Invalid(N_("企业评价时附的照片只跟着评价走，不能另外给企业看。"))
    if _is_own(ticket, file):
        return Invalid(N_("“{name}”是企业自己发来的，企业一直看得到。"), name=file.name)
    own = file.added_by_id == actor.user_id
    if ticket.confidential and not file.for_enterprise and not own:
        return NotAllowed(
            N_("这是限知件：“{name}”会不会让人看出是谁，只有上传的人清楚，由他来定。"),
            name=file.name,
        )
    return None


def show_file(ticket: Ticket, file: Attachment, *, shown: bool, actor: Actor) -> Written:
    """Let the enterprise have a file of its ticket, or have it no longer; it is written down."""
    refusal = against_showing(ticket, file, actor=actor)
    if refusal is not None:
        raise refusal
    attachments.show_to_enterprise(file, shown=shown, actor=actor, hidden=is_for_few(ticket))
    move = moving.begin(ticket, StepInput(), actor=actor)
    move.payload["names"] = [file.name]
    return moving.close(move, Note.FILE_SHOWN if shown else Note.FILE_HIDDEN)


def _is_own(ticket: Ticket, file: Attachment) -> bool:
    """Tell whether the enterprise itself sent a file: as a guest, or with an account of its own."""
    if file.added_by_id is None:
        return True
    account = exists().where(
        RoleHolding.user_id == file.added_by_id,
        RoleHolding.enterprise_id == ticket.enterprise_id,
    )
    return bool(db.session.scalar(select(account)))
