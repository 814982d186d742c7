"""A portfolio that changes hands: who gives which seat to whom, from which day on, and what of."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.enterprises.models import Seat


class HandoverState(LabelledEnum):
    """How far a handover has come."""

    PLANNED = "planned", N_("已排定")
    DONE = "done", N_("已移交")
    CANCELLED = "cancelled", N_("已撤销")


class Handover(Base):
    """One person gives their seat in linkages to another from a day on.

    Nothing moves before that day, so that it can be undone; then all of it moves at once, or
    nothing. On that day itself it can be given back, which is a handover of its own. `is_whole`:
    all that the giver has on that day, not only the targets listed. `result` counts what moved;
    `problem` says why it could not be carried out when its day had come.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        Index("ix_handovers_tenant", "tenant_id", "from_on", "id"),
        Index(
            "ix_handovers_waiting",
            "from_on",
            sqlite_where=text("carried_out_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=text("carried_out_at IS NULL AND cancelled_at IS NULL"),
        ),
        Index("ix_handovers_giver_id", "giver_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    seat: Mapped[Seat]
    giver_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_on: Mapped[date]  # the successor's first day
    is_whole: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200), default="")
    office_phone: Mapped[str] = mapped_column(String(30), default="")  # told to enterprises
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    noted_at: Mapped[datetime]
    carried_out_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    problem: Mapped[str] = mapped_column(String(200), default="")
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)

    giver: Mapped[User] = relationship(foreign_keys=giver_id, viewonly=True)
    successor: Mapped[User] = relationship(foreign_keys=successor_id, viewonly=True)
    noted_by: Mapped[User | None] = relationship(foreign_keys=noted_by_id, viewonly=True)
    items: Mapped[list["HandoverItem"]] = relationship(order_by="HandoverItem.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def state(self) -> HandoverState:
        """How far it has come."""
        if self.cancelled_at is not None:
            return HandoverState.CANCELLED
        return HandoverState.PLANNED if self.carried_out_at is None else HandoverState.DONE

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be carried out."""
        return self.state is HandoverState.PLANNED


class HandoverItem(Base):
    """One target of a handover, and which linkage followed which; none where nothing moved."""

    __tablename__ = "handover_items"
    __table_args__ = (
        CheckConstraint("(enterprise_id IS NULL) != (project_id IS NULL)", name="one_target"),
        Index("ix_handover_items_handover_id", "handover_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("key_projects.id"))
    name: Mapped[str] = mapped_column(String(120))  # of the target, as it was called then
    old_linkage_id: Mapped[int | None] = mapped_column(ForeignKey("linkages.id"))
    new_linkage_id: Mapped[int | None] = mapped_column(ForeignKey("linkages.id"))

    @property
    def target(self) -> tuple[int | None, int | None]:
        """What it is about: the id of an enterprise, or that of a project."""
        return self.enterprise_id, self.project_id
