"""What stands in a person's calendar: visits that are planned, and days by which things are due.

It says what the person's own roles see now, and no secrets of a firm: short names only, no title
of a problem, no telephone number; a confidential ticket is not named at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.accounts import queries as accounts
from app.accounts.anyone import ids_of
from app.accounts.models import User
from app.accounts.queries import absences
from app.accounts.roles import Actor
from app.core import clock, ics, links
from app.core.db import db
from app.core.errors import Gone, NotFound
from app.core.i18n import N_
from app.core.links import PublicLink
from app.desk.queries import counts, moves, reading
from app.desk.queries.ask import Kind
from app.desk.queries.lines import step
from app.desk.queries.parts import Link, Words
from app.servicedays import policy as days_policy
from app.servicedays.models import ServiceDay
from app.servicedays.workflow import State
from app.tickets import policy
from app.tickets.models import CoTask, Ticket
from app.visits import policy as visits_policy
from app.visits.calendar import Month
from app.visits.models import OWED, TaskState, VisitTask
from app.visits.queries.tasks import with_target

CALENDAR = "calendar"  # the purpose of its link
KEPT = timedelta(days=31)  # how long what is over still stands there
MOST = 300  # entries of one kind, for one role
AHEAD = timedelta(minutes=30)  # an entry ends when the thing is due
VISIT = N_("走访：{target}")
MONTH_DUE = N_("{month}月走访截止，还差 {n} 家")
TICKET_DUE = N_("企业问题到期（{status}）：{firm}")
CO_TASK_DUE = N_("协办意见到期：{firm}")
FOR_FEW = N_("一件限知件到期")
NUMBER = N_("编号 {number}。登录后看。")
SERVICE_DAY = N_("{kind}：{host}接待")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry, before it is told in the person's language; see `core.ics.Entry`."""

    uid: str
    title: Words
    start: date | datetime
    at: datetime
    end: date | datetime | None = None
    place: str = ""
    details: Words | None = None
    link: Link | None = None
    sequence: int = 0


#: Whoever the person is in each of their roles, and the first day that is still shown.
Provider = Callable[[Sequence[Actor], date], Iterable[Item]]


def whose(token: str) -> User:
    """Return whose calendar a token opens.

    Raises NotFound for what is none of ours, Gone once it is void or the account is closed.
    """
    found = links.find(token, CALENDAR)
    if found is None:
        raise NotFound(N_("没有这个日历。"))
    person = db.session.get(User, found.link.subject_id)
    if not found.is_good or person is None or not person.is_active:
        raise Gone(N_("这个日历地址已经停用。请在“设置”里重新开通。"))
    return person


def address_of(viewer: Actor) -> PublicLink | None:
    """Return the link under which the viewer's calendar is read; None where there is none."""
    return links.good(
        tenant_id=viewer.tenant_id, purpose=CALENDAR, subject=f"user:{viewer.user_id}"
    )


def items_of(person: User) -> list[Item]:
    """Return what stands in a person's calendar now, each thing once, in the order of time."""
    actors = [
        Actor(
            tenant_id=held.tenant_id,
            user_id=person.id,
            role=held.role,
            name=person.name,
            unit_id=held.unit_id,
            enterprise_id=held.enterprise_id,
            stands_in_for=absences.stood_in_for(person.id, held.role),
        )
        for held in accounts.holdings_of(person.id)
    ]
    since = clock.today() - KEPT
    found = {item.uid: item for provider in PROVIDERS for item in provider(actors, since)}
    return sorted(found.values(), key=lambda item: (_moment(item.start), item.uid))


def planned_visits(actors: Sequence[Actor], since: date) -> Iterator[Item]:
    """Return the visits whose day is planned."""
    shown = sorted(OWED | {TaskState.DONE})
    for actor in actors:
        rows = db.session.scalars(
            with_target(select(VisitTask))
            .where(visits_policy.own_tasks(actor), VisitTask.planned_on >= since)
            .where(VisitTask.state.in_(shown))
            .order_by(VisitTask.planned_on, VisitTask.id)
            .limit(MOST)
        )
        for task in rows:
            yield _visit(task)


