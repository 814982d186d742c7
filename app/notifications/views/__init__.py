"""Pages: what a person was told, what the office could not send, how its letters are worded."""

from app.notifications.views import letters, messages

bp = messages.bp

__all__ = ["bp", "letters", "messages"]
