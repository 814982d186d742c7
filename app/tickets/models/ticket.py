"""The ticket itself: what was heard, where it stands, and its clocks."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import OrgUnit, User
from app.core import clock
from app.core.db import Base, Secret
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.tickets.models.category import Category
from app.tickets.workflow.states import (
    OPEN,
    RING,
    TERMINAL,
    Closing,
    Complexity,
    Outcome,
    Source,
    Status,
    Urgency,
)

if TYPE_CHECKING:
    from app.tickets.models.records import (
        CoTask,
        Dispatch,
        DueChange,
        Proposal,
        Reply,
        Revisit,
        SupervisionNote,
        TicketEvent,
    )
    from app.tickets.models.supervision import LeaderDirective

REWORK_ROUND = 2
REWORKING = N_("重办中")


def _where_set(name: str, *columns: str) -> Index:
    """Return an index of the rows in which the first column holds something.

    Few do. Where the empty ones are in an index, SQLite takes them for one value that nearly all
    rows share, and reads the whole table rather than use it.
    """
    holds = text(f"{columns[0]} IS NOT NULL")
    return Index(name, *columns, sqlite_where=holds, postgresql_where=holds)


class Ticket(Base):
    """One problem of one enterprise, from the visit to the confirmed solution.

    Only `tickets.service` writes here. `version` makes the second of two people who act on
    the same page lose, rather than overwrite the first. `move_due_at` is the deadline of
    whoever holds the ball; `is_open` says whether anyone does. `due_at` is the handling
    deadline and `warn_on` the first local day on which it is yellow.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_tickets_open", "tenant_id", "is_open", "move_due_at", "id", "confidential"),
        Index(
            "ix_tickets_status",
            "tenant_id",
            "status",
            "move_due_at",
            "id",
            "round",
            "confidential",
            "return_count",
            "next_review_on",
            "complexity",
            "category_id",
            "heard_in",
        ),
        Index(
            "ix_tickets_lead_unit",
            "tenant_id",
            "lead_unit_id",
            "status",
            "move_due_at",
            "id",
            "confidential",
        ),
        Index("ix_tickets_newest", "tenant_id", "id", "number", "confidential"),
        Index("ix_tickets_due", "tenant_id", "is_running", "due_at", "warn_on", "confidential"),
        Index("ix_tickets_enterprise", "enterprise_id", "id"),
        Index("ix_tickets_handler", "handler_id", "status"),
        Index("ix_tickets_submitter", "submitted_by_id", "id"),
        Index("ix_tickets_creator", "created_by_id", "status"),
        Index("ix_tickets_liaison", "liaison_id", "status"),
        Index("ix_tickets_leader", "leader_id", "status"),
        Index("ix_tickets_category", "tenant_id", "category_id", "id"),
        Index("ix_tickets_visit_id", "visit_id"),
        Index(
            "ix_tickets_confidential",
            "tenant_id",
            "status",
            sqlite_where=text("confidential IS 1"),
            postgresql_where=text("confidential IS true"),
        ),
        Index(
            "ix_tickets_note_waits",
            "tenant_id",
            "is_open",
            "due_at",
            "id",
            "is_running",
            "warn_on",
            "confidential",
            sqlite_where=text("note_waits IS 1"),
            postgresql_where=text("note_waits IS true"),
        ),
        _where_set("ix_tickets_master_id", "master_id"),
        _where_set("ix_tickets_split_from_id", "split_from_id"),
        _where_set("ix_tickets_common_id", "common_id", "id"),
        _where_set("ix_tickets_covered_for_id", "covered_for_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    number: Mapped[str | None] = mapped_column(String(24))
    query_code: Mapped[str] = mapped_column(String(6), default="")
    status: Mapped[Status] = mapped_column(default=Status.DRAFT)
    is_open: Mapped[bool] = mapped_column(default=False)
    is_running: Mapped[bool] = mapped_column(default=False)  # the handling clock runs
    round: Mapped[int] = mapped_column(default=1)

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str | None] = mapped_column(Secret)
    title: Mapped[str] = mapped_column(String(50))
    description: Mapped[str] = mapped_column(Text)
    wish: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    subcategory_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    source: Mapped[Source] = mapped_column(default=Source.VISIT)
    campaign: Mapped[str] = mapped_column(String(60), default="")
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    external_system: Mapped[str] = mapped_column(String(60), default="")
    external_no: Mapped[str] = mapped_column(String(60), default="")
    external_due_at: Mapped[datetime | None]
    leader_directive: Mapped[bool] = mapped_column(default=False)
    no_secrets: Mapped[bool] = mapped_column(default=False)
    complained_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"))
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.NORMAL)
    complexity: Mapped[Complexity | None]
    limit_workdays: Mapped[int | None]

    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("org_units.id"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    liaison_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    escalation_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    heard_on: Mapped[date | None]  # the day of the visit on which it was heard
    done_on_site: Mapped[str] = mapped_column(Text, default="", server_default="")  # on that visit
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_late: Mapped[bool] = mapped_column(default=False)
    first_contact_at: Mapped[datetime | None]
    reply_submitted_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    suspended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closing: Mapped[Closing | None]
    archived_at: Mapped[datetime | None]

    acceptance_due_at: Mapped[datetime | None]
    dispatch_due_at: Mapped[datetime | None]
    sign_due_at: Mapped[datetime | None]
    contact_due_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    original_due_at: Mapped[datetime | None]
    warn_on: Mapped[date | None]
    rework_due_at: Mapped[datetime | None]
    interim_due_at: Mapped[datetime | None]
    review_due_at: Mapped[datetime | None]
    revisit_due_at: Mapped[datetime | None]
    next_review_on: Mapped[date | None]
    saved_workdays: Mapped[int | None]
    move_due_at: Mapped[datetime | None]

    #: Whether a supervision note waits for an answer: `Move.note_changed` keeps it.
    note_waits: Mapped[bool] = mapped_column(default=False, server_default=false())
    escalation_level: Mapped[int] = mapped_column(default=0)
    extension_count: Mapped[int] = mapped_column(default=0)
    return_count: Mapped[int] = mapped_column(default=0)
    heard_in: Mapped[int | None]  # the last round in which the enterprise was reached
    review_reject_count: Mapped[int] = mapped_column(default=0)
    reopened_count: Mapped[int] = mapped_column(default=0)
    renewal_count: Mapped[int] = mapped_column(default=0)
    direct_handled: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[Outcome | None]
    quantities: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reply_text: Mapped[str] = mapped_column(Text, default="")  # the answer as approved
    unsatisfied_finding: Mapped[str] = mapped_column(String(32), default="")
    master_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    common_id: Mapped[int | None] = mapped_column(ForeignKey("common_problems.id"))
    confidential: Mapped[bool] = mapped_column(default=False, server_default=false())
    covered_for_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # who is away
    snapshot_hash: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=1)

    # Steps write the ids; what is only looked at needs no bookkeeping when they are saved.
    enterprise: Mapped[Enterprise] = relationship(viewonly=True)
    category: Mapped[Category | None] = relationship(foreign_keys=category_id, viewonly=True)
    subcategory: Mapped[Category | None] = relationship(foreign_keys=subcategory_id, viewonly=True)
    lead_unit: Mapped[OrgUnit | None] = relationship(foreign_keys=lead_unit_id, viewonly=True)
    complained_unit: Mapped[OrgUnit | None] = relationship(
        foreign_keys=complained_unit_id, viewonly=True
    )
    created_by: Mapped[User | None] = relationship(foreign_keys=created_by_id, viewonly=True)
    submitted_by: Mapped[User | None] = relationship(foreign_keys=submitted_by_id, viewonly=True)
    handler: Mapped[User | None] = relationship(foreign_keys=handler_id, viewonly=True)
    leader: Mapped[User | None] = relationship(foreign_keys=leader_id, viewonly=True)
    liaison: Mapped[User | None] = relationship(foreign_keys=liaison_id, viewonly=True)
    escalation_owner: Mapped[User | None] = relationship(
        foreign_keys=escalation_owner_id, viewonly=True
    )
    master: Mapped["Ticket | None"] = relationship(
        foreign_keys=master_id, remote_side="Ticket.id", viewonly=True
    )
    split_from: Mapped["Ticket | None"] = relationship(
        foreign_keys=split_from_id, remote_side="Ticket.id", viewonly=True
    )
    covered_for: Mapped[User | None] = relationship(foreign_keys=covered_for_id, viewonly=True)
    events: Mapped[list["TicketEvent"]] = relationship(order_by="TicketEvent.id", viewonly=True)
    due_history: Mapped[list["DueChange"]] = relationship(order_by="DueChange.id", viewonly=True)
    dispatches: Mapped[list["Dispatch"]] = relationship(
        back_populates="ticket", order_by="Dispatch.id"
    )
    co_tasks: Mapped[list["CoTask"]] = relationship(back_populates="ticket", order_by="CoTask.id")
    proposals: Mapped[list["Proposal"]] = relationship(
        back_populates="ticket", order_by="Proposal.id"
    )
    replies: Mapped[list["Reply"]] = relationship(back_populates="ticket", order_by="Reply.id")
    revisits: Mapped[list["Revisit"]] = relationship(back_populates="ticket", order_by="Revisit.id")
    supervision_notes: Mapped[list["SupervisionNote"]] = relationship(
        back_populates="ticket", order_by="SupervisionNote.id"
    )
    directives: Mapped[list["LeaderDirective"]] = relationship(
        order_by="LeaderDirective.id", viewonly=True
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def first_heard_on(self) -> date:
        """The day on which the enterprise first spoke of it: of the visit, else of handing in."""
        if self.heard_on is not None:
            return self.heard_on
        at = self.created_at if self.visit_id else self.submitted_at or self.created_at
        return clock.local(at).date()

    @property
    def present_co_tasks(self) -> list["CoTask"]:
        """What co-units owe or gave under the newest dispatch; what was before is history."""
        if not self.co_tasks or not self.dispatches:
            return []
        return [task for task in self.co_tasks if task.dispatch_id == self.dispatches[-1].id]

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen any more."""
        return self.status in TERMINAL

    @property
    def has_a_mover(self) -> bool:
        """Whether somebody holds the ball."""
        return self.status in OPEN

    @property
    def is_rework(self) -> bool:
        """Whether the enterprise said no, and it is being handled again."""
        return self.round >= REWORK_ROUND and self.status is Status.IN_PROGRESS

    @property
    def status_label(self) -> str:
        """The word for where it stands; a second round says so."""
        return REWORKING if self.is_rework else self.status.label

    @property
    def ring(self) -> int:
        """How many of the seven steps of the loop are walked."""
        return RING[self.status]
