"""What enterprises need beside their problems: money and hands; and the policies they were told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.visits.models.calls import Visit


class NeedState(LabelledEnum):
    """How far a need has come."""

    SURVEYED = "surveyed", N_("摸底")
    REPORTED = "reported", N_("已上报")
    MATCHED = "matched", N_("已对接")
    MET = "met", N_("已满足")


class _Need:
    """What both kinds of need have: whose, from which visit, and how far it has come."""

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    state: Mapped[NeedState] = mapped_column(default=NeedState.SURVEYED)
    reported_to: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[datetime]

    @declared_attr
    def enterprise_id(cls) -> Mapped[int | None]:  # noqa: N805 - a class, as SQLAlchemy has it
        """Return the firm; none where a project was visited that has no firm yet."""
        return mapped_column(ForeignKey("enterprises.id"), index=True)

    @declared_attr
    def enterprise(cls) -> Mapped[Enterprise | None]:  # noqa: N805 - as above
        """Return the firm that needs it."""
        return relationship(Enterprise)

    @declared_attr
    def visit(cls) -> Mapped[Visit]:  # noqa: N805 - as above
        """Return the visit on which it was heard."""
        return relationship(Visit)

    @property
    def target_name(self) -> str:
        """Who needs it, as it is called in lists."""
        return self.enterprise.called if self.enterprise else self.visit.target_name


class FinancingNeed(_Need, Base):
    """Money that an enterprise looks for 融资需求."""

    __tablename__ = "financing_needs"
    __table_args__ = (Index("ix_financing_needs_tenant", "tenant_id", "state"),)

    amount_wan: Mapped[float] = mapped_column(Numeric(14, 2, asdecimal=False))
    term: Mapped[str] = mapped_column(String(40), default="")
    purpose: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class LaborNeed(_Need, Base):
    """People that an enterprise wants to hire 用工需求."""

    __tablename__ = "labor_needs"
    __table_args__ = (Index("ix_labor_needs_tenant", "tenant_id", "state"),)

    headcount: Mapped[int]
    posts: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PolicyPush(Base):
    """A policy document that was explained on a visit 政策宣传."""

    __tablename__ = "policy_pushes"
    __table_args__ = (UniqueConstraint("visit_id", "document_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("policy_documents.id"), index=True)

    visit: Mapped[Visit] = relationship()
