"""Lists in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, literal_column, select

from app.core.db import db

Item = TypeVar("Item")

COUNTED = 10_000  # rows that are counted; beyond, a page says "at least"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list, and where in the list it stands."""

    items: Sequence[Item]
    number: int
    size: int
    total: int
    total_capped: bool
    has_next: bool

    @property
    def pages(self) -> int:
        """How many pages there are; 0 where that is not known."""
        return 0 if self.total_capped else max(1, ceil(self.total / self.size))

    @property
    def has_prev(self) -> bool:
        """Whether there is a page before."""
        return self.number > 1


def paged(found: Select[Item], number: int, *, size: int = 25, cap: int = COUNTED) -> Page[Item]:
    """Return page `number` of what `found` selects; a number beyond the end gives the last page.

    Two statements, however long the list is.
    """
    total = _count(found, cap + 1)
    capped = total > cap
    if not capped:
        number = min(number, max(1, ceil(total / size)))
    number = max(number, 1)
    rows = db.session.scalars(found.limit(size + 1).offset((number - 1) * size)).unique().all()
    return Page(rows[:size], number, size, min(total, cap), capped, len(rows) > size)


def counting(found: Select[Any], most: int) -> Select[int]:
    """Return the statement that counts what is found, but no further than `most`.

    So a long list costs no more than a short one.
    """
    return select(func.count()).select_from(found.limit(most).subquery())


def _count(found: Select[Any], most: int) -> int:
    ones: Select[Any] = found.with_only_columns(literal_column("1"), maintain_column_froms=True)
    return db.session.scalar(counting(ones.order_by(None), most)) or 0
