"""The parts of a problem that was split: the whole is revisited when all of them have ended."""

from app.accounts import roles
from app.core.db import db
from app.tickets.models import Ticket
from app.tickets.queries import family
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Move
from app.tickets.workflow.states import OPEN, Clock, DueReason, Note, Status


def start_revisit(move: Move) -> None:
    """Start the revisit clock; while a part is open there is nothing to revisit yet."""
    if move.waits_for_parts():
        move.set_due(Clock.REVISIT, None, DueReason.PARTS)
    else:
        move.set_due(Clock.REVISIT, move.after(move.parameters.revisit_workdays), DueReason.STARTED)


def after(move: Move) -> None:
    """Let the whole go on, or wait again, after a part of it ended or was opened again."""
    part = move.ticket
    if part.split_from_id is None or part.is_open == (move.status_before in OPEN):
        return
    # The whole is locked before its parts are counted, so that of two parts that end at once
    # the second sees the first.
    whole = db.session.get_one(Ticket, part.split_from_id, with_for_update=True)
    waits = family.open_parts(whole.id) > 0
    if whole.status is not Status.PENDING_REVISIT or waits == (whole.revisit_due_at is None):
        return
    told = moving.begin(whole, StepInput(), actor=roles.system(whole.tenant_id))
    told.payload = {"number": part.number}
    start_revisit(told)
    note = Note.PART_OPEN if waits else Note.PARTS_ENDED
    written = moving.close(told, note)
    telling.to(telling.revisitor(whole), telling.MOVED, whole, written, what=note.label)
