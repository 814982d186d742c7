"""What can be done with a ticket. Nothing else writes one."""

from app.tickets.service.beside import (
    answer_co_task,
    answer_supervision,
    assign_handler,
    note_attachment,
    renew_suspension,
    urge,
    waive_co_task,
)
from app.tickets.service.drafting import edit_draft, index, open_ticket
from app.tickets.service.given import StepInput, TicketDraft
from app.tickets.service.ladder import climb
from app.tickets.service.offers import Kind, Offer, offers
from app.tickets.service.proposals import decide, propose, withdraw
from app.tickets.service.recompute import recompute
from app.tickets.service.revisits import revisit
from app.tickets.service.steps import check_version, hand_in, take

__all__ = [
    "Kind",
    "Offer",
    "StepInput",
    "TicketDraft",
    "answer_co_task",
    "answer_supervision",
    "assign_handler",
    "check_version",
    "climb",
    "decide",
    "edit_draft",
    "hand_in",
    "index",
    "note_attachment",
    "offers",
    "open_ticket",
    "propose",
    "recompute",
    "renew_suspension",
    "revisit",
    "take",
    "urge",
    "waive_co_task",
    "withdraw",
]
