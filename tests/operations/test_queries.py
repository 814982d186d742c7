"""How the timetable stands: what ran, what is late, what failed, what waits, who runs it."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app import schedule
from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import beats, clock
from app.core.db import db
from app.core.errors import NotAllowed
from app.notifications import service as outbox
from app.notifications.models import Channel
from app.operations import queries, wordings
from app.operations.queries import FAILED, FINE, LATE, NEVER, JobStatus
from app.schedule import EACH_TICK, Job
from app.tickets.workflow.states import Status
from tests import make
from tests.visits.town import go_to

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def broken() -> list[bool]:
    return []


@pytest.fixture
def timetable(monkeypatch: pytest.MonkeyPatch, broken: list[bool]) -> None:
    def fragile() -> None:
        if broken:
            raise ConnectionError("someone@example.com: no line")

    made = (
        Job("daily", fragile, "0 6 * * *"),
        Job("often", lambda: None, "* * * * *", EACH_TICK),
    )
    monkeypatch.setattr(schedule, "TIMETABLE", made)


def standing() -> dict[str, str]:
    return {one.job.name: one.standing for one in queries.status().jobs}


def job(name: str) -> JobStatus:
    return next(one for one in queries.status().jobs if one.job.name == name)


def test_every_job_of_the_timetable_has_a_name_in_words() -> None:
    assert {job.name for job in schedule.TIMETABLE} <= set(wordings.JOBS)


@pytest.mark.parametrize(
    ("crontab", "told"),
    [
        ("* * * * *", "每分钟"),
        ("0 6 * * *", "每天 6:00"),
        ("35 8 * * *", "每天 8:35"),
        ("5 * * * *", "每小时第 5 分"),
        ("45 8-16 * * *", "每天 8 点到 16 点，第 45 分"),
        ("35 8 * * mon", "按时刻表 35 8 * * mon"),
        ("*/30 8-18 * * *", "按时刻表 */30 8-18 * * *"),
    ],
)
def test_when_it_runs_is_told_in_words(crontab: str, told: str) -> None:
    text, values = wordings.when(crontab)

    assert text.format(**values) == told


@pytest.mark.usefixtures("timetable")
def test_what_ran_says_when_how_long_and_when_again(
    frozen_clock: time_machine.Traveller,
) -> None:
    assert standing() == {"daily": LATE, "often": NEVER}
    db.session.rollback()
    go_to(frozen_clock, "2026-09-21", "06:00")

    schedule.run_due()

    assert standing() == {"daily": FINE, "often": FINE}
    daily = job("daily")
    assert daily.run
    assert daily.run.started_at == clock.machine_now()
    assert daily.seconds == 0
    assert daily.next_at == clock.now() + timedelta(days=1)
    assert job("often").next_at is None


@pytest.mark.usefixtures("timetable")
def test_what_has_come_and_was_not_worked_is_late_after_some_minutes(
    frozen_clock: time_machine.Traveller,
) -> None:
    go_to(frozen_clock, "2026-09-21", "06:00")
    schedule.run_due()

    go_to(frozen_clock, "2026-09-22", "06:04")
    assert standing()["daily"] == FINE  # the scheduler may just be about to
    go_to(frozen_clock, "2026-09-22", "06:06")

    assert standing() == {"daily": LATE, "often": LATE}
    assert queries.status().waiting.slots == 2


@pytest.mark.usefixtures("timetable")
def test_what_failed_says_the_sort_of_failure_and_nothing_of_what_it_named(
    broken: list[bool],
) -> None:
    broken.append(True)
    schedule.run_due()

    assert standing()["daily"] == FAILED
    assert job("daily").failure == "ConnectionError"
    broken.clear()
    schedule.run_due()

    assert standing()["daily"] == FINE
    assert job("daily").failure == ""


def test_whether_a_scheduler_lives_is_known_within_a_minute_and_a_half(
    app: Flask, frozen_clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "run_due", list)
    assert not queries.status().is_alive

    db.session.rollback()
    schedule.build_scheduler(app).tick()

    assert queries.status().is_alive
    frozen_clock.shift(91)
    assert not queries.status().is_alive
    assert queries.status().last_beat_at


@pytest.mark.usefixtures("timetable")
def test_a_scheduler_that_is_busy_with_a_long_job_lives(
    frozen_clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def long() -> None:
        frozen_clock.shift(300)
        seen.append(queries.status().is_alive)

    monkeypatch.setattr(schedule, "TIMETABLE", (Job("daily", long, "0 6 * * *"),))
    beats.beat("one:1")

    schedule.run_due()

    assert seen == [True]


def test_what_waits_is_counted(frozen_clock: time_machine.Traveller) -> None:
    person = make.user(Role.LEADER, email="a@example.com")
    outbox.enqueue(
        person.id,
        tenant_id=person.tenant_id,
        rule="R1",
        period="2026-09",
        channel=Channel.MAIL,
        subject="x",
    )
    make.ticket(Status.IN_PROGRESS, due_at=clock.now() - timedelta(days=1))
    giver, to = make.actor(Role.LIAISON), make.actor(Role.LIAISON)
    make.linkage(liaison=db.session.get_one(User, giver.user_id))
    make.handover(giver, to, on=clock.today() + timedelta(days=1))
    frozen_clock.shift(timedelta(days=1))

    waiting = queries.status(person.tenant_id).waiting

    assert (waiting.due_messages, waiting.ladder, waiting.handovers) == (1, 1, 1)
    other = queries.status(make.tenant().id).waiting
    assert (other.due_messages, other.ladder, other.handovers) == (0, 0, 0)


@pytest.mark.parametrize("role", list(Role))
def test_only_who_looks_after_it_sees_it(role: Role) -> None:
    viewer = Actor(make.the_tenant().id, None, role)

    if role in {Role.SYS_ADMIN, Role.OFFICE_DIRECTOR, Role.SYSTEM}:
        assert queries.status_for(viewer).jobs
    else:
        with pytest.raises(NotAllowed):
            queries.status_for(viewer)
