"""Pages: signing in, people, units, parameters, the audit log."""

from app.accounts.views import audit, door, parameters, people, trail, units
from app.accounts.views.blueprint import bp

__all__ = ["audit", "bp", "door", "parameters", "people", "trail", "units"]
