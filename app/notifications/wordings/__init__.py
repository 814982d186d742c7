"""What a letter of each rule says by default: the words around its table. Pure.

Source: the office's reminder rules, C3.3. One part for each area that writes letters.
"""

from collections.abc import Mapping

from app.notifications.wordings import (
    days,
    enterprises,
    firms,
    handovers,
    letters,
    ratings,
    reports,
    tickets,
    visits,
)
from app.notifications.wordings.wording import COMMON, COUNTED, EVENT, WHEN, Wording

_PARTS = (visits, tickets, reports, enterprises, letters, days, handovers, firms, ratings)

WORDINGS: Mapping[str, Wording] = {one.rule: one for part in _PARTS for one in part.ALL}

__all__ = ["COMMON", "COUNTED", "EVENT", "WHEN", "WORDINGS", "Wording"]
