"""Calls on enterprises and projects, and the task of each month."""

from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.accounts.parameters import Parameters
from app.core.db import Base
from app.core.enums import LabelledEnum
from app.core.i18n import N_
from app.enterprises.models import Enterprise, KeyProject, Linkage
from app.visits.models.campaigns import Campaign
from app.visits.models.promises import Promise, PromiseState


class Mode(LabelledEnum):
    """How a visit was made."""

    ON_SITE = "on_site", N_("上门走访")
    ON_SITE_OFFICE = "on_site_office", N_("现场办公")
    SERVICE_DAY = "service_day", N_("企业家接待日")
    PHONE = "phone", N_("电话联系")
    ONLINE = "online", N_("线上联系")


#: Modes that complete a month's task, unless the tenant says otherwise. What counted when it was
#: recorded stands on the visit itself: `Visit.counts`.
COUNTING = frozenset(Mode(code) for code in Parameters().counting_modes)


#: Modes in which somebody goes to the firm: what reports call 上门.
AT_THE_FIRM = frozenset({Mode.ON_SITE, Mode.ON_SITE_OFFICE})


class VisitOutcome(LabelledEnum):
    """What came of going there. Only the first completes a task."""

    VISITED = "visited", N_("走访到了")
    BY_PHONE = "by_phone", N_("没见到人，改为电话")
    DECLINED = "declined", N_("企业谢绝")
    STOPPED = "stopped", N_("停产，没有人")
    NOT_FOUND = "not_found", N_("找不到企业")
    CLOSED_DOWN = "closed_down", N_("已经关停")


class Theme(LabelledEnum):
    """What a visit was mainly for."""

    LIVELIHOOD = "livelihood", N_("保民生")
    MARKET = "market", N_("保市场主体")
    PROJECTS = "projects", N_("保重点工程和项目")
    ARCHIVES = "archives", N_("指导规范档案整理")
    SCALE_UP = "scale_up", N_("指导升规入统")


class Running(LabelledEnum):
    """What the visitor saw of production."""

    NORMAL = "normal", N_("正常")
    PARTLY = "partly", N_("半停产")
    STOPPED = "stopped", N_("停产")


class TaskState(LabelledEnum):
    """How far a month's task has come."""

    PLANNED = "planned", N_("待走访")
    DONE = "done", N_("已走访")
    OVERDUE = "overdue", N_("逾期未走访")
    EXEMPT = "exempt", N_("免访")
    CANCELLED = "cancelled", N_("已取消")


#: A visit in the month may still complete it; an overdue one while late entries are taken.
OWED = frozenset({TaskState.PLANNED, TaskState.OVERDUE})
#: It leaves the denominator of every rate.
UNCOUNTED = frozenset({TaskState.EXEMPT, TaskState.CANCELLED})


class ExemptGround(LabelledEnum):
    """Why a target need not be visited in a month."""

    STOPPED = "stopped", N_("企业停产")
    MOVED = "moved", N_("企业搬迁")
    ASKED = "asked", N_("企业书面提出无需走访")
    DISASTER = "disaster", N_("自然灾害")
    CLOSED = "closed", N_("企业关停")


#: Which ground for a waiver an attempt that failed speaks for.
GROUND_OF = {
    VisitOutcome.DECLINED: ExemptGround.ASKED,
    VisitOutcome.STOPPED: ExemptGround.STOPPED,
    VisitOutcome.NOT_FOUND: ExemptGround.MOVED,
    VisitOutcome.CLOSED_DOWN: ExemptGround.CLOSED,
}


class Answer(LabelledEnum):
    """What an enterprise says to a planned visit."""

    CONFIRMED = "confirmed", N_("这天可以")
    OTHER_DAY = "other_day", N_("请换一天")
    DECLINED = "declined", N_("这次不用来")


