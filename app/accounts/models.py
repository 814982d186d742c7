"""Tenants, their units, the people in them and their sessions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.parameters import Parameters
from app.accounts.roles import Role
from app.core.db import Base, Secret
from app.core.enums import LabelledEnum
from app.core.i18n import N_

OFFICE_PHONE = "office_phone"  # its name in a tenant's settings


class UnitKind(LabelledEnum):
    """What sort of body a unit is."""

    LEADING_GROUP = "leading_group", N_("领导小组")
    OFFICE = "office", N_("营商办")
    DEPT = "dept", N_("镇直部门")
    VERTICAL = "vertical", N_("垂直派驻单位")
    VILLAGE = "village", N_("村（社区）")
    COUNTY_DEPT = "county_dept", N_("县（区）部门")


class Control(LabelledEnum):
    """Who commands a unit: the town may order its own, and only request of the others."""

    TOWN = "town", N_("镇管")
    VERTICAL = "vertical", N_("垂管")
    COUNTY = "county", N_("县管")


class Tenant(Base):
    """One township, or one county with townships below it.

    `calendar_stamp` changes with every edit of the calendar, so that a copy kept in a
    process is known to be old.
    """

    __tablename__ = "tenants"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("tenants.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    calendar_stamp: Mapped[str] = mapped_column(String(32), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def parameters(self) -> Parameters:
        """The tenant's parameters, defaults filled in."""
        return Parameters.of(self.settings)

    @property
    def office_phone(self) -> str:
        """The telephone of the office that enterprises are told; empty where none is set."""
        return str(self.settings.get(OFFICE_PHONE, ""))


class OrgUnit(Base):
    """A body of the township: office, department, vertical unit, village."""

    __tablename__ = "org_units"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[UnitKind]
    control: Mapped[Control] = mapped_column(default=Control.TOWN)
    in_charge_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    sort_order: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    in_charge: Mapped["User | None"] = relationship(foreign_keys=in_charge_id)

    __mapper_args__ = {"version_id_col": version}


class User(Base):
    """A person. What they may do depends on the role in which they act."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("username"),
        Index("ix_users_tenant_name", "tenant_id", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    username: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    post: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str | None] = mapped_column(Secret)
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    must_change_password: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str] = mapped_column(String(12), default="")
    theme: Mapped[str] = mapped_column(String(8), default="")
    large_type: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    tenant: Mapped[Tenant] = relationship()
    roles: Mapped[list["RoleHolding"]] = relationship(
        back_populates="user", order_by="RoleHolding.id"
    )

    __mapper_args__ = {"version_id_col": version}


class RoleHolding(Base):
    """A role that a person holds, in a unit or for an enterprise. Ended, never deleted."""

    __tablename__ = "role_holdings"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "unit_id", "enterprise_id"),
        Index("ix_role_holdings_tenant_role_unit", "tenant_id", "role", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[Role]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"), index=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    absence_id: Mapped[int | None] = mapped_column(ForeignKey("absences.id"), index=True)

    user: Mapped[User] = relationship(back_populates="roles")
    unit: Mapped[OrgUnit | None] = relationship()


class Absence(Base):
    """A person is away from a day to a day, and a deputy stands in for them.

    While it lasts, the deputy holds the roles of the one who is away (`RoleHolding.absence_id`).
    """

    __tablename__ = "absences"
    __table_args__ = (
        Index("ix_absences_user_id", "user_id", "from_on"),
        Index("ix_absences_tenant", "tenant_id", "to_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]  # the last day
    reason: Mapped[str] = mapped_column(String(200), default="")
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # over, or called off
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    noted_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    user: Mapped[User] = relationship(foreign_keys=user_id, viewonly=True)
    deputy: Mapped[User] = relationship(foreign_keys=deputy_id, viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class SignIn(Base):
    """A session, kept on the server: ended at sign-out, password, role and status changes.

    The cookie carries a random token; here lies its SHA-256. Times are the machine's.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    holding_id: Mapped[int | None] = mapped_column(ForeignKey("role_holdings.id"))
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ip: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")

    user: Mapped[User] = relationship()
    holding: Mapped[RoleHolding | None] = relationship()


class LoginFailures(Base):
    """Failed sign-ins under one name, whether or not such an account exists."""

    __tablename__ = "login_failures"

    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class OneTimeLink(Base):
    """A link that works once, such as the first administrator's; kept as a hash."""

    __tablename__ = "one_time_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(32))
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
