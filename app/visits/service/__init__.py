"""What can be done with visits and the tasks of a month. Nothing else writes them."""

from app.visits.service.drafts import Problem, VisitDraft
from app.visits.service.handover import (
    arrange_handover,
    ask_for_handover,
    call_off_handover,
    carry_out_handover,
)
from app.visits.service.recording import record_visit
from app.visits.service.reminding import remind_of_month
from app.visits.service.tasks import (
    ask_exemption,
    decide_exemption,
    generate_tasks,
    mark_overdue,
    plan,
)

__all__ = [
    "Problem",
    "VisitDraft",
    "arrange_handover",
    "ask_exemption",
    "ask_for_handover",
    "call_off_handover",
    "carry_out_handover",
    "decide_exemption",
    "generate_tasks",
    "mark_overdue",
    "plan",
    "record_visit",
    "remind_of_month",
]
