"""One matter that many enterprises have, and the filters that people keep."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit, User
from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.library.models import PolicyDocument
from app.tickets.models.category import Category
from app.tickets.workflow.states import Outcome


class CommonState(LabelledEnum):
    """How far a common problem has come."""

    OPEN = "open", N_("正在研究")
    PUBLISHED = "published", N_("已有统一答复")
    ENDED = "ended", N_("已结束")


common_citations = Table(
    "common_citations",
    Base.metadata,
    Column("common_id", ForeignKey("common_problems.id"), primary_key=True),
    Column("document_id", ForeignKey("policy_documents.id"), primary_key=True),
)


class CommonProblem(Base):
    """A problem 共性问题 that several enterprises have: one lead unit, one published answer.

    Each ticket in it stays a ticket of its own, and is revisited on its own.
    """

    __tablename__ = "common_problems"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_common_problems_tenant_state", "tenant_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    number: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(50))
    description: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"))
    state: Mapped[CommonState] = mapped_column(default=CommonState.OPEN)
    answer: Mapped[str] = mapped_column(Text, default="")
    basis: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Outcome | None]
    drafted_at: Mapped[datetime | None]
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    category: Mapped[Category | None] = relationship(viewonly=True)
    lead_unit: Mapped[OrgUnit | None] = relationship(viewonly=True)
    created_by: Mapped[User | None] = relationship(foreign_keys=created_by_id, viewonly=True)
    citations: Mapped[list[PolicyDocument]] = relationship(
        secondary=common_citations, order_by=PolicyDocument.id
    )
    drafted_by: Mapped[User | None] = relationship(foreign_keys=drafted_by_id, viewonly=True)
    published_by: Mapped[User | None] = relationship(foreign_keys=published_by_id, viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class SavedView(Base):
    """A filter of the register that somebody keeps under a name, for themselves or for all."""

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        Index("ix_saved_views_tenant_shared", "tenant_id", "is_shared"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(500))  # of the register, as in its address
    is_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[User] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}
