"""What leaves the building: a letter, and what can take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is needed to send one message, read while it was claimed.

    `attempt` also tells one claim from the next. `message_id` is the local part.
    """

    id: int
    attempt: int
    message_id: str
    name: str
    address: str
    rule: str
    subject: str
    context: Mapping[str, Any]
    link: str
    written_at: datetime
    needs_sign_in: bool = True  # what its link leads to


class Channel(Protocol):
    """A way to reach a person."""

    def send(self, letter: Letter) -> None:
        """Deliver `letter`, or raise."""
        ...
