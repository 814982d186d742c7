"""What can be done with visits and the tasks of a month. Nothing else writes them."""

from app.visits.service.answering import LONGEST, Answered, answer
from app.visits.service.campaigns import CampaignDraft, begin_campaign, end_campaign, move_campaign
from app.visits.service.days import open_from
from app.visits.service.drafts import Asked, FinancingDraft, LaborDraft, Problem, Tick, VisitDraft
from app.visits.service.following import settle
from app.visits.service.giving_back import give_back_handover
from app.visits.service.handover import (
    arrange_handover,
    ask_for_handover,
    call_off_handover,
    carry_out_handover,
)
from app.visits.service.inviting import invite
from app.visits.service.needs import follow_need
from app.visits.service.plans import cancel_plan, join, leave, plan
from app.visits.service.recording import add_files, add_problem, record_visit
from app.visits.service.reminders import (
    begin_countdown,
    begin_integrity,
    begin_month,
    remind_of_integrity,
    remind_of_month,
    remind_of_unfinished,
)
from app.visits.service.tasks import ask_exemption, decide_exemption, generate_tasks, mark_overdue
from app.visits.service.villages import (
    VillageDraft,
    change_village_visit,
    count_households,
    record_village_visit,
)

__all__ = [
    "LONGEST",
    "Answered",
    "Asked",
    "CampaignDraft",
    "FinancingDraft",
    "LaborDraft",
    "Problem",
    "Tick",
    "VillageDraft",
    "VisitDraft",
    "add_files",
    "add_problem",
    "answer",
    "arrange_handover",
    "ask_exemption",
    "ask_for_handover",
    "begin_campaign",
    "begin_countdown",
    "begin_integrity",
    "begin_month",
    "call_off_handover",
    "cancel_plan",
    "carry_out_handover",
    "change_village_visit",
    "count_households",
    "decide_exemption",
    "end_campaign",
    "follow_need",
    "generate_tasks",
    "give_back_handover",
    "invite",
    "join",
    "leave",
    "mark_overdue",
    "move_campaign",
    "open_from",
    "plan",
    "record_village_visit",
    "record_visit",
    "remind_of_integrity",
    "remind_of_month",
    "remind_of_unfinished",
    "settle",
]
