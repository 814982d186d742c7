"""Tickets and the rows that belong to them."""

from app.tickets.models.category import Category, CategoryCoUnit
from app.tickets.models.records import (
    CoTask,
    CoTaskState,
    Dispatch,
    DueChange,
    Proposal,
    ProposalState,
    Reply,
    Revisit,
    SupervisionNote,
    TicketEvent,
    Urge,
)
from app.tickets.models.ticket import Ticket

__all__ = [
    "Category",
    "CategoryCoUnit",
    "CoTask",
    "CoTaskState",
    "Dispatch",
    "DueChange",
    "Proposal",
    "ProposalState",
    "Reply",
    "Revisit",
    "SupervisionNote",
    "Ticket",
    "TicketEvent",
    "Urge",
]
