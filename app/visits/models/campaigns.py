"""Campaigns 专项活动: a name under which visits and problems are gathered for some weeks."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Campaign(Base):
    """One campaign. Its name stays as it is: problems keep it as text."""

    __tablename__ = "campaigns"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(60))
    from_on: Mapped[date]
    to_on: Mapped[date]  # the last day
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    def runs_on(self, day: date) -> bool:
        """Whether visits of `day` may be counted to it."""
        return self.is_active and self.from_on <= day <= self.to_on
