"""What a co-unit owes the lead unit: asked for, answered, accepted, asked for again, waived."""

from collections.abc import Iterable

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import CoTask, CoTaskState, Ticket
from app.tickets.queries import facts
from app.tickets.queries.facts import Holders
from app.tickets.service import covering, moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.guards.handling import NOTE_SHORTEST
from app.tickets.service.guards.opening import check_person, check_unit
from app.tickets.service.moving import Move, Written
from app.tickets.workflow.states import RUNNING, Clock, DueReason, Note

UNIT_ROLES = frozenset({Role.HANDLER, Role.DEPT_HEAD})
HEAD = frozenset({Role.DEPT_HEAD})
#: Between the two units; what is accepted or waived is settled, and may be asked for anew.
WAITING = frozenset({CoTaskState.OPEN, CoTaskState.SUBMITTED})
RULE = "co-task-due"
NEAR = N_("协办意见快到期，请尽快交")
LATE = N_("协办意见已超期，请马上交")


def start(move: Move, dispatch_id: int, unit_ids: Iterable[int]) -> list[CoTask]:
    """Ask units for their opinion: the clock of each begins now."""
    due = move.after(move.parameters.co_unit_workdays)
    made = [
        CoTask(
            dispatch_id=dispatch_id, unit=db.session.get_one(OrgUnit, unit_id), due_at=due.due_at
        )
        for unit_id in unit_ids
    ]
    if made:
        move.ticket.co_tasks.extend(made)
        move.note_due(Clock.CO_TASK, due, DueReason.STARTED)
    return made


def add_co_unit(ticket: Ticket, unit_id: int | None, words: str, *, actor: Actor) -> Written:
    """Ask one more unit to help. For the head of the lead unit, and the office's director."""
    if not _may_add(actor, ticket):
        raise NotAllowed(N_("增加协办单位，由主办单位负责人或营商办主任决定。"))
    policy.check_named(actor, ticket)
    if ticket.status not in RUNNING or not ticket.dispatches:
        raise DomainError(
            N_("这件企业问题现在是“{status}”，不能增加协办单位。"), status=ticket.status
        )
    asking.given(unit_id, "unit_id", N_("请选协办单位。"))
    move = moving.begin(ticket, StepInput(comment=words.strip()), actor=actor)
    unit = check_unit(move, unit_id, "unit_id")
    dispatch_id = ticket.dispatches[-1].id
    if unit.id == ticket.lead_unit_id:
        raise Invalid(N_("主办单位不能同时是协办单位。"), field="unit_id")
    if any(t.unit_id == unit.id and t.state in WAITING for t in ticket.present_co_tasks):
        raise Invalid(N_("{unit}已经是协办单位。"), field="unit_id", unit=unit.name)
    asking.text(words, "comment", least=2)
    start(move, dispatch_id, [unit.id])
    move.payload["unit"] = unit.name
    written = moving.close(move, Note.CO_OPENED)
    people = [ticket.handler_id, Holders(UNIT_ROLES, unit_id=unit.id)]
    telling.to(people, telling.MOVED, ticket, written, what=Note.CO_OPENED.label)
    return written


def answer_co_task(task: CoTask, opinion: str, *, actor: Actor) -> Written:
    """Give a co-unit's opinion to the lead unit. Only its own people may, and once a round."""
    if actor.role not in UNIT_ROLES or actor.unit_id != task.unit_id:
        raise NotAllowed(N_("协办意见由{unit}的人交。"), unit=task.unit.name)
    _check(task, CoTaskState.OPEN, actor)
    text = asking.text(opinion, "comment", least=NOTE_SHORTEST)
    move = moving.begin(task.ticket, StepInput(comment=text), actor=actor)
    task.state, task.opinion = CoTaskState.SUBMITTED, text
    task.answered_at, task.answered_by_id = move.at, actor.user_id
    task.handler_id = task.handler_id or actor.user_id
    return _close(task, move, Note.CO_SUBMITTED, _lead(task.ticket))


