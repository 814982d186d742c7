"""A form that says, signed, when it was shown: what fills it in no time is no person."""

import hmac
from dataclasses import dataclass

from app.core import clock, crypto
from app.core.enums import LabelledEnum
from app.core.i18n import N_

FASTEST = 3  # seconds in which nobody writes down a problem
LONGEST = 24 * 3600  # seconds that a form stays good
_PARTS = 3


class Pace(LabelledEnum):
    """How long it took to fill in a form."""

    GOOD = "good", N_("正常")
    FAST = "fast", N_("太快")
    OLD = "old", N_("太久")
    FORGED = "forged", N_("不是这里的表单")


@dataclass(frozen=True, slots=True)
class Paced:
    """The pace of a form, and how often it was sent back for being too fast."""

    pace: Pace
    tries: int = 0


def issued(subject: str, tries: int = 0) -> str:
    """Return what a form of this subject carries."""
    at = int(clock.machine_now().timestamp())
    return f"{at}.{tries}.{_sign(subject, at, tries)}"


def read(carried: str, subject: str) -> Paced:
    """Return the pace of a form that carries this."""
    parts = carried.split(".", _PARTS - 1)
    if len(parts) != _PARTS or not all(_is_number(part) for part in parts[:2]):
        return Paced(Pace.FORGED)
    at, tries = int(parts[0]), int(parts[1])
    signed = _sign(subject, at, tries).encode()
    if not hmac.compare_digest(signed, parts[2].encode("utf-8", "surrogatepass")):
        return Paced(Pace.FORGED)
    took = clock.machine_now().timestamp() - at
    if took > LONGEST:
        return Paced(Pace.OLD, tries)
    return Paced(Pace.FAST if took < FASTEST else Pace.GOOD, tries)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12  # noqa: PLR2004 - of a second


def _sign(subject: str, at: int, tries: int) -> str:
    return crypto.signature(f"tell|{subject}|{at}|{tries}")
