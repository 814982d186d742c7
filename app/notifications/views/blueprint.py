"""The blueprint, and a message as it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint

from app.notifications.channels import worded
from app.notifications.channels.lines import parts
from app.notifications.models import Channel, Message
from app.notifications.wordings import WORDINGS

bp = Blueprint("notifications", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A message as it is shown: its subject in the reader's language."""

    message: Message
    subject: str

    @property
    def rule(self) -> str:
        """What the office calls its rule, marked for translation; else the rule's own name."""
        wording = WORDINGS.get(self.message.rule)
        return wording.label if wording else self.message.rule

    @property
    def address(self) -> str:
        """Where it goes, as far as a list should say: a mail address."""
        message = self.message
        if message.channel is not Channel.MAIL:
            return ""
        return message.recipient.email if message.recipient else message.outsider_address or ""

    @property
    def parts(self) -> int:
        """How many text messages it takes; 0 for what is none."""
        return parts(self.subject) if self.message.channel is Channel.SMS else 0


def lines_of(messages: Sequence[Message]) -> list[Line]:
    """Return messages as they are shown."""
    return [Line(message, worded(message.subject, message.context)) for message in messages]
