"""What is known of the demo: whether there is one, its day, its accounts, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from app.accounts.models import RoleHolding, Tenant, User
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.demo.models import DemoClock
from app.notifications.models import Channel, Message
from app.tickets.models import SupervisionNote, TicketEvent, Urge
from app.tickets.workflow.states import Event, NoteLevel
from app.visits.models import TaskState, VisitTask

#: The rules of the reminders about visits, and of the letters of a working day about problems.
OF_VISITS = ("R1", "R2", "R3", "R4", "R5", "R12")
OF_PROBLEMS = ("R6", "R7", "R8", "R9")


class State(Enum):
    """What a database holds."""

    EMPTY = auto()
    UNFINISHED = auto()  # a load was begun, and did not come to its end
    DEMO = auto()
    REAL = auto()


def state() -> State:
    """Return what this database holds."""
    demos = db.session.execute(
        select(Tenant.is_demo, DemoClock.loaded_at).outerjoin(
            DemoClock, DemoClock.tenant_id == Tenant.id
        )
    ).all()
    if not demos:
        return State.EMPTY
    if not all(row.is_demo for row in demos):
        return State.REAL
    return State.DEMO if all(row.loaded_at for row in demos) else State.UNFINISHED


def shift() -> timedelta | None:
    """Return how far the demo's clock runs from the machine's; None without a loaded demo."""
    seconds = db.session.scalar(
        select(DemoClock.shift_seconds).where(DemoClock.loaded_at.is_not(None)).limit(1)
    )
    return None if seconds is None else timedelta(seconds=seconds)


def last_beat() -> datetime | None:
    """Return when somebody last worked on a load, by the machine's clock."""
    return db.session.scalar(select(DemoClock.beat_at).limit(1))


def tenant_id() -> int | None:
    """Return the tenant of the loaded demo."""
    return db.session.scalar(select(DemoClock.tenant_id).where(DemoClock.loaded_at.is_not(None)))


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody one may sign in as; `is_first` tells whether the shared password still holds."""

    username: str
    name: str
    post: str
    roles: str
    has_first_password: bool


def accounts() -> Sequence[Account]:
    """Return everybody of the demo, in the order in which they were added."""
    asked = (
        select(User)
        .join(DemoClock, DemoClock.tenant_id == User.tenant_id)
        .where(User.is_active)
        .options(selectinload(User.roles).joinedload(RoleHolding.unit))
        .order_by(User.id)
    )
    people = db.session.scalars(asked).all()
    first = _commonest([person.password_hash for person in people])
    return [
        Account(
            person.username,
            person.name,
            person.post,
            "、".join(held.role.label for held in person.roles if held.is_active),
            person.password_hash == first,
        )
        for person in people
    ]


def _commonest(hashes: Sequence[str]) -> str:
    """Return the hash that all accounts were given: one hash was made for all of them."""
    return max(set(hashes), key=hashes.count, default="")


@dataclass(frozen=True, slots=True)
class Happened:
    """What the timetable did in a stretch of the demo's time."""

    reminders: int
    digests: int
    urges: int
    notices: int
    blue: int
    orange: int
    red: int
    auto_signed: int
    resumed: int
    closed: int
    archived: int
    missed_visits: int

    @property
    def anything(self) -> bool:
        """Whether anything happened at all."""
        return any(getattr(self, name) for name in self.__slots__)


def happened(tenant: int, since: datetime, until: datetime) -> Happened:
    """Return what the timetable did later than `since` and not after `until`."""

    def within(moment: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
        return (moment > since) & (moment <= until)

    mails = _by(
        select(Message.rule, func.count())
        .where(Message.tenant_id == tenant, Message.channel == Channel.MAIL)
        .where(within(Message.created_at))
        .group_by(Message.rule)
    )
    urges = _by(
        select(Urge.step, func.count()).where(Urge.step != "", within(Urge.at)).group_by(Urge.step)
    )
    notes = _by(
        select(SupervisionNote.level, func.count())
        .where(within(SupervisionNote.raised_at))
        .group_by(SupervisionNote.level)
    )
    steps = _by(
        select(TicketEvent.kind, func.count())
        .where(TicketEvent.actor_role == Role.SYSTEM, within(TicketEvent.at))
        .group_by(TicketEvent.kind)
    )
    return Happened(
        reminders=sum(mails.get(rule, 0) for rule in OF_VISITS),
        digests=sum(mails.get(rule, 0) for rule in OF_PROBLEMS),
        urges=urges.get("yellow", 0),
        notices=urges.get("overdue", 0),
        blue=notes.get(NoteLevel.BLUE, 0),
        orange=notes.get(NoteLevel.ORANGE, 0),
        red=notes.get(NoteLevel.RED, 0),
        auto_signed=steps.get(Event.AUTO_SIGN, 0),
        resumed=steps.get(Event.RESUME, 0),
        closed=steps.get(Event.CLOSE_UNREACHABLE, 0),
        archived=steps.get(Event.ARCHIVE, 0),
        missed_visits=_missed(tenant, clock.local(since).date(), clock.local(until).date()),
    )


def _missed(tenant: int, since: date, until: date) -> int:
    """Return how many tasks became overdue: their last day passed without a visit."""
    asked = select(func.count(VisitTask.id)).where(
        VisitTask.tenant_id == tenant,
        VisitTask.state == TaskState.OVERDUE,
        VisitTask.due_on >= since,
        VisitTask.due_on < until,
    )
    return db.session.scalar(asked) or 0


def _by(asked: Select[Any, int]) -> dict[str, int]:
    return {str(name): count for name, count in db.session.execute(asked)}
