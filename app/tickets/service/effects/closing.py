"""From the review to the archive: T19 to T26."""

import hashlib
import json

from app.tickets.models import Revisit, Ticket
from app.tickets.service import parts, pausing
from app.tickets.service.effects.handling import lift, next_interim
from app.tickets.service.effects.opening import link
from app.tickets.service.moving import Move
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Clock, Closing, DueReason, Event


def return_reply(move: Move) -> None:
    """T19: back to the unit with a working day at least; this is no rework."""
    ticket, least = move.ticket, move.after(move.parameters.reply_return_workdays)
    ticket.review_reject_count += 1
    if ticket.due_at is None or least.due_at > ticket.due_at:
        move.set_due(Clock.HANDLE, least, DueReason.REPLY_RETURNED)
    if ticket.interim_due_at and ticket.interim_due_at < move.at:
        move.set_due(Clock.INTERIM, next_interim(move), DueReason.REPLY_RETURNED)
    pausing.go_on(move, ticket.reply_submitted_at, DueReason.REPLY_RETURNED)
    move.payload["reason"] = move.given.reason


def approve_reply(move: Move) -> None:
    """T20: the answer stands; whether it came in time is decided here."""
    ticket = move.ticket
    reply = ticket.replies[-1]
    reply.is_final = True
    ticket.reply_text, ticket.outcome = reply.text, reply.outcome
    ticket.replied_at = reply.submitted_at
    ticket.on_time = ticket.due_at is None or reply.submitted_at <= ticket.due_at
    move.payload |= {"number": reply.number, "on_time": ticket.on_time}
    parts.start_revisit(move)


def note_revisit(move: Move) -> Revisit:
    """Write down whom the revisitor asked, how, and what was said."""
    given = move.given
    row = Revisit(
        round=move.ticket.round,
        at=move.at,
        channel=given.channel or ContactChannel.PHONE,
        by_id=None if move.link_id else move.actor.user_id,  # nobody writes it down for them
        link_id=move.link_id,
        reached=given.reached,
        contacted=given.contacted,
        solved=given.solved if given.reached else None,
        attitude_score=given.attitude_score if given.reached else None,
        result_score=given.result_score if given.reached else None,
        words=given.words.strip(),
        missed=None if given.reached else given.missed,
        said_by=given.said_by.strip(),
        said_by_post=given.said_by_post.strip(),
        reasons=list(given.reasons) if given.reached else [],
    )
    move.ticket.revisits.append(row)
    move.heard = row
    if row.reached:
        move.ticket.heard_in = row.round
    move.payload |= {
        "channel": row.channel.value,
        "reached": row.reached,
        "solved": row.solved.value if row.solved else None,
        "result_score": row.result_score,
        "attitude_score": row.attitude_score,
        "missed": row.missed.value if row.missed else None,
        "reasons": row.reasons,
    }
    return row


def _close(move: Move, how: Closing) -> None:
    ticket = move.ticket
    ticket.closing, ticket.closed_at, ticket.closed_by_id = how, move.at, move.actor.user_id


def revisit_close(move: Move) -> None:
    """T21: the enterprise says so, and it is closed."""
    note_revisit(move).closes = True
    _close(move, Closing.REVISITED)


def revisit_rework(move: Move) -> None:
    """T22: the enterprise says no; another round, lifted where the rounds are used up."""
    if move.lifted:
        lift(move)
    else:
        note_revisit(move)
    _another_round(move, DueReason.REWORK)


def _another_round(move: Move, reason: DueReason) -> None:
    ticket, rules = move.ticket, move.parameters
    ticket.round += 1
    due = move.after(rules.rework_workdays)
    pausing.go_on(move, ticket.reply_submitted_at, reason)
    ticket.on_time = ticket.replied_at = ticket.reply_submitted_at = None
    move.payload["round"] = ticket.round
    move.set_due(Clock.REWORK, due, reason)
    move.set_due(Clock.HANDLE, due, reason)
    if move.lifted or ticket.interim_due_at:
        why = DueReason.ESCALATED if move.lifted else reason
        move.set_due(Clock.INTERIM, next_interim(move), why)


def close_unsatisfied(move: Move) -> None:
    """T23: it ends, and still counts as unsatisfied."""
    move.ticket.unsatisfied_finding = move.given.reason
    move.payload |= {"finding": move.given.reason, "evidence": move.given.evidence}
    _close(move, Closing.UNSATISFIED)


def close_unreachable(move: Move) -> None:
    """T24: nobody could be reached; out of the satisfaction figures."""
    _close(move, Closing.UNREACHABLE)


def reopen(move: Move) -> None:
    """T25: the enterprise came back within thirty days; its people may be others by now."""
    ticket = move.ticket
    link(ticket, move.at)
    ticket.reopened_count += 1
    ticket.closing = ticket.closed_at = ticket.closed_by_id = None
    move.payload["statement"] = move.given.statement
    _another_round(move, DueReason.REOPENED)


def archive(move: Move) -> None:
    """T26: a snapshot that can be checked against its SHA-256."""
    ticket = move.ticket
    ticket.archived_at = move.at
    snapshot = snapshot_of(ticket)
    ticket.snapshot_hash = digest(snapshot)
    move.payload |= {"snapshot": snapshot, "sha256": ticket.snapshot_hash}


def snapshot_of(ticket: Ticket) -> dict[str, object]:
    """Return what is archived of a ticket: its words, its answers and its history."""
    return {
        "number": ticket.number,
        "enterprise_id": ticket.enterprise_id,
        "title": ticket.title,
        "description": ticket.description,
        "wish": ticket.wish,
        "outcome": ticket.outcome.value if ticket.outcome else None,
        "reply": ticket.reply_text,
        "closing": ticket.closing.value if ticket.closing else None,
        "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        "round": ticket.round,
        "events": [
            {
                "kind": event.kind,
                "at": event.at.isoformat(),
                "actor_id": event.actor_id,
                "role": event.actor_role.value,
                "comment": event.comment,
            }
            for event in ticket.events
        ],
    }


def digest(snapshot: dict[str, object]) -> str:
    """Return the SHA-256 of a snapshot, as anyone can compute it again."""
    text = json.dumps(snapshot, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


EFFECTS = {
    Event.RETURN_REPLY: return_reply,
    Event.APPROVE_REPLY: approve_reply,
    Event.REVISIT_CLOSE: revisit_close,
    Event.REVISIT_REWORK: revisit_rework,
    Event.CLOSE_UNSATISFIED: close_unsatisfied,
    Event.CLOSE_UNREACHABLE: close_unreachable,
    Event.REOPEN: reopen,
    Event.ARCHIVE: archive,
}
