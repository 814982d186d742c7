"""After the second return: a meeting 会商定责 says whose the ticket is, and no unit returns it."""

from app.core.errors import DomainError, Invalid
from app.core.i18n import N_
from app.tickets.models import JointMeeting, Ticket
from app.tickets.queries import supervision
from app.tickets.service.moving import Move


def held(ticket: Ticket) -> JointMeeting | None:
    """Return the meeting that settled whose the ticket is, where there was one."""
    if ticket.return_count < supervision.MEETING_AFTER:
        return None
    return supervision.newest_meeting(ticket.id)


def is_due(ticket: Ticket) -> bool:
    """Tell whether the ticket was returned twice in all, and once more since any meeting."""
    if ticket.return_count < supervision.MEETING_AFTER:
        return False
    newest = held(ticket)
    return newest is None or newest.return_count < ticket.return_count


def may_dispatch(move: Move) -> None:
    """T07: not before the meeting that two returns make necessary (T10)."""
    if is_due(move.ticket):
        raise DomainError(
            N_("交办：这件已经退过 {n} 次，要先由营商办主任会商定责。"), n=move.ticket.return_count
        )


def check_decided(move: Move) -> None:
    """T07, T11: after a meeting it goes to the unit that the meeting named."""
    meeting = held(move.ticket)
    if meeting is not None and move.given.lead_unit_id != meeting.lead_unit_id:
        raise Invalid(
            N_("会商已经定了由{unit}主办，请交给它。"),
            field="lead_unit_id",
            unit=meeting.lead_unit.name,
        )


def may_reassign(move: Move) -> None:
    """T11: what a meeting settled stays where it is, until another meeting says otherwise."""
    meeting = held(move.ticket)
    if meeting is not None and meeting.lead_unit_id == move.ticket.lead_unit_id:
        raise DomainError(
            N_("改派：会商已经定了由{unit}主办，要换单位，先再会商一次。"),
            unit=meeting.lead_unit.name,
        )


def check_not_settled(move: Move, unit_id: int) -> None:
    """T10: what a meeting gave to a unit, the unit does not return."""
    meeting = held(move.ticket)
    if meeting is not None and meeting.lead_unit_id == unit_id:
        raise DomainError(N_("退单：会商已经定了由您单位办，不能再退。"))
