"""What a rated unit is shown: no group of fewer than five firms, none that can be subtracted.

Pure. A group below five is merged with others into 其他; where that alone is still too few, the
next smallest goes along. So whatever is taken off a total leaves nobody, or five and more. Firms
are counted, not answers: five answers of one firm are that firm's alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

LEAST = 5
NOBODY: frozenset[int] = frozenset()
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Group:
    """Some of what was answered: how often, by which firms, and what they said.

    `label` is empty for 其他.
    """

    label: str
    n: int
    firms: frozenset[int] = NOBODY
    solved: int = 0
    scored: int = 0
    satisfied: int = 0
    scorers: frozenset[int] = NOBODY  # the firms that gave a score


def merged(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups as they may be shown, the greatest first and 其他 last.

    Nothing where there are fewer than five firms in all: then not even their total may be shown.
    """
    found = sorted((one for one in groups if one.n), key=lambda one: (-one.n, one.label))
    if len(_firms(found)) < LEAST:
        return ()
    kept = [one for one in found if len(one.firms) >= LEAST]
    others = [one for one in found if len(one.firms) < LEAST]
    while others and len(_firms(others)) < LEAST:
        others.append(kept.pop())
    return (*kept, _sum(others)) if others else tuple(kept)


def _firms(groups: Iterable[Group]) -> frozenset[int]:
    return NOBODY.union(*(one.firms for one in groups))


def _sum(groups: Sequence[Group]) -> Group:
    return Group(
        label="",
        n=sum(one.n for one in groups),
        firms=_firms(groups),
        solved=sum(one.solved for one in groups),
        scored=sum(one.scored for one in groups),
        satisfied=sum(one.satisfied for one in groups),
        scorers=NOBODY.union(*(one.scorers for one in groups)),
    )


def blocks(
    months: int, held: Callable[[int, int], Sequence[Item]], firm_of: Callable[[Item], int]
) -> list[tuple[int, int, list[Item]]]:
    """Return whole months folded together until each block holds five firms: from, to, what.

    `held` tells what was answered from a month to another, both included, as it was known at the
    end of the later. So blocks follow one another and never change once they are full, and nobody
    learns a single answer by comparing what was shown yesterday with today. The rest waits.
    """
    found: list[tuple[int, int, list[Item]]] = []
    begun = 0
    for month in range(months):
        answers = list(held(begun, month))
        if len({firm_of(one) for one in answers}) >= LEAST:
            found.append((begun, month, answers))
            begun = month + 1
    return found
