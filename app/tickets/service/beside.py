"""What happens beside the steps: answers to notes, renewal, assignment, files."""

from datetime import date

from app.accounts.roles import Actor, Role
from app.core.errors import DomainError, NotAllowed
from app.core.i18n import N_
from app.tickets.clocks import Deadline
from app.tickets.models import SupervisionNote, Ticket
from app.tickets.service import covering, moving, pausing, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking, handling
from app.tickets.service.guards.opening import check_handler
from app.tickets.service.moving import Written
from app.tickets.workflow.states import OPEN, RUNNING, Clock, DueReason, Note, NoteLevel, Status


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
    covering.after(move)
    telling.to([user.id], telling.MOVED, ticket, event, what=Note.ASSIGNED.label)
    return event


def answer_supervision(note: SupervisionNote, answer: str, *, actor: Actor) -> Written:
    """Answer a supervision note. For the head of the unit that was handed the ticket."""
    ticket = note.ticket
    if actor.role is not Role.DEPT_HEAD or actor.unit_id != ticket.lead_unit_id:
        raise NotAllowed(N_("督办单由主办单位负责人答复。"))
    if note.answered_at is not None:
        raise DomainError(N_("这张督办单已经答复过。"))
    if ticket.status not in OPEN:
        raise DomainError(
            N_("这件企业问题现在是“{status}”，不用再答复督办单。"), status=ticket.status
        )
    if note.directive_id is not None:
        raise DomainError(N_("这张督办单因领导批示而发，答复批示就是答复它。"))
    text = asking.text(answer, "comment", least=handling.NOTE_SHORTEST)
    move = moving.begin(ticket, StepInput(comment=text), actor=actor)
    pausing.answer_in_pause(move, note)
    note.answer, note.answered_at, note.answered_by_id = text, move.at, actor.user_id
    move.note_changed()
    move.payload |= {
        "level": NoteLevel(note.level).value,
        "late": move.at > note.answer_due_at,
    }
    return moving.close(move, Note.SUPERVISION_ANSWERED)


def waits(note: SupervisionNote) -> bool:
    """Tell whether a note waits for an answer of its own: not the one that a directive brings."""
    is_asked = note.answered_at is None and note.directive_id is None
    return is_asked and note.ticket.status in OPEN


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
    if next_review_on is not None:
        _review_again(move, next_review_on)
    ticket.renewal_count += 1
    return moving.close(move, Note.RENEWED)


def _review_again(move: moving.Move, day: date) -> None:
    ticket, before = move.ticket, move.ticket.next_review_on
    move.note_due(
        Clock.SUSPENSION,
        Deadline(move.calendar.end_of(day), move.at),
        DueReason.RENEWED,
        before=move.calendar.end_of(before) if before else None,
    )
    ticket.next_review_on = day


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def note_recheck(
    ticket: Ticket, answer: str, words: str, *, visit_number: str, came_back: bool, actor: Actor
) -> Written:
    """Write into the history what the enterprise said of a closed problem on a later visit.

    `answer` is a marked word. Nothing moves: whoever reads it decides whether to open it again.
    """
    move = moving.begin(ticket, StepInput(comment=words), actor=actor)
    move.payload |= {"recheck": answer, "on_visit": visit_number, "came_back": came_back}
    return moving.close(move, Note.RECHECKED)


def note_attachment(ticket: Ticket, names: list[str], *, actor: Actor) -> Written:
    """Write into the history that files were added."""
    move = moving.begin(ticket, StepInput(), actor=actor)
    move.payload["names"] = names
    return moving.close(move, Note.ATTACHED)
