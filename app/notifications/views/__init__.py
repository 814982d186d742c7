"""Pages: what a person was told; what the office sends, and by which ways."""

from app.notifications.views import inbox, outbox, robots, settings, sms
from app.notifications.views.blueprint import bp

__all__ = ["bp", "inbox", "outbox", "robots", "settings", "sms"]
