"""What a visitor takes along: the last visit, what was promised, what is still open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Absence, User
from app.accounts.queries.absences import is_running
from app.accounts.roles import Actor
from app.core.db import db
from app.enterprises import queries as enterprises
from app.enterprises.models import EnterpriseContact, Linkage
from app.notifications.models import Channel, Message
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.visits import policy
from app.visits.calendar import NEAR
from app.visits.models import COUNTING, TaskState, Visit, VisitTask
from app.visits.queries.history import newest

MONTHLY = "R1"  # the rule of the reminder at the start of a month


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody else's visit to the same firm, made or planned, on a day close by."""

    names: str
    on: date
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Errand:
    """One target of a month and what is known of it. `firm_id` is its enterprise, if any."""

    linkage: Linkage
    task: VisitTask | None = None
    last: Visit | None = None
    promise: str = ""
    contact: EnterpriseContact | None = None
    tickets: Sequence[Ticket] = ()
    near: Sequence[Near] = ()

    @property
    def firm_id(self) -> int | None:
        """The enterprise that is visited, or that builds the project."""
        return firm_of(self.linkage)

    @property
    def name(self) -> str:
        """Whom to visit, as it is called in lists."""
        return self.linkage.target.called

    @property
    def address(self) -> str:
        """Where to go."""
        return self.linkage.target.address


def firm_of(linkage: Linkage) -> int | None:
    """Return the enterprise that a linkage looks after, itself or through its project."""
    if linkage.enterprise_id is not None:
        return linkage.enterprise_id
    return linkage.project.enterprise_id if linkage.project else None


def errands(
    tasks: Sequence[VisitTask], *, viewer: Actor, today: date, before: date | None = None
) -> list[Errand]:
    """Return what `viewer` takes along for each task; a fixed number of statements.

    `before` leaves out visits from that day on, for what "last time" means in a reminder.
    """
    wanted = [Visit.visited_on < before] if before else []
    known = _known([task.linkage for task in tasks], viewer, *wanted, on=today)
    return [replace(errand, task=task) for errand, task in zip(known, tasks, strict=True)]


def errand_of(linkage: Linkage, *, viewer: Actor, today: date) -> Errand:
    """Return what `viewer` takes along to one target, whether it is owed or not."""
    return _known([linkage], viewer, on=today)[0]


def errands_to(links: Sequence[Linkage], *, viewer: Actor, today: date) -> list[Errand]:
    """Return what `viewer` knows of each target, in the same order."""
    return _known(links, viewer, on=today)


def _known(
    links: Sequence[Linkage], viewer: Actor, *wanted: ColumnElement[bool], on: date
) -> list[Errand]:
    """Return what is known of each target, in the same order."""
    firms = {firm for link in links if (firm := firm_of(link)) is not None}
    targets = (
        [link.enterprise_id for link in links if link.enterprise_id],
        [link.project_id for link in links if link.project_id],
    )
    last = newest(*targets, Visit.mode.in_(COUNTING), *wanted)
    promised = newest(*targets, Visit.promises != "", *wanted)
    contacts, tickets = enterprises.primary_contacts(firms), _open_tickets(firms, viewer)
    near = _near(links, on=on, but=viewer)
    return [
        Errand(
            linkage=link,
            last=last.get(_key(link)),
            promise=_unkept(promised.get(_key(link)), last.get(_key(link))),
            contact=contacts.get(firm_of(link) or 0),
            tickets=tickets.get(firm_of(link) or 0, ()),
            near=near.get(_key(link), ()),
        )
        for link in links
    ]


def _unkept(promised: Visit | None, last: Visit | None) -> str:
    """Return what was promised on the last visit or since, by telephone say."""
    if promised is None or (last is not None and promised.visited_on < last.visited_on):
        return ""
    return promised.promises


def neighbours(linkage: Linkage, *, on: date, but: Actor) -> Sequence[Near]:
    """Return who else visits the same target within seven days of a day."""
    return _near([linkage], on=on, but=but).get(_key(linkage), ())


