"""From the draft to the unit: T01 to T07, T11, T27, T28."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, or_, select

from app.accounts.models import Control, OrgUnit
from app.core import clock
from app.core.db import db
from app.core.prepared import Numbers
from app.enterprises.models import Linkage
from app.tickets import clocks
from app.tickets.clocks import Deadline
from app.tickets.models import CoTaskState, Dispatch, Ticket
from app.tickets.service import co_tasks, parts, readers
from app.tickets.service.moving import Move
from app.tickets.service.numbering import next_number
from app.tickets.workflow.states import Clock, Complexity, DueReason, Event, Outcome


def submit(move: Move) -> None:
    """T01: give the number and the query code; the acceptance clock starts."""
    ticket, rules = move.ticket, move.parameters
    since = move.given.at or move.at  # an enterprise told it by itself: when it did
    if ticket.number is None:
        ticket.number, ticket.query_code = next_number(ticket.tenant_id, move.at)
    # What the enterprise completed itself stays with whoever handed it in first.
    ticket.submitted_by_id = move.actor.user_id or ticket.submitted_by_id
    ticket.submitted_at = ticket.submitted_at or since
    link(ticket, move.at)
    readers.close_off(ticket)
    move.payload["number"] = ticket.number
    deadline = clocks.acceptance_deadline(since, move.calendar, rules)
    move.set_due(Clock.ACCEPTANCE, deadline, DueReason.STARTED)


_LINKS = cast("Table", Linkage.__table__)
_LINKED = Numbers(
    select(_LINKS.c.leader_id, _LINKS.c.liaison_id)
    .where(_LINKS.c.enterprise_id == bindparam("enterprise_id"))
    .where(_LINKS.c.valid_from <= bindparam("today"))
    .where(or_(_LINKS.c.valid_to.is_(None), _LINKS.c.valid_to >= bindparam("today")))
    .order_by(_LINKS.c.id.desc())
    .limit(1)
)


def link(ticket: Ticket, at: datetime) -> None:
    """Note the leader and the liaison who look after the enterprise on this day."""
    today = clock.local(at).date()
    for found in _LINKED.rows({"enterprise_id": ticket.enterprise_id, "today": today}):
        ticket.leader_id, ticket.liaison_id = found


def accept(move: Move) -> None:
    """T02: classify; the dispatch clock starts."""
    ticket, given = move.ticket, move.given
    ticket.category_id = given.category_id or ticket.category_id
    ticket.subcategory_id = given.subcategory_id
    ticket.urgency = given.urgency or ticket.urgency
    ticket.complexity = given.complexity
    ticket.accepted_at = move.at
    readers.close_off(ticket)
    move.payload |= {
        "category_id": ticket.category_id,
        "urgency": ticket.urgency.value,
        "complexity": given.complexity.value if given.complexity else None,
    }
    move.set_due(Clock.DISPATCH, move.after(move.parameters.dispatch_workdays), DueReason.STARTED)


def reject(move: Move) -> None:
    """T03: the reason, and the right channel the enterprise was told."""
    move.payload |= {"reason": move.given.reason, "guidance": move.given.guidance}


def request_supplement(move: Move) -> None:
    """T04: what is missing; the acceptance clock starts again on re-submission."""
    move.payload["items"] = move.given.items
    move.set_due(Clock.ACCEPTANCE, None, DueReason.VOID)


def merge(move: Move) -> None:
    """T05: the child stops and is not counted; the master learns of it."""
    move.ticket.master_id = move.given.master_id
    master = db.session.get_one(Ticket, move.given.master_id)
    move.payload |= {"master_id": master.id, "master_number": master.number}


def close_on_site(move: Move) -> None:
    """T06: answered on the spot; no handling clock, and so no on-time figure."""
    ticket, given = move.ticket, move.given
    ticket.direct_handled = True
    heard_at = ticket.created_at if ticket.visit_id else move.at  # on the visit, face to face
    ticket.first_contact_at = ticket.first_contact_at or heard_at
    ticket.reply_submitted_at = ticket.replied_at = move.at
    ticket.outcome = given.outcome or Outcome.RESOLVED
    ticket.reply_text = given.reply.strip()
    move.payload |= {"outcome": ticket.outcome.value, "reply": ticket.reply_text}
    parts.start_revisit(move)


def dispatch(move: Move) -> None:
    """T07: hand it to the lead unit and its co-units; all clocks of handling start."""
    _hand_over(move, DueReason.STARTED)


def reassign(move: Move) -> None:
    """T11: end this dispatch, begin another; the clocks start again."""
    end_dispatch(move)
    move.ticket.first_contact_at = None
    move.set_due(Clock.REWORK, None, DueReason.REASSIGNED)
    _hand_over(move, DueReason.REASSIGNED)


def _hand_over(move: Move, reason: DueReason) -> None:
    ticket, given, rules = move.ticket, move.given, move.parameters
    unit = db.session.get_one(OrgUnit, given.lead_unit_id)
    ticket.lead_unit_id, ticket.handler_id = unit.id, given.handler_id
    ticket.complexity = ticket.complexity or Complexity.SIMPLE
    ticket.limit_workdays = clocks.limit(ticket.complexity, rules)
    ticket.dispatched_at = move.at
    ticket.signed_at, ticket.signed_late = None, False
    row = Dispatch(
        lead_unit_id=unit.id,
        is_request=unit.control is not Control.TOWN,
        dispatched_at=move.at,
        dispatched_by_id=move.actor.user_id,
        limit_workdays=ticket.limit_workdays,
    )
    ticket.dispatches.append(row)
    db.session.flush()  # gives the dispatch the id that its co-tasks refer to
    co_tasks.start(move, row.id, given.co_unit_ids)
    move.payload |= {
        "lead_unit": unit.name,
        "co_units": [task.unit.name for task in ticket.co_tasks if task.dispatch_id == row.id],
        "is_request": row.is_request,
        "limit_workdays": ticket.limit_workdays,
    }
    start_handling_clocks(move, reason)


def start_handling_clocks(move: Move, reason: DueReason) -> None:
    """Start what the unit has to keep: sign, first contact, handling, and the interim reply."""
    ticket, rules = move.ticket, move.parameters
    signs = clocks.sign_deadline(ticket.urgency, move.at, move.calendar, rules)
    calls = clocks.contact_deadline(ticket.urgency, move.at, move.calendar, rules)
    handles = move.after(ticket.limit_workdays or rules.limit_simple)
    external = ticket.external_due_at
    stricter = external is not None and external < handles.due_at
    if external is not None and stricter:
        handles = Deadline(external, move.at)
    move.set_due(Clock.SIGN, signs, reason)
    move.set_due(Clock.CONTACT, calls, reason)
    move.set_due(Clock.HANDLE, handles, DueReason.EXTERNAL if stricter else reason)
    ticket.original_due_at = handles.due_at
    if ticket.complexity is Complexity.HARD:
        move.set_due(Clock.INTERIM, move.after(rules.interim_workdays), reason)


def end_dispatch(move: Move, *, returned: bool = False) -> None:
    """Close the dispatch under which a unit worked; what its co-units owed falls away."""
    if not move.ticket.dispatches:
        return
    row = move.ticket.dispatches[-1]
    row.ended_at, row.returned = move.at, returned
    for task in move.ticket.co_tasks:
        if task.dispatch_id == row.id and task.state is CoTaskState.OPEN:
            task.state, task.settled_at = CoTaskState.WAIVED, move.at


def cancel(move: Move) -> None:
    """T27: it stops."""
    move.payload["reason"] = move.given.reason
    end_dispatch(move)


def discard(move: Move) -> None:
    """T28: a draft that never was."""
    del move


EFFECTS = {
    Event.SUBMIT: submit,
    Event.ACCEPT: accept,
    Event.REJECT: reject,
    Event.REQUEST_SUPPLEMENT: request_supplement,
    Event.MERGE: merge,
    Event.CLOSE_ON_SITE: close_on_site,
    Event.DISPATCH: dispatch,
    Event.REASSIGN: reassign,
    Event.CANCEL: cancel,
    Event.DISCARD: discard,
}
