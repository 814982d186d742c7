"""What a visitor takes along: the last visit, what was promised, what is still open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from app.accounts.roles import Actor
from app.core.db import db
from app.enterprises import queries as enterprises
from app.enterprises.models import EnterpriseContact, Linkage
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.visits.calendar import Month
from app.visits.models import Promise, PromiseState, Visit, VisitOutcome, VisitTask
from app.visits.queries.history import newest
from app.visits.queries.near import Near, firm_of, near
from app.visits.queries.plans import NOT_PLANNED, Planned, planned


@dataclass(frozen=True, slots=True)
class Errand:
    """One target of a month and what is known of it. `firm_id` is its enterprise, if any.

    `promises` are those that nobody has settled; `attempts` are the visits of the month that
    came to nothing.
    """

    linkage: Linkage
    task: VisitTask | None = None
    last: Visit | None = None
    promises: Sequence[Promise] = ()
    attempts: Sequence[Visit] = ()
    contact: EnterpriseContact | None = None
    tickets: Sequence[Ticket] = ()
    near: Sequence[Near] = ()
    planned: Planned = NOT_PLANNED

    @property
    def firm_id(self) -> int | None:
        """The enterprise that is visited, or that builds the project."""
        return firm_of(self.linkage)

    @property
    def promise(self) -> str:
        """What was promised and is still open, in one line."""
        return in_one_line(self.promises)

    @property
    def name(self) -> str:
        """Whom to visit, as it is called in lists."""
        return self.linkage.target.called

    @property
    def address(self) -> str:
        """Where to go."""
        return self.linkage.target.address


def in_one_line(promises: Sequence[Promise]) -> str:
    """Return what was promised, as one line tells it."""
    return "；".join(one.text.strip().rstrip("。；") for one in promises)


def errands(tasks: Sequence[VisitTask], *, viewer: Actor, today: date) -> list[Errand]:
    """Return what `viewer` takes along for each task; a fixed number of statements."""
    days = {task.linkage_id: task.planned_on or today for task in tasks}
    known = _known([task.linkage for task in tasks], viewer, on=days)
    plans = planned([(task.linkage_id, task.id) for task in tasks])
    return [
        _with_plan(replace(errand, task=task), plans.get(task.linkage_id, NOT_PLANNED))
        for errand, task in zip(known, tasks, strict=True)
    ]


def errand_of(linkage: Linkage, *, viewer: Actor, today: date) -> Errand:
    """Return what `viewer` takes along to one target, whether it is owed or not."""
    return _known([linkage], viewer, on={linkage.id: today})[0]


def errands_to(links: Sequence[Linkage], *, viewer: Actor, today: date) -> list[Errand]:
    """Return what `viewer` knows of each target, in the same order."""
    return _known(links, viewer, on={link.id: today for link in links}) if links else []


def _with_plan(errand: Errand, plan: Planned) -> Errand:
    """Return an errand with its plan: those who go along are no crowd."""
    along = {one.task_id for one in plan.together}
    others = [one for one in errand.near if one.task_id not in along]
    return replace(errand, planned=plan, near=others)


def _known(links: Sequence[Linkage], viewer: Actor, *, on: Mapping[int, date]) -> list[Errand]:
    """Return what is known of each target, in the same order."""
    firms = {firm for link in links if (firm := firm_of(link)) is not None}
    targets = (
        [link.enterprise_id for link in links if link.enterprise_id],
        [link.project_id for link in links if link.project_id],
    )
    last = newest(*targets, Visit.counts.is_(True))
    promised, failed = open_promises(links), _attempts(links, on)
    contacts, tickets = enterprises.primary_contacts(firms), _open_tickets(firms, viewer)
    others = near(links, on=on, but=viewer)
    return [
        Errand(
            linkage=link,
            last=last.get(key_of(link)),
            promises=promised.get(key_of(link), ()),
            attempts=failed.get(key_of(link), ()),
            contact=contacts.get(firm_of(link) or 0),
            tickets=tickets.get(firm_of(link) or 0, ()),
            near=others.get(link.id, ()),
        )
        for link in links
    ]


def open_promises(
    links: Sequence[Linkage], *wanted: ColumnElement[bool]
) -> dict[tuple[str, int], list[Promise]]:
    """Return what was promised to each target and nobody has settled, the oldest first."""
    found: dict[tuple[str, int], list[Promise]] = {}
    rows = db.session.execute(
        select(Promise, Visit)
        .join(Visit, Visit.id == Promise.visit_id)
        .where(Promise.state == PromiseState.OPEN, _about(links), *wanted)
        .order_by(Promise.id)
    )
    for promise, visit in rows:
        found.setdefault(key_of(visit), []).append(promise)
    return found


def _attempts(
    links: Sequence[Linkage], on: Mapping[int, date]
) -> dict[tuple[str, int], list[Visit]]:
    """Return the visits of a month to each target that came to nothing, in order."""
    found: dict[tuple[str, int], list[Visit]] = {}
    if not links:
        return found
    first, last = min(on.values()), max(on.values())
    rows = db.session.scalars(
        select(Visit)
        .where(_about(links), Visit.outcome != VisitOutcome.VISITED)
        .where(Visit.visited_on.between(Month.of(first).first, Month.of(last).last))
        .order_by(Visit.visited_on, Visit.id)
    )
    for visit in rows:
        found.setdefault(key_of(visit), []).append(visit)
    return found


def _about(links: Sequence[Linkage]) -> ColumnElement[bool]:
    """Return the condition that a visit was to one of the targets of `links`."""
    return or_(
        Visit.enterprise_id.in_([link.enterprise_id for link in links if link.enterprise_id]),
        Visit.project_id.in_([link.project_id for link in links if link.project_id]),
    )


def key_of(what: Linkage | Visit) -> tuple[str, int]:
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
