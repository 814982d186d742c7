"""What leaders write on a ticket, what a meeting settled, and who may read what is confidential."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Role
from app.core.db import Base
from app.tickets.models.ticket import Ticket


class LeaderDirective(Base):
    """An instruction 批示 of a leader on one ticket: a task with its own limit and answer."""

    __tablename__ = "leader_directives"
    __table_args__ = (
        Index("ix_leader_directives_ticket_id", "ticket_id", "id"),
        Index("ix_leader_directives_waiting", "tenant_id", "answered_at", "due_at"),
        Index("ix_leader_directives_by_id", "by_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    by_role: Mapped[Role]
    given_at: Mapped[datetime]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"))  # None: the office
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    ticket: Mapped[Ticket] = relationship(viewonly=True)
    unit: Mapped[OrgUnit | None] = relationship(viewonly=True)
    by: Mapped[User] = relationship(foreign_keys=by_id, viewonly=True)
    answered_by: Mapped[User | None] = relationship(foreign_keys=answered_by_id, viewonly=True)


class JointMeeting(Base):
    """A meeting 会商定责 that settled whose a ticket is, after two returns. Never changed."""

    __tablename__ = "joint_meetings"
    __table_args__ = (Index("ix_joint_meetings_ticket_id", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    return_count: Mapped[int]  # how often it had been returned by then
    held_at: Mapped[datetime]
    unit_ids: Mapped[list[int]] = mapped_column(JSON)  # who took part
    lead_unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))  # who has it now
    conclusion: Mapped[str] = mapped_column(Text)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    noted_at: Mapped[datetime]

    lead_unit: Mapped[OrgUnit] = relationship(viewonly=True)


class TicketReader(Base):
    """One of the named few who may know of a confidential ticket. Ended, never deleted."""

    __tablename__ = "ticket_readers"
    __table_args__ = (
        Index("ix_ticket_readers_user_id", "user_id", "ended_at", "ticket_id"),
        Index("ix_ticket_readers_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    why: Mapped[str] = mapped_column(Text, default="")
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(foreign_keys=user_id, viewonly=True)


class Presence(Base):
    """Somebody has a form of a ticket open: when they were last seen there, machine time."""

    __tablename__ = "presences"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    seen_at: Mapped[datetime]

    user: Mapped[User] = relationship(viewonly=True)
