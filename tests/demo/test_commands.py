"""Commands in a demo: its accounts, its clock, its load."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import cli
from app.accounts.models import Tenant, User
from app.accounts.roles import system
from app.core import clock, passwords
from app.core.db import db
from app.core.transactions import transaction
from app.demo import jobs, queries, service
from app.demo.queries import State
from tests import make

Run = Callable[..., tuple[int, str]]


def run(app: Flask, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=words)
    return done.exit_code, done.output


def test_the_accounts_are_listed_with_one_password_that_meets_the_rule(flask: Run) -> None:
    code, printed = flask("demo", "accounts")

    assert code == 0
    for username, _task in cli.WALK:
        assert f"{username:<15} {cli.PASSWORD}" in printed
    people = db.session.scalars(select(User)).all()
    assert all(person.username in printed for person in people)
    assert len({person.password_hash for person in people}) == 1
    assert passwords.matches(people[0].password_hash, cli.PASSWORD)
    for person in people:
        assert not person.must_change_password
        passwords.check_rule(cli.PASSWORD, username=person.username, field="new")


def test_a_password_that_was_changed_is_not_told(flask: Run) -> None:
    with transaction():
        found = db.session.scalars(select(User).where(User.username == "shenzhixia")).one()
        found.password_hash = passwords.make_hash("Something-else-1")

    _code, printed = flask("demo", "accounts")

    assert "shenzhixia      (changed)" in printed


def test_a_second_load_does_nothing_and_says_so(flask: Run) -> None:
    code, printed = flask("demo", "load")

    assert code == 0
    assert printed == "The demo township is here already.\n"


def test_travel_shows_each_day_and_what_happened(flask: Run) -> None:
    code, printed = flask("demo", "travel", "--to", "2026-10-08")

    assert code == 0
    assert "2026-10-01\n" in printed
    assert "reminders: 24" in printed
    jobs.follow_clock()
    assert clock.local(clock.now()).isoformat() == "2026-10-08T09:00:00+08:00"


def test_travel_that_is_too_far_or_backward_is_answered_in_one_sentence(flask: Run) -> None:
    assert flask("demo", "travel", "--to", "2028-10-08")[0] == 1
    assert flask("demo", "travel", "--to", "2026-09-01") == (
        0,
        "It is 2026-09-30 there already; the clock only goes forward.\n",
    )


def test_a_job_runs_on_the_day_of_the_demo(flask: Run) -> None:
    jobs.travel(
        clock.today() + timedelta(days=1), actor=system(db.session.scalars(select(Tenant.id)).one())
    )

    code, _printed = flask("job", "generate-tasks")

    assert code == 0


def test_a_database_in_use_is_not_loaded_into(empty_app: Flask) -> None:
    make.tenant("云溪镇")

    code, printed = run(empty_app, "demo", "load")

    assert code == 0
    assert "only loaded into an empty one" in printed
    assert [house.name for house in db.session.scalars(select(Tenant))] == ["云溪镇"]


def test_a_database_without_a_demo_has_no_demo_accounts_and_no_travel(empty_app: Flask) -> None:
    make.tenant("云溪镇")

    assert run(empty_app, "demo", "accounts") == (0, f"{cli.NO_DEMO}\n")
    assert run(empty_app, "demo", "travel", "--to", "2026-10-08")[0] == 1


def test_a_load_that_was_killed_is_cleared_and_begun_again(
    empty_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction():
        service.township.open_house(service.Cast(), service.files.read())
    (tmp_path / "audit-anchor.log").write_text("2026-01-01T00:00:00+00:00 5 abc\n")
    found: list[State] = []
    monkeypatch.setattr(cli, "SILENCE", 0.0)

    def note(_hash: str, **_more: Any) -> None:
        found.append(queries.state())

    monkeypatch.setattr(cli.demo_jobs, "load", note)

    code, printed = run(empty_app, "demo", "load")

    assert code == 0
    assert found == [State.EMPTY]
    assert "starting again" in printed
    assert "audit-anchor.log." in printed  # the heads of the database that is gone are kept aside
