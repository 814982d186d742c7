"""At the unit: T08 to T10, T12 to T18."""

from app.accounts.roles import Role
from app.core import clock
from app.library import queries as library
from app.tickets.clocks import Deadline
from app.tickets.models import CoTaskState, Reply
from app.tickets.service import pausing
from app.tickets.service.effects.opening import end_dispatch
from app.tickets.service.moving import Move
from app.tickets.workflow.states import Clock, Complexity, DueReason, Event, Outcome

HANDLING_CLOCKS = (Clock.SIGN, Clock.CONTACT, Clock.HANDLE, Clock.INTERIM, Clock.REWORK)


def sign(move: Move) -> None:
    """T08: the unit has it; the signer handles it, or whom the head names."""
    ticket = move.ticket
    ticket.signed_at = move.at
    ticket.signed_late = ticket.sign_due_at is not None and move.at > ticket.sign_due_at
    named = move.given.handler_id or ticket.handler_id
    signer = move.actor.user_id if move.actor.role is Role.HANDLER else None
    ticket.handler_id = signer or named


def auto_sign(move: Move) -> None:
    """T09: nobody signed in time; it counts as signed late."""
    move.ticket.signed_at, move.ticket.signed_late = move.at, True


def approve_return(move: Move) -> None:
    """T10: back to the office; the clocks of this dispatch are void."""
    ticket = move.ticket
    end_dispatch(move, returned=True)
    for which in HANDLING_CLOCKS:
        move.set_due(which, None, DueReason.VOID)
    move.payload |= {
        "unit_id": ticket.lead_unit_id,
        "suggested_unit_id": move.given.suggested_unit_id,
    }
    ticket.lead_unit_id = ticket.handler_id = ticket.original_due_at = None
    ticket.signed_at = ticket.first_contact_at = ticket.dispatched_at = None
    ticket.return_count += 1
    move.set_due(Clock.DISPATCH, move.after(move.parameters.dispatch_workdays), DueReason.STARTED)


def first_contact(move: Move) -> None:
    """T12: the response clock ends."""
    given = move.given
    move.ticket.first_contact_at = given.at
    move.payload |= {
        "channel": given.channel.value if given.channel else "",
        "person": given.person.strip(),
        "contacted_at": given.at.isoformat() if given.at else "",
    }


def progress_note(move: Move) -> None:
    """T13: a hard or escalated ticket gets its next interim date."""
    if move.ticket.escalation_level or move.ticket.complexity is Complexity.HARD:
        move.set_due(Clock.INTERIM, next_interim(move), DueReason.STARTED)


def next_interim(move: Move) -> Deadline:
    """Return until when the next interim reply is due; sooner for what was lifted (T15)."""
    rules, lifted = move.parameters, move.ticket.escalation_level
    return move.after(rules.interim_escalated_workdays if lifted else rules.interim_workdays)


def approve_extension(move: Move) -> None:
    """T14: the deadline moves; the first one stays on record."""
    day = move.given.new_due_on
    if day is None:
        return
    due_at = move.calendar.end_of(day)
    move.set_due(Clock.HANDLE, Deadline(due_at, move.at), DueReason.EXTENDED)
    move.ticket.extension_count += 1
    move.payload["new_due_on"] = day.isoformat()


def escalate(move: Move) -> None:
    """T15: a leader takes it; ten working days, interim replies every five."""
    lift(move)
    rules = move.parameters
    move.set_due(Clock.HANDLE, move.after(rules.escalation_workdays), DueReason.ESCALATED)
    move.set_due(Clock.INTERIM, move.after(rules.interim_escalated_workdays), DueReason.ESCALATED)


def lift(move: Move) -> None:
    """Note the level to which a ticket is lifted, and its leader."""
    ticket, given = move.ticket, move.given
    ticket.escalation_level = given.level or ticket.escalation_level
    ticket.escalation_owner_id = given.owner_id
    move.payload |= {"level": given.level, "owner_id": given.owner_id, "reason": given.reason}


def approve_suspension(move: Move) -> None:
    """T16: what was left of the time is saved, and the clock stops."""
    ticket, given = move.ticket, move.given
    today = clock.local(move.at).date()
    left = move.calendar.remaining(ticket.due_at, today) if ticket.due_at else 0
    ticket.saved_workdays = left
    ticket.suspended_at = move.at
    ticket.next_review_on = given.next_review_on
    ticket.renewal_count = 0
    move.payload |= {
        "cause": given.reason,
        "plan": given.plan,
        "opinion": given.opinion,
        "next_review_on": given.next_review_on.isoformat() if given.next_review_on else None,
        "saved_workdays": left,
    }
    if given.next_review_on is not None:
        review = Deadline(move.calendar.end_of(given.next_review_on), move.at)
        move.note_due(Clock.SUSPENSION, review, DueReason.STARTED)


def resume(move: Move) -> None:
    """T17: it goes on, with what was saved but five working days at least."""
    ticket = move.ticket
    workdays = max(ticket.saved_workdays or 0, move.parameters.resume_workdays)
    move.set_due(Clock.HANDLE, move.after(workdays), DueReason.RESUMED)
    if ticket.interim_due_at:
        move.set_due(Clock.INTERIM, next_interim(move), DueReason.RESUMED)
    pausing.go_on(move, ticket.suspended_at, DueReason.RESUMED)
    ticket.next_review_on = ticket.suspended_at = ticket.saved_workdays = None
    move.payload["reason"] = move.given.reason


def submit_reply(move: Move) -> None:
    """T18: a version of the answer is kept; the clock is frozen, the review clock starts."""
    ticket, given = move.ticket, move.given
    asked = move.proposal
    reply = Reply(
        number=len(ticket.replies) + 1,
        round=ticket.round,
        outcome=given.outcome or Outcome.RESOLVED,
        text=given.reply.strip(),
        basis=given.basis.strip(),
        citations=library.citable(given.citation_ids, tenant_id=ticket.tenant_id),
        drafted_by_id=asked.asked_by_id if asked else move.actor.user_id,
        signed_off_by_id=move.actor.user_id,
        submitted_at=move.at,
    )
    ticket.replies.append(reply)
    ticket.reply_submitted_at = move.at
    ticket.outcome = reply.outcome
    move.payload |= {"number": reply.number, "outcome": reply.outcome.value}
    _take_over(move)
    move.set_due(Clock.REVIEW, move.after(move.parameters.review_workdays), DueReason.STARTED)


def _take_over(move: Move) -> None:
    """Accept the opinions that were given and not yet accepted: the answer rests on them."""
    taken = [t for t in move.ticket.present_co_tasks if t.state is CoTaskState.SUBMITTED]
    for task in taken:
        task.state, task.settled_at = CoTaskState.ACCEPTED, move.at
        task.settled_by_id = move.actor.user_id
    if taken:
        move.payload["accepted"] = [task.unit.name for task in taken]


EFFECTS = {
    Event.SIGN: sign,
    Event.AUTO_SIGN: auto_sign,
    Event.APPROVE_RETURN: approve_return,
    Event.FIRST_CONTACT: first_contact,
    Event.PROGRESS_NOTE: progress_note,
    Event.APPROVE_EXTENSION: approve_extension,
    Event.ESCALATE: escalate,
    Event.APPROVE_SUSPENSION: approve_suspension,
    Event.RESUME: resume,
    Event.SUBMIT_REPLY: submit_reply,
}
