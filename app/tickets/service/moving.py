"""The pen that writes a ticket's history: events, deadlines, audit rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert

from app.accounts import service as accounts
from app.accounts.models import Tenant
from app.accounts.parameters import Parameters
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db, fresh
from app.core.enums import LabelledEnum
from app.core.prepared import Writing
from app.tickets import policy
from app.tickets.clocks import Deadline, warns_on
from app.tickets.models import DueChange, Proposal, Revisit, Ticket, TicketEvent
from app.tickets.queries import family
from app.tickets.service import readers, sealing
from app.tickets.service.given import StepInput
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import (
    OPEN,
    RUNNING,
    Clock,
    Complexity,
    DueReason,
    Event,
    Note,
    NoteLevel,
    Outcome,
    Status,
    Urgency,
)
from app.workdays.calendar import WorkCalendar
from app.workdays.queries import calendar_of

COLUMNS = {
    Clock.ACCEPTANCE: "acceptance_due_at",
    Clock.DISPATCH: "dispatch_due_at",
    Clock.SIGN: "sign_due_at",
    Clock.CONTACT: "contact_due_at",
    Clock.HANDLE: "due_at",
    Clock.INTERIM: "interim_due_at",
    Clock.REVIEW: "review_due_at",
    Clock.REVISIT: "revisit_due_at",
    Clock.REWORK: "rework_due_at",
}


#: With what a part begins that was split off: it is as confidential as the whole.
BEGINS = frozenset({Event.SUBMIT, Note.SPLIT_OFF})

_EVENTS = cast("Table", TicketEvent.__table__)
_WRITE_EVENT = Writing(lambda: insert(_EVENTS).returning(_EVENTS.c.id))
_WRITE_CHANGES = Writing(lambda: insert(cast("Table", DueChange.__table__)))


@dataclass(frozen=True, slots=True)
class Written:
    """One line of the history that was just written; its id finds it again."""

    id: int
    source: Status
    target: Status
    actor_id: int | None


@dataclass(slots=True)
class Move:
    """One thing that happens to a ticket: by whom, when, under which calendar.

    Guards read it, effects write through it, and `close` puts it into the history.
    """

    ticket: Ticket
    given: StepInput
    actor: Actor
    calendar: WorkCalendar
    parameters: Parameters
    at: datetime
    proposal: Proposal | None = None
    lifted: bool = False
    heard: Revisit | None = None  # what the enterprise said, or the attempt to ask it
    link_id: int | None = None  # of the link by which the enterprise itself answers
    payload: dict[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)  # rows of `due_history`
    due_before: datetime | None = None
    status_before: Status = Status.DRAFT
    handler_before: int | None = None

    def waits_for_parts(self) -> bool:
        """Tell whether something that was split off the ticket is still open."""
        return family.open_parts(self.ticket.id) > 0

    def after(self, workdays: int) -> Deadline:
        """Return the deadline that many working days from this moment."""
        due_at = self.calendar.due_at(self.at, workdays)
        return Deadline(due_at, self.at, workdays)

    def set_due(self, which: Clock, deadline: Deadline | None, reason: DueReason) -> None:
        """Start, move or void (None) a clock, with a row that says why."""
        column = COLUMNS[which]
        before = getattr(self.ticket, column)
        due_at = deadline.due_at if deadline else None
        if before is None and due_at is None:
            return
        setattr(self.ticket, column, due_at)
        if which is Clock.HANDLE:
            self._warn()
        self.note_due(which, deadline, reason, before=before)
        if which is Clock.HANDLE and deadline is not None:
            self._rework_goes_along(deadline, reason)

    def _rework_goes_along(self, deadline: Deadline, reason: DueReason) -> None:
        """Move the limit of a rework with the handling limit, of which it is a part."""
        if self.ticket.rework_due_at not in {None, deadline.due_at}:
            self.set_due(Clock.REWORK, deadline, reason)

    def note_due(
        self,
        which: Clock,
        deadline: Deadline | None,
        reason: DueReason,
        *,
        before: datetime | None = None,
    ) -> None:
        """Write down a deadline that is kept beside the ticket: of a co-task, a note, a plan.

        Like `set_due`, but no column of the ticket moves. `before` is the deadline that it
        had, where it is moved rather than begun; None for `deadline` voids it.
        """
        due_at = deadline.due_at if deadline else None
        self.changes.append(
            {
                "clock": which,
                "before": before,
                "due_at": due_at,
                "reason": reason,
                "counted_from": deadline.counted_from if deadline else None,
                "workdays": deadline.workdays if deadline else None,
                "confirmed": due_at is None
                or self.calendar.is_confirmed(clock.local(due_at).date()),
                "at": self.at,
            }
        )

    def note_changed(self) -> None:
        """Let the ticket know whether a supervision note waits, once one was raised or answered."""
        notes = self.ticket.supervision_notes
        self.ticket.note_waits = any(note.answered_at is None for note in notes)

    def _warn(self) -> None:
        ticket = self.ticket
        limit = ticket.limit_workdays
        ticket.warn_on = warns_on(ticket.due_at, limit, self.calendar, self.parameters)


def begin(
    ticket: Ticket, given: StepInput, *, actor: Actor, proposal: Proposal | None = None
) -> Move:
    """Return the move that is about to be made, with the rules that hold now.

    Raises NotFound where the ticket is confidential and `actor` none of its named few.
    """
    policy.check_named(actor, ticket)
    tenant = fresh(Tenant, ticket.tenant_id)
    return Move(
        ticket=ticket,
        given=given,
        actor=actor,
        calendar=calendar_of(ticket.tenant_id),
        parameters=tenant.parameters,
        at=clock.now(),
        proposal=proposal,
        due_before=ticket.due_at,
        status_before=ticket.status,
        handler_before=ticket.handler_id,
    )


def close(
    move: Move,
    kind: Event | Note,
    *,
    target: Status | None = None,
    about: Event | None = None,
    comment: str | None = None,
) -> Written:
    """Move the ticket to `target` if one is named, and write all that happened.

    The history is written row by row, past the session: its rows are never changed, and
    whoever looks at them in this transaction reads them anew.
    """
    ticket = move.ticket
    if target is not None:
        ticket.status = target
        ticket.is_open = target in OPEN
        ticket.is_running = target in RUNNING
    ticket.move_due_at = _move_due(move)
    if kind in BEGINS:
        readers.inherit(ticket)
    said = move.given.comment if comment is None else comment
    db.session.flush()  # gives a new ticket the id that its history refers to
    if ticket.confidential:
        readers.keep(ticket, kind, actor_id=move.actor.user_id, at=move.at)
    row = {
        "ticket_id": ticket.id,
        "kind": kind.value,
        "about": about.value if about else "",
        "source": move.status_before,
        "target": ticket.status,
        "actor_id": move.actor.user_id,
        "actor_role": move.actor.role,
        "at": move.at,
        "ip": move.actor.ip,
        "comment": said,
        "payload": move.payload,
        "due_before": move.due_before,
        "due_after": ticket.due_at,
        "for_enterprise": move.given.for_enterprise,
    }
    event_id: int = _WRITE_EVENT.returned(row)
    if move.changes:
        of = {"ticket_id": ticket.id, "event_id": event_id}
        _WRITE_CHANGES.write(*[change | of for change in move.changes])
    db.session.expire(ticket, ["events", "due_history"])
    heard = kind in policy.HEARD
    hidden = ticket.confidential or heard  # its words stand in its own history alone
    kept = _sealed(move, event_id, said) if heard else {}
    accounts.log(
        move.actor,
        kind.label,
        "ticket",
        ticket.id,
        before=_audited(move.status_before, move.due_before),
        after=_audited(ticket.status, ticket.due_at)
        | {"event": event_id, **(kept if hidden else _worded(move.payload))},
        reason="" if hidden else said,
    )
    return Written(event_id, move.status_before, ticket.status, move.actor.user_id)


def _sealed(move: Move, event_id: int, said: str) -> dict[str, Any]:
    """Return what the log keeps of a rating: it shows that nothing was changed, and not what."""
    kept: dict[str, Any] = {"seal": sealing.of_event(event_id, said, move.payload)}
    if move.heard is not None:
        kept |= {"revisit": move.heard.id, "revisit_seal": sealing.of_revisit(move.heard)}
    return kept


#: What the payload of an event holds as codes, and the log as words.
_CODES: dict[str, type[LabelledEnum]] = {
    "channel": ContactChannel,
    "complexity": Complexity,
    "level": NoteLevel,
    "outcome": Outcome,
    "urgency": Urgency,
}


def _worded(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _CODES[name](value) if name in _CODES and value in set(_CODES[name]) else value
        for name, value in payload.items()
    }


def _audited(status: Status, due_at: datetime | None) -> dict[str, Any]:
    return {"status": status, "due_at": due_at.isoformat() if due_at else None}


def _move_due(move: Move) -> datetime | None:
    """Return the deadline of whoever holds the ball now."""
    ticket = move.ticket
    if ticket.status is Status.IN_PROGRESS:
        contact = ticket.contact_due_at if ticket.first_contact_at is None else None
        waits = [due for due in (contact, ticket.interim_due_at, ticket.due_at) if due]
        return min(waits, default=None)
    if ticket.status is Status.SUSPENDED and ticket.next_review_on:
        return move.calendar.end_of(ticket.next_review_on)
    column = {
        Status.PENDING_ACCEPTANCE: "acceptance_due_at",
        Status.PENDING_DISPATCH: "dispatch_due_at",
        Status.PENDING_SIGN: "sign_due_at",
        Status.PENDING_REVIEW: "review_due_at",
        Status.PENDING_REVISIT: "revisit_due_at",
    }.get(ticket.status)
    return getattr(ticket, column) if column else None