def accept_co_task(task: CoTask, words: str, *, actor: Actor) -> Written:
    """Take a co-unit's opinion over. For the head of the lead unit, and who handles it."""
    _check_lead(task, actor)
    _check(task, CoTaskState.SUBMITTED, actor)
    move = moving.begin(task.ticket, StepInput(comment=words.strip()), actor=actor)
    settle(task, CoTaskState.ACCEPTED, move)
    return _close(task, move, Note.CO_ACCEPTED, _helpers(task))


def return_co_task(task: CoTask, reason: str, *, actor: Actor) -> Written:
    """Ask a co-unit again, and say why: another round, with the whole time from now."""
    _check_lead(task, actor)
    _check(task, CoTaskState.SUBMITTED, actor)
    text = asking.text(reason, "comment", least=2)
    move = moving.begin(task.ticket, StepInput(comment=text), actor=actor)
    due = move.after(move.parameters.co_unit_workdays)
    move.note_due(Clock.CO_TASK, due, DueReason.CO_RETURNED, before=task.due_at)
    task.state, task.due_at = CoTaskState.OPEN, due.due_at
    task.round += 1
    move.payload["co_round"] = task.round
    written = _close(task, move, Note.CO_RETURNED, _helpers(task))
    covering.cover_co_task(task)  # whoever answered may be away by now
    return written


def waive_co_task(task: CoTask, reason: str, *, actor: Actor) -> Written:
    """Go on without a co-unit's opinion, and say why. For the head of the lead unit."""
    ticket = task.ticket
    if actor.role is not Role.DEPT_HEAD or not _of_lead(actor, ticket):
        raise NotAllowed(N_("免协办意见由主办单位负责人决定。"))
    _check(task, CoTaskState.OPEN, actor)
    text = asking.text(reason, "comment", least=2)
    move = moving.begin(ticket, StepInput(comment=text), actor=actor)
    settle(task, CoTaskState.WAIVED, move)
    return _close(task, move, Note.CO_WAIVED, _helpers(task))


def assign_co_handler(task: CoTask, user_id: int | None, reason: str, *, actor: Actor) -> Written:
    """Name who gives the opinion, among the co-unit's people.

    Its head may at any time; who has it may hand it over, and says why.
    """
    ticket = task.ticket
    heads = actor.role is Role.DEPT_HEAD and actor.unit_id == task.unit_id
    has_it = actor.user_id is not None and actor.user_id == task.handler_id
    if not heads and not (has_it and actor.unit_id == task.unit_id):
        raise NotAllowed(N_("协办承办人由{unit}负责人指定。"), unit=task.unit.name)
    _check(task, CoTaskState.OPEN, actor)
    text = reason.strip() if heads else asking.text(reason, "comment", least=2)
    move = moving.begin(ticket, StepInput(comment=text), actor=actor)
    user = check_person(move, user_id, "handler_id")
    if not facts.handles_in(user.id, frozenset({task.unit_id})):
        raise Invalid(N_("承办人要在{unit}里选。"), field="handler_id", unit=task.unit.name)
    if user.id == task.handler_id:
        raise Invalid(
            N_("这件本来就由{name}办，请选另一个人。"), field="handler_id", name=user.name
        )
    before, task.handler_id, task.covered_for_id = task.handler_id, user.id, None
    move.payload |= {"before": before, "handler": user.name}
    note = Note.CO_ASSIGNED if heads else Note.HANDED_OVER
    written = _close(task, move, note, [user.id, before])
    covering.cover_co_task(task)
    return written


def remind(task_id: int, *, late: bool) -> None:
    """Tell whoever owes an opinion, once before it is due and once after, and their head."""
    task = db.session.get_one(CoTask, task_id)
    ticket = task.ticket
    telling.remind(
        [task.handler_id, *_unit(task, UNIT_ROLES if task.handler_id is None else HEAD)],
        ticket,
        what=LATE if late else NEAR,
        rule=RULE,
        period=f"{task.id}:{task.due_at:%Y%m%d%H%M}:{'late' if late else 'near'}",
    )


