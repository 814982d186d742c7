"""What waits for a person's decision or word, and nothing else: the items of a digest.

Source: the transition table (C2.3), the ladder of supervision (C2.5) and the visit rules (C3.1).
Scope comes first: what is confidential is an item of its named readers alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from app.accounts.models import OrgUnit, User
from app.accounts.policy import theirs
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.enterprises.models import Enterprise, Linkage
from app.reports.queries.seats import Seat
from app.reports.workflow import DIRECTORS, Ask, Why
from app.tickets import clocks, policy
from app.tickets.clocks import STILL, Light
from app.tickets.models import LeaderDirective, Proposal, SupervisionNote, Ticket
from app.tickets.queries import deciding, supervision
from app.tickets.queries.rows import status_label
from app.tickets.workflow.states import Event, Note, NoteLevel
from app.visits import policy as visits_policy
from app.visits.calendar import Month
from app.visits.models import TaskState, VisitTask
from app.visits.queries.tasks import with_target
from app.workdays.calendar import WorkCalendar
from app.workdays.queries import calendar_of

MOST = 60  # of one sort, that a page shows
SAID = 40  # characters of words that an item repeats
ASKED = N_("{name}提出{event_label}：{words}")
ASKED_PLAIN = N_("{name}提出{event_label}")
NOTED = N_("{level_label}单还没有答复")
WAITED = N_("您批示：{words}")
WAITED_OF_OFFICE = N_("{name}批示，等营商办答复：{words}")
LATE = N_("超期 {n} 个工作日，请您过问")
LATE_TODAY = N_("刚超期，请您过问")
NOT_VISITED = N_("{month}月的走访还没有登记")
#: To whom a note is addressed (C2.5): orange to who is in charge and the office, red to the top.
LEVELS = {
    Role.CHIEF: (NoteLevel.RED,),
    Role.OFFICE_DIRECTOR: (NoteLevel.ORANGE,),
    Role.LEADER: (NoteLevel.ORANGE, NoteLevel.RED),
}
#: The page of the step that a director's own move is taken on; empty: the ticket's.
STEPS: Mapping[Why, str] = {
    Why.DISPATCH: Event.DISPATCH,
    Why.MEETING: Note.MEETING,
    Why.REVIEW: Note.RENEWED,
    Why.REASSIGN: Event.REASSIGN,
    Why.LIFT: Event.ESCALATE,
}

_ASKER = aliased(User)


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence to be translated, with what it is filled in with."""

    text: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits for a person, in one of their seats."""

    ask: Ask
    seat: Seat
    why: tuple[Words, ...]
    title: str
    enterprise: str = ""
    number: str = ""
    unit: str = ""
    status_label: str = ""
    ticket_id: int | None = None
    version: int = 0
    proposal_id: int | None = None
    task_id: int | None = None
    step: str = ""
    due_at: datetime | None = None
    light: Light | None = None
    is_for_few: bool = False
    may_direct: bool = False  # whether a directive may be written on it right there


@dataclass(frozen=True, slots=True)
class _Reading:
    calendar: WorkCalendar
    now: datetime

    def light(self, line: Any) -> Light | None:  # noqa: ANN401 - a row
        return clocks.handling_light(
            line.status, line.due_at, line.warn_on, calendar=self.calendar, now=self.now
        )


def of(seats: Sequence[Seat]) -> list[Item]:
    """Return what waits for a person in any of their seats, in the order of the page.

    A fixed number of statements for each seat. A ticket that wants a word for several reasons is
    one item with several sentences; a proposal on it is an item of its own.
    """
    found: list[Item] = []
    for seat in seats:
        reading = _Reading(calendar_of(seat.actor.tenant_id), clock.now())
        found += _proposals(seat, reading)
        found += _notes(seat, reading)
        found += _directives(seat, reading)
        found += _tickets(seat, reading)
        found += _visits(seat)
    return sorted(_merged(found), key=lambda item: list(Ask).index(item.ask))


def _merged(items: Iterable[Item]) -> Iterator[Item]:
    kept: dict[tuple[int | None, ...], Item] = {}
    for item in items:
        key = (item.ticket_id, item.proposal_id, item.task_id)
        first = kept.setdefault(key, item)
        if item.why[0] in first.why:
            continue
        leads = item if item.step and not first.step else first
        kept[key] = replace(
            first,
            why=(*first.why, *item.why),
            seat=leads.seat,
            step=leads.step,
            may_direct=first.may_direct or item.may_direct,
        )
    yield from kept.values()


# ---- proposals ----


def _proposals(seat: Seat, reading: _Reading) -> Iterator[Item]:
    """Yield the proposals that wait for the person's decision."""
    found = (
        _about(
            Proposal,
            Proposal.id.label("proposal_id"),
            Proposal.event,
            Proposal.comment,
            Proposal.decide_due_at.label("until"),
            _ASKER.name.label("asker"),
        )
        .join(_ASKER, _ASKER.id == Proposal.asked_by_id)
        .where(deciding.decided_by(seat.actor), deciding.decided_about(seat.actor))
        .where(policy.visible_to(seat.actor))
        .order_by(Proposal.decide_due_at, Proposal.id)
        .limit(MOST)
    )
    for line in db.session.execute(found):
        told = {"name": line.asker, "event_label": line.event.label}
        words = _short(line.comment)
        why = Words(ASKED, told | {"words": words}) if words else Words(ASKED_PLAIN, told)
        yield _item(
            line,
            Ask.DECIDE,
            seat,
            (why,),
            proposal_id=line.proposal_id,
            due_at=line.until,
            light=reading.light(line),
        )


