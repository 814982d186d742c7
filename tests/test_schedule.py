"""The timetable: what is due runs once, whatever happened to the scheduler or the clock."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any
from unittest import mock

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import create_app, schedule
from app.accounts.models import User
from app.accounts.roles import Role
from app.core import clock, jobs
from app.core.db import db
from app.core.jobs import JobRun
from app.core.transactions import transaction
from app.enterprises import queries as enterprises
from app.enterprises.models import Linkage, Seat
from app.notifications import channels, service
from app.notifications.models import Channel, Message, MessageState
from app.schedule import EACH_TICK, Job, Scheduler
from app.visits import jobs as visits
from app.visits.service import handover as handing
from tests import make, processes
from tests.conftest import SETTINGS
from tests.visits.town import Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
Sent = Callable[[], list[EmailMessage]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.LOCAL)


@pytest.fixture
def done() -> list[str]:
    """Return what the jobs of a test have done."""
    return []


@pytest.fixture
def timetable(monkeypatch: pytest.MonkeyPatch, done: list[str]) -> tuple[Job, ...]:
    """Let a daily, a weekday and an unclaimed job stand in the timetable."""
    made = (
        Job("early", lambda: done.append("early"), "0 6 * * *"),
        Job("weekly", lambda: done.append("weekly"), "35 8 * * mon"),
        Job("often", lambda: done.append("often"), "* * * * *", EACH_TICK, "*/30 8-18 * * *"),
    )
    monkeypatch.setattr(schedule, "TIMETABLE", made)
    return made


# ---- what is due ----


def test_names_and_weekdays_of_the_timetable_are_good() -> None:
    names = [job.name for job in schedule.TIMETABLE]

    assert len(set(names)) == len(names)
    assert all(not any(c.isdigit() for c in job.when.split()[4]) for job in schedule.TIMETABLE)
    assert all(len(name) <= 60 for name in names)


def test_reminders_keep_off_the_whole_and_half_hours() -> None:
    reminders = [job for job in schedule.TIMETABLE if job.name.startswith("remind-")]

    assert len(reminders) > 7
    assert all(job.when.split()[0] not in {"0", "30"} for job in reminders)
    assert {job.when for job in reminders if job.name != "remind-co-tasks"} == {"35 8 * * *"}


@pytest.mark.usefixtures("timetable")
def test_a_slot_runs_once(done: list[str], frozen_clock: time_machine.Traveller) -> None:
    frozen_clock.move_to(at("2026-10-12T09:00"), tick=False)  # a Monday

    schedule.run_due()
    schedule.run_due()

    assert done == ["early", "weekly", "often", "often"]


@pytest.mark.usefixtures("timetable")
def test_a_scheduler_that_slept_three_days_catches_up_with_what_still_matters(
    done: list[str], frozen_clock: time_machine.Traveller
) -> None:
    frozen_clock.move_to(at("2026-10-08T07:00"), tick=False)
    schedule.run_due()
    done.clear()

    frozen_clock.move_to(at("2026-10-11T05:00"), tick=False)
    assert schedule.run_due() == ["early", "often"]  # last Monday is too long ago
    assert schedule.run_due() == ["often"]
    frozen_clock.move_to(at("2026-10-11T06:00"), tick=False)

    assert schedule.run_due() == ["early", "often"]


@pytest.mark.usefixtures("timetable")
def test_a_clock_set_back_repeats_no_slot_and_silences_nothing(
    done: list[str], frozen_clock: time_machine.Traveller
) -> None:
    frozen_clock.move_to(at("2026-10-12T09:00"), tick=False)
    schedule.run_due()
    done.clear()

    frozen_clock.move_to(at("2026-10-12T08:00"), tick=False)

    assert schedule.run_due() == ["often"]


def test_a_job_that_fails_stops_no_other_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, frozen_clock: time_machine.Traveller, done: list[str]
) -> None:
    broken = [True]

    def fragile() -> None:
        if broken:
            raise ConnectionError("no line")
        done.append("fragile")

    table = (
        Job("fragile", fragile, "0 6 * * *"),
        Job("loud", fragile, "* * * * *", EACH_TICK),
        Job("sound", lambda: done.append("sound"), "0 6 * * *"),
    )
    monkeypatch.setattr(schedule, "TIMETABLE", table)
    frozen_clock.move_to(at("2026-10-12T09:00"), tick=False)

    schedule.run_due()
    assert done == ["sound"]
    assert "no line" in jobs.last_runs()["fragile"].error
    broken.clear()
    schedule.run_due()

    assert done == ["sound", "fragile", "fragile"]


# ---- moving a clock ----


def test_a_clock_that_is_moved_comes_by_every_slot_in_order(timetable: tuple[Job, ...]) -> None:
    early, weekly, often = timetable

    found = schedule.slots_between(at("2026-10-11T06:00"), at("2026-10-12T08:35"))

    assert found == [
        *[(moment, often) for moment in half_hours("2026-10-11T08:00", "2026-10-11T18:30")],
        (at("2026-10-12T06:00"), early),
        (at("2026-10-12T08:00"), often),
        (at("2026-10-12T08:30"), often),
        (at("2026-10-12T08:35"), weekly),
    ]


def half_hours(first: str, last: str) -> Iterator[datetime]:
    moment = at(first)
    while moment <= at(last):
        yield moment
        moment += timedelta(minutes=30)


def test_no_slot_is_lost_or_met_twice_where_two_moves_meet(timetable: tuple[Job, ...]) -> None:
    del timetable
    start, middle, end = at("2026-10-01T00:00"), at("2026-10-06T06:00"), at("2026-10-14T12:00")

    parts = schedule.slots_between(start, middle) + schedule.slots_between(middle, end)

    assert parts == schedule.slots_between(start, end)


def test_a_slot_that_was_met_on_a_journey_is_not_run_again(
    timetable: tuple[Job, ...], done: list[str], frozen_clock: time_machine.Traveller
) -> None:
    early = timetable[0]
    moment = at("2026-10-12T06:00")

    with clock.held(moment):
        assert schedule.run_at(early, moment)
        assert not schedule.run_at(early, moment)
    frozen_clock.move_to(at("2026-10-12T06:30"), tick=False)
    schedule.run_due()

    assert done == ["early", "often"]


# ---- the scheduler itself ----


@pytest.mark.usefixtures("timetable")
def test_two_schedulers_run_a_slot_once(
    app: Flask, done: list[str], frozen_clock: time_machine.Traveller
) -> None:
    frozen_clock.move_to(at("2026-10-12T09:00"), tick=False)
    both = [Scheduler(app, every=0.01) for _ in range(2)]

    for scheduler in both:
        scheduler.start()
    give_up = time.monotonic() + 20
    while done.count("often") < 6 and time.monotonic() < give_up:
        time.sleep(0.01)
    for scheduler in both:
        scheduler.shutdown()

    assert done.count("early") == 1
    assert done.count("weekly") == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "scheduler"]


def test_no_failure_ends_the_scheduler(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def fail() -> None:
        calls.append(1)
        raise ConnectionError("no database")

    monkeypatch.setattr(schedule, "run_due", fail)

    Scheduler(app).tick()

    assert calls == [1]


# ---- R1, and a scheduler that is killed ----


def run_due_apart(mode: str, settings: dict[str, object], now: datetime, said: Connection) -> None:
    """Run what is due at `now`, in a process of its own; hang in the middle, unless it is whole."""

    def hang(*_given: object, **_more: object) -> None:
        said.send("here")
        time.sleep(60)

    def hang_the_second_time(work: Callable[..., Any]) -> Callable[..., Any]:
        calls = count()
        return lambda *given, **more: hang() if next(calls) else work(*given, **more)

    reminding = (service, "remind", hang_the_second_time(service.remind))
    paging = (visits, "run_pages", partial(jobs.run_pages, size=1))
    handing_on = hang_the_second_time(handing.enterprises.hand_on)
    changed: dict[str, list[tuple[object, str, object]]] = {
        "whole": [],
        "before-send": [(channels.FolderChannel, "send", hang)],  # the message is claimed
        "after-send": [(service, "keep", hang)],  # the letter is written, which nobody noted
        "in-work": [reminding],  # some of the promises are made
        "between-pages": [reminding, paging],  # what the first page promised is committed
        "in-handover": [(handing.enterprises, "hand_on", handing_on)],
    }
    for place, name, instead in changed[mode]:
        mock.patch.object(place, name, instead).start()
    with create_app(settings).app_context():
        clock.shift(now - clock.machine_now())
        schedule.run_due()
    said.send("done")


@pytest.fixture
def town(app: Flask) -> Town:
    made = open_town()
    with transaction():
        for actor in (made.leader, made.liaison):
            person = db.session.get_one(User, actor.user_id)
            person.email = f"p{person.id}@example.com"
    del app
    return made


def start(app: Flask, mode: str, now: str) -> tuple[BaseProcess, Connection]:
    """Start a process; return it, and what it says is heard on."""
    db.session.rollback()
    names = ("SQLALCHEMY_DATABASE_URI", "MAIL_FOLDER", "FILES_FOLDER", "AUDIT_ANCHOR")
    settings = {**SETTINGS, **{name: app.config[name] for name in names}}
    heard, said = processes.APART.Pipe(duplex=False)
    running = processes.start(run_due_apart, mode, settings, at(now), said)
    said.close()
    return running, heard


def kill_in_the_middle(app: Flask, mode: str, now: str) -> None:
    running, heard = start(app, mode, now)
    assert heard.recv() == "here"
    running.kill()
    assert processes.end(running) == -signal.SIGKILL


def run_whole(app: Flask, now: str) -> None:
    running, heard = start(app, "whole", now)
    assert heard.recv() == "done"
    assert processes.end(running) == 0


def let_leases_run_out() -> None:
    """Do what ten minutes of waiting would do."""
    long_ago = clock.machine_now() - timedelta(days=30)
    with transaction():
        for run in db.session.scalars(select(JobRun).where(JobRun.finished_at.is_(None))):
            run.leased_until = long_ago
        queued = select(Message).where(Message.state == MessageState.QUEUED)
        for message in db.session.scalars(queued):
            message.next_try_at = long_ago


@pytest.mark.parametrize("mode", ["in-work", "between-pages", "before-send", "after-send"])
def test_a_scheduler_that_was_killed_sends_r1_once_after_it_starts_again(
    app: Flask, town: Town, sent: Sent, mode: str
) -> None:
    now = "2026-10-08T08:35"

    kill_in_the_middle(app, mode, now)
    first = {str(letter["Message-ID"]) for letter in sent()}
    let_leases_run_out()
    run_whole(app, "2026-10-08T08:50")
    let_leases_run_out()
    run_whole(app, "2026-10-09T09:00")

    letters = sent()
    assert sorted(str(letter["To"]).split("<")[1] for letter in letters) == [
        f"p{town.leader_id}@example.com>",
        f"p{town.liaison_id}@example.com>",
    ]
    assert first <= {str(letter["Message-ID"]) for letter in letters}
    db.session.rollback()
    mails = db.session.scalars(select(Message).where(Message.channel == Channel.MAIL)).all()
    assert [mail.state for mail in mails] == [MessageState.SENT] * 2


def test_a_scheduler_that_was_killed_in_a_handover_leaves_it_whole_or_nothing(
    app: Flask, town: Town
) -> None:
    person = db.session.get_one(User, town.liaison_id)
    for _ in range(2):
        make.linkage(liaison=person)
    make.handover(town.liaison, make.actor(Role.LIAISON), on=date(2026, 10, 8))

    def held() -> int:
        db.session.rollback()
        return len(enterprises.portfolio(town.liaison_id, Seat.LIAISON, date(2026, 10, 8)))

    kill_in_the_middle(app, "in-handover", "2026-10-08T00:00")
    assert held() == 3
    let_leases_run_out()
    run_whole(app, "2026-10-08T00:20")
    assert held() == 0
    let_leases_run_out()
    run_whole(app, "2026-10-08T01:00")

    linkages = db.session.scalars(select(Linkage)).all()
    assert len(linkages) == 6


def test_a_scheduler_that_was_down_on_the_day_sends_r1_when_it_is_back(
    app: Flask, town: Town, sent: Sent, frozen_clock: time_machine.Traveller
) -> None:
    del app, town
    go_to(frozen_clock, "2026-10-11", "03:00")  # a Sunday

    schedule.run_due()
    assert sent() == []
    go_to(frozen_clock, "2026-10-12", "08:40")
    schedule.run_due()
    schedule.run_due()

    assert len(sent()) == 2


@pytest.mark.parametrize("may_run", [True, False])
def test_what_is_asked_ahead_of_a_tick_may_hold_it_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, may_run: bool
) -> None:
    ran: list[str] = []
    monkeypatch.setattr(schedule, "run_due", lambda: ran.append("tick"))

    schedule.build_scheduler(app, before=lambda: may_run).tick()

    assert ran == (["tick"] if may_run else [])
