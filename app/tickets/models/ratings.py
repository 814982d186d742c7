"""That an enterprise was asked to rate: by which link, for which round, how often."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.links import PublicLink
from app.tickets.models.records import Reply
from app.tickets.models.ticket import Ticket


class RatingRequest(Base):
    """One invitation to say whether the approved answer of a round has solved it.

    Written once: the database refuses to change it. `number` counts them within the round; all
    of a round lead to the same page by the same link. What was answered on the spot (T06) has no
    reply of a unit.
    """

    __tablename__ = "rating_requests"
    __table_args__ = (
        UniqueConstraint("ticket_id", "round", "number"),
        Index("ix_rating_requests_link_id", "link_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("replies.id"))
    link_id: Mapped[int] = mapped_column(ForeignKey("public_links.id"))
    round: Mapped[int]
    number: Mapped[int]
    at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(viewonly=True)
    reply: Mapped[Reply | None] = relationship(viewonly=True)
    link: Mapped[PublicLink] = relationship(viewonly=True)
