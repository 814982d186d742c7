"""A ticket that units pass back, for tests of what ends it."""

from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.service import MeetingDraft
from app.tickets.workflow.states import Event, Status
from tests.office import Office

CONCLUSION = "道路归两家共管，由经办单位牵头，另一家配合。"


def ask_back(office: Office, head: Actor, suggested_unit_id: int) -> None:
    """Ask, as the head of a unit, to return the ticket."""
    with transaction():
        given = office.given(Event.APPROVE_RETURN, suggested_unit_id=suggested_unit_id)
        service.propose(office.ticket, Event.APPROVE_RETURN, given, actor=head)


def returned_twice(office: Office) -> None:
    """Walk a ticket to the office's desk for the third time: two units returned it."""
    office.walk_to(Status.PENDING_SIGN)
    ask_back(office, office.actor(Role.DEPT_HEAD), office.other_unit_id)
    office.decide(Role.OFFICE_DIRECTOR)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=office.other_unit_id)
    ask_back(office, office.more["other head"], office.unit_id)
    office.decide(Role.OFFICE_DIRECTOR)


def meet(office: Office, role: Role = Role.OFFICE_DIRECTOR, **more: object) -> None:
    """Hold the meeting, and give the ticket to the unit that returned it first."""
    said: dict[str, object] = {
        "held_on": clock.today(),
        "unit_ids": (office.unit_id, office.other_unit_id),
        "lead_unit_id": office.unit_id,
        "conclusion": CONCLUSION,
    }
    with transaction():
        draft = MeetingDraft(**(said | more))  # type: ignore[arg-type]  # tests give it wrongly too
        service.hold_meeting(office.ticket, draft, actor=office.actor(role))
