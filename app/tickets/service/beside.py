"""What happens beside the steps: co-handling, urging, supervision, renewal, assignment."""

from datetime import date

from sqlalchemy import select

from app.accounts.roles import Actor, Permission, Role
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import (
    CoTask,
    CoTaskState,
    SupervisionNote,
    Ticket,
    Urge,
)
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking, handling
from app.tickets.service.guards.opening import check_handler
from app.tickets.service.moving import Written
from app.tickets.workflow.states import RUNNING, Note, NoteLevel, Status

UNIT_ROLES = frozenset({Role.HANDLER, Role.DEPT_HEAD})


def answer_co_task(task: CoTask, opinion: str, *, actor: Actor) -> Written:
    """Give a co-unit's opinion to the lead unit. Only its own people may, and once."""
    if actor.role not in UNIT_ROLES or actor.unit_id != task.unit_id:
        raise NotAllowed(N_("协办意见由{unit}的人交。"), unit=task.unit.name)
    _check_open(task)
    text = asking.text(opinion, "comment", least=handling.NOTE_SHORTEST)
    move = moving.begin(task.ticket, StepInput(comment=text), actor=actor)
    _settle(task, CoTaskState.SUBMITTED, text, move)
    event = moving.close(move, Note.CO_SUBMITTED)
    telling.to(_heads(task.ticket), telling.MOVED, task.ticket, event, what=Note.CO_SUBMITTED.label)
    return event


def waive_co_task(task: CoTask, reason: str, *, actor: Actor) -> Written:
    """Go on without a co-unit's opinion, and say why. For the head of the lead unit."""
    ticket = task.ticket
    if actor.role is not Role.DEPT_HEAD or actor.unit_id != ticket.lead_unit_id:
        raise NotAllowed(N_("免协办意见由主办单位负责人决定。"))
    _check_open(task)
    text = asking.text(reason, "comment", least=2)
    move = moving.begin(ticket, StepInput(comment=text), actor=actor)
    _settle(task, CoTaskState.WAIVED, text, move)
    return moving.close(move, Note.CO_WAIVED)


def _check_open(task: CoTask) -> None:
    if task.state is not CoTaskState.OPEN:
        raise DomainError(
            N_("{unit}的协办意见已经是“{state}”。"), unit=task.unit.name, state=task.state
        )
    if task.ticket.status not in RUNNING:
        raise DomainError(
            N_("这件企业问题现在是“{status}”，不用再交协办意见。"), status=task.ticket.status
        )


def _settle(task: CoTask, state: CoTaskState, text: str, move: moving.Move) -> None:
    task.state, task.opinion = state, text
    task.answered_at, task.answered_by_id = move.at, move.actor.user_id
    move.payload["unit"] = task.unit.name


def _heads(ticket: Ticket) -> list[telling.Hearer]:
    """Return the handler, and who heads the lead unit."""
    return [ticket.handler_id, *telling.unit(frozenset({Role.DEPT_HEAD}), ticket)]


def assign_handler(ticket: Ticket, user_id: int | None, *, actor: Actor) -> Written:
    """Name who handles it. For the head of the lead unit, among its own people."""
    if actor.role is not Role.DEPT_HEAD or actor.unit_id != ticket.lead_unit_id:
        raise NotAllowed(N_("承办人由主办单位负责人指定。"))
    if ticket.status not in RUNNING:
        raise DomainError(N_("这件企业问题现在是“{status}”，不能换承办人。"), status=ticket.status)
    move = moving.begin(ticket, StepInput(), actor=actor)
    user = check_handler(move, user_id, ticket.lead_unit_id)
    move.payload |= {"before": ticket.handler_id, "handler": user.name}
    ticket.handler_id = user.id
    event = moving.close(move, Note.ASSIGNED)
    telling.to([user.id], telling.MOVED, ticket, event, what=Note.ASSIGNED.label)
    return event


def urge(ticket: Ticket, words: str, *, actor: Actor) -> Written:
    """Urge the unit by hand, at most once a working day for one ticket."""
    if not actor.may(Permission.TICKET_URGE) or not policy.may_see(actor, ticket):
        raise NotAllowed(N_("您现在的身份不能催办。"))
    if ticket.status not in RUNNING:
        raise DomainError(N_("这件企业问题现在是“{status}”，不用催办。"), status=ticket.status)
    move = moving.begin(ticket, StepInput(comment=words.strip()), actor=actor)
    day = move.calendar.effective_date(move.at)
    if urged_on(ticket.id, day):
        raise DomainError(N_("催办：今天已经催过一次，下一个工作日再催。"))
    db.session.add(
        Urge(
            ticket_id=ticket.id,
            on=day,
            at=move.at,
            of_due_at=ticket.due_at,
            by_id=actor.user_id,
            words=words.strip()[:500],
        )
    )
    event = moving.close(move, Note.URGED)
    telling.to(_heads(ticket), telling.MOVED, ticket, event, what=Note.URGED.label)
    return event


def urged_on(ticket_id: int, day: date) -> bool:
    """Tell whether somebody urged by hand on this working day."""
    found = select(Urge.id).where(Urge.ticket_id == ticket_id, Urge.step == "", Urge.on == day)
    return db.session.scalar(found) is not None


def answer_supervision(note: SupervisionNote, answer: str, *, actor: Actor) -> Written:
    """Answer a supervision note. For the head of the unit that was handed the ticket."""
    ticket = note.ticket
    if actor.role is not Role.DEPT_HEAD or actor.unit_id != ticket.lead_unit_id:
        raise NotAllowed(N_("督办单由主办单位负责人答复。"))
    if note.answered_at is not None:
        raise DomainError(N_("这张督办单已经答复过。"))
    text = asking.text(answer, "comment", least=handling.NOTE_SHORTEST)
    move = moving.begin(ticket, StepInput(comment=text), actor=actor)
    note.answer, note.answered_at, note.answered_by_id = text, move.at, actor.user_id
    move.payload["level"] = NoteLevel(note.level).value
    return moving.close(move, Note.SUPERVISION_ANSWERED)


def renew_suspension(
    ticket: Ticket, next_review_on: date | None, reason: str, *, actor: Actor
) -> Written:
    """Set the next review day of a suspended ticket; at most as often as the rules let (T17)."""
    if actor.role is not Role.OFFICE_DIRECTOR or actor.tenant_id != ticket.tenant_id:
        raise NotAllowed(N_("挂账续期由营商办主任决定。"))
    if ticket.status is not Status.SUSPENDED:
        raise DomainError(N_("这件企业问题没有挂账。"))
    given = StepInput(comment=reason.strip(), next_review_on=next_review_on)
    move = moving.begin(ticket, given, actor=actor)
    if ticket.renewal_count >= move.parameters.suspension_renewals:
        raise DomainError(
            N_("挂账最多续期 {n} 次，请提请领导小组研究。"), n=move.parameters.suspension_renewals
        )
    handling.check_review_day(move)
    asking.text(reason, "comment", least=2)
    move.payload |= {"before": _iso(ticket.next_review_on), "next_review_on": _iso(next_review_on)}
    ticket.next_review_on = next_review_on
    ticket.renewal_count += 1
    return moving.close(move, Note.RENEWED)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def note_attachment(ticket: Ticket, names: list[str], *, actor: Actor) -> Written:
    """Write into the history that files were added."""
    move = moving.begin(ticket, StepInput(), actor=actor)
    move.payload["names"] = names
    return moving.close(move, Note.ATTACHED)
