"""Pages about visits and the tasks of a month."""

from app.visits.views import handover, mine, record, register, tasks
from app.visits.views.blueprint import bp

__all__ = ["bp", "handover", "mine", "record", "register", "tasks"]
