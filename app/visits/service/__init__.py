"""What can be done with visits and the tasks of a month. Nothing else writes them."""

from app.visits.service.campaigns import (
    CampaignDraft,
    begin_campaign,
    end_campaign,
    move_campaign,
)
from app.visits.service.drafts import (
    Asked,
    FinancingDraft,
    LaborDraft,
    Problem,
    Tick,
    VisitDraft,
)
from app.visits.service.following import settle
from app.visits.service.needs import follow_need
from app.visits.service.recording import add_files, record_visit
from app.visits.service.reminding import remind_of_month
from app.visits.service.tasks import (
    ask_exemption,
    decide_exemption,
    generate_tasks,
    mark_overdue,
    plan,
)
from app.visits.service.villages import VillageDraft, count_households, record_village_visit

__all__ = [
    "Asked",
    "CampaignDraft",
    "FinancingDraft",
    "LaborDraft",
    "Problem",
    "Tick",
    "VillageDraft",
    "VisitDraft",
    "add_files",
    "ask_exemption",
    "begin_campaign",
    "count_households",
    "decide_exemption",
    "end_campaign",
    "follow_need",
    "generate_tasks",
    "mark_overdue",
    "move_campaign",
    "plan",
    "record_village_visit",
    "record_visit",
    "remind_of_month",
    "settle",
]
