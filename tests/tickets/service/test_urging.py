"""Nobody is urged twice a day: by hand and by the timetable, in whatever order."""

from collections import Counter
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
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import jobs, service
from app.tickets.models import Urge
from app.tickets.workflow.states import Event, Note, NoteLevel, Status
from tests.conftest import MONDAY_MORNING
from tests.core.test_transactions import at_once
from tests.office import Office, moment, open_office, reply
from tests.tickets.refusals import LET_IN, refused_at

Clock = time_machine.Traveller


@pytest.fixture
def office(app: Flask) -> Office:
    """Walk a ticket that is due on Tuesday 29 September, yellow on the 28th."""
    del app
    office = open_office()
    office.walk_to(Status.IN_PROGRESS)
    return office


def urge(office: Office, role: Role = Role.SUPERVISOR, words: str = "请抓紧") -> str:
    def run() -> None:
        with transaction():
            service.urge(office.ticket, words, actor=office.actor(role))

    return refused_at(run)


def urges(office: Office) -> list[tuple[str, str, bool]]:
    """Return each urge: its step, the day for which it counts, and whether a person urged."""
    db.session.rollback()
    found = db.session.scalars(
        select(Urge).where(Urge.ticket_id == office.ticket_id).order_by(Urge.id)
    )
    return [(one.step, f"{one.on:%m-%d}", one.by_id is not None) for one in found]


def climb(clock_: Clock, when: str) -> None:
    clock_.move_to(moment(f"2026-{when}"))
    jobs.climb_ladder()


def heard(office: Office) -> set[int]:
    line = str(office.ticket.events[-1].id)
    return set(db.session.scalars(select(Message.recipient_id).where(Message.period == line)))


@pytest.mark.parametrize("day", ["09-28", "09-30"])
def test_after_the_timetable_urged_nobody_urges_by_hand_on_that_day(
    office: Office, frozen_clock: Clock, day: str
) -> None:
    climb(frozen_clock, f"{day}T08:45")
    for hour in ("09:00", "17:29", "20:00"):
        frozen_clock.move_to(moment(f"2026-{day}T{hour}"))
        assert urge(office) == ""

    following = {"09-28": "09-29", "09-30": "10-08"}[day]
    frozen_clock.move_to(moment(f"2026-{following}T08:31"))
    assert urge(office) == LET_IN


@pytest.mark.parametrize(
    ("day", "step", "kind"),
    [("09-28", "yellow", Note.URGED), ("09-30", "overdue", Note.OVERDUE_NOTICE)],
)
def test_who_urges_by_hand_on_the_day_of_a_step_takes_it(
    office: Office, frozen_clock: Clock, day: str, step: str, kind: Note
) -> None:
    frozen_clock.move_to(moment(f"2026-{day}T08:31"))
    assert urge(office, words="今天给个准话") == LET_IN
    line = office.ticket.events[-1]
    assert (line.kind, line.comment, line.payload) == (kind, "今天给个准话", {"step": step})
    told = {office.actor(role).user_id for role in (Role.HANDLER, Role.DEPT_HEAD)}
    desk = {office.actor(Role.DISPATCHER).user_id, office.more["second dispatcher"].user_id}
    assert heard(office) == (told | desk if step == "overdue" else told)

    for hour in ("08:45", "10:45", "16:45"):
        climb(frozen_clock, f"{day}T{hour}")

    assert urges(office) == [(step, day, True)]


def test_an_urge_on_a_day_off_is_that_of_the_next_working_day(
    office: Office, frozen_clock: Clock
) -> None:
    frozen_clock.move_to(moment("2026-09-27T20:00"))  # Mid-Autumn; the 28th is yellow
    assert urge(office) == LET_IN
    frozen_clock.move_to(moment("2026-09-27T22:00"))
    assert urge(office) == ""
    climb(frozen_clock, "09-28T08:45")
    climb(frozen_clock, "09-29T08:45")

    assert urges(office) == [("yellow", "09-28", True)]


def test_who_was_urged_in_the_morning_is_not_urged_again_in_the_evening(
    office: Office, frozen_clock: Clock
) -> None:
    frozen_clock.move_to(moment("2026-09-22T09:00"))
    assert urge(office) == LET_IN
    frozen_clock.move_to(moment("2026-09-22T18:00"))  # counts for tomorrow, but is today
    assert urge(office) == ""
    frozen_clock.move_to(moment("2026-09-23T00:10"))
    assert urge(office) == LET_IN
    assert urges(office) == [("", "09-22", True), ("", "09-23", True)]


