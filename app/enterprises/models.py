"""Enterprises, key projects, their contacts, and the linkages that look after them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit, User
from app.core.db import Base, Secret
from app.core.enums import LabelledEnum
from app.core.i18n import N_


class OrgType(LabelledEnum):
    """The legal kind of an enterprise."""

    COMPANY = "company", N_("企业")
    SOLE = "sole", N_("个体工商户")
    COOPERATIVE = "cooperative", N_("农民专业合作社")
    OTHER = "other", N_("其他")


class Operation(LabelledEnum):
    """How an enterprise is running."""

    RUNNING = "running", N_("在营")
    STOPPED = "stopped", N_("停产")
    DORMANT = "dormant", N_("歇业")
    BUILDING = "building", N_("在建")
    DEREGISTERED = "deregistered", N_("注销")


class Scale(LabelledEnum):
    """Which statistical threshold an enterprise is above (四上)."""

    INDUSTRY = "industry", N_("规上工业")
    TRADE = "trade", N_("限上批零")
    CATERING = "catering", N_("限上住餐")
    SERVICE = "service", N_("规上服务业")
    CONSTRUCTION = "construction", N_("资质建筑业")
    REAL_ESTATE = "real_estate", N_("房地产业")
    BELOW = "below", N_("未达规模")


class Tier(LabelledEnum):
    """How closely a target is looked after."""

    KEY = "key", N_("重点")
    GENERAL = "general", N_("一般")


class Seat(LabelledEnum):
    """Which of the two people of a linkage is meant."""

    LEADER = "leader", N_("包联领导")
    LIAISON = "liaison", N_("联络员")


MOBILE = 11  # digits
SHORTEST = 7


def masked(phone: str | None) -> str:
    """Return a number with its middle hidden, so that one can still tell it from others."""
    if not phone:
        return ""
    if len(phone) >= MOBILE:
        return f"{phone[:3]}****{phone[-4:]}"
    return f"{phone[:2]}****{phone[-2:]}" if len(phone) >= SHORTEST else "****"


class Enterprise(Base):
    """The file of one enterprise."""

    __tablename__ = "enterprises"
    __table_args__ = (
        UniqueConstraint("tenant_id", "uscc"),
        UniqueConstraint("tenant_id", "name"),
        Index("ix_enterprises_tenant_village", "tenant_id", "village_id"),
        Index("ix_enterprises_tenant_pinyin", "tenant_id", "pinyin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40), default="")
    pinyin: Mapped[str] = mapped_column(String(80), default="")  # initials, for the search
    uscc: Mapped[str | None] = mapped_column(String(18))
    uscc_confirmed: Mapped[bool] = mapped_column(default=False)  # although its check fails
    org_type: Mapped[OrgType] = mapped_column(default=OrgType.COMPANY)
    registration_type: Mapped[str] = mapped_column(String(3), default="")
    industry_code: Mapped[str] = mapped_column(String(4), default="")
    industry: Mapped[str] = mapped_column(String(80), default="")
    established_on: Mapped[date | None]
    registered_capital_wan: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    legal_rep: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    village_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"), index=True)
    park: Mapped[str] = mapped_column(String(80), default="")
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    latitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    operation: Mapped[Operation] = mapped_column(default=Operation.RUNNING)
    scale: Mapped[Scale] = mapped_column(default=Scale.BELOW)
    near_scale: Mapped[bool] = mapped_column(default=False)
    size_class: Mapped[str] = mapped_column(String(2), default="")  # 大 中 小 微
    tier: Mapped[Tier] = mapped_column(default=Tier.GENERAL)
    qualifications: Mapped[str] = mapped_column(String(200), default="")
    main_products: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    figures_confidential: Mapped[bool] = mapped_column(default=False)
    quiet: Mapped[bool] = mapped_column(default=False)  # wants no letters about its problems
    version: Mapped[int] = mapped_column(default=1)

    village: Mapped[OrgUnit | None] = relationship()
    contacts: Mapped[list["EnterpriseContact"]] = relationship(
        back_populates="enterprise", order_by="EnterpriseContact.id", cascade="all, delete-orphan"
    )
    years: Mapped[list["EnterpriseYear"]] = relationship(
        order_by="EnterpriseYear.year.desc()", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def called(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def is_key(self) -> bool:
        """Whether it is looked after most closely."""
        return self.tier is Tier.KEY

    @property
    def is_running(self) -> bool:
        """Whether it works as it should."""
        return self.operation is Operation.RUNNING

    @property
    def is_above_scale(self) -> bool:
        """Whether it is above the threshold of the statistics (四上)."""
        return self.scale is not Scale.BELOW


class EnterpriseContact(Base):
    """A person of an enterprise whom one may call. The number lies encrypted."""

    __tablename__ = "enterprise_contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    post: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str | None] = mapped_column(Secret)
    email: Mapped[str] = mapped_column(String(120), default="")
    is_primary: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    enterprise: Mapped[Enterprise] = relationship(back_populates="contacts")

    __mapper_args__ = {"version_id_col": version}

    @property
    def masked_phone(self) -> str:
        """The number as it may stand on a page: 142****0000."""
        return masked(self.phone)


class EnterpriseYear(Base):
    """The figures of one year, in 万元 unless named otherwise."""

    __tablename__ = "enterprise_years"
    __table_args__ = (UniqueConstraint("enterprise_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    year: Mapped[int]
    revenue_wan: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    output_wan: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    tax_wan: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    employees: Mapped[int | None]
    fixed_investment_wan: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    power_kwh: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    source: Mapped[str] = mapped_column(String(80), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class KeyProject(Base):
    """A key project of the township, linked like an enterprise."""

    __tablename__ = "key_projects"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(120))
    stage: Mapped[str] = mapped_column(String(40), default="")
    investment_yi: Mapped[float | None] = mapped_column(Numeric(10, 2, asdecimal=False))
    address: Mapped[str] = mapped_column(String(200), default="")
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    enterprise: Mapped[Enterprise | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def called(self) -> str:
        """Its name; what an enterprise calls its short name."""
        return self.name


class Linkage(Base):
    """A leader and a liaison officer look after one target, from a day to a day.

    One target has one active leader; an ended linkage stays as history. One that was handed on
    is continued by another, whose `origin_id` names the first of them; one that was handed on
    before it began ends before it begins, and never held.
    """

    __tablename__ = "linkages"
    __table_args__ = (
        CheckConstraint("(enterprise_id IS NULL) != (project_id IS NULL)", name="one_target"),
        Index("ix_linkages_tenant_leader", "tenant_id", "leader_id"),
        Index("ix_linkages_tenant_liaison", "tenant_id", "liaison_id"),
        Index("ix_linkages_origin_id", "origin_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    leader_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    liaison_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("key_projects.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the last day
    per_month: Mapped[int] = mapped_column(default=1)
    tier: Mapped[Tier] = mapped_column(default=Tier.GENERAL)
    doc_no: Mapped[str] = mapped_column(String(60), default="")
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("linkages.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    leader: Mapped[User] = relationship(foreign_keys=leader_id)
    liaison: Mapped[User | None] = relationship(foreign_keys=liaison_id)
    enterprise: Mapped[Enterprise | None] = relationship()
    project: Mapped[KeyProject | None] = relationship()

    __mapper_args__: dict[str, Any] = {"version_id_col": version}

    @property
    def target(self) -> "Enterprise | KeyProject":
        """What is looked after."""
        found = self.enterprise or self.project
        assert found is not None  # noqa: S101 - the check constraint says so
        return found

    @property
    def root_id(self) -> int:
        """The id of the first linkage of those that continue one another."""
        return self.origin_id or self.id

    def is_active_on(self, day: date) -> bool:
        """Whether it holds on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def holder_id(self, seat: Seat) -> int | None:
        """Return who has one of its two seats."""
        return self.leader_id if seat is Seat.LEADER else self.liaison_id
