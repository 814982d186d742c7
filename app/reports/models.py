"""Digests that were promised to leaders, what they did with them, and frozen months."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base
from app.reports.workflow import Rule


class Digest(Base):
    """What a leader was written in one period, once under (rule, period, person).

    One without items was not sent; then `why_not` says why. `matters_until` is the end of its
    period: nobody is reminded of it after that.
    """

    __tablename__ = "digests"
    __table_args__ = (
        UniqueConstraint("tenant_id", "rule", "period", "user_id"),
        Index("ix_digests_newest", "tenant_id", "id"),
        Index("ix_digests_user_id", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    rule: Mapped[Rule]
    period: Mapped[str] = mapped_column(String(10))  # 2026-W41, 2026-09
    item_count: Mapped[int]
    why_not: Mapped[str] = mapped_column(String(100), default="")
    promised_at: Mapped[datetime]
    matters_until: Mapped[datetime]
    reminded_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(viewonly=True)
    marks: Mapped[list["DigestMark"]] = relationship(order_by="DigestMark.id", viewonly=True)

    @property
    def is_sent(self) -> bool:
        """Whether there was anything to write."""
        return self.item_count > 0

    @property
    def readings(self) -> list["DigestMark"]:
        """Who confirmed that they read it."""
        return [mark for mark in self.marks if mark.directive_id is None]

    @property
    def directive_count(self) -> int:
        """How many directives were written from it."""
        return sum(mark.directive_id is not None for mark in self.marks)


class DigestMark(Base):
    """What somebody did with a digest: confirmed by a click, or wrote a directive from it.

    A confirmation is a deliberate click of the person, once each; nothing else counts as reading.
    """

    __tablename__ = "digest_marks"
    __table_args__ = (
        Index("ix_digest_marks_digest_id", "digest_id", "id"),
        Index(
            "uq_digest_marks_reading",
            "digest_id",
            "by_id",
            unique=True,
            sqlite_where=text("directive_id IS NULL"),
            postgresql_where=text("directive_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_deputy: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    directive_id: Mapped[int | None] = mapped_column(ForeignKey("leader_directives.id"))

    by: Mapped[User] = relationship(viewonly=True)


class ReportSnapshot(Base):
    """The figures of a month at its cut-off. Written once, never changed; the hash covers all."""

    __tablename__ = "report_snapshots"
    __table_args__ = (UniqueConstraint("tenant_id", "period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    period: Mapped[str] = mapped_column(String(7))  # 2026-09
    cutoff_at: Mapped[datetime]
    frozen_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
