"""Numbers that are given once: a row per series, counted up in the caller's transaction."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from app.core.db import Base, inserting
from app.core.prepared import Writing


class Counter(Base):
    """The last number given in one series of one tenant."""

    __tablename__ = "counters"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


def following(tenant_id: int, series: str) -> int:
    """Return the next number of `series`, from 1.

    The row stays locked until the caller commits: two callers never get one number, and a
    rolled back one leaves no gap.
    """
    asked = {"tenant_id": tenant_id, "series": series, "value": 1}
    counted: int = _COUNT.returned(asked)
    return counted


def _count() -> ReturningInsert[int]:
    return (
        inserting(Counter)
        .on_conflict_do_update(
            index_elements=[Counter.tenant_id, Counter.series],
            set_={"value": Counter.value + 1},
        )
        .returning(Counter.value)
    )


_COUNT = Writing(_count)
