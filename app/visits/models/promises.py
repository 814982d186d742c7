"""What the next visit asks about: promises, and problems that were closed since the last."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.tickets.models import Ticket


class PromiseState(LabelledEnum):
    """What became of a promise. `UNTRACKED` are those of the time before they were followed."""

    OPEN = "open", N_("还没有")
    KEPT = "kept", N_("已兑现")
    NOT_KEPT = "not_kept", N_("兑现不了")
    UNTRACKED = "untracked", N_("没有跟踪")


class Promise(Base):
    """One thing that a visitor promised an enterprise: it is asked about until it is settled.

    `asked_*` say when somebody last said how it stands, on which visit if on one.
    """

    __tablename__ = "promises"
    __table_args__ = (
        Index("ix_promises_visit_id", "visit_id", "id"),
        Index("ix_promises_tenant", "tenant_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date | None]
    state: Mapped[PromiseState] = mapped_column(default=PromiseState.OPEN)
    note: Mapped[str] = mapped_column(String(200), default="")
    asked_at: Mapped[datetime | None]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    version: Mapped[int] = mapped_column(default=1)

    asked_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        """Whether the enterprise still waits for it."""
        return self.state is PromiseState.OPEN


class StillFine(LabelledEnum):
    """What the enterprise says of a problem that was closed since the last visit."""

    FINE = "fine", N_("解决了，没再出现")
    BACK = "back", N_("又出现了")


class Recheck(Base):
    """A closed problem that was asked about again on the next visit 上次问题回访."""

    __tablename__ = "rechecks"
    __table_args__ = (
        UniqueConstraint("visit_id", "ticket_id"),
        Index("ix_rechecks_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    answer: Mapped[StillFine]
    note: Mapped[str] = mapped_column(String(200), default="")

    ticket: Mapped[Ticket] = relationship()
