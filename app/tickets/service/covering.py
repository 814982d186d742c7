"""Nothing lies with somebody who is away: the deputy has it meanwhile, and gives it back."""

from app.accounts import roles
from app.accounts.models import User
from app.core.db import db
from app.tickets.models import CoTask, CoTaskState, Ticket
from app.tickets.queries import covers, facts
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Move
from app.tickets.workflow.states import OPEN, Note


def after(move: Move) -> None:
    """See to it, after a step, that who handles the ticket now is there.

    Whoever was named in place of another is no deputy any more, but for one who has a seat
    in the unit only for somebody who is away.
    """
    ticket = move.ticket
    named = ticket.handler_id != move.handler_before
    opened = ticket.is_open and move.status_before not in OPEN
    if named:
        ticket.covered_for_id = None
    if not ticket.is_open or ticket.handler_id is None or not (named or opened):
        return
    found = covers.cover_of(ticket.handler_id, ticket.lead_unit_id)
    if found.deputy_id is not None:
        _cover(ticket, found.deputy_id)
    elif named and found.stands_in_for is not None:
        ticket.covered_for_id = found.stands_in_for
    elif opened:
        settle(ticket.id)


def settle(ticket_id: int) -> None:
    """Hand a ticket to the deputy of who is away, or back to who is there again.

    A second run changes nothing.
    """
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    if ticket.status not in OPEN:
        return
    if ticket.covered_for_id is not None:
        stands_in = covers.cover_of(ticket.covered_for_id, None).deputy_id
        if stands_in == ticket.handler_id:
            return
        _give_back(ticket)
    if ticket.handler_id is None:
        return
    deputy = covers.cover_of(ticket.handler_id, None).deputy_id
    if deputy is not None:
        _cover(ticket, deputy)


def settle_co_task(task_id: int) -> None:
    """Do for a co-task what `settle` does for a ticket."""
    task = db.session.get_one(CoTask, task_id, with_for_update=True)
    if task.state is not CoTaskState.OPEN:
        return
    if task.covered_for_id is not None:
        stands_in = covers.cover_of(task.covered_for_id, None).deputy_id
        if stands_in == task.handler_id:
            return
        _give_task_back(task)
    cover_co_task(task)


def settle_person(user_id: int) -> None:
    """Settle at once all that lies with a person, or with whoever stands in for them."""
    for ticket_id in covers.ticket_ids(user_id):
        settle(ticket_id)
    for task_id in covers.co_task_ids(user_id):
        settle_co_task(task_id)


def cover_co_task(task: CoTask) -> None:
    """Hand a co-task to the deputy where its handler is away."""
    if task.handler_id is None:
        return
    found = covers.cover_of(task.handler_id, task.unit_id)
    if found.deputy_id is None:
        task.covered_for_id = task.covered_for_id or found.stands_in_for
        return
    away, unfit = task.handler_id, _is_unfit(found.deputy_id, task.ticket)
    task.handler_id = None if unfit else found.deputy_id
    task.covered_for_id = None if unfit else away
    _write(task.ticket, Note.COVERED, was=away, now=task.handler_id, unit=task.unit.name)


def _cover(ticket: Ticket, deputy_id: int) -> None:
    """Hand it to the deputy; to nobody, where the ticket complains about the deputy's unit."""
    away, unfit = ticket.handler_id, _is_unfit(deputy_id, ticket)
    ticket.handler_id = None if unfit else deputy_id
    ticket.covered_for_id = None if unfit else away
    _write(ticket, Note.COVERED, was=away, now=ticket.handler_id)


def _is_unfit(deputy_id: int, ticket: Ticket) -> bool:
    """Tell whether the ticket complains about a unit in which the deputy works."""
    about = ticket.complained_unit_id
    return about is not None and facts.handles_in(deputy_id, frozenset({about}))


def _give_back(ticket: Ticket) -> None:
    back, deputy = ticket.covered_for_id, ticket.handler_id
    ticket.covered_for_id = None
    ticket.handler_id = _fit(back, deputy, ticket.lead_unit_id)
    if ticket.handler_id != deputy:
        _write(ticket, Note.UNCOVERED, was=deputy, now=ticket.handler_id)


def _give_task_back(task: CoTask) -> None:
    back, deputy = task.covered_for_id, task.handler_id
    task.covered_for_id = None
    task.handler_id = _fit(back, deputy, task.unit_id)
    if task.handler_id != deputy:
        _write(task.ticket, Note.UNCOVERED, was=deputy, now=task.handler_id, unit=task.unit.name)


def _fit(back: int | None, deputy: int | None, unit_id: int | None) -> int | None:
    """Return who has it from now on: who was away, or the deputy, as far as they handle there.

    Where neither does any more, nobody has it, and the unit sees that.
    """
    units = frozenset({unit_id} if unit_id is not None else ())
    for user_id in (back, deputy):
        user = db.session.get(User, user_id) if user_id else None
        if user is not None and user.is_active and facts.handles_in(user.id, units):
            return user.id
    return None


def _write(ticket: Ticket, note: Note, *, was: int | None, now: int | None, unit: str = "") -> None:
    move = moving.begin(ticket, StepInput(), actor=roles.system(ticket.tenant_id))
    move.payload = {"before": was, "was": _name(was), "handler": _name(now)}
    if unit:
        move.payload["unit"] = unit
    written = moving.close(move, note)
    telling.to([was, now], telling.MOVED, ticket, written, what=note.label)


def _name(user_id: int | None) -> str:
    return db.session.get_one(User, user_id).name if user_id else ""