def test_a_step_that_came_to_be_owed_after_an_urge_waits_for_the_next_working_day(
    office: Office, frozen_clock: Clock
) -> None:
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    frozen_clock.move_to(moment("2026-09-24T09:00"))
    assert urge(office) == LET_IN  # green
    reply(office)
    frozen_clock.move_to(moment("2026-09-24T09:30"))
    set_due_near(office)
    climb(frozen_clock, "09-24T10:45")
    assert urges(office) == [("", "09-24", True)]

    climb(frozen_clock, "09-28T08:45")

    assert urges(office) == [("", "09-24", True), ("yellow", "09-28", False)]


def set_due_near(office: Office) -> None:
    """Let the answer be returned on a day on which it makes the clock yellow at once."""
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)
    with transaction():
        ticket = office.ticket
        ticket.warn_on = clock.today()


def test_the_notice_and_an_urge_of_a_new_deadline_do_not_come_on_one_day(
    office: Office, frozen_clock: Clock
) -> None:
    climb(frozen_clock, "09-30T08:45")
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    reply(office)
    frozen_clock.move_to(moment("2026-09-30T10:00"))
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)  # due on the next working day: yellow
    climb(frozen_clock, "09-30T10:45")
    assert urges(office) == [("overdue", "09-30", False)]

    climb(frozen_clock, "10-08T08:45")

    assert urges(office) == [("overdue", "09-30", False), ("yellow", "10-08", False)]


def test_two_people_and_two_schedulers_at_the_same_moment_urge_once(
    app: Flask, office: Office, frozen_clock: Clock
) -> None:
    frozen_clock.move_to(moment("2026-09-30T08:45"))

    def work(number: int) -> None:
        if number < 2:
            jobs.climb_ladder()
            return
        role = (Role.SUPERVISOR, Role.CHIEF)[number - 2]
        try:
            with transaction():
                service.urge(office.ticket, "请抓紧", actor=office.actor(role))
        except DomainError:
            return

    at_once(app, work, writers=4)

    assert [(step, day) for step, day, _by in urges(office)] == [("overdue", "09-30")]


def test_a_run_that_was_killed_and_one_that_follows_raise_each_step_once(
    office: Office, frozen_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run dies between two tickets, after the one and before the other."""
    first = office.ticket_id
    frozen_clock.move_to(MONDAY_MORNING)
    office.walk_to(Status.IN_PROGRESS)
    second = office.ticket_id
    whole = service.climb

    def dies(ticket_id: int) -> None:
        if ticket_id == second:
            raise SystemExit
        whole(ticket_id)

    frozen_clock.move_to(moment("2026-10-08T08:45"))
    with monkeypatch.context() as patch:
        patch.setattr(service, "climb", dies)
        with pytest.raises(SystemExit):
            jobs.climb_ladder()
    db.session.remove()
    for _ in range(2):
        jobs.climb_ladder()

    for ticket_id in (first, second):
        office.ticket_id = ticket_id
        assert urges(office) == [("overdue", "10-08", False)]
        assert [note.level for note in office.ticket.supervision_notes] == [NoteLevel.BLUE]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(
        st.tuples(st.integers(0, 22), st.integers(0, 23), st.booleans()), min_size=4, max_size=40
    )
)
def test_however_people_and_the_timetable_urge_it_is_once_a_day_and_the_notice_comes_on_its_day(
    office: Office, frozen_clock: Clock, moments: list[tuple[int, int, bool]]
) -> None:
    frozen_clock.move_to(MONDAY_MORNING)
    office.walk_to(Status.IN_PROGRESS)
    runs = [(day, hour, False) for day in range(23) for hour in (8, 9, 14, 16)]
    for day, hour, by_hand in sorted([*moments, *runs]):
        frozen_clock.move_to(moment("2026-09-21T00:45") + timedelta(days=day, hours=hour))
        if by_hand:
            urge(office)
        else:
            jobs.climb_ladder()

    found = db.session.scalars(select(Urge).where(Urge.ticket_id == office.ticket_id)).all()
    assert max(Counter(one.on for one in found).values()) == 1
    assert max(Counter(local_day(one.at) for one in found).values()) == 1
    assert {one.step: f"{one.on:%m-%d}" for one in found if one.step} == {
        "yellow": "09-28",
        "overdue": "09-30",
    }


def local_day(at: datetime) -> str:
    return clock.local(at).date().isoformat()