def settle(task: CoTask, state: CoTaskState, move: Move) -> None:
    """Note that nothing is owed any more, by whose word, and which."""
    task.state = state
    task.settled_at, task.settled_by_id = move.at, move.actor.user_id
    task.settled_words = move.given.comment.strip()


def _close(task: CoTask, move: Move, note: Note, people: list[telling.Hearer]) -> Written:
    move.payload["unit"] = task.unit.name
    written = moving.close(move, note)
    telling.to(people, telling.MOVED, task.ticket, written, what=note.label)
    return written


def _check(task: CoTask, state: CoTaskState, actor: Actor) -> None:
    policy.check_named(actor, task.ticket)
    if task.state is not state:
        raise DomainError(
            N_("{unit}的协办意见已经是“{state}”。"), unit=task.unit.name, state=task.state
        )
    if task not in task.ticket.present_co_tasks:
        raise DomainError(N_("这是上一次交办时的协办，已经不用再办。"))
    if task.ticket.status not in RUNNING:
        raise DomainError(
            N_("这件企业问题现在是“{status}”，不用再交协办意见。"), status=task.ticket.status
        )


def _check_lead(task: CoTask, actor: Actor) -> None:
    if not leads(actor, task.ticket):
        raise NotAllowed(N_("协办意见由主办单位负责人或承办人采纳、退回。"))


def offered(ticket: Ticket, *, actor: Actor) -> list[Note]:
    """Return what `actor` may do about the co-units of this ticket now."""
    if ticket.status not in RUNNING:
        return []
    asked = ticket.present_co_tasks
    open_ones = [t for t in asked if t.state is CoTaskState.OPEN]
    given = any(t.state is CoTaskState.SUBMITTED for t in asked)
    heads = actor.role is Role.DEPT_HEAD
    member = actor.role in UNIT_ROLES and actor.unit_id is not None
    own = [t for t in open_ones if member and t.unit_id == actor.unit_id]
    has_it = any(t.handler_id is not None and t.handler_id == actor.user_id for t in own)
    may = {
        Note.CO_WAIVED: bool(open_ones) and heads and _of_lead(actor, ticket),
        Note.CO_SUBMITTED: bool(own),
        Note.CO_ACCEPTED: given and leads(actor, ticket),
        Note.CO_RETURNED: given and leads(actor, ticket),
        Note.CO_ASSIGNED: has_it or (heads and bool(own)),
        Note.CO_OPENED: _may_add(actor, ticket),
    }
    return [note for note, possible in may.items() if possible]


def _may_add(actor: Actor, ticket: Ticket) -> bool:
    directs = actor.role is Role.OFFICE_DIRECTOR and actor.tenant_id == ticket.tenant_id
    return directs or (actor.role is Role.DEPT_HEAD and _of_lead(actor, ticket))


def leads(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether the actor heads the lead unit, or handles the ticket there."""
    if not _of_lead(actor, ticket):
        return False
    if actor.role is Role.DEPT_HEAD:
        return True
    return actor.role is Role.HANDLER and ticket.handler_id in {None, actor.user_id}


def _of_lead(actor: Actor, ticket: Ticket) -> bool:
    return actor.unit_id is not None and actor.unit_id == ticket.lead_unit_id


def _lead(ticket: Ticket) -> list[telling.Hearer]:
    return [ticket.handler_id, *telling.unit(HEAD, ticket)]


def _helpers(task: CoTask) -> list[telling.Hearer]:
    return [task.handler_id, *_unit(task, HEAD)]


def _unit(task: CoTask, roles: frozenset[Role]) -> list[telling.Hearer]:
    return [Holders(roles, unit_id=task.unit_id)]