# ---- supervision ----


def _notes(seat: Seat, reading: _Reading) -> Iterator[Item]:
    """Yield the orange and red notes that are addressed to the person, unanswered."""
    levels = LEVELS[seat.actor.role]
    leads = seat.actor.role is Role.LEADER
    mine = theirs(OrgUnit.in_charge_id, seat.actor) if leads else true()
    found = (
        _about(
            SupervisionNote,
            SupervisionNote.level,
            SupervisionNote.answer_due_at.label("until"),
        )
        .where(SupervisionNote.answered_at.is_(None), SupervisionNote.level.in_(levels))
        .where(Ticket.is_running.is_(True), SupervisionNote.of_due_at == Ticket.due_at)
        .where(policy.visible_to(seat.actor), mine, ~_spoken(seat.actor))
        .order_by(SupervisionNote.answer_due_at, SupervisionNote.id.desc())
        .limit(MOST)
    )
    for line in db.session.execute(found):
        why = Words(NOTED, {"level_label": line.level.label})
        yield _item(line, Ask.NOTE, seat, (why,), due_at=line.until, light=reading.light(line))


def _directives(seat: Seat, reading: _Reading) -> Iterator[Item]:
    """Yield the directives whose answer is overdue: to who gave it, and to who owes it."""
    own = theirs(LeaderDirective.by_id, seat.actor) if seat.actor.role in DIRECTORS else false()
    found = (
        _about(
            LeaderDirective,
            LeaderDirective.text,
            LeaderDirective.due_at.label("until"),
            LeaderDirective.by_id,
            _ASKER.name.label("asker"),
        )
        .join(_ASKER, _ASKER.id == LeaderDirective.by_id)
        .where(LeaderDirective.tenant_id == seat.actor.tenant_id)
        .where(supervision.answers_wanted(), LeaderDirective.due_at < reading.now)
        .where(supervision.alive(), Ticket.status.not_in(sorted(STILL)))
        .where(or_(own, supervision.answered_by(seat.actor)), policy.visible_to(seat.actor))
        .order_by(LeaderDirective.due_at, LeaderDirective.id)
        .limit(MOST)
    )
    for line in db.session.execute(found):
        told = {"words": _short(line.text), "name": line.asker}
        gave = seat.actor.acts_for(line.by_id)
        yield _item(
            line,
            Ask.UNANSWERED,
            seat,
            (Words(WAITED if gave else WAITED_OF_OFFICE, told),),
            due_at=line.until,
            light=reading.light(line),
            step="" if gave else Note.DIRECTIVE_ANSWERED,
        )


# ---- tickets ----


def _tickets(seat: Seat, reading: _Reading) -> Iterator[Item]:
    """Yield the tickets that want a move, a word or a leader; one statement for all reasons."""
    asked = _reasons(seat.actor, reading)
    if not asked:
        return
    why = case(*((condition, reason.value) for reason, condition in asked.items()), else_="")
    found = (
        _about(None, why.label("reason"))
        .where(Ticket.tenant_id == seat.actor.tenant_id, Ticket.is_open.is_(True))
        .where(policy.visible_to(seat.actor, numbered=True), or_(*asked.values()))
        .order_by(Ticket.move_due_at, Ticket.id)
        .limit(MOST)
    )
    for line in db.session.execute(found):
        reason, light = Why(line.reason), reading.light(line)
        yield _item(
            line,
            _ASKS.get(reason, Ask.MOVE),
            seat,
            (_why(reason, light),),
            due_at=line.move_due_at if reason in STEPS else line.due_at,
            light=light,
            step=STEPS.get(reason, ""),
        )


