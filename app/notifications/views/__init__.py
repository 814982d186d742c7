"""Pages: what a person was told, what the office sends, how its letters are worded."""

from app.notifications.views import inbox, letters, outbox
from app.notifications.views.blueprint import bp

__all__ = ["bp", "inbox", "letters", "outbox"]
