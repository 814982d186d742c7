"""What a leader writes on a ticket 批示: a task with its own limit, answer and history."""

from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.clocks import Deadline
from app.tickets.models import LeaderDirective, SupervisionNote, Ticket
from app.tickets.queries import supervision
from app.tickets.queries.facts import Holders
from app.tickets.service import moving, pausing, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.guards.handling import NOTE_SHORTEST
from app.tickets.service.moving import Move, Written
from app.tickets.workflow.states import OPEN, RUNNING, Clock, DueReason, Note, NoteLevel

SHORTEST = 2  # characters of a directive
GIVERS = frozenset({Role.CHIEF, Role.LEADER})


def give_directive(ticket: Ticket, text: str, *, actor: Actor) -> Written:
    """Write a directive on an open ticket. For the chief, and leaders who see the ticket.

    The unit that leads answers it, else the office. Where the handling clock runs and its
    deadline has no blue note yet, the directive raises it (C2.5, step 3).
    """
    by_id = _giver(ticket, actor)
    ticket = db.session.get_one(Ticket, ticket.id, with_for_update=True)  # the ladder waits
    if ticket.status not in OPEN:
        raise DomainError(N_("这件企业问题现在是“{status}”，不用批示。"), status=ticket.status)
    words = asking.text(text, "comment", least=SHORTEST)
    move = moving.begin(ticket, StepInput(comment=words), actor=actor)
    limit = move.after(move.parameters.note_answer_workdays)
    directive = LeaderDirective(
        tenant_id=ticket.tenant_id,
        ticket_id=ticket.id,
        text=words,
        by_id=by_id,
        by_role=actor.role,
        given_at=move.at,
        unit_id=ticket.lead_unit_id,
        due_at=limit.due_at,
    )
    db.session.add(directive)
    db.session.flush()  # gives the directive the id that its note and the history name
    ticket.leader_directive = True
    move.payload |= {"directive_id": directive.id, "answer_due_at": limit.due_at.isoformat()}
    move.note_due(Clock.DIRECTIVE, limit, DueReason.STARTED)
    people = _answerers(ticket)
    if _raise_blue(move, directive, limit):
        people.append(ticket.leader_id)
    written = moving.close(move, Note.DIRECTED)
    telling.to(people, telling.MOVED, ticket, written, what=Note.DIRECTED.label)
    return written


def _giver(ticket: Ticket, actor: Actor) -> int:
    """Return who gives it, or raise NotAllowed."""
    if actor.user_id is None or actor.role not in GIVERS or not policy.may_see(actor, ticket):
        raise NotAllowed(N_("批示由镇主要负责同志，或者这件问题的包联、分管领导来写。"))
    return actor.user_id


def _raise_blue(move: Move, directive: LeaderDirective, limit: Deadline) -> bool:
    """Raise the blue note that goes with a directive, once for a deadline; tell whether it is."""
    ticket = move.ticket
    if ticket.status not in RUNNING or ticket.due_at is None:
        return False
    if any(
        note.level is NoteLevel.BLUE and note.of_due_at == ticket.due_at
        for note in ticket.supervision_notes
    ):
        return False
    ticket.supervision_notes.append(
        SupervisionNote(
            level=NoteLevel.BLUE,
            of_due_at=ticket.due_at,
            raised_at=move.at,
            raised_by_id=move.actor.user_id,
            answer_due_at=limit.due_at,
            directive_id=directive.id,
        )
    )
    move.note_changed()
    move.payload["level"] = NoteLevel.BLUE.value
    move.note_due(Clock.SUPERVISION, limit, DueReason.STARTED)
    return True


def _answerers(ticket: Ticket) -> list[telling.Hearer]:
    """Return whose word is waited for: the lead unit's, or the office's while there is none."""
    if ticket.lead_unit_id is None:
        return [Holders(supervision.OFFICE)]
    return [ticket.handler_id, *telling.unit(frozenset({Role.DEPT_HEAD}), ticket)]


def may_answer(directive: LeaderDirective, ticket: Ticket, actor: Actor) -> bool:
    """Tell whether the directive waits for `actor`, who knows of the ticket."""
    theirs = supervision.is_answered_by(directive, ticket, actor)
    return theirs and policy.may_see(actor, ticket)


def answer_directive(directive: LeaderDirective, answer: str, *, actor: Actor) -> Written:
    """Answer a directive, and with it the note that it raised; whoever gave it is told."""
    ticket = directive.ticket
    if not may_answer(directive, ticket, actor):
        raise NotAllowed(N_("批示由主办单位负责人答复；还没有交办的，由营商办答复。"))
    if directive.answered_at is not None:
        raise DomainError(N_("这条批示已经答复过。"))
    if ticket.is_over:
        raise DomainError(
            N_("这件企业问题现在是“{status}”，不用再答复批示。"), status=ticket.status
        )
    text = asking.text(answer, "comment", least=NOTE_SHORTEST)
    move = moving.begin(ticket, StepInput(comment=text), actor=actor)
    pausing.answer_in_pause(move, directive)
    directive.answer, directive.answered_at = text, move.at
    directive.answered_by_id = actor.user_id
    for note in ticket.supervision_notes:
        if note.directive_id == directive.id and note.answered_at is None:
            pausing.answer_in_pause(move, note)
            note.answer, note.answered_at, note.answered_by_id = text, move.at, actor.user_id
            move.payload["level"] = NoteLevel(note.level).value
    move.note_changed()
    move.payload |= {"directive_id": directive.id, "late": move.at > directive.due_at}
    written = moving.close(move, Note.DIRECTIVE_ANSWERED)
    label = Note.DIRECTIVE_ANSWERED.label
    telling.to([directive.by_id], telling.MOVED, ticket, written, what=label)
    return written


def offered(ticket: Ticket, *, actor: Actor) -> list[Note]:
    """Return what `actor` may do about directives on this ticket now."""
    found = []
    if ticket.status in OPEN and actor.role in GIVERS:
        found.append(Note.DIRECTED)
    answers = actor.role is Role.DEPT_HEAD or actor.role in supervision.OFFICE
    if answers and ticket.leader_directive and not ticket.is_over:
        waiting = supervision.directives_of(ticket.id, waiting=True)
        if any(may_answer(one, ticket, actor) for one in waiting):
            found.append(Note.DIRECTIVE_ANSWERED)
    return found
