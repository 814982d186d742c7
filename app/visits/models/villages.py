"""What leaders do in the villages: a day there each week, and households that are only counted."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit, User
from app.core.db import Base


class VillageVisit(Base):
    """A leader's day in a village 入村调研, and what was found there."""

    __tablename__ = "village_visits"
    __table_args__ = (
        Index("ix_village_visits_tenant", "tenant_id", "visited_on", "id"),
        Index("ix_village_visits_leader", "leader_id", "visited_on"),
        Index("ix_village_visits_village_id", "village_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    leader_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))
    visited_on: Mapped[date]
    findings: Mapped[str] = mapped_column(Text)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    leader: Mapped[User] = relationship(foreign_keys=leader_id)
    village: Mapped[OrgUnit] = relationship()
    recorded_by: Mapped[User] = relationship(foreign_keys=recorded_by_id)
    changed_by: Mapped[User | None] = relationship(foreign_keys=changed_by_id)


class HouseholdCount(Base):
    """How many households a leader called on in a month. The number alone: whose, nobody keeps."""

    __tablename__ = "household_counts"
    __table_args__ = (
        UniqueConstraint("leader_id", "period"),
        Index("ix_household_counts_tenant", "tenant_id", "period"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    leader_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    period: Mapped[str] = mapped_column(String(7))  # 2026-09
    number: Mapped[int] = mapped_column(default=0)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
