"""What the enterprise's side keeps of its own: how often a query code was guessed wrong."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class CodeGuesses(Base):
    """Wrong codes for one number, or from one address, and until when no more are heard.

    The key is kept as a hash: also of a number that does not exist, so that nobody learns which
    do. Times are the machine's.
    """

    __tablename__ = "code_guesses"
    __table_args__ = (Index("ix_code_guesses_last_at", "last_at"),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
