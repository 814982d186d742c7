"""Pages about service days, and the one that enterprises open by their link."""

from app.servicedays.views import booking, days, paper, plan, public, reception, results
from app.servicedays.views.blueprint import bp

__all__ = ["booking", "bp", "days", "paper", "plan", "public", "reception", "results"]
