"""What can be done with visits and the tasks of a month. Nothing else writes them."""

from app.visits.service.answering import LONGEST, Answered, answer
from app.visits.service.drafts import Problem, VisitDraft
from app.visits.service.inviting import invite
from app.visits.service.plans import cancel_plan, join, leave, plan
from app.visits.service.recording import record_visit
from app.visits.service.reminders import (
    begin_countdown,
    begin_integrity,
    begin_month,
    remind_of_integrity,
    remind_of_month,
    remind_of_unfinished,
)
from app.visits.service.tasks import (
    ask_exemption,
    decide_exemption,
    generate_tasks,
    mark_overdue,
)

__all__ = [
    "LONGEST",
    "Answered",
    "Problem",
    "VisitDraft",
    "answer",
    "ask_exemption",
    "begin_countdown",
    "begin_integrity",
    "begin_month",
    "cancel_plan",
    "decide_exemption",
    "generate_tasks",
    "invite",
    "join",
    "leave",
    "mark_overdue",
    "plan",
    "record_visit",
    "remind_of_integrity",
    "remind_of_month",
    "remind_of_unfinished",
]
