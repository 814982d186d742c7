"""The reminders about visits: R1 to R5 round a month, R12 before holidays.

Source: the office's reminder rules, C3.3. Each plans for many people at once: what is the same
for all of a township is read first (`begin_…`), then each page of people is promised theirs in
one transaction (`remind_…`), and nobody the same twice. No telephone number, no figure of a firm
and no name of its staff goes into mail; what is confidential is not named there.
"""

from app.visits.service.reminders.beginning import begin_month, remind_of_month
from app.visits.service.reminders.integrity import begin_integrity, remind_of_integrity
from app.visits.service.reminders.unfinished import begin_countdown, remind_of_unfinished

__all__ = [
    "begin_countdown",
    "begin_integrity",
    "begin_month",
    "remind_of_integrity",
    "remind_of_month",
    "remind_of_unfinished",
]