def _why(reason: Why, light: Light | None) -> Words:
    if reason is not Why.OVERDUE or light is None:
        return Words(reason.label)
    return Words(LATE, {"n": light.n}) if light.n else Words(LATE_TODAY)


_ASKS = {Why.LIFTED: Ask.LIFTED, Why.OVERDUE: Ask.OVERDUE}


def _reasons(viewer: Actor, reading: _Reading) -> dict[Why, ColumnElement[bool]]:
    """Return why a ticket may be asked about in a role; the first that applies is told."""
    if viewer.role is Role.OFFICE_DIRECTOR:
        return {
            Why.MEETING: supervision.to_meet(),
            Why.DISPATCH: deciding.to_dispatch_by_director(),
            Why.FIND: deciding.to_find(),
            Why.REVIEW: deciding.to_review_suspension(clock.local(reading.now).date()),
            Why.REASSIGN: deciding.to_give_a_unit(),
            Why.LIFT: supervision.to_be_lifted(),
        }
    if viewer.role is Role.LEADER:
        unspoken = ~_spoken(viewer)
        return {
            Why.LIFTED: and_(deciding.lifted_to(viewer), unspoken),
            Why.OVERDUE: and_(supervision.overdue(reading.now), unspoken),
        }
    return {}


def _spoken(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that the viewer's word on a ticket was given, and its answer is not due.

    Nobody is asked again while they wait for what they asked for.
    """
    return exists().where(
        LeaderDirective.ticket_id == Ticket.id,
        theirs(LeaderDirective.by_id, viewer),
        LeaderDirective.answered_at.is_(None),
        LeaderDirective.due_at >= clock.now(),
    )


# ---- visits ----


def _visits(seat: Seat) -> Iterator[Item]:
    """Yield the visits that a leader owes from this or the last month, late by now."""
    if seat.actor.role is not Role.LEADER:
        return
    today = clock.today()
    month = Month.of(today)
    late = or_(
        VisitTask.state == TaskState.OVERDUE,
        and_(VisitTask.state == TaskState.PLANNED, VisitTask.due_on < today),
    )
    found = (
        with_target(select(VisitTask))
        .join(Linkage, Linkage.id == VisitTask.linkage_id)
        .where(VisitTask.tenant_id == seat.actor.tenant_id, theirs(Linkage.leader_id, seat.actor))
        .where(VisitTask.period >= month.preceding.period, late)
        .where(visits_policy.own_tasks(seat.actor))
        .order_by(VisitTask.due_on, VisitTask.id)
        .limit(MOST)
    )
    for task in db.session.scalars(found):
        told = {"month": Month.read(task.period).month}
        yield Item(
            Ask.VISIT,
            seat,
            (Words(NOT_VISITED, told),),
            title=task.target_name,
            task_id=task.id,
        )


# ---- what all of them tell ----


def _about(
    model: Any,  # noqa: ANN401 - a table whose rows belong to tickets; None: the tickets
    *columns: Any,  # noqa: ANN401 - its columns
) -> Select[*tuple[Any, ...]]:
    """Return the statement for rows about tickets, with what every item tells of its ticket."""
    found = (
        select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.round,
            Ticket.due_at,
            Ticket.warn_on,
            Ticket.move_due_at,
            Ticket.version,
            Ticket.confidential,
            Enterprise.name.label("enterprise_name"),
            Enterprise.short_name,
            OrgUnit.name.label("unit"),
            *columns,
        )
        .select_from(Ticket)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
    )
    return found if model is None else found.join(model, model.ticket_id == Ticket.id)


def _item(
    line: Any,  # noqa: ANN401 - a row of `_about`
    ask: Ask,
    seat: Seat,
    why: tuple[Words, ...],
    **more: Any,  # noqa: ANN401 - further fields of the item
) -> Item:
    return Item(
        ask,
        seat,
        why,
        title=line.title,
        enterprise=line.short_name or line.enterprise_name,
        number=line.number or "",
        unit=line.unit or "",
        status_label=status_label(line.status, line.round),
        ticket_id=line.id,
        version=line.version,
        is_for_few=line.confidential,
        may_direct=seat.actor.role in DIRECTORS and ask is not Ask.DECIDE,
        **more,
    )


def _short(words: str) -> str:
    words = words.strip()
    return words if len(words) <= SAID else f"{words[:SAID]}…"
