"""The rows of a worklist that are not tickets: proposals, co-tasks, notes, visits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, exists, select
from sqlalchemy import Row as Line
from sqlalchemy.orm import aliased, joinedload

from app.accounts.anyone import anyone_like, ids_of
from app.accounts.models import OrgUnit, UnitKind, User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.i18n import N_
from app.core.paging import counting
from app.core.prepared import settled
from app.desk.queries.ask import Ask, Kind
from app.desk.queries.lines import REMEMBERED, called, state_of, step
from app.desk.queries.parts import COUNTED, SHOWN, Link, Row, Words
from app.desk.queries.reading import Reading
from app.enterprises.models import Enterprise
from app.tickets import policy
from app.tickets.clocks import PAUSED, Light
from app.tickets.models import (
    CoTask,
    LeaderDirective,
    Proposal,
    ProposalState,
    SupervisionNote,
    Ticket,
)
from app.tickets.workflow.states import Event, Note, NoteLevel
from app.visits import policy as visits_policy
from app.visits.calendar import Month
from app.visits.models import TaskState, VisitTask
from app.visits.queries import Errand, errands
from app.visits.queries.tasks import with_target

OWED = (TaskState.PLANNED, TaskState.OVERDUE)
SAID = 40  # characters of a reason that a row repeats
DECIDE = N_("去决定")
SIGN_OFF = N_("签发")
CHECK = N_("审核")
LOOK = N_("看看")
ASKED = N_("{name} {at} 提出{event}：{words}")
ASKED_PLAIN = N_("{name} {at} 提出{event}")
DRAFTED = N_("{name} {at} 起草了答复，等您签发")
CO_OWED = N_("{unit}主办，请交协办意见")
NOTE = N_("{unit} · {level}单，{at} 发出")
ANSWER_BY = N_("{day}前答复")
DIRECTED = N_("{name}批示：{words}")
WAITED = N_("{words}（等{unit}答复）")
ANSWERED = N_("{words}（{unit}答复：{answer}）")
ANSWERED_AT = N_("{at} 答复")
DONE = Light("green", "check-circle", N_("已答复"))
LAST = N_("上次走访 {day}")
PROMISED = N_("上次走访 {day}，答应：{words}")
NEVER = N_("还没有走访过")
WITH_TICKETS = N_("{n} 件问题在办")
RECORD = N_("登记走访")
EXEMPTION = N_("{name} {at} 申请免访：{words}")
LEVELS = {
    NoteLevel.BLUE: "blue",
    NoteLevel.ORANGE: "orange",
    NoteLevel.RED: "red",
}
BELL = "bell"

_ASKER = aliased(User)


def counted_of(ask: Ask, viewer: Actor) -> ScalarSelect[int]:
    """Return the number of proposals, co-tasks or notes of a part."""
    return counting(_ids(ask, viewer), COUNTED + 1).scalar_subquery()


def of_part(ask: Ask, reading: Reading) -> tuple[Row, ...]:
    """Return the rows of a part, what is due first in front; one statement."""
    row = _SORTS[ask.kind].row
    found = _statement(ask, anyone_like(reading.viewer))
    asked = reading.moments | ids_of(reading.viewer)
    return tuple(row(line, ask, reading) for line in db.session.execute(found, asked))


def tasks_of(viewer: Actor, month: Month) -> ColumnElement[bool]:
    """Return the condition that the viewer owes a visit: of this month, or one still late."""
    return (
        visits_policy.own_tasks(viewer)
        & VisitTask.state.in_(OWED)
        & (VisitTask.period <= month.period)
        & (VisitTask.period >= month.preceding.period)
    )


def exemptions_for(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a request for exemption waits for the viewer."""
    return (
        (VisitTask.tenant_id == viewer.tenant_id)
        & VisitTask.exempt_asked_at.is_not(None)
        & VisitTask.exempt_decided_at.is_(None)
        & VisitTask.state.in_(OWED)
        & (VisitTask.exempt_asked_by_id != viewer.user_id)
    )


