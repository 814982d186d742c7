"""The blueprint, and how a message is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint

from app.notifications.channels import worded
from app.notifications.models import Message

bp = Blueprint("notifications", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A message as it is shown: its subject in the reader's language."""

    message: Message
    subject: str


def lines_of(messages: Sequence[Message]) -> list[Line]:
    """Return messages as they are shown."""
    return [Line(message, worded(message.subject, message.context)) for message in messages]