def service_days(actors: Sequence[Actor], since: date) -> Iterator[Item]:
    """Return the service days at which the person is expected, or which they run."""
    for actor in actors:
        rows = db.session.scalars(
            select(ServiceDay)
            .where(days_policy.visible_to(actor), ServiceDay.held_on >= since)
            .where(ServiceDay.state != State.CANCELLED)
            .options(joinedload(ServiceDay.host))
            .order_by(ServiceDay.held_on, ServiceDay.id)
            .limit(MOST)
        )
        for day in rows:
            told = {"kind": day.kind, "host": day.host.name}
            yield Item(
                uid=f"service-day-{day.id}",
                title=Words(SERVICE_DAY, told),
                start=clock.at(day.held_on, day.begins_at),
                end=clock.at(day.held_on, day.ends_at),
                at=day.created_at,
                place=day.place,
                link=Link("servicedays.detail", {"day_id": day.id}),
                sequence=day.version,
            )


def _visit(task: VisitTask) -> Item:
    day = task.planned_on or task.due_on
    return Item(
        uid=f"visit-task-{task.id}",
        title=Words(VISIT, {"target": task.target_name}),
        start=day,
        at=ics.midnight(Month.read(task.period).first),
        place=task.linkage.target.address,
        link=Link("visits.mine", {"period": task.period}),
        sequence=task.version,
    )


def visit_deadlines(actors: Sequence[Actor], since: date) -> Iterator[Item]:
    """Return the last day of each month's visits, while there are some to be made."""
    for actor in actors:
        rows = db.session.scalars(
            select(VisitTask)
            .where(visits_policy.own_tasks(actor), VisitTask.due_on >= since)
            .where(VisitTask.state.in_(sorted(OWED)))
            .order_by(VisitTask.period, VisitTask.id)
        )
        for period, tasks in groupby(rows, key=lambda task: task.period):
            owed = list(tasks)
            month = Month.read(period)
            yield Item(
                uid=f"visits-{period}-{actor.role.value}-{actor.user_id}",
                title=Words(MONTH_DUE, {"month": month.month, "n": len(owed)}),
                start=owed[0].due_on,
                at=ics.midnight(month.first),
                link=Link("visits.mine", {"period": period}),
            )


def ticket_deadlines(actors: Sequence[Actor], _since: date) -> Iterator[Item]:
    """Return until when the person has to do what is on their worklist."""
    for actor in actors:
        asked = counts.asked(actor, clock.today())
        mine = [one for one in asked if one.is_mine and one.kind is Kind.TICKETS]
        where = [condition for one in mine for condition in one.where]
        if not where:
            continue
        due = (
            select(Ticket)
            .where(policy.visible_to(actor), or_(*where), Ticket.move_due_at.is_not(None))
            .options(joinedload(Ticket.enterprise))
            .order_by(Ticket.move_due_at, Ticket.id)
            .limit(MOST)
        )
        for ticket in db.session.scalars(due, reading.begin(actor).moments | ids_of(actor)):
            title = Words(TICKET_DUE, {"status": ticket.status, "firm": ticket.enterprise.called})
            yield _due(f"ticket-{ticket.id}", ticket, title, ticket.move_due_at)


def co_task_deadlines(actors: Sequence[Actor], _since: date) -> Iterator[Item]:
    """Return until when the person's unit owes an opinion."""
    for actor in actors:
        if actor.unit_id is None:
            continue
        rows = db.session.scalars(
            select(CoTask)
            .join(CoTask.ticket)
            .where(moves.owed_by_unit(actor), policy.visible_to(actor))
            .options(joinedload(CoTask.ticket).joinedload(Ticket.enterprise))
            .order_by(CoTask.due_at, CoTask.id)
            .limit(MOST)
        )
        for task in rows:
            title = Words(CO_TASK_DUE, {"firm": task.ticket.enterprise.called})
            yield _due(f"co-task-{task.id}", task.ticket, title, task.due_at)


def _due(uid: str, ticket: Ticket, title: Words, due_at: datetime | None) -> Item:
    until = due_at or ticket.created_at
    hidden = ticket.confidential
    number = Words(NUMBER, {"number": ticket.number}) if ticket.number else None
    return Item(
        uid=uid,
        title=Words(FOR_FEW) if hidden else title,
        start=until - AHEAD,
        end=until,
        at=ticket.submitted_at or ticket.created_at,
        details=None if hidden else number,
        link=Link("desk.index") if hidden else step(ticket.id, ""),
        sequence=ticket.version,
    )


def _moment(start: date | datetime) -> datetime:
    return start if isinstance(start, datetime) else ics.midnight(start)


#: A further kind of entry is one more function here.
PROVIDERS: tuple[Provider, ...] = (
    planned_visits,
    service_days,
    visit_deadlines,
    ticket_deadlines,
    co_task_deadlines,
)
