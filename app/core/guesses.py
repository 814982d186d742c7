"""The lock on guessing: a few wrong tries from a place, or at a thing, and no more are heard.

What is guessed at is counted whether it exists or not, under a key that is kept as a hash. The
caller keeps what was counted though the answer is no.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, db, inserting
from app.core.networks import network_of

MOST = 5
LOCK = timedelta(minutes=15)
KEPT = timedelta(days=1)


class CodeGuesses(Base):
    """Wrong tries at one thing, or from one address, and until when no more are heard.

    The key is kept as a hash: also of a number that does not exist, so that nobody learns which
    do. Times are the machine's.
    """

    __tablename__ = "code_guesses"
    __table_args__ = (Index("ix_code_guesses_last_at", "last_at"),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


def of_address(ip: str) -> str:
    """Return the key of where somebody comes from: one household or firm has one."""
    return f"address|{network_of(ip)}"


def held(*keys: str) -> list[CodeGuesses]:
    """Return the rows of these keys, locked, in this order.

    They are taken in the order of their hashes, so that two who try at once never wait for each
    other.
    """
    hashes = [_hash(key) for key in keys]
    now = clock.machine_now()
    for key_hash in sorted(hashes):
        db.session.execute(
            inserting(CodeGuesses)
            .values(key_hash=key_hash, count=0, last_at=now)
            .on_conflict_do_nothing(index_elements=["key_hash"])
        )
    rows = db.session.scalars(
        select(CodeGuesses)
        .where(CodeGuesses.key_hash.in_(hashes))
        .order_by(CodeGuesses.key_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.key_hash: row for row in rows}
    return [found[key_hash] for key_hash in hashes]


def locked_until(rows: Sequence[CodeGuesses]) -> datetime | None:
    """Return until when nothing is heard, or None."""
    now = clock.machine_now()
    ends = [row.locked_until for row in rows if row.locked_until and row.locked_until > now]
    return max(ends, default=None)


def lock_of(key: str) -> datetime | None:
    """Return until when nothing is heard under a key; nothing is written."""
    until = db.session.scalar(
        select(CodeGuesses.locked_until).where(CodeGuesses.key_hash == _hash(key))
    )
    return until if until is not None and until > clock.machine_now() else None


def count(rows: Sequence[CodeGuesses]) -> datetime | None:
    """Count one wrong try more, and return until when no more are heard, if it was one too many."""
    now = clock.machine_now()
    for row in rows:
        if now - row.last_at > LOCK or row.locked_until is not None:
            row.count = 0
        row.count, row.last_at, row.locked_until = row.count + 1, now, None
        if row.count >= MOST:
            row.locked_until = now + LOCK
    return locked_until(rows)


def tidy() -> None:
    """Forget wrong tries that are long past."""
    old = CodeGuesses.last_at < clock.machine_now() - KEPT
    db.session.execute(delete(CodeGuesses).where(old))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
