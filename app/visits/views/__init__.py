"""Pages about visits and the tasks of a month."""

from app.visits.views import (
    campaigns,
    coverage,
    handover,
    invitation,
    mine,
    needs,
    quotas,
    record,
    register,
    tasks,
)
from app.visits.views.blueprint import bp

__all__ = [
    "bp",
    "campaigns",
    "coverage",
    "handover",
    "invitation",
    "mine",
    "needs",
    "quotas",
    "record",
    "register",
    "tasks",
]
