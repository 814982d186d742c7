"""The meeting 会商定责 that ends passing a ticket round: who took part, and whose it is."""

from dataclasses import dataclass
from datetime import date, time

from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import JointMeeting, Ticket
from app.tickets.queries.facts import Holders
from app.tickets.service import moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.guards import meeting as guard
from app.tickets.service.guards.opening import check_unit
from app.tickets.service.moving import Move, Written
from app.tickets.workflow.states import RUNNING, Note, Status

CONCLUSION_SHORTEST = 10
FEWEST = 2  # units that take part


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """What is noted of a meeting."""

    held_on: date | None
    unit_ids: tuple[int, ...]
    lead_unit_id: int | None
    conclusion: str


def hold_meeting(ticket: Ticket, given: MeetingDraft, *, actor: Actor) -> Written:
    """Note the meeting that settled whose a ticket is, after two returns. For the director.

    What a meeting settled only another one changes, while a unit works on it: then the
    director reassigns it to the unit that this one named.
    """
    if not _is_for(actor, ticket):
        raise NotAllowed(N_("会商定责由营商办主任主持和登记。"))
    if not _is_time(ticket):
        raise DomainError(N_("退过两次、还没有重新交办的，才要会商定责。"))
    move = moving.begin(ticket, StepInput(comment=given.conclusion.strip()), actor=actor)
    day = _day(given.held_on, move)
    units = [check_unit(move, one, "unit_ids") for one in dict.fromkeys(given.unit_ids)]
    if len(units) < FEWEST:
        raise Invalid(N_("请选参加会商的单位，至少 {n} 个。"), field="unit_ids", n=FEWEST)
    asking.given(given.lead_unit_id, "lead_unit_id", N_("请选定由哪个单位主办。"))
    lead = check_unit(move, given.lead_unit_id, "lead_unit_id")
    conclusion = asking.text(given.conclusion, "comment", least=CONCLUSION_SHORTEST)
    db.session.add(
        JointMeeting(
            ticket_id=ticket.id,
            return_count=ticket.return_count,
            held_at=clock.at(day, time()),
            unit_ids=[unit.id for unit in units],
            lead_unit_id=lead.id,
            conclusion=conclusion,
            noted_by_id=actor.user_id,
            noted_at=move.at,
        )
    )
    move.payload |= {
        "held_on": day.isoformat(),
        "units": [unit.name for unit in units],
        "lead_unit": lead.name,
    }
    written = moving.close(move, Note.MEETING)
    heard = [Holders(telling.UNIT, unit_id=unit_id) for unit_id in {lead.id, *given.unit_ids}]
    people: list[telling.Hearer] = [Holders(telling.OFFICE), *heard]
    telling.to(people, telling.MOVED, ticket, written, what=Note.MEETING.label)
    return written


def _is_time(ticket: Ticket) -> bool:
    """Tell whether a meeting is due before it is handed out, or may settle it anew after that."""
    if ticket.status is Status.PENDING_DISPATCH:
        return guard.is_due(ticket)
    return ticket.status in RUNNING and guard.held(ticket) is not None


def _is_for(actor: Actor, ticket: Ticket) -> bool:
    return actor.role is Role.OFFICE_DIRECTOR and policy.may_see(actor, ticket)


def _day(held_on: date | None, move: Move) -> date:
    """Return the day of the meeting: after the problem came in, and not in the future."""
    day = asking.given(held_on, "held_on", N_("请写哪天会商的。"))
    if day > clock.local(move.at).date():
        raise Invalid(N_("会商的日期不能晚于今天。"), field="held_on")
    came_in = move.ticket.submitted_at
    if came_in is not None and day < clock.local(came_in).date():
        raise Invalid(N_("会商的日期早于登记，请核对。"), field="held_on")
    return day


def offered(ticket: Ticket, *, actor: Actor) -> list[Note]:
    """Return whether `actor` may note a meeting on this ticket now."""
    if actor.role is not Role.OFFICE_DIRECTOR or actor.tenant_id != ticket.tenant_id:
        return []
    return [Note.MEETING] if _is_time(ticket) else []
