"""The audit log: append-only, each row chained to the one before it.

A row's hash covers its content and the hash of the row before. `flask audit verify` walks
the chain and names the first row that does not fit. A chain alone does not notice that its
end was cut off, so the head is also written to a file outside the database.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import JSON, Index, String, Table, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, db
from app.core.prepared import Numbers, Writing

GENESIS = "0" * 64
PENDING = "pending audit entries"


class AuditRow(Base):
    """Who did what to which thing, when and from where. Written once, never changed."""

    __tablename__ = "audit_rows"
    __table_args__ = (
        Index("ix_audit_rows_tenant_subject", "tenant_id", "subject", "subject_id"),
        Index("ix_audit_rows_tenant_at", "tenant_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tenant_id: Mapped[int]
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(32))
    ip: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(500), default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain; locking it puts writers in line."""

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


CONTENT = (
    "id",
    "tenant_id",
    "at",
    "user_id",
    "role",
    "ip",
    "action",
    "subject",
    "subject_id",
    "before",
    "after",
    "reason",
    "previous_hash",
)
_HEADS, _ROWS = cast("Table", AuditHead.__table__), cast("Table", AuditRow.__table__)
_HEAD = Numbers(select(_HEADS.c.last_id, _HEADS.c.hash).where(_HEADS.c.id == 1).with_for_update())
_APPEND = Writing(lambda: insert(_ROWS))
_MOVE_HEAD = Writing(
    lambda: (
        update(_HEADS)
        .where(_HEADS.c.id == 1)
        .values(last_id=bindparam("last"), hash=bindparam("digest"))
    )
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be logged; the chain is closed when the transaction commits."""

    tenant_id: int
    user_id: int | None
    role: str
    ip: str
    action: str
    subject: str
    subject_id: int | None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str = ""
    at: datetime = field(default_factory=clock.now)


def record(entry: Entry) -> None:
    """Log `entry` in the transaction that is under way."""
    db.session.info.setdefault(PENDING, []).append(entry)


def forget_pending() -> None:
    """Drop what a transaction wanted to log: it did not happen."""
    db.session.info.pop(PENDING, None)


def append_pending() -> None:
    """Chain and write what this transaction wants to log, last of all.

    The head is locked only from here to the commit, and always after everything else, so
    that two transactions cannot wait for each other.
    """
    entries: list[Entry] = db.session.info.pop(PENDING, [])
    if not entries:
        return
    db.session.flush()
    ends = _HEAD.rows({})
    if not ends:
        raise RuntimeError("The audit log has no head: the database is not migrated.")
    ((last_id, last_hash),) = ends
    rows = []
    for entry in entries:
        row: dict[str, Any] = {
            "id": last_id + 1,
            "tenant_id": entry.tenant_id,
            "at": entry.at,
            "user_id": entry.user_id,
            "role": entry.role,
            "ip": entry.ip,
            "action": entry.action,
            "subject": entry.subject,
            "subject_id": entry.subject_id,
            "before": _plain(entry.before),
            "after": _plain(entry.after),
            "reason": entry.reason[:500],
            "previous_hash": last_hash,
        }
        row["hash"] = digest(row)
        last_id, last_hash = row["id"], row["hash"]
        rows.append(row)
    _APPEND.write(*rows)
    _MOVE_HEAD.write({"last": last_id, "digest": last_hash})


def digest(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a row's content and the hash before it."""
    content = [row["at"].isoformat() if name == "at" else row[name] for name in CONTENT]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold."""

    row_id: int
    why: str


def first_break(anchors: dict[int, str]) -> Break | None:
    """Return the first row that was tampered with, or None.

    `anchors` are heads noted outside the database: row id to hash. A missing end shows
    only against them or against the head row.
    """
    expected, last = GENESIS, 0
    for row in _rows():
        if row.id != last + 1:
            return Break(last + 1, "missing")
        if row.previous_hash != expected or digest(vars(row)) != row.hash:
            return Break(row.id, "changed")
        if anchors.get(row.id, row.hash) != row.hash:
            return Break(row.id, "not as anchored")
        expected, last = row.hash, row.id
    head = db.session.get(AuditHead, 1)
    if (
        head is None
        or (head.last_id, head.hash) != (last, expected)
        or max(anchors, default=0) > last
    ):
        return Break(last + 1, "missing at the end")
    return None


def head() -> tuple[int, str]:
    """Return the id and the hash of the newest row."""
    found = db.session.get_one(AuditHead, 1)
    return found.last_id, found.hash


def _rows() -> Iterator[AuditRow]:
    rows = db.session.scalars(
        select(AuditRow).order_by(AuditRow.id), execution_options={"yield_per": 1000}
    )
    try:
        for row in rows:
            yield row
            db.session.expunge(row)
    finally:  # whoever has found a break reads no further
        rows.close()


def _plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return `values` as JSON will give them back, so that the hash can be computed again."""
    if values is None:
        return None
    return {
        str(k): v.isoformat() if isinstance(v, datetime | date) else v for k, v in values.items()
    }
