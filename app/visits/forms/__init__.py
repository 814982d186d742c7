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
from app.visits.forms.visit import (
    LEADER,
    LIAISON,
    LISTS,
    NO,
    YES,
    DecisionForm,
    ExemptionForm,
    Offered,
    PlanForm,
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
    "CampaignDaysForm",
    "CampaignForm",
    "DecisionForm",
    "EndForm",
    "ExemptionForm",
    "FilesForm",
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
