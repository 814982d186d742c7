"""What a rated unit may be shown: no group of fewer than five, and none that can be subtracted.

Pure. A group below five is merged with others into 其他; where that alone is still too few, the
next smallest goes along. So whatever is taken off a total leaves nobody, or five and more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

LEAST = 5
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Group:
    """Some of those who answered: how many, and what they said. `label` is empty for 其他."""

    label: str
    n: int
    solved: int = 0
    scored: int = 0
    satisfied: int = 0


def merged(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups as they may be shown, the greatest first and 其他 last.

    Nothing where there are fewer than five in all: then not even their total may be shown.
    """
    found = sorted((one for one in groups if one.n), key=lambda one: (-one.n, one.label))
    if sum(one.n for one in found) < LEAST:
        return ()
    kept = [one for one in found if one.n >= LEAST]
    others = [one for one in found if one.n < LEAST]
    while others and sum(one.n for one in others) < LEAST:
        others.append(kept.pop())
    return (*kept, _sum(others)) if others else tuple(kept)


def _sum(groups: Sequence[Group]) -> Group:
    return Group(
        label="",
        n=sum(one.n for one in groups),
        solved=sum(one.solved for one in groups),
        scored=sum(one.scored for one in groups),
        satisfied=sum(one.satisfied for one in groups),
    )


def blocks(months: Sequence[Sequence[Item]]) -> list[tuple[int, int, list[Item]]]:
    """Return whole months folded together until each block holds five: from, to (indices), what.

    Blocks follow one another and never change once they are full, so that nobody learns a
    single answer by comparing what was shown yesterday with today. What is left over waits.
    """
    found: list[tuple[int, int, list[Item]]] = []
    begun, held = 0, list[Item]()
    for index, month in enumerate(months):
        held += month
        if len(held) >= LEAST:
            found.append((begun, index, held))
            begun, held = index + 1, []
    return found
