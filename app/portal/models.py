"""What the enterprise's side keeps of its own: tellings as they came in."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base, Secret
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.enterprises.models import Enterprise


class TellingState(LabelledEnum):
    """What became of a telling."""

    TAKEN = "taken", N_("已登记")
    HELD = "held", N_("待核实")
    RELEASED = "released", N_("核实后登记")
    DISCARDED = "discarded", N_("不收")


class Doubt(LabelledEnum):
    """Why a telling is looked at before it becomes a problem of the register."""

    UNKNOWN_FIRM = "unknown_firm", N_("企业名称对不上")
    LINKS = "links", N_("内容里有网址")
    MANY_HERE = "many_here", N_("同一网络短时间内来得多")
    MANY_PHONE = "many_phone", N_("同一电话一天内来得多")
    HASTY = "hasty", N_("填写得太快")
    TRAP = "trap", N_("填了人看不见的格子")


class WhyNot(LabelledEnum):
    """Why a telling is usually not taken."""

    ADVERT = "advert", N_("广告推销")
    NOT_THEIRS = "not_theirs", N_("和企业核对过，不是他们反映的")
    NOBODY = "nobody", N_("电话打不通，核实不了")
    TWICE = "twice", N_("和另一封来信重复")


class Telling(Base):
    """One telling: when, from where, through which code, and what came of it.

    Each is kept, for the limits count them. The words of one that was taken stand in its ticket
    alone; one that is held keeps its own until somebody has looked at it, and one that was not
    taken for some days more, until it is emptied. `ip_key` and `phone_key` find what came from
    the same place without saying which place that is.
    """

    __tablename__ = "tellings"
    __table_args__ = (
        Index("ix_tellings_tenant_state", "tenant_id", "state", "id"),
        Index("ix_tellings_ip_key", "ip_key", "sent_at"),
        Index("ix_tellings_phone_key", "phone_key", "sent_at"),
        Index("ix_tellings_number", "tenant_id", "number", unique=True),
        Index("ix_tellings_form_key", "form_key", unique=True),
        Index("ix_tellings_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    number: Mapped[str] = mapped_column(String(24))
    query_code: Mapped[str] = mapped_column(String(6))
    state: Mapped[TellingState]
    told_at: Mapped[datetime]
    sent_at: Mapped[datetime]  # by the machine's clock, which the limits go by
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    enterprise_name: Mapped[str] = mapped_column(String(80), default="")
    link_id: Mapped[int | None] = mapped_column(ForeignKey("public_links.id"))
    brought_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(50), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    wish: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str | None] = mapped_column(Secret)
    doubts: Mapped[list[str]] = mapped_column(JSON, default=list)
    ip_key: Mapped[str] = mapped_column(String(64))
    phone_key: Mapped[str] = mapped_column(String(64))
    form_key: Mapped[str] = mapped_column(String(64))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_why: Mapped[str] = mapped_column(String(200), default="")
    emptied_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    enterprise: Mapped[Enterprise | None] = relationship()
    brought_by: Mapped[User | None] = relationship(foreign_keys=brought_by_id, viewonly=True)
    settled_by: Mapped[User | None] = relationship(foreign_keys=settled_by_id, viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_held(self) -> bool:
        """Whether it waits to be looked at."""
        return self.state is TellingState.HELD

    @property
    def is_discarded(self) -> bool:
        """Whether somebody looked at it and did not take it."""
        return self.state is TellingState.DISCARDED

    @property
    def may_come_back(self) -> bool:
        """Whether it was not taken and its words are still there."""
        return self.is_discarded and self.emptied_at is None

    @property
    def usual_why(self) -> WhyNot | None:
        """Why it was not taken, where that is one of the usual reasons and not somebody's words."""
        return next((one for one in WhyNot if one.label == self.settled_why), None)

    @property
    def reasons(self) -> list[Doubt]:
        """Why it is, or was, held."""
        return [Doubt(code) for code in self.doubts]
