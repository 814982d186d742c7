"""The ladder as the timetable runs it: in working time, once however often, and who is asked."""

from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import jobs, service
from app.tickets.models import SupervisionNote, Urge
from app.tickets.queries import supervision
from app.tickets.workflow.states import Event, NoteLevel, Status
from app.workdays.queries import calendar_of
from tests.conftest import MONDAY_MORNING
from tests.core.test_transactions import at_once
from tests.office import Office, moment, open_office

Clock = time_machine.Traveller
ORDER = ["yellow", "overdue", *(level.value for level in NoteLevel)]


@pytest.fixture
def office(app: Flask) -> Office:
    """Walk a ticket that is due on Tuesday 29 September, yellow on the 28th."""
    del app
    office = open_office()
    office.walk_to(Status.IN_PROGRESS)
    return office


def steps(office: Office) -> list[tuple[str, datetime]]:
    """Return the steps that were taken, by when."""
    urges = db.session.scalars(select(Urge).where(Urge.ticket_id == office.ticket_id)).all()
    notes = db.session.scalars(
        select(SupervisionNote).where(SupervisionNote.ticket_id == office.ticket_id)
    ).all()
    taken = [(urge.at, urge.step) for urge in urges]
    taken += [(note.raised_at, note.level.value) for note in notes]
    return [(step, at) for at, step in sorted(taken, key=lambda one: (one[0], ORDER.index(one[1])))]


@pytest.mark.parametrize(
    "when",
    [
        "2026-09-30T08:15",  # before work begins
        "2026-09-30T12:30",  # lunch
        "2026-09-30T17:45",  # after work
        "2026-10-03T10:00",  # National Day
        "2026-10-11T10:00",  # a Sunday
    ],
)
def test_nothing_is_raised_outside_working_time(
    office: Office, frozen_clock: Clock, when: str
) -> None:
    frozen_clock.move_to(moment(when))

    jobs.climb_ladder()
    with transaction():
        service.climb(office.ticket_id)

    assert steps(office) == []


def test_what_was_missed_in_the_morning_is_raised_the_same_day(
    office: Office, frozen_clock: Clock
) -> None:
    frozen_clock.move_to(moment("2026-09-30T15:45"))
    jobs.climb_ladder()

    assert steps(office) == [("overdue", moment("2026-09-30T15:45"))]
    frozen_clock.move_to(moment("2026-10-08T08:45"))  # less than a working day later
    jobs.climb_ladder()
    assert [step for step, _ in steps(office)] == ["overdue", "blue"]


def test_two_schedulers_at_the_same_moment_raise_each_step_once(
    app: Flask, office: Office, frozen_clock: Clock
) -> None:
    for day in ("09-28", "09-30", "10-08", "10-10", "10-13"):
        frozen_clock.move_to(moment(f"2026-{day}T08:45"))
        at_once(app, lambda _number: jobs.climb_ladder(), writers=2)

    assert [step for step, _ in steps(office)] == ORDER


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asleep=st.sets(st.integers(0, 30), max_size=12),
    hours=st.lists(st.integers(8, 17), min_size=1, max_size=4),
)
def test_however_the_scheduler_runs_the_steps_come_in_order_once_and_on_working_days(
    office: Office, frozen_clock: Clock, asleep: set[int], hours: list[int]
) -> None:
    frozen_clock.move_to(MONDAY_MORNING)
    office.walk_to(Status.IN_PROGRESS)
    calendar = calendar_of(office.tenant_id)
    first = moment("2026-09-21T00:45")
    for n in range(31):
        for hour in sorted(hours) if n not in asleep else ():
            frozen_clock.move_to(first + timedelta(days=n, hours=hour))
            jobs.climb_ladder()

    taken = steps(office)
    names = [step for step, _ in taken]
    assert names == [step for step in ORDER if step in names]  # in order, each once
    due = office.ticket.due_at
    assert due is not None
    for step, at in taken:
        assert calendar.is_working_time(at)
        late = calendar.overdue(due, at)
        assert late >= {"yellow": 0, "overdue": 1, "blue": 2, "orange": 3, "red": 4}[step]
    raised = [clock.local(at).date() for step, at in taken if step in set(NoteLevel)]
    assert len(raised) == len(set(raised))  # one note a day


def test_a_climbed_ticket_is_not_looked_at_again(office: Office, frozen_clock: Clock) -> None:
    def to_climb() -> bool:
        return office.ticket_id in supervision.to_climb_ids(office.tenant_id, clock.now())

    assert not to_climb()  # green
    for day in ("09-28", "09-30", "10-08", "10-10", "10-13"):
        frozen_clock.move_to(moment(f"2026-{day}T08:45"))
        assert to_climb(), day
        jobs.climb_ladder()
        if day == "09-28":
            assert not to_climb()
    assert not to_climb()


def test_with_the_red_note_the_director_is_asked_to_propose_and_nobody_is_made_to(
    office: Office, frozen_clock: Clock
) -> None:
    for day in ("09-30", "10-08", "10-10", "10-13"):
        frozen_clock.move_to(moment(f"2026-{day}T08:45"))
        jobs.climb_ladder()

    director = office.actor(Role.OFFICE_DIRECTOR).user_id
    line = str(office.ticket.events[-1].id)
    told = db.session.scalars(
        select(Message.subject).where(Message.period == line, Message.recipient_id == director)
    ).all()
    assert len(told) == 1
    assert "建议提请提级办理" in told[0]
    assert office.ticket.proposals == []
    assert suggested(office)
    office.propose(
        Event.ESCALATE,
        Role.OFFICE_DIRECTOR,
        reason="red_unanswered",
        level=1,
        owner_id=office.actor(Role.LEADER).user_id,
        comment="红色督办单没有答复，请分管领导牵头。",
    )
    assert not suggested(office)  # it is asked for


def suggested(office: Office) -> bool:
    found = select(supervision.Ticket.id).where(supervision.to_be_lifted())
    return office.ticket_id in db.session.scalars(found).all()


def test_an_answered_red_note_suggests_nothing(office: Office, frozen_clock: Clock) -> None:
    for day in ("09-30", "10-08", "10-10", "10-13"):
        frozen_clock.move_to(moment(f"2026-{day}T08:45"))
        jobs.climb_ladder()
    with transaction():
        red = office.ticket.supervision_notes[-1]
        head = office.actor(Role.DEPT_HEAD)
        service.answer_supervision(red, "已经排好日程，本周内办完。", actor=head)

    assert red.level is NoteLevel.RED
    assert not suggested(office)


def test_an_answer_after_its_limit_says_so_in_the_history(
    office: Office, frozen_clock: Clock
) -> None:
    frozen_clock.move_to(moment("2026-10-08T08:45"))
    jobs.climb_ladder()
    frozen_clock.move_to(moment("2026-10-12T09:00"))
    with transaction():
        head = office.actor(Role.DEPT_HEAD)
        note = office.ticket.supervision_notes[0]
        service.answer_supervision(note, "已经排好日程，本周内办完。", actor=head)

    assert office.ticket.events[-1].payload["late"] is True
