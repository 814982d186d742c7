"""Pages: what a person was told; what the office sends, by which ways, and in which words."""

from app.notifications.views import inbox, letters, outbox, robots, settings, sms
from app.notifications.views.blueprint import bp

__all__ = ["bp", "inbox", "letters", "outbox", "robots", "settings", "sms"]
