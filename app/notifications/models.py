"""The outbox and the inbox: what must be told, kept with the change that caused it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, and_, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.accounts.models import User
from app.core.db import Base, Secret
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.core.links import PublicLink
from app.notifications.wordings import Wording

SWITCHED_OFF = N_("本人已关闭")  # why a mail was not sent: who it was for does without it


class MessageState(LabelledEnum):
    """How far a message has come."""

    QUEUED = "queued", N_("等待发送")
    SENT = "sent", N_("已发送")
    FAILED = "failed", N_("发送失败")
    SKIPPED = "skipped", N_("没有发")


class Channel(LabelledEnum):
    """The way a message takes."""

    INBOX = "inbox", N_("站内消息")
    MAIL = "mail", N_("邮件")
    SMS = "sms", N_("短信")
    ROBOT = "robot", N_("群机器人")


class Message(Base):
    """One message to one recipient, promised once under (rule, period, recipient, channel).

    `recipient_key` tells recipients apart: "user:7" is a person with an account, whose address is
    read when it is sent; of anybody else name and address are kept here. `next_try_at` is also the
    lease: who claims a message moves it ahead, so that a sender that dies leaves it due again.
    Times of sending are the machine's; after `matters_until`, of the office's, it is not sent.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("tenant_id", "rule", "period", "recipient_key", "channel"),
        Index(
            "ix_messages_due",
            "next_try_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_messages_recipient", "recipient_id", "channel", "read_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    rule: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(60))
    recipient_key: Mapped[str] = mapped_column(String(40))
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outsider_name: Mapped[str] = mapped_column(String(80), default="")
    outsider_address: Mapped[str | None] = mapped_column(Secret)
    channel: Mapped[Channel]
    subject: Mapped[str] = mapped_column(String(200))
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    link: Mapped[str] = mapped_column(String(200), default="")
    public_link_id: Mapped[int | None] = mapped_column(ForeignKey("public_links.id"), index=True)
    message_id: Mapped[str] = mapped_column(String(120))
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    matters_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(500), default="")

    recipient: Mapped[User | None] = relationship()
    public_link: Mapped[PublicLink | None] = relationship()
    office_wording: Mapped["OfficeWording | None"] = relationship(
        primaryjoin=lambda: and_(
            foreign(Message.tenant_id) == OfficeWording.tenant_id,
            foreign(Message.rule) == OfficeWording.rule,
        ),
        viewonly=True,
    )

    @property
    def recipient_name(self) -> str:
        """Who is meant."""
        return self.recipient.name if self.recipient else self.outsider_name

    @property
    def may_be_sent_again(self) -> bool:
        """Whether it is a mail that did not reach its recipient."""
        stopped = self.state in {MessageState.FAILED, MessageState.SKIPPED}
        return stopped and self.last_error != SWITCHED_OFF


class Delivery(Base):
    """One attempt to send a message, and what the other side answered. Times are the machine's."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_message_id", "message_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    attempt: Mapped[int]
    at: Mapped[datetime]
    is_sent: Mapped[bool]
    answer: Mapped[str] = mapped_column(String(500), default="")


class OfficeWording(Base):
    """What the office of a tenant wrote in place of the default words of one rule's letter.

    Going back to the default leaves the row, unused: its version goes on, so that who reads the
    page from before is noticed. What stood there before is in the trail of changes.
    """

    __tablename__ = "office_wordings"
    __table_args__ = (UniqueConstraint("tenant_id", "rule"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    rule: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    heading: Mapped[str] = mapped_column(String(80))
    opening: Mapped[str] = mapped_column(Text)
    button: Mapped[str] = mapped_column(String(20))
    closing: Mapped[str] = mapped_column(Text)
    is_used: Mapped[bool] = mapped_column(default=True)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    changed_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def in_place_of(self, default: Wording) -> Wording:
        """Return the wording of the rule as the tenant has it."""
        if not self.is_used:
            return default
        return replace(
            default,
            subject=self.subject,
            heading=self.heading,
            opening=self.opening,
            button=self.button,
            closing=self.closing,
        )


class ReminderChoice(Base):
    """How a person is reminded besides the inbox; without a row, by mail and of everything."""

    __tablename__ = "reminder_choices"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    by_sms: Mapped[bool] = mapped_column(default=False)
    off: Mapped[list[str]] = mapped_column(JSON)  # rules of which no mail is wanted
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
