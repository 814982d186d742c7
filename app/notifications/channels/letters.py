"""What leaves the building: a letter, what can take it, and how that may end."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from app.core.i18n import N_
from app.notifications.calendar import Attachment
from app.notifications.models import BodyKind, Channel, Platform
from app.notifications.wordings import Wording

log = logging.getLogger(__name__)

TIMES_OUT = 10.0  # seconds that robots and text-message services may take


@dataclass(frozen=True, slots=True)
class RobotAccount:
    """Where a robot lives, and with what it is called."""

    platform: Platform
    key: str
    signing_secret: str = ""


@dataclass(frozen=True, slots=True)
class SmsAccount:
    """What is asked of a text-message service, and how it says yes."""

    url: str
    method: str
    headers: Mapping[str, str]
    body_kind: BodyKind
    body: str
    success_path: str = ""
    success_value: str = ""


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
    channel: Channel = Channel.MAIL
    through: RobotAccount | SmsAccount | None = None
    wording: Wording | None = None  # of the office, where it wrote one
    attachments: tuple[Attachment, ...] = ()


class NotSent(Exception):
    """A letter did not go.

    `reason` is a sentence for the office, marked for translation; `answer` is what the other
    side said, word for word.
    """

    def __init__(self, reason: str, answer: str = "") -> None:
        super().__init__(answer or reason)
        self.reason = reason
        self.answer = answer


class Refused(NotSent):
    """It will never be taken: not to this address, not with this content."""


class NotTaken(NotSent):
    """It was not taken now, or nobody knows; it is tried again. `lost`: the line is no good."""

    def __init__(self, reason: str, answer: str = "", *, lost: bool = False) -> None:
        super().__init__(reason, answer)
        self.lost = lost


class LineGone(NotTaken):
    """The line was hung up before anything of the letter was said; another line may do."""

    def __init__(self, reason: str, answer: str = "") -> None:
        super().__init__(reason, answer, lost=True)


class Waits(NotSent):
    """It is not its turn: the letter waits `rest` seconds, and that was no attempt."""

    def __init__(self, reason: str, answer: str = "", *, rest: float = 60.0) -> None:
        super().__init__(reason, answer)
        self.rest = rest


class Busy(Waits):
    """The other side has no time for one more line, or for any: so every letter waits."""


class Unreachable(Busy):
    """Nobody is there for any letter, or will not let us in."""


class End(Enum):
    """How an attempt ended."""

    SENT = "sent"
    AGAIN = "again"  # in 1, 5, 30 minutes
    NEVER = "never"
    WAITS = "waits"  # it was no attempt


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended with one letter."""

    letter: Letter
    end: End
    reason: str = ""
    answer: str = ""
    rest: float = 60.0


class Line(Protocol):
    """A line to the other side, which takes letters one after the other."""

    @property
    def is_spent(self) -> bool:
        """Whether another line should be opened for the next letter."""
        ...

    def send(self, letter: Letter) -> str:
        """Hand `letter` over and return what the other side said, or raise NotSent."""
        ...

    def close(self) -> None:
        """Hang up; never raise."""
        ...


class WayOut(Protocol):
    """A way to reach people, with so many lines at a time, and a pause between two letters."""

    @property
    def lines(self) -> int:
        """How many lines there are at most."""
        ...

    @property
    def pause(self) -> float:
        """How many seconds there are at least between two letters, over all lines."""
        ...

    def open(self) -> Line:
        """Return a new line, or raise Busy or Unreachable."""
        ...


FAILED = N_("发送时出错，详见回答")


def attempted(letter: Letter, hand_over: Callable[[Letter], str]) -> Outcome:
    """Return how it ended to hand `letter` over. Only Busy is raised: that is about all letters."""
    try:
        return Outcome(letter, End.SENT, answer=hand_over(letter))
    except Busy:
        raise
    except Waits as waits:
        return Outcome(letter, End.WAITS, waits.reason, waits.answer, waits.rest)
    except Refused as refusal:
        return Outcome(letter, End.NEVER, refusal.reason, refusal.answer)
    except NotSent as failure:
        return Outcome(letter, End.AGAIN, failure.reason, failure.answer)
    except Exception as failure:
        log.exception("Message %s was not sent", letter.id)  # one that is amiss stops no other
        return Outcome(letter, End.AGAIN, FAILED, f"{type(failure).__name__}: {failure}")


def put_off(letter: Letter, waits: Waits) -> Outcome:
    """Return the outcome of a letter that was not begun."""
    return Outcome(letter, End.WAITS, waits.reason, waits.answer, waits.rest)


def sent_alone(way: WayOut, letter: Letter) -> Outcome:
    """Hand over one letter on a line of its own; return how it ended. Nothing is raised."""

    def hand_over(letter: Letter) -> str:
        line = way.open()
        try:
            return line.send(letter)
        finally:
            line.close()

    try:
        return attempted(letter, hand_over)
    except Busy as busy:
        return put_off(letter, busy)
