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

CONTACT = "contact:"  # how the key of an enterprise's contact begins
ROBOT = "robot:"  # and a robot's


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
    Times of sending are the machine's; after `matters_until`, of the office's, it is not sent;
    `went_at` says by the office's clock when it was.
    `is_claimed` tells a lease from a time to try again: of a clock that was set back only the
    leases are believed.
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
        Index(
            "ix_messages_outbox",
            "tenant_id",
            "state",
            "id",
            sqlite_where=text("channel <> 'inbox'"),
            postgresql_where=text("channel <> 'inbox'"),
        ),
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
    is_claimed: Mapped[bool] = mapped_column(default=False)
    resend_id: Mapped[int | None] = mapped_column(ForeignKey("resends.id"), index=True)
    sent_at: Mapped[datetime | None]
    went_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(500), default="")

    recipient: Mapped[User | None] = relationship()
    public_link: Mapped[PublicLink | None] = relationship()
    deliveries: Mapped[list["Delivery"]] = relationship(order_by="Delivery.id")
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
        """Whether it did not reach its recipient, who wants it."""
        stopped = self.state in {MessageState.FAILED, MessageState.SKIPPED}
        return stopped and self.last_error != SWITCHED_OFF


class Delivery(Base):
    """One attempt to send a message, and what the other side answered. Times are the machine's.

    `answer` is what it said, word for word; `reason` is our sentence for why it was not sent.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_message_id", "message_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    attempt: Mapped[int]
    at: Mapped[datetime]
    is_sent: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200), default="")
    answer: Mapped[str] = mapped_column(String(500), default="")


class Resend(Base):
    """What was queued once more at one stroke, and by whom."""

    __tablename__ = "resends"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Outage(Base):
    """A way out that takes nothing at present, since when, and why. Times are the machine's."""

    __tablename__ = "outages"

    channel: Mapped[Channel] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    last_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    answer: Mapped[str] = mapped_column(String(500), default="")


class Bounce(Base):
    """A mail that came back, from which address, and why. `notice` tells one notice from another.

    The address is marked for as long as its owner has it; who gets another is not marked.
    """

    __tablename__ = "bounces"
    __table_args__ = (
        UniqueConstraint("message_id", "notice"),
        Index("ix_bounces_tenant_recipient", "tenant_id", "recipient_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    notice: Mapped[str] = mapped_column(String(64))
    recipient_key: Mapped[str] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(Secret)
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500))

    message: Mapped[Message] = relationship()


class Platform(LabelledEnum):
    """Where a group robot lives."""

    WECOM = "wecom", N_("企业微信")
    DINGTALK = "dingtalk", N_("钉钉")
    FEISHU = "feishu", N_("飞书")


class GroupRobot(Base):
    """A robot in a chat group of the office: where it lives, and which rules it hears."""

    __tablename__ = "group_robots"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(String(40))
    platform: Mapped[Platform]
    key: Mapped[str | None] = mapped_column(Secret)
    signing_secret: Mapped[str | None] = mapped_column(Secret)
    rules: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    rests_until: Mapped[datetime | None]  # its platform said: too often
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def recipient_key(self) -> str:
        """What its messages are promised under."""
        return f"{ROBOT}{self.id}"


class RobotCall(Base):
    """One call of a robot, so that no two processes together call it too often."""

    __tablename__ = "robot_calls"
    __table_args__ = (Index("ix_robot_calls_robot_at", "robot_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    robot_id: Mapped[int] = mapped_column(ForeignKey("group_robots.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    at: Mapped[datetime]


class BodyKind(LabelledEnum):
    """How a text-message service wants its request."""

    JSON = "json", N_("JSON")
    FORM = "form", N_("表单")


class SmsGateway(Base):
    """The text-message service of a tenant: what is asked of it, and how it says yes.

    `headers` holds its keys, a line for each; `body` is the template, filled in a sandbox.
    """

    __tablename__ = "sms_gateways"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    url: Mapped[str | None] = mapped_column(Secret)  # some services want a key in it
    method: Mapped[str] = mapped_column(String(4), default="POST")
    headers: Mapped[str | None] = mapped_column(Secret)
    body_kind: Mapped[BodyKind] = mapped_column(default=BodyKind.JSON)
    body: Mapped[str] = mapped_column(Text)
    success_path: Mapped[str] = mapped_column(String(80), default="")
    success_value: Mapped[str] = mapped_column(String(80), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


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
