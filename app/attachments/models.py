"""Files that belong to a ticket, a visit or a telling. The content lies under its SHA-256."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base


class Attachment(Base):
    """One file as somebody attached it: its name, and where its content lies.

    It is seen by those who see what it belongs to, and by nobody else; of a ticket the enterprise
    gets what it sent itself, and what was marked `for_enterprise`.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN ticket_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN visit_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN telling_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_owner",
        ),
        Index("ix_attachments_ticket_id", "ticket_id"),
        Index("ix_attachments_visit_id", "visit_id"),
        Index("ix_attachments_revisit_id", "revisit_id"),
        Index("ix_attachments_telling_id", "telling_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    telling_id: Mapped[int | None] = mapped_column(ForeignKey("tellings.id"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]  # bytes, as stored
    sha256: Mapped[str] = mapped_column(String(64))
    revisit_id: Mapped[int | None] = mapped_column(ForeignKey("revisits.id"))  # of a rating
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: a guest
    added_at: Mapped[datetime]
    for_enterprise: Mapped[bool] = mapped_column(default=False)

    added_by: Mapped[User | None] = relationship()
