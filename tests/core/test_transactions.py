"""Nothing that was saved is lost, and nothing is done twice."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, select

from app.accounts.models import Tenant
from app.core import clock, counters
from app.core import transactions as forms
from app.core.counters import Counter
from app.core.db import db
from app.core.errors import Stale
from app.core.transactions import DoneOnce, forget_done, once, transaction
from tests import databases, make

WRITERS = 8
EACH = 25


def at_once(app: Flask, work: Callable[[int], object], writers: int = WRITERS) -> list[object]:
    """Let several people work at the same moment, each with a connection of their own."""
    gate = threading.Barrier(writers)

    def one(number: int) -> object:
        with app.app_context():
            gate.wait()
            try:
                return work(number)
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(writers) as pool:
        found = list(pool.map(one, range(writers)))
    db.session.rollback()  # what the others wrote is seen from here on
    return found


def test_eight_writers_lose_nothing_and_wait_for_each_other(app: Flask) -> None:
    tenant_id = make.the_tenant().id

    def edit(_number: int) -> int:
        tries = 0
        for _ in range(EACH):
            while True:
                tries += 1
                try:
                    with transaction():
                        tenant = db.session.get_one(Tenant, tenant_id)
                        tenant.settings = {"n": tenant.settings.get("n", 0) + 1}
                    break
                except Stale:
                    continue  # told, and done again: on PostgreSQL the second writer is refused
        return tries

    at_once(app, edit)

    assert db.session.get_one(Tenant, tenant_id).settings["n"] == WRITERS * EACH


@pytest.mark.skipif(databases.KIND != "sqlite", reason="PostgreSQL wakes who waits")
def test_a_thread_asks_sqlite_to_write_only_once_the_one_before_is_done(app: Flask) -> None:
    inside, come = threading.Event(), []

    def checkout(*_given: object) -> None:
        come.append(threading.get_ident())

    def write(number: int) -> int:
        if number == 1:
            inside.wait()
        with transaction():
            inside.set()
            time.sleep(0.1)  # long enough for the other one to come
            return len(come)

    event.listen(db.engine, "checkout", checkout)
    try:
        found = at_once(app, write, writers=2)
    finally:
        event.remove(db.engine, "checkout", checkout)

    assert found == [1, 2]


def test_eight_writers_get_numbers_without_a_gap_or_a_double(app: Flask) -> None:
    tenant_id = make.the_tenant().id

    def take(_number: int) -> list[int]:
        taken = []
        for _ in range(EACH):
            with transaction():
                taken.append(counters.following(tenant_id, "QS20260921"))
        return taken

    numbers = [n for taken in at_once(app, take) for n in taken]  # type: ignore[attr-defined]

    assert sorted(numbers) == list(range(1, WRITERS * EACH + 1))


@pytest.mark.usefixtures("app")
def test_a_number_of_a_transaction_that_failed_is_given_again() -> None:
    tenant_id = make.the_tenant().id

    def fail() -> None:
        with transaction():
            counters.following(tenant_id, "QS20260921")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with transaction():
        assert counters.following(tenant_id, "QS20260921") == 1


def test_one_form_sent_eight_times_at_once_is_carried_out_once(app: Flask) -> None:
    tenant_id = make.the_tenant().id

    def send(_number: int) -> str:
        def work() -> str:
            return f"/tickets/{counters.following(tenant_id, 'QS20260921')}"

        return once("a" * 32, work, user_id=7)

    assert at_once(app, send) == ["/tickets/1"] * WRITERS
    assert db.session.scalar(select(Counter.value)) == 1
    assert db.session.scalar(select(func.count()).select_from(DoneOnce)) == 1


@pytest.mark.usefixtures("app")
def test_a_form_that_was_refused_may_be_sent_again_under_its_key() -> None:
    tenant_id = make.the_tenant().id

    def refuse() -> str:
        counters.following(tenant_id, "QS20260921")
        raise Stale("刚才有人改过")

    with pytest.raises(Stale):
        once("b" * 32, refuse, user_id=7)

    assert once("b" * 32, lambda: "/done", user_id=7) == "/done"
    assert db.session.scalar(select(func.count()).select_from(Counter)) == 0


@pytest.mark.usefixtures("app")
def test_another_person_s_key_gives_nothing_away() -> None:
    once("c" * 32, lambda: "/secret", user_id=7)

    with pytest.raises(Stale):
        once("c" * 32, lambda: "/mine", user_id=8)


@pytest.mark.usefixtures("app")
def test_what_was_read_before_a_transaction_is_read_again_inside(app: Flask) -> None:
    tenant = make.the_tenant()
    assert tenant.settings == {}

    def change(_number: int) -> None:
        with transaction():
            db.session.get_one(Tenant, tenant_id).settings = {"n": 1}

    tenant_id = tenant.id
    at_once(app, change, writers=1)

    with transaction():
        assert tenant.settings == {"n": 1}


def carried_out(*days_ago: int) -> None:
    """Note forms that were carried out so many days ago, each under its own key."""
    now = clock.machine_now()
    with transaction():
        for n, days in enumerate(days_ago):
            at = now - timedelta(days=days)
            db.session.add(DoneOnce(key=f"{n:032}", user_id=7, location=f"/{n}", at=at))


def kept() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(DoneOnce.location).order_by(DoneOnce.key)))


@pytest.mark.usefixtures("app")
def test_forms_of_long_ago_are_forgotten_and_a_page_of_last_week_is_still_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forms, "AT_ONCE", 2)
    carried_out(31, 40, 29, 60, 0, 90, 400)

    assert forget_done(clock.machine_now()) == 5

    assert kept() == ["/2", "/4"]
    assert once(f"{2:032}", lambda: "/again", user_id=7) == "/2"
    assert forget_done(clock.machine_now()) == 0


@pytest.mark.usefixtures("app")
def test_forgetting_that_breaks_off_forgot_some_and_goes_on_next_night(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forms, "AT_ONCE", 2)
    carried_out(31, 40, 29, 60, 90)
    commits: list[Connection] = []

    def broken(connection: Connection) -> None:
        commits.append(connection)
        if len(commits) > 1:
            raise ConnectionError("the database is gone")

    event.listen(db.engine, "commit", broken)
    with pytest.raises(ConnectionError):
        forget_done(clock.machine_now())
    event.remove(db.engine, "commit", broken)

    assert len(kept()) == 3
    assert forget_done(clock.machine_now()) == 2
    assert kept() == ["/2"]
