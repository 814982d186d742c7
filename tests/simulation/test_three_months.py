"""Three months of a simulated office, through Mid-Autumn and National Day, and what holds after."""

from collections import Counter

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.core import audit, clock
from app.core.db import db
from app.core.jobs import JobRun
from app.tickets.models import SupervisionNote, Ticket, Urge
from app.tickets.workflow.states import Event, NoteLevel, Status
from tests.simulation import ladder
from tests.simulation.season import Season, live
from tests.tickets.service.test_invariants import check

TICKETS = 400
#: What has to have happened, so that the season proves anything.
HAPPENED = {
    *(event.value for event in (Event.ACCEPT, Event.MERGE, Event.CANCEL, Event.CLOSE_ON_SITE)),
    *(event.value for event in (Event.DISPATCH, Event.SIGN, Event.REASSIGN, Event.FIRST_CONTACT)),
    *(event.value for event in (Event.PROGRESS_NOTE, Event.RETURN_REPLY, Event.APPROVE_REPLY)),
    *(event.value for event in (Event.RESUME, Event.REQUEST_SUPPLEMENT, Event.SUBMIT)),
    "approve approve_return",
    "refuse approve_return",
    "approve approve_extension",
    "approve approve_suspension",
    "approve escalate",
    "approve submit_reply",
    "approve reopen",
    "revisit yes",
    "revisit no",
    "answer note",
    "directive",
    "answer directive",
    "co-task",
    "urge",
    "renew",
    "absence",
}


@pytest.fixture
def season(app: Flask, frozen_clock: time_machine.Traveller) -> Season:
    del app
    return live(frozen_clock, seed=20260901, tickets=TICKETS)


@pytest.mark.long
def test_after_three_months_every_promise_holds(season: Season) -> None:
    tickets = [db.session.get_one(Ticket, id_) for id_ in season.ticket_ids]

    assert set(season.lives.done) >= HAPPENED, HAPPENED - set(season.lives.done)
    for ticket in tickets:
        check(ticket)
    everybody_was_urged_in_order(season, tickets)
    nobody_was_urged_twice_a_day()
    numbers_have_no_double(tickets)
    no_slot_was_worked_twice(season)
    assert season.with_the_absent == []
    assert audit.first_break({}) is None
    the_season_was_a_hard_one(tickets)


def everybody_was_urged_in_order(season: Season, tickets: list[Ticket]) -> None:
    """Each late ticket had its urge, notice and notes in the hour in which they were due."""
    for ticket in tickets:
        urges = db.session.scalars(select(Urge).where(Urge.ticket_id == ticket.id)).all()
        notes = ticket.supervision_notes
        had = [(urge.step, urge.at) for urge in urges if urge.step]
        had += [(note.level.value, note.raised_at) for note in notes]
        order = ["yellow", "overdue", *NoteLevel]
        had.sort(key=lambda step: (step[1], order.index(step[0])))
        by_hand = [urge for urge in urges if urge.by_id is not None]
        assert had == ladder.expected(ticket, season.climbed, by_hand), ticket.number


def nobody_was_urged_twice_a_day() -> None:
    """By hand and by the timetable together: once a working day, and once a day of any kind."""
    urges = db.session.scalars(select(Urge)).all()
    assert max(Counter((urge.ticket_id, urge.on) for urge in urges).values()) == 1
    days = Counter((urge.ticket_id, clock.local(urge.at).date()) for urge in urges)
    assert max(days.values()) == 1
    by_hand = [urge for urge in urges if urge.by_id is not None]
    assert {urge.step for urge in by_hand} == {"", "yellow", "overdue"}


def numbers_have_no_double(tickets: list[Ticket]) -> None:
    numbers = [ticket.number for ticket in tickets]
    assert len(set(numbers)) == TICKETS
    assert None not in numbers


def no_slot_was_worked_twice(season: Season) -> None:
    assert season.ran_twice == []
    runs = Counter((run.job, run.slot) for run in db.session.scalars(select(JobRun)))
    assert set(runs.values()) == {1}
    unfinished = select(JobRun.job).where(JobRun.finished_at.is_(None) | (JobRun.error != ""))
    assert list(db.session.scalars(unfinished)) == []


def the_season_was_a_hard_one(tickets: list[Ticket]) -> None:
    """Enough went wrong that the ladder was climbed to its end, and enough went well."""
    ended = Counter(ticket.status for ticket in tickets)
    assert ended[Status.CLOSED] + ended[Status.ARCHIVED] > TICKETS // 3
    levels = Counter(note.level for note in db.session.scalars(select(SupervisionNote)))
    assert all(levels[level] > 10 for level in NoteLevel), levels
    assert clock.today().isoformat() == "2026-12-01"