def counted_tasks(where: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return the number of tasks of a part."""
    return counting(select(VisitTask.id).where(where), COUNTED + 1).scalar_subquery()


def visits(reading: Reading) -> tuple[Row, ...]:
    """Return whom the viewer has to visit, and what was promised there last time."""
    owed = _tasks(anyone_like(reading.viewer), Month.of(reading.today))
    tasks = db.session.scalars(owed, ids_of(reading.viewer)).all()
    known = errands(tasks, viewer=reading.viewer, today=reading.today)
    return tuple(_visit(errand, reading) for errand in known)


@lru_cache(maxsize=REMEMBERED)
def _tasks(viewer: Actor, month: Month) -> Select[VisitTask]:
    order = (VisitTask.due_on, VisitTask.planned_on.is_(None), VisitTask.planned_on, VisitTask.id)
    owed = with_target(select(VisitTask)).where(tasks_of(viewer, month))
    return owed.order_by(*order).limit(SHOWN)


def exemptions(reading: Reading) -> tuple[Row, ...]:
    """Return the requests that somebody need not be visited."""
    tasks = db.session.scalars(
        with_target(select(VisitTask))
        .options(joinedload(VisitTask.exempt_asked_by))
        .where(exemptions_for(reading.viewer))
        .order_by(VisitTask.exempt_asked_at, VisitTask.id)
        .limit(SHOWN)
    )
    return tuple(_exemption(task) for task in tasks)


def _ids(ask: Ask, viewer: Actor) -> Select[int]:
    """Return the ids of the rows of a part; each asks whether its ticket may be seen."""
    model = _SORTS[ask.kind].model
    about = [] if ask.about is None else [ask.about]
    seen = exists().where(Ticket.id == model.ticket_id, policy.visible_to(viewer), *about)
    return select(model.id).where(*ask.where, seen)


@lru_cache(maxsize=REMEMBERED)
def _statement(ask: Ask, viewer: Actor) -> Select[*tuple[Any, ...]]:
    """Return the statement for a part whose rows belong to tickets."""
    sort = _SORTS[ask.kind]
    picked = _ids(ask, viewer).order_by(*sort.order).limit(ask.shown).subquery()
    found = (
        select(
            Ticket.id,
            Ticket.number,
            Ticket.title,
            Ticket.status,
            Ticket.round,
            Ticket.confidential,
            Enterprise.name.label("enterprise_name"),
            Enterprise.short_name,
            OrgUnit.name.label("unit"),
            *sort.columns,
        )
        .select_from(sort.model)
        .join(picked, picked.c.id == sort.model.id)
        .join(Ticket, Ticket.id == sort.model.ticket_id)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(OrgUnit, OrgUnit.id == Ticket.lead_unit_id)
        .order_by(*sort.order)
    )
    if sort.asker is None:
        return settled(found)
    named = found.add_columns(_ASKER.name.label("asker")).join(_ASKER, _ASKER.id == sort.asker)
    return settled(named)


def _row(
    line: Line[Any],
    *,
    why: Words,
    light: Light | None,
    verb: str,
    go: Link,
    due: Words | None = None,
) -> Row:
    return Row(
        title=line.title,
        link=step(line.id, ""),
        why=why,
        who=called(line),
        number=line.number or "",
        state=state_of(line),
        light=light,
        due_at=line.until,
        due=due,
        verb=verb,
        go=go,
        is_for_few=line.confidential,
    )


def _decision(line: Line[Any], ask: Ask, reading: Reading) -> Row:
    told = {"name": line.asker, "at": line.asked_at, "event": line.event}
    words = line.comment.strip()
    if line.event is Event.SUBMIT_REPLY and ask.is_mine:
        why = Words(DRAFTED, told)
    elif words:
        why = Words(ASKED, told | {"words": _short(words)})
    else:
        why = Words(ASKED_PLAIN, told)
    verb = SIGN_OFF if line.event is Event.SUBMIT_REPLY else DECIDE
    checks = line.event is Event.APPROVE_SUSPENSION
    if checks and line.proposal_state is ProposalState.PENDING:
        verb = CHECK
    light = reading.short(line.until)
    if not ask.is_mine:
        return _row(line, why=why, light=light, verb=LOOK, go=step(line.id, ""))
    values = {"ticket_id": line.id, "proposal_id": line.proposal_id}
    return _row(line, why=why, light=light, verb=verb, go=Link("tickets.proposal", values))


def _co_task(line: Line[Any], _ask: Ask, reading: Reading) -> Row:
    return _row(
        line,
        why=Words(CO_OWED, {"unit": line.unit or ""}),
        light=reading.beside(line.status, line.until),
        verb=N_("交意见"),
        go=step(line.id, Note.CO_SUBMITTED),
    )


def _note(line: Line[Any], ask: Ask, reading: Reading) -> Row:
    told = {"unit": line.unit or "", "level": line.level, "at": line.raised_at}
    told_by_light = line.until < reading.now or line.status in PAUSED  # late, or grey
    level = Light(LEVELS[line.level], BELL, line.level.label)
    light = reading.beside(line.status, line.until) if told_by_light else level
    return _row(
        line,
        why=Words(NOTE, told),
        light=light,
        due=Words(ANSWER_BY, {"day": clock.local(line.until).date()}),
        verb=ask.verb or LOOK,
        go=step(line.id, Note.SUPERVISION_ANSWERED if ask.verb else ""),
    )


def _directive(line: Line[Any], ask: Ask, reading: Reading) -> Row:
    """Return a directive: to whoever answers with a button, to whoever gave it with its answer."""
    told = {"name": line.asker, "words": _short(line.text), "answer": _short(line.answer)}
    unit = {"unit": line.unit or Words(UnitKind.OFFICE.label)}
    answered = line.answered_at is not None
    why = Words(DIRECTED if ask.is_mine else (ANSWERED if answered else WAITED), told | unit)
    return _row(
        line,
        why=why,
        light=DONE if answered else reading.beside(line.status, line.until),
        due=Words(ANSWERED_AT, {"at": line.answered_at}) if answered else None,
        verb=ask.verb or LOOK,
        go=step(line.id, Note.DIRECTIVE_ANSWERED if ask.verb else ""),
    )


def _short(words: str) -> str:
    words = words.strip()
    return words if len(words) <= SAID else f"{words[:SAID]}…"


def _visit(errand: Errand, reading: Reading) -> Row:
    task = errand.task
    assert task is not None  # noqa: S101 - each errand here was made for a task
    until = reading.calendar.end_of(task.due_on)
    target = errand.linkage.enterprise
    return Row(
        title=errand.name,
        link=Link("enterprises.detail", {"enterprise_id": target.id})
        if target
        else Link("enterprises.project", {"project_id": errand.linkage.project_id}),
        why=_last(errand),
        who=errand.address,
        also=Words(WITH_TICKETS, {"n": len(errand.tickets)}) if errand.tickets else None,
        light=reading.short(until),
        due_at=until,
        verb=RECORD,
        go=Link("visits.new", {"task": task.id}),
    )


def _last(errand: Errand) -> Words:
    if errand.last is None:
        return Words(NEVER)
    told = {"day": errand.last.visited_on, "words": errand.promise}
    return Words(PROMISED if told["words"] else LAST, told)


def _exemption(task: VisitTask) -> Row:
    linkage = task.linkage
    target = linkage.enterprise.called if linkage.enterprise else linkage.target.name
    asker = task.exempt_asked_by.name if task.exempt_asked_by else ""
    told = {"name": asker, "at": task.exempt_asked_at, "words": task.exempt_reason}
    go = Link("visits.exemption", {"task_id": task.id})
    return Row(title=target, link=go, why=Words(EXEMPTION, told), verb=DECIDE, go=go)


@dataclass(frozen=True, slots=True)
class _Sort:
    """How one kind of row is read: its table, its order, its columns, and how it is told."""

    model: Any
    order: tuple[Any, ...]
    columns: tuple[Any, ...]
    row: Callable[[Line[Any], Ask, Reading], Row]
    asker: Any = None  # the column with whom it comes from


_SORTS: dict[Kind, _Sort] = {
    Kind.DECISIONS: _Sort(
        Proposal,
        (Proposal.decide_due_at, Proposal.id),
        (
            Proposal.id.label("proposal_id"),
            Proposal.event.label("event"),
            Proposal.state.label("proposal_state"),
            Proposal.comment,
            Proposal.asked_at,
            Proposal.decide_due_at.label("until"),
        ),
        _decision,
        Proposal.asked_by_id,
    ),
    Kind.CO_TASKS: _Sort(
        CoTask, (CoTask.due_at, CoTask.id), (CoTask.due_at.label("until"),), _co_task
    ),
    Kind.NOTES: _Sort(
        SupervisionNote,
        (SupervisionNote.answer_due_at, SupervisionNote.id),
        (
            SupervisionNote.level,
            SupervisionNote.raised_at,
            SupervisionNote.answer_due_at.label("until"),
        ),
        _note,
    ),
    Kind.DIRECTIVES: _Sort(
        LeaderDirective,
        (LeaderDirective.answered_at.is_not(None), LeaderDirective.due_at, LeaderDirective.id),
        (
            LeaderDirective.text,
            LeaderDirective.answer,
            LeaderDirective.answered_at,
            LeaderDirective.due_at.label("until"),
        ),
        _directive,
        LeaderDirective.by_id,
    ),
}
