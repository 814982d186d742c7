"""The random call-back 抽查回访: which ratings were drawn, and what was said on the second call.

All of it is written once, and the database refuses to change it: a draw can be computed again
from its seed.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base
from app.tickets.models.records import Revisit
from app.tickets.models.ticket import Ticket
from app.tickets.workflow.codes import ContactChannel, Missed
from app.tickets.workflow.states import Solved


class SpotDraw(Base):
    """One drawing of lots among the ratings that were fixed before it.

    `seed` did not exist before the ratings did, so that nobody could know whom it takes.
    `digest` binds it to what it decided; it stands in the audit log too.
    """

    __tablename__ = "spot_draws"
    __table_args__ = (Index("ix_spot_draws_tenant_id", "tenant_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    at: Mapped[datetime]
    seed: Mapped[str] = mapped_column(String(64))
    percent: Mapped[int]
    decided: Mapped[int]
    chosen: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class SpotCheck(Base):
    """What a draw decided of one rating: each rating is decided once."""

    __tablename__ = "spot_checks"
    __table_args__ = (
        Index("ix_spot_checks_chosen", "tenant_id", "chosen", "id"),
        Index("ix_spot_checks_draw_id", "draw_id", "id"),
        Index("ix_spot_checks_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    draw_id: Mapped[int] = mapped_column(ForeignKey("spot_draws.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    revisit_id: Mapped[int] = mapped_column(ForeignKey("revisits.id"), unique=True)
    chosen: Mapped[bool]

    draw: Mapped[SpotDraw] = relationship(viewonly=True)
    ticket: Mapped[Ticket] = relationship(viewonly=True)
    revisit: Mapped[Revisit] = relationship(viewonly=True)
    calls: Mapped[list["SpotCall"]] = relationship(back_populates="check", order_by="SpotCall.id")

    @property
    def answer(self) -> "SpotCall | None":
        """What the enterprise said when it was reached again."""
        return next((call for call in self.calls if call.reached), None)


class SpotCall(Base):
    """One call of a spot check, and what was said when somebody answered."""

    __tablename__ = "spot_calls"
    __table_args__ = (Index("ix_spot_calls_check_id", "check_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("spot_checks.id"))
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    channel: Mapped[ContactChannel]
    reached: Mapped[bool]
    missed: Mapped[Missed | None]
    said_by: Mapped[str] = mapped_column(String(60), default="")
    said_by_post: Mapped[str] = mapped_column(String(60), default="")
    solved: Mapped[Solved | None]
    result_score: Mapped[int | None]
    attitude_score: Mapped[int | None]
    contacted: Mapped[bool | None]
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[str] = mapped_column(Text, default="")

    check: Mapped[SpotCheck] = relationship(back_populates="calls")
    by: Mapped[User] = relationship(viewonly=True)
