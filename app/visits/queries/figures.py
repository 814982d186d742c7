"""The figures of visits, V1 to V6: what they are counted from, and how they are shown.

Source: the office's figures, C4.1 and C4.3. A rate always stands with n and d; without a
denominator it is nothing, shown as a dash; one decimal, rounded half up.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SAMPLE = 5  # with fewer, a rate is shown in grey as too small a sample
NOTHING = "—"
_TENTH = Decimal("0.1")


def _rounded(n: int, d: int, *, times: int) -> Decimal | None:
    return (Decimal(times * n) / d).quantize(_TENTH, ROUND_HALF_UP) if d else None


@dataclass(frozen=True, slots=True)
class Share:
    """A rate with what it was counted from: n of d."""

    n: int
    d: int

    @property
    def value(self) -> Decimal | None:
        """The rate in per cent; None where there was nothing to count."""
        return _rounded(self.n, self.d, times=100)

    @property
    def percent(self) -> str:
        """The rate as it is shown; a dash where there was nothing to count."""
        return NOTHING if self.value is None else f"{self.value}%"

    @property
    def is_thin(self) -> bool:
        """Whether it was counted from too few to say much."""
        return 0 < self.d < SAMPLE


@dataclass(frozen=True, slots=True)
class PerTen:
    """How many came of ten: n from d."""

    n: int
    d: int

    @property
    def value(self) -> Decimal | None:
        """How many in ten; None where there was nothing to count."""
        return _rounded(self.n, self.d, times=10)

    @property
    def shown(self) -> str:
        """The number as it is shown; a dash where there was nothing to count."""
        return NOTHING if self.value is None else str(self.value)

    @property
    def is_thin(self) -> bool:
        """Whether it was counted from too few to say much."""
        return 0 < self.d < SAMPLE


@dataclass(frozen=True, slots=True)
class Coverage:
    """The six figures of some targets in some months."""

    completed: Share  # V1 tasks done, of those that were not waived or cancelled
    covered: Share  # V2 targets with a visit that counts, of those looked after at the end
    led: Share  # V3 visits with the linked leader, of those that count
    timely: Share  # V4 visits recorded within three workdays, of all
    problems: PerTen  # V5 problems heard on visits, in ten visits
    overdue: int  # V6 tasks whose day passed without a visit
    in_person: int = 0  # visits on which somebody went to the firm and met somebody
