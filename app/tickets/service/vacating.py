"""Nothing lies with somebody who has left: the unit has it again, and its head names another."""

from app.accounts import roles
from app.accounts.models import User
from app.accounts.roles import Role
from app.core.db import db
from app.tickets.models import CoTask, CoTaskState, Ticket
from app.tickets.queries import facts
from app.tickets.queries.facts import Holders
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.workflow.states import OPEN, Note

UNIT = frozenset({Role.HANDLER, Role.DEPT_HEAD})


def vacate(ticket_id: int) -> None:
    """Take a ticket from a handler who has no seat in the lead unit; a second run does nothing."""
    ticket = db.session.get_one(Ticket, ticket_id, with_for_update=True)
    gone = ticket.handler_id
    if ticket.status not in OPEN or gone is None or _sits(gone, ticket.lead_unit_id):
        return
    ticket.handler_id = ticket.covered_for_id = None
    _write(ticket, gone, ticket.lead_unit_id)


def vacate_co_task(task_id: int) -> None:
    """Do for a co-task what `vacate` does for a ticket."""
    task = db.session.get_one(CoTask, task_id, with_for_update=True)
    gone = task.handler_id
    if task.state is not CoTaskState.OPEN or gone is None or _sits(gone, task.unit_id):
        return
    task.handler_id = task.covered_for_id = None
    _write(task.ticket, gone, task.unit_id, unit=task.unit.name)


def _sits(user_id: int, unit_id: int | None) -> bool:
    user = db.session.get_one(User, user_id)
    units = frozenset({unit_id} if unit_id is not None else ())
    return user.is_active and facts.handles_in(user_id, units)


def _write(ticket: Ticket, gone: int, unit_id: int | None, *, unit: str = "") -> None:
    move = moving.begin(ticket, StepInput(), actor=roles.system(ticket.tenant_id))
    move.payload = {"before": gone, "was": db.session.get_one(User, gone).name}
    if unit:
        move.payload["unit"] = unit
    written = moving.close(move, Note.VACATED)
    people: list[telling.Hearer] = [] if unit_id is None else [Holders(UNIT, unit_id=unit_id)]
    telling.to(people, telling.MOVED, ticket, written, what=Note.VACATED.label)