class Visit(Base):
    """One call on one enterprise or project, and what was heard and seen there."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("(enterprise_id IS NULL) != (project_id IS NULL)", name="one_target"),
        UniqueConstraint("tenant_id", "number"),
        Index("ix_visits_tenant_day", "tenant_id", "visited_on", "id"),
        Index("ix_visits_enterprise", "enterprise_id", "visited_on"),
        Index("ix_visits_project", "project_id", "visited_on"),
        Index("ix_visits_campaign_id", "campaign_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    number: Mapped[str] = mapped_column(String(24))  # ZF20260921-0001
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("key_projects.id"))
    visited_on: Mapped[date]
    began_at: Mapped[time | None]  # office time
    ended_at: Mapped[time | None]
    mode: Mapped[Mode]
    outcome: Mapped[VisitOutcome] = mapped_column(default=VisitOutcome.VISITED)
    counts: Mapped[bool]  # whether it completes a task, by the rule of the day it was recorded
    theme: Mapped[Theme | None]
    leader_present: Mapped[bool] = mapped_column(default=False)
    persons_met: Mapped[str] = mapped_column(String(200), default="")
    running: Mapped[Running] = mapped_column(default=Running.NORMAL)
    orders: Mapped[str] = mapped_column(String(200), default="")
    output_wan: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    revenue_wan: Mapped[float | None] = mapped_column(Numeric(14, 2, asdecimal=False))
    employees: Mapped[int | None]
    policies: Mapped[str] = mapped_column(Text, default="")
    opinions: Mapped[str] = mapped_column(Text, default="")
    solved_on_site: Mapped[str] = mapped_column(Text, default="")
    suggestions: Mapped[str] = mapped_column(Text, default="")
    confirmed_by_firm: Mapped[bool] = mapped_column(default=False)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"))
    late_entry: Mapped[bool] = mapped_column(default=False)
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]

    enterprise: Mapped[Enterprise | None] = relationship()
    project: Mapped[KeyProject | None] = relationship()
    recorded_by: Mapped[User] = relationship()
    visitors: Mapped[list[User]] = relationship(secondary="visit_visitors")
    campaign: Mapped[Campaign | None] = relationship()
    promises: Mapped[list[Promise]] = relationship(
        foreign_keys=Promise.visit_id, order_by=Promise.id
    )

    @property
    def target(self) -> Enterprise | KeyProject:
        """What was visited."""
        found = self.enterprise or self.project
        assert found is not None  # noqa: S101 - the check constraint says so
        return found

    @property
    def target_name(self) -> str:
        """What was visited, as it is called in lists."""
        return self.target.called

    @property
    def took_place(self) -> bool:
        """Whether somebody was met; an attempt that failed is recorded too."""
        return self.outcome is VisitOutcome.VISITED

    @property
    def open_promises(self) -> list[Promise]:
        """What was promised on it and nobody has settled."""
        return [one for one in self.promises if one.state is PromiseState.OPEN]


class VisitVisitor(Base):
    """A person who went along."""

    __tablename__ = "visit_visitors"
    __table_args__ = (Index("ix_visit_visitors_user_id", "user_id"),)

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)


class VisitTask(Base):
    """What a linkage owes in one month. One row per (linkage, period, seq)."""

    __tablename__ = "visit_tasks"
    __table_args__ = (
        UniqueConstraint("linkage_id", "period", "seq"),
        Index("ix_visit_tasks_tenant_period", "tenant_id", "period", "state"),
        Index("ix_visit_tasks_visit_id", "visit_id"),
        Index(
            "ix_visit_tasks_to_exempt",
            "tenant_id",
            "exempt_decided_at",
            sqlite_where=text("exempt_asked_at IS NOT NULL"),
            postgresql_where=text("exempt_asked_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    linkage_id: Mapped[int] = mapped_column(ForeignKey("linkages.id"))
    period: Mapped[str] = mapped_column(String(7))  # 2026-09
    seq: Mapped[int] = mapped_column(default=1)
    due_on: Mapped[date]
    planned_on: Mapped[date | None]
    state: Mapped[TaskState] = mapped_column(default=TaskState.PLANNED)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visits.id"))
    liaison_only: Mapped[bool] = mapped_column(default=False)
    exempt_ground: Mapped[ExemptGround | None]
    exempt_reason: Mapped[str] = mapped_column(String(200), default="")
    exempt_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    exempt_asked_at: Mapped[datetime | None]
    exempt_decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    exempt_decided_at: Mapped[datetime | None]
    exempt_answer: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)

    linkage: Mapped[Linkage] = relationship()
    visit: Mapped[Visit | None] = relationship()
    exempt_asked_by: Mapped[User | None] = relationship(foreign_keys=exempt_asked_by_id)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_owed(self) -> bool:
        """Whether a visit may still complete it."""
        return self.state in OWED

    @property
    def is_done(self) -> bool:
        """Whether a visit completed it."""
        return self.state is TaskState.DONE

    @property
    def is_waived(self) -> bool:
        """Whether the office agreed that nobody needs to go."""
        return self.state is TaskState.EXEMPT

    @property
    def awaits_decision(self) -> bool:
        """Whether somebody asked that it be waived, and nobody has answered."""
        return self.exempt_asked_at is not None and self.exempt_decided_at is None

    @property
    def was_refused(self) -> bool:
        """Whether it was asked to be waived, and must be done."""
        return self.exempt_decided_at is not None and self.state is not TaskState.EXEMPT

    @property
    def target_name(self) -> str:
        """Whom to visit, as it is called in lists."""
        return self.linkage.target.called


class VisitPlan(Base):
    """One day that was planned for a task. The one that has not ended is what holds now.

    The others are its history: each change of the day is a row of its own, with who made it
    (nobody: the enterprise), why it was kept although others go there as well, and what the
    enterprise said.
    `host_id` names the plan that it joined, whose day it shares; `before_on` is the day that was
    planned before, which leaving brings back. `link_id` is the link that the enterprise was sent.
    """

    __tablename__ = "visit_plans"
    __table_args__ = (
        Index("ix_visit_plans_task_id", "task_id", "id"),
        Index(
            "uq_visit_plans_task_id",
            "task_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_visit_plans_host_id", "host_id"),
        Index("ix_visit_plans_link_id", "link_id"),
        Index(
            "ix_visit_plans_to_tell",
            "tenant_id",
            "planned_on",
            sqlite_where=text("told_at IS NULL AND ended_at IS NULL"),
            postgresql_where=text("told_at IS NULL AND ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("visit_tasks.id"))
    planned_on: Mapped[date]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")
    host_id: Mapped[int | None] = mapped_column(ForeignKey("visit_plans.id"))
    before_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    link_id: Mapped[int | None] = mapped_column(ForeignKey("public_links.id"))
    answer: Mapped[Answer | None]
    answered_at: Mapped[datetime | None]
    answer_words: Mapped[str] = mapped_column(String(300), default="")
    answer_on: Mapped[date | None]  # the day that the enterprise asked for
    version: Mapped[int] = mapped_column(default=1)

    task: Mapped[VisitTask] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_open(self) -> bool:
        """Whether it holds now."""
        return self.ended_at is None

    @property
    def was_asked_for(self) -> bool:
        """Whether the enterprise chose the day itself."""
        return self.made_by_id is None and self.before_on is not None

    @property
    def was_declined(self) -> bool:
        """Whether the enterprise said that nobody needs to come."""
        return self.answer is Answer.DECLINED

    @property
    def was_confirmed(self) -> bool:
        """Whether the enterprise said that the day suits it."""
        return self.answer is Answer.CONFIRMED