def remindable_ids(tenant_id: int, period: str) -> Sequence[int]:
    """Return the ids of the people who still have to visit somebody, and were not told of it.

    Whoever stands in for one of them is among them.
    """
    owed = (
        select(VisitTask.linkage_id)
        .where(VisitTask.tenant_id == tenant_id, VisitTask.period == period)
        .where(VisitTask.state == TaskState.PLANNED)
    )
    links = select(Linkage.leader_id.label("id")).where(Linkage.id.in_(owed))
    liaisons = select(Linkage.liaison_id.label("id")).where(Linkage.id.in_(owed))
    theirs = links.union(liaisons).subquery()
    deputies = select(Absence.deputy_id.label("id")).where(
        Absence.user_id.in_(select(theirs.c.id)), is_running()
    )
    people = select(theirs.c.id).union(deputies).subquery()
    told = select(Message.recipient_id).where(
        Message.tenant_id == tenant_id,
        Message.rule == MONTHLY,
        Message.period == period,
        Message.channel == Channel.MAIL,
    )
    return db.session.scalars(
        select(User.id)
        .where(User.id.in_(select(people.c.id)), User.id.not_in(told), User.is_active)
        .order_by(User.id)
    ).all()


def _key(what: Linkage | Visit) -> tuple[str, int]:
    """Return the target that something is about."""
    if what.enterprise_id is not None:
        return "enterprise", what.enterprise_id
    return "project", what.project_id or 0


def _open_tickets(firms: Iterable[int], viewer: Actor) -> dict[int, list[Ticket]]:
    found: dict[int, list[Ticket]] = {}
    rows = db.session.scalars(
        select(Ticket)
        .where(tickets_policy.visible_to(viewer), Ticket.is_open)
        .where(Ticket.enterprise_id.in_(firms))
        .order_by(Ticket.move_due_at, Ticket.id)
    )
    for ticket in rows:
        found.setdefault(ticket.enterprise_id, []).append(ticket)
    return found


def _near(links: Sequence[Linkage], *, on: date, but: Actor) -> dict[tuple[str, int], list[Near]]:
    """Return the visits and plans of other people within seven days of `on`, by target."""
    found: dict[tuple[str, int], list[Near]] = {}
    visits = db.session.scalars(
        select(Visit)
        .where(_about(links), Visit.visited_on.between(on - NEAR, on + NEAR))
        .options(selectinload(Visit.visitors))
        .order_by(Visit.visited_on, Visit.id)
    )
    for visit in visits:
        if any(but.acts_for(person.id) for person in visit.visitors):
            continue
        went = Near(
            "、".join(one.name for one in visit.visitors), visit.visited_on, is_planned=False
        )
        found.setdefault(_key(visit), []).append(went)
    for task in _planned(links, on=on, but=but):
        goes = Near(task.linkage.leader.name, task.planned_on or on, is_planned=True)
        found.setdefault(_key(task.linkage), []).append(goes)
    return found


def _planned(links: Sequence[Linkage], *, on: date, but: Actor) -> Sequence[VisitTask]:
    """Return what other people plan for the same targets around a day."""
    rows = db.session.scalars(
        select(VisitTask)
        .join(VisitTask.linkage)
        .where(_about(links, Linkage), VisitTask.state == TaskState.PLANNED)
        .where(VisitTask.planned_on.between(on - NEAR, on + NEAR))
        .options(joinedload(VisitTask.linkage).joinedload(Linkage.leader))
        .order_by(VisitTask.planned_on, VisitTask.id)
    )
    return [task for task in rows if not policy.looks_after(but, task.linkage)]


def _about(links: Sequence[Linkage], what: type[Visit | Linkage] = Visit) -> ColumnElement[bool]:
    """Return the condition of being about the targets of `links`."""
    return or_(
        what.enterprise_id.in_([link.enterprise_id for link in links if link.enterprise_id]),
        what.project_id.in_([link.project_id for link in links if link.project_id]),
    )
