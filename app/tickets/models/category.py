"""The dispatch catalogue 派单目录: which unit a kind of problem usually goes to."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit
from app.core import locale
from app.core.db import Base
from app.tickets.workflow.states import Complexity, Urgency


class Category(Base):
    """A kind of problem, with its default unit, complexity and urgency.

    A category with a parent is of the second level. `rejects` marks a kind that is guided
    elsewhere instead of handled (涉法涉诉). What is told under a `confidential` one is for the
    named few from the start.
    """

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index("ix_categories_parent_id", "parent_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80), default="", server_default="")
    items: Mapped[str] = mapped_column(String(300), default="")
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"))
    up_units: Mapped[str] = mapped_column(String(200), default="")
    complexity: Mapped[Complexity] = mapped_column(default=Complexity.SIMPLE)
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.NORMAL)
    quantity: Mapped[str] = mapped_column(String(20), default="")
    rejects: Mapped[bool] = mapped_column(default=False)
    guidance: Mapped[str] = mapped_column(String(300), default="")
    confidential: Mapped[bool] = mapped_column(default=False, server_default=false())
    sort_order: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    parent: Mapped["Category | None"] = relationship(remote_side="Category.id")
    lead_unit: Mapped[OrgUnit | None] = relationship()
    co_units: Mapped[list[OrgUnit]] = relationship(
        secondary="category_co_units", order_by=OrgUnit.sort_order
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def called(self) -> str:
        """Its name for whoever reads now."""
        return called(self.name, self.name_en)


def called(name: str | None, english: str | None) -> str:
    """Return the name of a category for whoever reads now: Chinese where there is no other."""
    return (english if locale.spoken_language() == "en" else "") or name or ""


class CategoryCoUnit(Base):
    """A unit that usually co-handles a category."""

    __tablename__ = "category_co_units"

    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"), primary_key=True)
