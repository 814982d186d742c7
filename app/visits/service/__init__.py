"""What can be done with visits and the tasks of a month. Nothing else writes them."""

from app.visits.service.drafts import Problem, VisitDraft
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
    plan,
)

__all__ = [
    "Problem",
    "VisitDraft",
    "ask_exemption",
    "begin_countdown",
    "begin_integrity",
    "begin_month",
    "decide_exemption",
    "generate_tasks",
    "mark_overdue",
    "plan",
    "record_visit",
    "remind_of_integrity",
    "remind_of_month",
    "remind_of_unfinished",
]
