"""The clock of a demo township."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class DemoClock(Base):
    """How far the office's clock of the demo runs from the machine's, and whether it runs yet.

    `loaded_at` is empty while the township is being loaded; `beat_at` then shows that somebody
    still works on it. Both are the machine's times. A real installation has no row.
    """

    __tablename__ = "demo_clocks"

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    shift_seconds: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[datetime]
    loaded_at: Mapped[datetime | None]
