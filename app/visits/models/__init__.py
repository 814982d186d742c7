"""Nouns of visits: calls and tasks, and linkages that change hands."""

from app.visits.models.calls import (
    COUNTING,
    OWED,
    UNCOUNTED,
    ExemptGround,
    Mode,
    Running,
    TaskState,
    Visit,
    VisitTask,
    VisitVisitor,
)
from app.visits.models.handovers import Handover, HandoverItem, HandoverState

__all__ = [
    "COUNTING",
    "OWED",
    "UNCOUNTED",
    "ExemptGround",
    "Handover",
    "HandoverItem",
    "HandoverState",
    "Mode",
    "Running",
    "TaskState",
    "Visit",
    "VisitTask",
    "VisitVisitor",
]
