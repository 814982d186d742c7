"""What many people have to visit, read for all of them at once: for the reminders.

However many people there are, a page of them costs the same number of statements.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from app.accounts.models import Absence, RoleHolding, User
from app.accounts.queries.absences import is_running
from app.accounts.roles import Role
from app.core.db import db
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage
from app.enterprises.policy import active_on
from app.notifications.models import Message
from app.tickets.queries import firms as tickets
from app.tickets.queries.firms import FirmTicket
from app.visits.models import TaskState, Visit, VisitTask
from app.visits.queries.errands import in_one_line, key_of, open_promises
from app.visits.queries.history import newest
from app.visits.queries.near import firm_of
from app.visits.queries.tasks import with_target


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person, and for whom they act: as leader, and as liaison officer; themselves included."""

    person: User
    leads_for: frozenset[int]
    goes_for: frozenset[int]

    def leads(self, linkage: Linkage) -> bool:
        """Tell whether a linkage is theirs as its leader."""
        return linkage.leader_id in self.leads_for

    def goes(self, linkage: Linkage) -> bool:
        """Tell whether a linkage is theirs as its liaison officer."""
        return linkage.liaison_id in self.goes_for


@dataclass(frozen=True, slots=True)
class Outing:
    """One target of a month, and what is taken along there."""

    task: VisitTask
    last: Visit | None = None
    promise: str = ""
    post: str = ""
    tickets: Sequence[FirmTicket] = ()

    @property
    def linkage(self) -> Linkage:
        """Who looks after the target."""
        return self.task.linkage


def visitor_ids(
    tenant_id: int, period: str, states: Collection[TaskState], *, untold: str, of: str
) -> Sequence[int]:
    """Return whose tasks of a month are in one of `states`, and who stands in for them.

    Left out are those who were told under the rule `untold` about the month `of`.
    """
    owed = select(VisitTask.linkage_id).where(
        VisitTask.tenant_id == tenant_id,
        VisitTask.period == period,
        VisitTask.state.in_(states),
    )
    leaders = select(Linkage.leader_id.label("id")).where(Linkage.id.in_(owed))
    liaisons = select(Linkage.liaison_id.label("id")).where(Linkage.id.in_(owed))
    theirs = leaders.union(liaisons).subquery()
    deputies = select(Absence.deputy_id.label("id")).where(
        Absence.user_id.in_(select(theirs.c.id)), is_running()
    )
    people = select(theirs.c.id).union(deputies).subquery()
    told = told_ids(tenant_id, untold, of)
    return db.session.scalars(
        select(User.id)
        .where(User.id.in_(select(people.c.id)), User.id.not_in(told), User.is_active)
        .order_by(User.id)
    ).all()


def told_ids(tenant_id: int, rule: str, period: str) -> Sequence[int]:
    """Return whom a rule has told about a month, in whichever way."""
    found = select(Message.recipient_id).where(
        Message.tenant_id == tenant_id,
        Message.rule == rule,
        Message.period == period,
        Message.recipient_id.is_not(None),
    )
    return [one for one in db.session.scalars(found.distinct()) if one is not None]


def visitors(user_ids: Collection[int]) -> list[Visitor]:
    """Return these people, by id, with those for whom they act at present."""
    people = db.session.scalars(select(User).where(User.id.in_(user_ids)).order_by(User.id)).all()
    found = (
        select(Absence.deputy_id, Absence.user_id, RoleHolding.role)
        .join(RoleHolding, RoleHolding.user_id == Absence.user_id)
        .where(Absence.deputy_id.in_(user_ids), is_running())
        .where(RoleHolding.role.in_((Role.LEADER, Role.LIAISON)))
        .where(RoleHolding.is_active, RoleHolding.absence_id.is_(None))
    )
    lent: dict[tuple[int, Role], set[int]] = {}
    for deputy_id, user_id, role in db.session.execute(found):
        lent.setdefault((deputy_id, role), set()).add(user_id)
    return [
        Visitor(
            person,
            frozenset({person.id, *lent.get((person.id, Role.LEADER), ())}),
            frozenset({person.id, *lent.get((person.id, Role.LIAISON), ())}),
        )
        for person in people
    ]


def tasks_of(
    people: Sequence[Visitor], period: str, states: Collection[TaskState]
) -> dict[int, list[VisitTask]]:
    """Return the tasks of each of these people in a month, by their id; one for each target.

    Planned ones stand first.
    """
    found: dict[int, list[VisitTask]] = {visitor.person.id: [] for visitor in people}
    rows = db.session.scalars(
        with_target(select(VisitTask))
        .where(VisitTask.period == period, VisitTask.state.in_(states))
        .where(VisitTask.linkage_id.in_(select(Linkage.id).where(_theirs(people))))
        .order_by(VisitTask.planned_on.is_(None), VisitTask.planned_on, VisitTask.id)
    ).all()
    leaders, liaisons = _acting(people)
    for task in rows:
        link = task.linkage
        whose = {*leaders.get(link.leader_id, ()), *liaisons.get(link.liaison_id or 0, ())}
        for person_id in whose:
            if all(other.linkage_id != link.id for other in found[person_id]):
                found[person_id].append(task)
    return found


