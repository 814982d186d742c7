"""Days on which the office departs from the ordinary week, and what is known of a year."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_


class DayKind(LabelledEnum):
    """How a special day departs from the week."""

    HOLIDAY = "holiday", N_("放假")
    MAKEUP = "makeup", N_("调休上班")


class SpecialDay(Base):
    """A public holiday, or a weekend day worked in exchange for one."""

    __tablename__ = "special_days"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind]
    name: Mapped[str] = mapped_column(String(40), default="")


class CalendarYear(Base):
    """A year whose official calendar is known. A year without a row is unconfirmed."""

    __tablename__ = "calendar_years"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(80), default="")
    confirmed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
