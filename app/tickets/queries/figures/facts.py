"""What figures are counted from: each problem as it stood at the cut-off, whenever one asks.

Only what was recorded before the cut-off is read (C4.1): a figure that is computed days later is
the same. One statement for each kind of row and page of problems: what was written down about a
page is let go before the next is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from app.core.db import db
from app.core.spans import Span
from app.tickets.models import Dispatch, DueChange, Reply, Revisit, Ticket, TicketEvent
from app.tickets.workflow.states import (
    UNCOUNTED,
    Clock,
    DueReason,
    Event,
    Note,
    Outcome,
    Solved,
    Status,
)
from app.workdays.calendar import WorkCalendar

#: With these a round begins that is not the first.
AGAIN = frozenset({DueReason.REWORK, DueReason.REOPENED})
BEGINS = frozenset({DueReason.STARTED, DueReason.REASSIGNED})
CLOSES = frozenset({Event.REVISIT_CLOSE, Event.CLOSE_UNSATISFIED, Event.CLOSE_UNREACHABLE})
AT_ONCE = 500  # problems whose rows are held
CLOCKS = (Clock.HANDLE, Clock.CONTACT, Clock.REVISIT)
TOLD = (Event.APPROVE_REPLY, Event.CLOSE_ON_SITE, Event.FIRST_CONTACT)  # whose payload is read


class Heard(NamedTuple):
    """What an enterprise that was reached said in a revisit; scores are 1 to 5, or not given."""

    at: datetime
    solved: Solved | None
    result: int | None
    attitude: int | None


class Handed(NamedTuple):
    """One dispatch: to which unit, when, and when it was returned, if it was."""

    unit_id: int
    at: datetime
    returned_at: datetime | None


class Pause(NamedTuple):
    """A suspension: since when, and until when; None while it lasts."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """One valid problem as it stood at the cut-off. Deadlines are those of the first round."""

    id: int
    for_few: bool  # confidential: it is counted, and told in no table by unit
    accepted_at: datetime
    status: Status
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    closed_ats: tuple[datetime, ...] = ()
    direct_at: datetime | None = None  # answered on the spot (T06)
    due_at: datetime | None = None
    replied_at: datetime | None = None  # the first answer that was approved
    contact_due_at: datetime | None = None
    contacted_at: datetime | None = None
    revisit_due_at: datetime | None = None
    revisited: bool = False  # since that clock started
    heard: tuple[Heard, ...] = ()
    handed: tuple[Handed, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extended_ats: tuple[datetime, ...] = ()
    reworked_ats: tuple[datetime, ...] = ()
    reopened_ats: tuple[datetime, ...] = ()
    given_up_ats: tuple[datetime, ...] = ()  # T24: nobody could be reached

    @property
    def unit_id(self) -> int | None:
        """The unit that led last."""
        return self.handed[-1].unit_id if self.handed else None

    @property
    def is_closed(self) -> bool:
        """Whether it was over at the cut-off."""
        return self.status in {Status.CLOSED, Status.ARCHIVED}


@dataclass(frozen=True, slots=True)
class Facts:
    """All valid problems (V of C4.1) of a township at a cut-off."""

    cutoff_at: datetime
    cases: tuple[Case, ...]
    calendar: WorkCalendar = field(default_factory=WorkCalendar, repr=False)


def read(tenant_id: int, span: Span, calendar: WorkCalendar) -> Facts:
    """Return the valid problems of a township that were not over before `span`, as at its end.

    Valid are all but drafts, and what was not accepted, merged or cancelled by then.
    """
    lines = db.session.execute(_tickets(tenant_id, span)).all()
    pages = (lines[first : first + AT_ONCE] for first in range(0, len(lines), AT_ONCE))
    valid = tuple(case for page in pages for case in _cases(page, span.ends))
    return Facts(span.ends, valid, calendar)


def _cases(lines: Sequence[Any], cutoff_at: datetime) -> Iterator[Case]:
    """Return those of these problems that are valid, as they stood at the cut-off."""
    of = partial(_of, [line.id for line in lines], cutoff_at)
    events = _grouped(of(TicketEvent, _EVENTS))
    told = _grouped(of(TicketEvent, _TOLD).where(TicketEvent.kind.in_(TOLD)))
    dues = _grouped(of(DueChange, _DUES).where(DueChange.clock.in_(CLOCKS)))
    replies = _grouped(of(Reply, _REPLIES))
    heard = _grouped(of(Revisit, _HEARD).where(Revisit.reached))
    handed = _grouped(of(Dispatch, _HANDED))
    for line in lines:
        rows = _Rows(
            events[line.id],
            told[line.id],
            dues[line.id],
            {reply.number: reply for reply in replies[line.id]},
            heard[line.id],
            handed[line.id],
        )
        case = _case(line, cutoff_at, rows)
        if case is not None:
            yield case


class _Rows(NamedTuple):
    """What was written down about one problem."""

    events: Sequence[Any]
    told: Sequence[Any]
    dues: Sequence[Any]
    replies: Mapping[int, Any]
    heard: Sequence[Any]
    handed: Sequence[Any]


_EVENTS = (TicketEvent.kind, TicketEvent.at, TicketEvent.target)
_TOLD = (TicketEvent.kind, TicketEvent.at, TicketEvent.payload)
_DUES = (DueChange.clock, DueChange.due_at, DueChange.reason, DueChange.at)
_REPLIES = (Reply.number, Reply.submitted_at, Reply.outcome)
_HEARD = (Revisit.at, Revisit.solved, Revisit.result_score, Revisit.attitude_score)
_HANDED = (Dispatch.lead_unit_id, Dispatch.dispatched_at, Dispatch.ended_at, Dispatch.returned)
_WRITTEN_AT: Mapping[type, Any] = {
    TicketEvent: TicketEvent.at,
    DueChange: DueChange.at,
    Reply: Reply.submitted_at,
    Revisit: Revisit.at,
    Dispatch: Dispatch.dispatched_at,
}


def _tickets(tenant_id: int, span: Span) -> Select[*tuple[Any, ...]]:
    """Return the statement for what was accepted by the cut-off, and not over before."""
    return (
        select(Ticket.id, Ticket.accepted_at, Ticket.confidential)
        .where(Ticket.tenant_id == tenant_id, Ticket.accepted_at < span.ends)
        .where(or_(Ticket.closed_at.is_(None), Ticket.closed_at >= span.begins))
        .order_by(Ticket.id)
    )


def _of(
    ids: Sequence[int],
    cutoff_at: datetime,
    model: Any,  # noqa: ANN401 - any of the tables of `_WRITTEN_AT`
    columns: Sequence[Any],
) -> Select[*tuple[Any, ...]]:
    """Return the statement for the rows of one kind that were written before the cut-off."""
    return (
        select(model.ticket_id, *columns)
        .where(model.ticket_id.in_(ids), _WRITTEN_AT[model] < cutoff_at)
        .order_by(model.id)
    )


def _grouped(found: Select[*tuple[Any, ...]]) -> Mapping[int, list[Any]]:
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(found):
        rows[row.ticket_id].append(row)
    return rows


def _case(line: Any, cutoff_at: datetime, rows: _Rows) -> Case | None:  # noqa: ANN401 - a row
    """Return a problem as it stood; None for one that is not valid."""
    status = rows.events[-1].target if rows.events else Status.DRAFT
    if status in UNCOUNTED:
        return None
    closed = _ats(rows, *CLOSES)
    over = status in {Status.CLOSED, Status.ARCHIVED}
    contact = _clock(rows, Clock.CONTACT)
    revisit = _clock(rows, Clock.REVISIT)
    heard = tuple(Heard(*row[1:]) for row in rows.heard)
    return Case(
        id=line.id,
        for_few=line.confidential,
        accepted_at=line.accepted_at,
        status=status,
        outcome=_outcome(rows),
        closed_at=closed[-1] if over and closed else None,
        closed_ats=closed,
        direct_at=next(iter(_ats(rows, Event.CLOSE_ON_SITE)), None),
        due_at=_first_due(rows),
        replied_at=_replied_at(rows),
        contact_due_at=contact.due_at if contact else None,
        contacted_at=_contacted_at(rows, contact.since) if contact else None,
        revisit_due_at=revisit.due_at if revisit else None,
        revisited=revisit is not None and _revisited(rows, heard, revisit.since),
        heard=heard,
        handed=tuple(
            Handed(
                row.lead_unit_id,
                row.dispatched_at,
                row.ended_at if row.returned and row.ended_at < cutoff_at else None,
            )
            for row in rows.handed
        ),
        pauses=tuple(_pauses(rows)),
        extended_ats=_ats(rows, Event.APPROVE_EXTENSION),
        reworked_ats=_ats(rows, Event.REVISIT_REWORK),
        reopened_ats=_ats(rows, Event.REOPEN),
        given_up_ats=_ats(rows, Event.CLOSE_UNREACHABLE),
    )


def _ats(rows: _Rows, *kinds: Event) -> tuple[datetime, ...]:
    """Return when any of these steps was taken."""
    wanted = {str(kind) for kind in kinds}
    return tuple(row.at for row in rows.events if row.kind in wanted)


def _outcome(rows: _Rows) -> Outcome | None:
    """Return what the newest approved answer says came of it."""
    for row in reversed(rows.told):
        if row.kind == Event.CLOSE_ON_SITE:
            return Outcome(row.payload["outcome"])
        if row.kind == Event.APPROVE_REPLY:
            reply = rows.replies.get(row.payload.get("number"))
            return reply.outcome if reply else None
    return None


def _replied_at(rows: _Rows) -> datetime | None:
    """Return when the first answer that was approved had been submitted."""
    for row in rows.told:
        if row.kind == Event.APPROVE_REPLY:
            reply = rows.replies.get(row.payload.get("number"))
            at: datetime = reply.submitted_at if reply else row.at
            return at
    return None


def _first_due(rows: _Rows) -> datetime | None:
    """Return the handling deadline of the first round, as it was moved last."""
    due_at: datetime | None = None
    for row in rows.dues:
        if row.clock is not Clock.HANDLE:
            continue
        if row.reason in AGAIN:
            break
        due_at = row.due_at
    return due_at


class _Running(NamedTuple):
    since: datetime
    due_at: datetime


def _clock(rows: _Rows, which: Clock) -> _Running | None:
    """Return since when a clock last ran, and until when; None where it is void."""
    since: datetime | None = None
    due_at: datetime | None = None
    for row in rows.dues:
        if row.clock is which:
            since = row.at if since is None or row.reason in BEGINS else since
            due_at = row.due_at
    return _Running(since, due_at) if since is not None and due_at is not None else None


def _contacted_at(rows: _Rows, since: datetime) -> datetime | None:
    """Return when the enterprise was first spoken to since a clock started."""
    for row in rows.told:
        if row.kind == Event.FIRST_CONTACT and row.at >= since:
            said = row.payload.get("contacted_at")
            return datetime.fromisoformat(said) if said else row.at
    return None


def _revisited(rows: _Rows, heard: Iterable[Heard], since: datetime) -> bool:
    """Tell whether the enterprise was reached since a clock started, or given up (T24)."""
    given_up = _ats(rows, Event.CLOSE_UNREACHABLE)
    return any(one.at >= since for one in heard) or any(at >= since for at in given_up)


def _pauses(rows: _Rows) -> Iterable[Pause]:
    since: datetime | None = None
    for row in rows.events:
        if row.kind in {Event.APPROVE_SUSPENSION, Note.RENEWED}:
            since = since or row.at
        elif row.kind == Event.RESUME and since is not None:
            yield Pause(since, row.at)
            since = None
    if since is not None:
        yield Pause(since, None)
