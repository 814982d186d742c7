"""One part of a ticket, where a form names it: an application, a co-task, a supervision note."""

from typing import TypeVar

from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import CoTask, Proposal, SupervisionNote, Ticket

Part = TypeVar("Part", Proposal, CoTask, SupervisionNote)

NOT_LISTED = N_("请从列出的选项里选一个。")


def proposal(ticket: Ticket, proposal_id: int, *, viewer: Actor) -> Proposal:
    """Return a proposal of this ticket; raise NotFound for any other, and to the enterprise."""
    found = _of(ticket, Proposal, proposal_id)
    if found is None or policy.is_outside(viewer):
        raise NotFound(N_("没有找到这条申请，可能已经变了，请刷新后再看。"))
    return found


def co_task(ticket: Ticket, co_task_id: int | None) -> CoTask:
    """Return a co-task of this ticket that was chosen; raise Invalid for any other."""
    found = _of(ticket, CoTask, co_task_id)
    if found is None:
        raise Invalid(NOT_LISTED, field="co_task_id")
    return found


def supervision_note(ticket: Ticket, note_id: int | None) -> SupervisionNote:
    """Return a supervision note of this ticket that was chosen; raise Invalid for any other."""
    found = _of(ticket, SupervisionNote, note_id)
    if found is None:
        raise Invalid(NOT_LISTED, field="note_id")
    return found


def _of(ticket: Ticket, model: type[Part], part_id: int | None) -> Part | None:
    found = db.session.get(model, part_id) if part_id else None
    return found if found is not None and found.ticket_id == ticket.id else None
