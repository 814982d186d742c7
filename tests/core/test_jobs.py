from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.core import clock, jobs
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.jobs import (
    LEASE,
    JobRun,
    forget_runs,
    last_runs,
    note_run,
    run_each,
    run_slot,
)
from app.core.transactions import transaction
from tests import make
from tests.core.test_transactions import at_once

pytestmark = pytest.mark.usefixtures("app")


class Killed(BaseException):
    """What a process that is killed in mid-run looks like to the database: nothing follows."""


def killed() -> None:
    raise Killed


def test_a_slot_is_done_once_however_often_it_is_run() -> None:
    done: list[int] = []

    assert run_slot("r1", "2026-10", lambda: done.append(1))
    assert not run_slot("r1", "2026-10", lambda: done.append(1))

    assert done == [1]


def test_eight_schedulers_at_once_do_a_slot_once(app: Flask) -> None:
    done: list[int] = []

    at_once(app, lambda n: run_slot("r1", "2026-10", lambda: done.append(n)))

    assert len(done) == 1


def test_a_killed_run_is_done_again_when_its_lease_has_run_out(
    frozen_clock: time_machine.Traveller,
) -> None:
    done: list[int] = []
    with pytest.raises(Killed):
        run_slot("r1", "2026-10", killed)
    db.session.rollback()

    assert not run_slot("r1", "2026-10", lambda: done.append(1))
    frozen_clock.shift(LEASE + timedelta(seconds=1))
    assert run_slot("r1", "2026-10", lambda: done.append(1))

    assert done == [1]


def test_a_failed_run_keeps_its_error_and_may_run_again_at_once() -> None:
    done: list[int] = []

    assert not run_slot("r1", "2026-10", lambda: 1 // 0)  # type: ignore[arg-type, return-value]
    error = db.session.scalars(select(JobRun.error)).one()
    assert "ZeroDivisionError" in error
    assert run_slot("r1", "2026-10", lambda: done.append(1))

    assert done == [1]


def test_one_failure_stops_nothing_else() -> None:
    tenants = [make.tenant().id for _ in range(3)]
    done: list[int] = []

    def work(tenant_id: int) -> None:
        if tenant_id == tenants[1]:
            raise NotAllowed("不行")
        done.append(tenant_id)

    assert run_each(tenants, work) == 2
    assert done == [tenants[0], tenants[2]]


def test_a_job_s_item_that_fails_leaves_nothing_behind() -> None:
    before = db.session.query(JobRun).count()

    def work(_id: int) -> None:
        run = JobRun(job="x", slot="y", started_at=None, leased_until=None, token="")
        db.session.add(run)
        db.session.flush()

    run_each([1], work)

    with transaction():
        assert db.session.query(JobRun).count() == before


def test_a_page_that_fails_is_worked_one_by_one_and_says_so() -> None:
    done: list[tuple[int, ...]] = []

    def work(page: Sequence[int]) -> None:
        if 5 in page:
            raise ValueError("five")
        done.append(tuple(page))

    whole = jobs.run_pages([1, 2, 3, 4, 5, 6, 7], work, size=3)

    assert not whole
    assert done == [(1, 2, 3), (4,), (6,), (7,)]
    assert jobs.run_pages([1, 2], work, size=3)


def test_what_was_finished_is_not_worked_again_and_what_failed_is() -> None:
    calls: list[str] = []

    def work(*, all_of_it: bool) -> Callable[[], bool]:
        return lambda: calls.append("worked") is None and all_of_it

    jobs.work_once("R6", "1/2026-10-08", work(all_of_it=False))
    assert jobs.last_finished("R6", "1/") == ""
    jobs.work_once("R6", "1/2026-10-08", work(all_of_it=True))
    jobs.work_once("R6", "1/2026-10-08", work(all_of_it=True))

    assert calls == ["worked"] * 2
    assert jobs.last_finished("R6", "1/") == "1/2026-10-08"
    assert jobs.last_finished("R6", "11/") == ""


# ---- what is kept of runs ----


def test_work_without_a_slot_keeps_one_row_with_its_last_run(
    frozen_clock: time_machine.Traveller,
) -> None:
    for _tick in range(10):
        note_run("deliver-messages", clock.machine_now())
        frozen_clock.shift(20)

    (run,) = db.session.scalars(select(JobRun)).all()
    assert clock.machine_now() - run.started_at <= timedelta(seconds=60)
    assert run.finished_at is not None


def test_a_failure_without_a_slot_is_noted_at_once_and_so_is_its_end(
    frozen_clock: time_machine.Traveller,
) -> None:
    note_run("deliver-messages", clock.machine_now())
    frozen_clock.shift(20)

    note_run("deliver-messages", clock.machine_now(), error="ConnectionError: no line")
    failed = last_runs()["deliver-messages"]
    assert (failed.error, failed.finished_at) == ("ConnectionError: no line", None)
    frozen_clock.shift(20)
    note_run("deliver-messages", clock.machine_now())

    db.session.expire_all()
    assert last_runs()["deliver-messages"].error == ""
    assert last_runs()["deliver-messages"].finished_at is not None


def test_the_newest_run_of_each_job_is_found_however_many_there_are(
    frozen_clock: time_machine.Traveller,
) -> None:
    run_slot("rare", "2026-09-21", lambda: None)
    for hour in range(30):
        frozen_clock.shift(60)
        run_slot("often", f"{hour}", lambda: None)

    found = last_runs()

    assert (found["rare"].slot, found["often"].slot) == ("2026-09-21", "29")


def test_runs_are_forgotten_after_ninety_days(frozen_clock: time_machine.Traveller) -> None:
    run_slot("r1", "2026-09", lambda: None)
    frozen_clock.shift(timedelta(days=89))
    run_slot("r1", "2026-12", lambda: None)

    forget_runs(clock.machine_now())
    assert len(db.session.scalars(select(JobRun)).all()) == 2
    frozen_clock.shift(timedelta(days=2))
    forget_runs(clock.machine_now())

    assert [run.slot for run in db.session.scalars(select(JobRun))] == ["2026-12"]
