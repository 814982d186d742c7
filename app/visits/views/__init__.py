"""Pages about visits and the tasks of a month."""

from app.visits.views import coverage, invitation, mine, record, register, tasks
from app.visits.views.blueprint import bp

__all__ = ["bp", "coverage", "invitation", "mine", "record", "register", "tasks"]
