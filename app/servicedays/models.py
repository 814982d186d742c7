"""Service days, who is invited, who comes, and the problems that were received."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit, User
from app.core import clock
from app.core.db import Base, Secret
from app.enterprises.models import Enterprise, masked
from app.servicedays import calendar
from app.servicedays.workflow import Booking, Inviting, Kind, Origin, State
from app.tickets.models import Ticket
from app.visits.models import Visit


class ServiceDay(Base):
    """One day on which a leader and some units receive enterprises.

    `version` counts what is written of the day itself; appointments have their own. A day that
    is not worked has the reason why it is held nevertheless. `capacity` is how many enterprises
    fit: into each slot where the day is divided, else into the day.
    """

    __tablename__ = "service_days"
    __table_args__ = (Index("ix_service_days_tenant_day", "tenant_id", "held_on", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    kind: Mapped[Kind] = mapped_column(default=Kind.SERVICE)
    state: Mapped[State] = mapped_column(default=State.ANNOUNCED)
    held_on: Mapped[date]
    begins_at: Mapped[time]  # office time
    ends_at: Mapped[time]
    place: Mapped[str] = mapped_column(String(120))
    host_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    focus: Mapped[str] = mapped_column(String(120), default="")
    notes: Mapped[str] = mapped_column(Text, default="")  # what is received, what to bring
    is_online: Mapped[bool] = mapped_column(default=False)
    online_how: Mapped[str] = mapped_column(String(200), default="")
    capacity: Mapped[int | None]
    slot_minutes: Mapped[int | None]
    inviting: Mapped[Inviting] = mapped_column(default=Inviting.NONE)
    exception_reason: Mapped[str] = mapped_column(String(120), default="")
    cancel_reason: Mapped[str] = mapped_column(String(200), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    held_at: Mapped[datetime | None]  # when it was marked as held
    finished_at: Mapped[datetime | None]  # when the host was told that all is closed
    version: Mapped[int] = mapped_column(default=1)

    host: Mapped[User] = relationship(foreign_keys=host_id)
    created_by: Mapped[User | None] = relationship(foreign_keys=created_by_id, viewonly=True)
    units: Mapped[list[OrgUnit]] = relationship(
        secondary="service_day_units", order_by="OrgUnit.sort_order, OrgUnit.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_announced(self) -> bool:
        """Whether it is still to come, or to be marked as held."""
        return self.state is State.ANNOUNCED

    @property
    def is_held(self) -> bool:
        """Whether it was held."""
        return self.state is State.HELD

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off."""
        return self.state is State.CANCELLED

    @property
    def opens(self) -> datetime:
        """The first moment of the day."""
        return calendar.opens(self.held_on)

    @property
    def begins(self) -> datetime:
        """When it begins."""
        return clock.at(self.held_on, self.begins_at)

    @property
    def ends(self) -> datetime:
        """When it ends."""
        return clock.at(self.held_on, self.ends_at)

    @property
    def hours(self) -> str:
        """From when to when, as people write it."""
        return f"{self.begins_at:%H:%M}–{self.ends_at:%H:%M}"

    @property
    def slots(self) -> tuple[time, ...]:
        """When appointments may begin; none where the day is not divided."""
        return calendar.slots(self.begins_at, self.ends_at, self.slot_minutes)


class ServiceDayUnit(Base):
    """A unit that is present."""

    __tablename__ = "service_day_units"
    __table_args__ = (Index("ix_service_day_units_unit_id", "unit_id"),)

    day_id: Mapped[int] = mapped_column(ForeignKey("service_days.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"), primary_key=True)


class Invitation(Base):
    """An enterprise that is told of a day; its link leads to an appointment without an account."""

    __tablename__ = "service_day_invitations"
    __table_args__ = (UniqueConstraint("day_id", "enterprise_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("service_days.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    told_at: Mapped[datetime | None]

    day: Mapped[ServiceDay] = relationship()
    enterprise: Mapped[Enterprise] = relationship()


class Appointment(Base):
    """An enterprise that wants to come, or came: from its file, or as somebody typed it."""

    __tablename__ = "service_day_appointments"
    __table_args__ = (
        CheckConstraint("enterprise_id IS NOT NULL OR firm_name != ''", name="some_firm"),
        Index("ix_service_day_appointments_day", "day_id", "state", "slot"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("service_days.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    firm_name: Mapped[str] = mapped_column(String(120), default="")
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str | None] = mapped_column(Secret)
    topic: Mapped[str] = mapped_column(String(200), default="")
    slot: Mapped[time | None]
    is_online: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[Origin] = mapped_column(default=Origin.OFFICE)
    state: Mapped[Booking] = mapped_column(default=Booking.BOOKED)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    came_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    day: Mapped[ServiceDay] = relationship()
    enterprise: Mapped[Enterprise | None] = relationship()
    visit: Mapped[Visit | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def called(self) -> str:
        """The enterprise, as it is called in lists."""
        return self.enterprise.called if self.enterprise else self.firm_name

    @property
    def full_name(self) -> str:
        """The enterprise, as it is written on paper."""
        return self.enterprise.name if self.enterprise else self.firm_name

    @property
    def phone(self) -> str:
        """The number with its middle hidden."""
        return masked(self.contact_phone)

    @property
    def stands(self) -> bool:
        """Whether it takes up a place."""
        return self.state is not Booking.RELEASED

    @property
    def is_expected(self) -> bool:
        """Whether the enterprise has not come yet."""
        return self.state is Booking.BOOKED

    @property
    def has_come(self) -> bool:
        """Whether the enterprise is or was there."""
        return self.state is Booking.CAME


class ReceivedProblem(Base):
    """A problem that was received on a day; its ticket goes its own way.

    `answer` is what was said on the spot, where that answered it.
    """

    __tablename__ = "service_day_problems"
    __table_args__ = (Index("ix_service_day_problems_day", "day_id", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("service_days.id"))
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("service_day_appointments.id"), index=True
    )
    answer: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship()
    appointment: Mapped[Appointment] = relationship()
