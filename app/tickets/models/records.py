"""What is written down about a ticket: history, deadlines, proposals, replies, revisits.

Events, deadline changes and revisits are written once: the database refuses to change them.
Of a reply, only that it became final is added.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Role
from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.library.models import PolicyDocument
from app.notifications.models import Message, MessageState
from app.tickets.models.ticket import Ticket
from app.tickets.workflow.codes import ContactChannel, Missed
from app.tickets.workflow.states import (
    Clock,
    DueReason,
    Event,
    Note,
    NoteLevel,
    Outcome,
    Solved,
    Status,
)


class TicketEvent(Base):
    """One line of a ticket's history: who, in which role, when, and what changed."""

    __tablename__ = "ticket_events"
    __table_args__ = (
        Index("ix_ticket_events_ticket_id", "ticket_id", "id"),
        Index("ix_ticket_events_actor_id", "actor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(32))  # an Event or a Note
    about: Mapped[str] = mapped_column(String(32), default="")  # of a proposal: its Event
    source: Mapped[Status]
    target: Mapped[Status]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_role: Mapped[Role]
    at: Mapped[datetime]
    ip: Mapped[str] = mapped_column(String(64), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    due_before: Mapped[datetime | None]
    due_after: Mapped[datetime | None]
    for_enterprise: Mapped[bool] = mapped_column(default=False)

    actor: Mapped[User | None] = relationship(viewonly=True)

    @property
    def label(self) -> str:
        """The word for what happened."""
        try:
            return Event(self.kind).label
        except ValueError:
            return Note(self.kind).label

    @property
    def about_label(self) -> str:
        """Of a proposal, the word for what was proposed."""
        return Event(self.about).label if self.about else ""


class DueChange(Base):
    """One deadline set or moved, why, and from which moment it was counted."""

    __tablename__ = "due_history"
    __table_args__ = (
        Index("ix_due_history_ticket_id", "ticket_id", "id"),
        Index(
            "ix_due_history_unconfirmed",
            "ticket_id",
            sqlite_where=text("NOT confirmed"),
            postgresql_where=text("NOT confirmed"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("ticket_events.id"))
    clock: Mapped[Clock]
    before: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # None: void
    reason: Mapped[DueReason]
    counted_from: Mapped[datetime | None]
    workdays: Mapped[int | None]  # None: clock hours, or a date that was given
    confirmed: Mapped[bool] = mapped_column(default=True)  # by an official calendar
    at: Mapped[datetime]


class Dispatch(Base):
    """A ticket handed to a lead unit. A refused return locks it: no second objection."""

    __tablename__ = "dispatches"
    __table_args__ = (
        Index("ix_dispatches_ticket_id", "ticket_id"),
        Index("ix_dispatches_lead_unit_id", "lead_unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    lead_unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))
    is_request: Mapped[bool] = mapped_column(default=False)  # 商请函, to a unit not ours
    dispatched_at: Mapped[datetime]
    dispatched_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    limit_workdays: Mapped[int]
    return_locked: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    returned: Mapped[bool] = mapped_column(default=False)

    ticket: Mapped[Ticket] = relationship(back_populates="dispatches")
    lead_unit: Mapped[OrgUnit] = relationship(viewonly=True)


class CoTaskState(LabelledEnum):
    """How far a co-handling unit has come."""

    OPEN = "open", N_("待交意见")
    SUBMITTED = "submitted", N_("已交意见")
    ACCEPTED = "accepted", N_("已采纳")
    WAIVED = "waived", N_("免交意见")


class CoTask(Base):
    """What a co-handling unit owes the lead unit.

    Open until the opinion is given, and submitted until the lead unit accepts it; the lead unit
    may also ask again (which counts up `round`), or go on without it.
    """

    __tablename__ = "co_tasks"
    __table_args__ = (
        Index("ix_co_tasks_ticket_id", "ticket_id"),
        Index("ix_co_tasks_unit_state", "unit_id", "state"),
        Index("ix_co_tasks_handler_id", "handler_id", "state"),
        Index("ix_co_tasks_covered_for_id", "covered_for_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatches.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("org_units.id"))
    state: Mapped[CoTaskState] = mapped_column(default=CoTaskState.OPEN)
    due_at: Mapped[datetime]
    opinion: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # in the co-unit
    covered_for_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who is away
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    settled_at: Mapped[datetime | None]  # accepted or waived
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_words: Mapped[str] = mapped_column(Text, default="", server_default="")

    ticket: Mapped[Ticket] = relationship(back_populates="co_tasks")
    unit: Mapped[OrgUnit] = relationship()
    answered_by: Mapped[User | None] = relationship(foreign_keys=answered_by_id, viewonly=True)
    handler: Mapped[User | None] = relationship(foreign_keys=handler_id, viewonly=True)


class ProposalState(LabelledEnum):
    """How far a proposal has come."""

    PENDING = "pending", N_("待决定")
    CHECKED = "checked", N_("已审核，待批准")
    APPROVED = "approved", N_("已同意")
    REFUSED = "refused", N_("不同意")
    WITHDRAWN = "withdrawn", N_("已撤回")
    LAPSED = "lapsed", N_("已失效")


class Proposal(Base):
    """A step that one person asks for and another decides on. One at a time per kind."""

    __tablename__ = "proposals"
    __table_args__ = (
        Index("ix_proposals_ticket_id", "ticket_id"),
        Index(
            "uq_proposals_open",
            "ticket_id",
            "event",
            unique=True,
            sqlite_where=text("state IN ('pending', 'checked')"),
            postgresql_where=text("state IN ('pending', 'checked')"),
        ),
        Index("ix_proposals_waiting", "tenant_id", "decided_at", "event"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    event: Mapped[Event]
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.PENDING)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    comment: Mapped[str] = mapped_column(Text, default="")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_role: Mapped[Role]
    asked_at: Mapped[datetime]
    decide_due_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    checked_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]  # or withdrawn, or lapsed
    decision: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship(back_populates="proposals")
    asked_by: Mapped[User] = relationship(foreign_keys=asked_by_id, viewonly=True)
    checked_by: Mapped[User | None] = relationship(foreign_keys=checked_by_id, viewonly=True)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id, viewonly=True)

    @classmethod
    def waiting(cls) -> ColumnElement[bool]:
        """Return the condition that it still waits for somebody, as an index finds it."""
        return cls.decided_at.is_(None)

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.state in {ProposalState.PENDING, ProposalState.CHECKED}


reply_citations = Table(
    "reply_citations",
    Base.metadata,
    Column("reply_id", ForeignKey("replies.id"), primary_key=True),
    Column("document_id", ForeignKey("policy_documents.id"), primary_key=True),
)


class Reply(Base):
    """One version of the answer that the lead unit submitted."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("ticket_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    number: Mapped[int]
    round: Mapped[int]
    outcome: Mapped[Outcome]
    text: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text, default="")
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    signed_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_at: Mapped[datetime]
    is_final: Mapped[bool] = mapped_column(default=False)

    ticket: Mapped[Ticket] = relationship(back_populates="replies")
    citations: Mapped[list[PolicyDocument]] = relationship(
        secondary=reply_citations, order_by=PolicyDocument.id
    )
    drafted_by: Mapped[User | None] = relationship(foreign_keys=drafted_by_id, viewonly=True)
    signed_off_by: Mapped[User | None] = relationship(foreign_keys=signed_off_by_id, viewonly=True)


class Revisit(Base):
    """One attempt to ask the enterprise, and what it said when it was reached.

    `by` is the revisitor who wrote it down for the enterprise (代录); `said_by` is who of the
    enterprise answered. `closes` marks the rating with which the ticket was closed (T21).
    `letter` is what the timetable wrote: it is an attempt only while it has gone out and has not
    come back.
    """

    __tablename__ = "revisits"
    __table_args__ = (
        Index("ix_revisits_ticket_id", "ticket_id", "id"),
        Index("ix_revisits_message_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    round: Mapped[int]
    at: Mapped[datetime]
    channel: Mapped[ContactChannel]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reached: Mapped[bool]
    contacted: Mapped[bool | None]  # did the unit contact the enterprise
    solved: Mapped[Solved | None]
    attitude_score: Mapped[int | None]  # 1 to 5
    result_score: Mapped[int | None]  # 1 to 5
    words: Mapped[str] = mapped_column(Text, default="")
    missed: Mapped[Missed | None]  # where nobody answered: why
    said_by: Mapped[str] = mapped_column(String(60), default="")
    said_by_post: Mapped[str] = mapped_column(String(60), default="")
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)  # codes of Discontent
    closes: Mapped[bool] = mapped_column(default=False)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("public_links.id"))  # its own answer
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))

    ticket: Mapped[Ticket] = relationship(back_populates="revisits")
    by: Mapped[User | None] = relationship(viewonly=True)
    letter: Mapped[Message | None] = relationship(viewonly=True)

    @classmethod
    def counted(cls) -> ColumnElement[bool]:
        """Return the condition that it counts as an attempt to reach the enterprise."""
        return or_(cls.message_id.is_(None), cls.letter.has(Message.state == MessageState.SENT))

    @property
    def counts(self) -> bool:
        """Whether it counts as an attempt to reach the enterprise."""
        return self.letter is None or self.letter.state is MessageState.SENT

    @property
    def is_lost(self) -> bool:
        """Whether its letter failed, was not sent, or came back."""
        lost = {MessageState.FAILED, MessageState.SKIPPED}
        return self.letter is not None and self.letter.state in lost

    @property
    def went_at(self) -> datetime:
        """When the enterprise was asked: of a letter, when it went out."""
        return (self.letter.went_at if self.letter else None) or self.at


class Urge(Base):
    """A reminder to the unit that holds the ball; at most one by hand a working day.

    `step` is empty for one by hand, else the step of the ladder that the timetable took for
    the deadline `of_due_at`.
    """

    __tablename__ = "urges"
    __table_args__ = (
        UniqueConstraint("ticket_id", "step", "on"),
        Index("ix_urges_ticket_due", "ticket_id", "of_due_at"),
        Index("ix_urges_on", "on", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    step: Mapped[str] = mapped_column(String(16), default="")
    on: Mapped[date]
    at: Mapped[datetime]
    of_due_at: Mapped[datetime | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    words: Mapped[str] = mapped_column(String(500), default="")

    by: Mapped[User | None] = relationship(viewonly=True)


class SupervisionNote(Base):
    """A supervision note 督办单, raised once per level for one deadline, with its answer."""

    __tablename__ = "supervision_notes"
    __table_args__ = (
        UniqueConstraint("ticket_id", "level", "of_due_at"),
        Index(
            "ix_supervision_notes_waiting",
            "answer_due_at",
            "ticket_id",
            "level",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    level: Mapped[NoteLevel]
    of_due_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer_due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    directive_id: Mapped[int | None] = mapped_column(ForeignKey("leader_directives.id"))

    ticket: Mapped[Ticket] = relationship(back_populates="supervision_notes")
