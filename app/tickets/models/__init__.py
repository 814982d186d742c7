"""Tickets and the rows that belong to them."""

from app.tickets.models.category import Category, CategoryCoUnit, called
from app.tickets.models.common import CommonProblem, CommonState, SavedView
from app.tickets.models.ratings import RatingRequest
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
    reply_citations,
)
from app.tickets.models.spot_checks import SpotCall, SpotCheck, SpotDraw
from app.tickets.models.supervision import JointMeeting, LeaderDirective, Presence, TicketReader
from app.tickets.models.ticket import Ticket

__all__ = [
    "Category",
    "CategoryCoUnit",
    "CoTask",
    "CoTaskState",
    "CommonProblem",
    "CommonState",
    "Dispatch",
    "DueChange",
    "JointMeeting",
    "LeaderDirective",
    "Presence",
    "Proposal",
    "ProposalState",
    "RatingRequest",
    "Reply",
    "Revisit",
    "SavedView",
    "SpotCall",
    "SpotCheck",
    "SpotDraw",
    "SupervisionNote",
    "Ticket",
    "TicketEvent",
    "TicketReader",
    "Urge",
    "called",
    "reply_citations",
]
