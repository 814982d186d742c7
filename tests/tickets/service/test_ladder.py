"""The urge and supervision ladder, C2.5: when, in which order, to whom, and once each."""

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import OrgUnit
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import service
from app.tickets.workflow.states import Event, NoteLevel, Status
from tests.office import Office, moment, open_office
from tests.tickets.refusals import set_rules

pytestmark = pytest.mark.usefixtures("app")

Clock = time_machine.Traveller


@pytest.fixture
def office() -> Office:
    """Walk a ticket that is due on Tuesday 29 September, yellow on the 28th."""
    office = open_office()
    office.walk_to(Status.IN_PROGRESS)
    return office


def climb(office: Office, clock: Clock, day: str) -> list[str]:
    """Climb in the morning of a day of the year; return the steps that were taken."""
    clock.move_to(moment(f"2026-{day}T08:45"))
    before = len(office.ticket.events)
    with transaction():
        service.climb(office.ticket_id)
    new = [event.payload for event in office.ticket.events[before:]]
    return [payload.get("level") or payload["step"] for payload in new]


DAYS = ("09-24", "09-28", "09-29", "09-30", "10-08", "10-09", "10-10", "10-12", "10-13", "10-14")


def test_each_step_comes_on_its_day_and_once(office: Office, frozen_clock: Clock) -> None:
    climbed = {day: climb(office, frozen_clock, day) for day in DAYS}
    again = {day: climb(office, frozen_clock, day) for day in ("10-14", "10-15")}

    assert climbed == {
        "09-24": [],
        "09-28": ["yellow"],
        "09-29": [],
        "09-30": ["overdue"],  # the first working day after
        "10-08": ["blue"],  # the second; National Day between
        "10-09": [],
        "10-10": ["orange"],  # the fourth, a Saturday that is worked
        "10-12": [],
        "10-13": ["red"],  # the sixth
        "10-14": [],
    }
    assert again == {"10-14": [], "10-15": []}


def test_a_note_that_is_not_answered_in_time_is_followed_by_the_next(
    office: Office, frozen_clock: Clock
) -> None:
    set_rules(office, orange_after=60, red_after=90)
    assert climb(office, frozen_clock, "10-08") == ["overdue", "blue"]
    assert climb(office, frozen_clock, "10-10") == []  # until the end of this day
    assert climb(office, frozen_clock, "10-12") == ["orange"]
    assert climb(office, frozen_clock, "10-14") == []
    assert climb(office, frozen_clock, "10-15") == ["red"]


def test_a_note_that_was_answered_is_not_followed_before_its_day(
    office: Office, frozen_clock: Clock
) -> None:
    set_rules(office, orange_after=60)
    climb(office, frozen_clock, "10-08")
    with transaction():
        (note,) = office.ticket.supervision_notes
        head = office.actor(Role.DEPT_HEAD)
        service.answer_supervision(note, "已经排好日程，本周内办完。", actor=head)

    assert climb(office, frozen_clock, "10-13") == []


def test_a_ticket_knows_that_a_note_waits_until_the_last_one_is_answered(
    office: Office, frozen_clock: Clock
) -> None:
    waits = [office.ticket.note_waits]
    for day in ("09-30", "10-08", "10-10"):
        climb(office, frozen_clock, day)
        waits.append(office.ticket.note_waits)
    for one in range(2):
        with transaction():
            note = office.ticket.supervision_notes[one]
            head = office.actor(Role.DEPT_HEAD)
            service.answer_supervision(note, "已经排好日程，本周内办完。", actor=head)
        waits.append(office.ticket.note_waits)

    assert waits == [False, False, True, True, True, False]


def test_after_a_long_silence_the_steps_still_come_one_a_day_in_order(
    office: Office, frozen_clock: Clock
) -> None:
    assert climb(office, frozen_clock, "10-20") == ["overdue", "blue"]
    assert climb(office, frozen_clock, "10-20") == []
    assert climb(office, frozen_clock, "10-21") == ["orange"]
    assert climb(office, frozen_clock, "10-22") == ["red"]
    assert climb(office, frozen_clock, "10-23") == []


def test_a_new_deadline_has_a_ladder_of_its_own(office: Office, frozen_clock: Clock) -> None:
    assert climb(office, frozen_clock, "09-28") == ["yellow"]
    office.propose(
        Event.APPROVE_EXTENSION, Role.DEPT_HEAD, new_due_on=clock.today().replace(day=30)
    )
    office.decide(Role.OFFICE_DIRECTOR)

    assert climb(office, frozen_clock, "09-29") == ["yellow"]
    assert climb(office, frozen_clock, "10-08") == ["overdue"]


def test_what_is_not_handled_climbs_nothing(office: Office, frozen_clock: Clock) -> None:
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)

    assert climb(office, frozen_clock, "10-20") == []


def heard(office: Office) -> set[int]:
    """Return who got a message about the newest line of the history."""
    newest = str(office.ticket.events[-1].id)
    return set(db.session.scalars(select(Message.recipient_id).where(Message.period == newest)))


def test_each_step_is_told_to_those_whom_the_rules_name(
    office: Office, frozen_clock: Clock
) -> None:
    def ids(*of: Role) -> set[int | None]:
        return {office.actor(role).user_id for role in of}

    with transaction():
        in_charge = office.actor(Role.VILLAGE_OFFICER).user_id  # anybody in charge of the unit
        db.session.get_one(OrgUnit, office.unit_id).in_charge_id = in_charge
    unit = ids(Role.HANDLER, Role.DEPT_HEAD)
    office_desk = ids(Role.DISPATCHER) | {office.more["second dispatcher"].user_id}
    told = {}
    for day in DAYS:
        for step in climb(office, frozen_clock, day):
            told[step] = heard(office)

    assert told == {
        "yellow": unit,
        "overdue": unit | office_desk,
        "blue": unit | ids(Role.LEADER),
        "orange": unit | {in_charge} | ids(Role.OFFICE_DIRECTOR),
        "red": unit | ids(Role.OFFICE_DIRECTOR, Role.CHIEF, Role.SUPERVISOR),
    }


def test_a_note_is_to_be_answered_in_two_working_days(office: Office, frozen_clock: Clock) -> None:
    climb(office, frozen_clock, "10-08")

    (note,) = office.ticket.supervision_notes
    assert (note.level, note.answer_due_at) == (NoteLevel.BLUE, moment("2026-10-10T17:30"))
    assert note.raised_at == clock.now()
