"""What people type about visits, and its shape."""

from app.visits.forms.beside import (
    CampaignDaysForm,
    CampaignForm,
    EndForm,
    FilesForm,
    HouseholdForm,
    NeedForm,
    PromiseForm,
    VillageForm,
)
from app.visits.forms.handover import CallOffForm, ConfirmForm, HandoverForm
from app.visits.forms.planning import AnswerForm, CoverageForm, PlanForm
from app.visits.forms.visit import (
    LEADER,
    LIAISON,
    LISTS,
    NO,
    YES,
    DecisionForm,
    ExemptionForm,
    Offered,
    VisitFilterForm,
    VisitForm,
    target_of,
)

__all__ = [
    "LEADER",
    "LIAISON",
    "LISTS",
    "NO",
    "YES",
    "AnswerForm",
    "CallOffForm",
    "CampaignDaysForm",
    "CampaignForm",
    "ConfirmForm",
    "CoverageForm",
    "DecisionForm",
    "EndForm",
    "ExemptionForm",
    "FilesForm",
    "HandoverForm",
    "HouseholdForm",
    "NeedForm",
    "Offered",
    "PlanForm",
    "PromiseForm",
    "VillageForm",
    "VisitFilterForm",
    "VisitForm",
    "target_of",
]
