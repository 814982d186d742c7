"""What the viewer's own unit owes as co-unit: its deadline, beside the rows of the register."""

from typing import Any

from sqlalchemy import Select, func, select

from app.accounts.roles import Actor
from app.tickets.models import CoTask, CoTaskState, Ticket
from app.tickets.queries.facts import HANDLING


def columns(found: Select[Any], viewer: Actor) -> Select[Any]:
    """Return the statement with `owed_at`, until when the viewer's unit owes an opinion.

    Only for those who act for a unit; the others owe none.
    """
    if viewer.role not in HANDLING or viewer.unit_id is None:
        return found
    owed = select(func.min(CoTask.due_at)).where(
        CoTask.ticket_id == Ticket.id,
        CoTask.unit_id == viewer.unit_id,
        CoTask.state == CoTaskState.OPEN,
    )
    return found.add_columns(owed.correlate(Ticket).scalar_subquery().label("owed_at"))
