"""Files that belong to a ticket or a visit. The content lies under its SHA-256."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base


class Attachment(Base):
    """One file as somebody attached it: its name, and where its content lies.

    It is seen by those who see what it belongs to, and by nobody else.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("(ticket_id IS NULL) != (visit_id IS NULL)", name="one_owner"),
        Index("ix_attachments_ticket_id", "ticket_id"),
        Index("ix_attachments_visit_id", "visit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]  # bytes, as stored
    sha256: Mapped[str] = mapped_column(String(64))
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # None: a guest
    added_at: Mapped[datetime]

    added_by: Mapped[User | None] = relationship()
