"""Pages for leaders, and for whoever looks after what they were sent."""

from app.reports.views import digest, digests, months, ratings
from app.reports.views.blueprint import bp

__all__ = ["bp", "digest", "digests", "months", "ratings"]
