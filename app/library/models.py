"""Policies that an answer can cite, and answers that are kept to begin from."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_


class Standing(LabelledEnum):
    """Whether a policy can be cited on a day."""

    VALID = "valid", N_("有效")
    COMING = "coming", N_("未生效")
    ENDED = "ended", N_("已失效")
    WITHDRAWN = "withdrawn", N_("已停用")


class PolicyDocument(Base):
    """A policy 政策文件: where it stands, from when to when it holds, and what it says."""

    __tablename__ = "policy_documents"
    __table_args__ = (
        Index("ix_policy_documents_tenant", "tenant_id", "is_active", "id"),
        Index("ix_policy_documents_category_id", "category_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    title: Mapped[str] = mapped_column(String(120))
    doc_no: Mapped[str] = mapped_column(String(60), default="")  # 发文字号
    issued_by: Mapped[str] = mapped_column(String(80), default="")
    issued_on: Mapped[date | None]
    valid_to: Mapped[date | None]  # None: until it is withdrawn
    summary: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(300), default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def standing(self, today: date) -> Standing:
        """Return whether it can be cited today, and if not, why."""
        if not self.is_active:
            return Standing.WITHDRAWN
        if self.issued_on is not None and self.issued_on > today:
            return Standing.COMING
        if self.valid_to is not None and self.valid_to < today:
            return Standing.ENDED
        return Standing.VALID


class CannedAnswer(Base):
    """A text 常用答复 that an answer can begin from; nothing is sent as it stands."""

    __tablename__ = "canned_answers"
    __table_args__ = (Index("ix_canned_answers_tenant", "tenant_id", "is_active", "category_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
