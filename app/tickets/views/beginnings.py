"""What the catalogue proposes for a ticket, in the words of the forms of a step."""

from typing import Any

from app.tickets.models import Ticket
from app.tickets.queries.catalogue import proposed
from app.tickets.workflow.states import Outcome, Urgency

GRAVITY = (Urgency.NORMAL, Urgency.URGENT, Urgency.CRITICAL)


def accepting(ticket: Ticket) -> dict[str, Any]:
    """Return the classification that acceptance starts from."""
    start: dict[str, Any] = {
        "category_id": ticket.category_id,
        "subcategory_id": ticket.subcategory_id,
        "urgency": ticket.urgency,
    }
    if ticket.category:
        found = proposed(ticket.category, ticket.subcategory)
        urgency = max(found.urgency, ticket.urgency, key=GRAVITY.index)
        start |= {"complexity": found.complexity, "urgency": urgency}
    return start


def dispatching(ticket: Ticket) -> dict[str, Any]:
    """Return the units that the catalogue proposes, without the one complained about."""
    if ticket.category is None:
        return {}
    found = proposed(ticket.category, ticket.subcategory)
    but = {ticket.complained_unit_id}
    lead = found.lead_unit.id if found.lead_unit and found.lead_unit.id not in but else None
    return {
        "lead_unit_id": lead,
        "co_unit_ids": [u.id for u in found.co_units if u.id not in but | {lead}],
    }


def closing_on_site(ticket: Ticket) -> dict[str, Any]:
    """Return what was done on the visit, where that solved it."""
    if not ticket.done_on_site:
        return {}
    return {"outcome": Outcome.RESOLVED, "reply": ticket.done_on_site}
