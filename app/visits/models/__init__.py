"""Nouns of visits: calls and tasks, what they leave behind, and leaders in the villages."""

from app.visits.models.calls import (
    AT_THE_FIRM,
    COUNTING,
    GROUND_OF,
    OWED,
    UNCOUNTED,
    Answer,
    ExemptGround,
    Mode,
    Running,
    TaskState,
    Theme,
    Visit,
    VisitOutcome,
    VisitPlan,
    VisitTask,
    VisitVisitor,
)
from app.visits.models.campaigns import Campaign
from app.visits.models.handovers import Handover, HandoverItem, HandoverState
from app.visits.models.needs import FinancingNeed, LaborNeed, NeedState, PolicyPush
from app.visits.models.promises import Promise, PromiseState, Recheck, StillFine
from app.visits.models.villages import HouseholdCount, VillageVisit

__all__ = [
    "AT_THE_FIRM",
    "COUNTING",
    "GROUND_OF",
    "OWED",
    "UNCOUNTED",
    "Answer",
    "Campaign",
    "ExemptGround",
    "FinancingNeed",
    "Handover",
    "HandoverItem",
    "HandoverState",
    "HouseholdCount",
    "LaborNeed",
    "Mode",
    "NeedState",
    "PolicyPush",
    "Promise",
    "PromiseState",
    "Recheck",
    "Running",
    "StillFine",
    "TaskState",
    "Theme",
    "VillageVisit",
    "Visit",
    "VisitOutcome",
    "VisitPlan",
    "VisitTask",
    "VisitVisitor",
]
