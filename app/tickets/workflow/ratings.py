"""What a rating says, when two differ, and the lot that decides who is called again. Pure."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from app.tickets.workflow.states import Outcome, Solved

SATISFIED = 3  # of five, from here on
EXPLAINED = frozenset({Outcome.EXPLAINED, Outcome.REFERRED_UP})
LOT_BYTES = 8
LOTS = 1 << (8 * LOT_BYTES)
WHOLE = 100  # per cent


@dataclass(frozen=True, slots=True)
class Said:
    """What an enterprise said, as far as two ratings are compared."""

    solved: Solved | None
    result_score: int | None

    @property
    def is_satisfied(self) -> bool | None:
        """Whether the result was three of five or more; None where it gave no score."""
        return None if self.result_score is None else self.result_score >= SATISFIED


def is_content(said: Said, outcome: Outcome | None) -> bool:
    """Tell whether a ticket may be closed on such words (T21), or is handled again (T22)."""
    if said.is_satisfied is False:
        return False
    return said.solved is not Solved.NO or outcome in EXPLAINED


def differs(first: Said, again: Said) -> bool:
    """Tell whether the second answer is another one.

    A star more or less is none; solved or not, satisfied or not, is. No score is no complaint.
    """
    complained = (first.is_satisfied is False, again.is_satisfied is False)
    return first.solved is not again.solved or complained[0] is not complained[1]


def has_turned(first: Said, again: Said, outcome: Outcome | None) -> bool:
    """Tell whether who was content with the first call is not with the second."""
    return is_content(first, outcome) and not is_content(again, outcome)


def is_chosen(seed: str, revisit_id: int, percent: int) -> bool:
    """Tell whether the lot of a rating falls below `percent`: 0 takes none, 100 takes all.

    The lot is an HMAC of the rating's number under the seed: it depends on nothing else, and
    without the seed nobody can tell it from chance.
    """
    lot = hmac.new(seed.encode(), str(revisit_id).encode(), hashlib.sha256).digest()
    return int.from_bytes(lot[:LOT_BYTES], "big") * WHOLE < percent * LOTS


def digest_of(seed: str, percent: int, decided: Iterable[tuple[int, bool]]) -> str:
    """Return what binds a seed to all that was decided with it, as anyone can compute it."""
    lines = [seed, str(percent), *(f"{id_}:{int(chosen)}" for id_, chosen in sorted(decided))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