def _acting(people: Sequence[Visitor]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return who acts for each leader, and who for each liaison officer."""
    leaders: dict[int, list[int]] = {}
    liaisons: dict[int, list[int]] = {}
    for visitor in people:
        for one in visitor.leads_for:
            leaders.setdefault(one, []).append(visitor.person.id)
        for one in visitor.goes_for:
            liaisons.setdefault(one, []).append(visitor.person.id)
    return leaders, liaisons


def _theirs(people: Sequence[Visitor]) -> ColumnElement[bool]:
    leaders, liaisons = _acting(people)
    return or_(Linkage.leader_id.in_(leaders), Linkage.liaison_id.in_(liaisons))


def outings(
    people: Sequence[Visitor], tasks: dict[int, list[VisitTask]], *, before: date, today: date
) -> dict[int, list[Outing]]:
    """Return what each of these people takes along for each of their tasks, by their id.

    Visits from the day `before` on are not "last time". Of the problems of a firm each finds
    those that they may know of in the role in which the target is theirs.
    """
    all_tasks = {task.id: task for mine in tasks.values() for task in mine}
    known = _known(list(all_tasks.values()), before)
    firms = {firm for task in all_tasks.values() if (firm := firm_of(task.linkage)) is not None}
    found = tickets.open_of(firms)
    readers = tickets.readers_of(
        {one.id for mine in found.values() for one in mine if one.confidential}
    )
    linked = _linked(people, firms, today)
    return {
        visitor.person.id: [
            replace(
                known[task.id],
                tickets=[
                    one
                    for one in found.get(firm_of(task.linkage) or 0, ())
                    if _may_know(visitor, task.linkage, one, linked=linked)
                    and (not one.confidential or visitor.person.id in readers.get(one.id, ()))
                ],
            )
            for task in tasks[visitor.person.id]
        ]
        for visitor in people
    }


def _known(tasks: Sequence[VisitTask], before: date) -> dict[int, Outing]:
    """Return what is known of the target of each task, but for its problems."""
    links = [task.linkage for task in tasks]
    targets = (
        {link.enterprise_id for link in links if link.enterprise_id},
        {link.project_id for link in links if link.project_id},
    )
    earlier = Visit.visited_on < before
    last = newest(*targets, Visit.counts.is_(True), earlier)
    promised = open_promises(links, earlier)
    posts = enterprises.posts_of({firm for link in links if (firm := firm_of(link)) is not None})
    found = {}
    for task in tasks:
        key = key_of(task.linkage)
        found[task.id] = Outing(
            task=task,
            last=last.get(key),
            promise=in_one_line(promised.get(key, ())),
            post=posts.get(firm_of(task.linkage) or 0, ""),
        )
    return found


def _linked(
    people: Sequence[Visitor], firms: Iterable[int], today: date
) -> set[tuple[Role, int, int]]:
    """Return who looks after which firm today: the role, the person and the firm."""
    rows = db.session.execute(
        select(Linkage.leader_id, Linkage.liaison_id, Linkage.enterprise_id).where(
            _theirs(people), Linkage.enterprise_id.in_(firms), active_on(today)
        )
    ).all()
    return {(Role.LEADER, leader, firm or 0) for leader, _liaison, firm in rows} | {
        (Role.LIAISON, liaison, firm or 0) for _leader, liaison, firm in rows if liaison
    }


def _may_know(
    visitor: Visitor, linkage: Linkage, ticket: FirmTicket, *, linked: set[tuple[Role, int, int]]
) -> bool:
    """Tell what `tickets.policy.visible_to` tells, of one of many people, without asking anew.

    Who may know of what is confidential is asked beside this.
    """
    if not ticket.number and ticket.created_by_id != visitor.person.id:
        return False
    if visitor.leads(linkage):
        own = ticket.leader_id, ticket.created_by_id, ticket.escalation_owner_id
        if visitor.leads_for & {*own, ticket.in_charge_id}:
            return True
        if any((Role.LEADER, one, ticket.enterprise_id) in linked for one in visitor.leads_for):
            return True
    if not visitor.goes(linkage):
        return False
    return bool(visitor.goes_for & {ticket.liaison_id, ticket.created_by_id}) or any(
        (Role.LIAISON, one, ticket.enterprise_id) in linked for one in visitor.goes_for
    )
