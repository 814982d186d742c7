"""What an operator does by hand."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app, schedule
from app.accounts import service as accounts
from app.accounts.roles import Role, system
from app.cli import BESIDE_PAGES, let_pages_come_first
from app.core import anchors, audit
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import channels
from app.notifications.models import Channel
from tests import databases, guarded, make
from tests.conftest import SETTINGS

ROOT = Path(__file__).parent.parent
SECONDS = 60


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Run a command; return its exit code and all that it printed."""
    done = app.test_cli_runner().invoke(args=words)
    return done.exit_code, done.output


def log(*actions: str) -> None:
    house = make.the_tenant()
    with transaction():
        for action in actions:
            accounts.log(system(house.id), action, "ticket", 3)


@pytest.fixture
def unguarded(app: Flask) -> Iterator[None]:
    """Take the triggers off, as somebody could who owns the database."""
    del app  # the database must be there
    with guarded.unguarded("audit_rows"):
        yield


# ---- the audit log ----


def test_a_log_that_holds_is_said_to_hold(app: Flask) -> None:
    log("登记", "受理")

    code, printed = run(app, "audit", "verify")

    assert code == 0
    assert printed == "The audit log holds: 2 rows, anchors noted: 0.\n"


@pytest.mark.usefixtures("unguarded")
def test_the_first_row_that_was_tampered_with_is_named(app: Flask) -> None:
    log("登记", "受理", "交办")
    with transaction():
        db.session.execute(text("UPDATE audit_rows SET reason = 'x' WHERE id IN (2, 3)"))

    code, printed = run(app, "audit", "verify")

    assert code == 1
    assert re.search(r"row 2 is changed \(2026-09-21 .*受理, ticket\)", printed)


@pytest.mark.usefixtures("unguarded")
def test_an_end_that_was_cut_off_together_with_the_head_shows_against_the_anchor(
    app: Flask,
) -> None:
    log("登记", "受理")
    first = db.session.get_one(audit.AuditRow, 1).hash
    assert run(app, "audit", "anchor")[0] == 0
    with transaction():
        db.session.execute(text("DELETE FROM audit_rows WHERE id = 2"))
        head = text("UPDATE audit_heads SET last_id = 1, hash = :first")
        db.session.execute(head, {"first": first})

    code, printed = run(app, "audit", "verify")

    assert code == 1
    assert "row 2 is missing at the end" in printed


def test_the_head_is_noted_once(app: Flask) -> None:
    log("登记")

    run(app, "audit", "anchor")
    code, printed = run(app, "job", "anchor-audit")

    assert (code, printed) == (0, "anchor-audit ran.\n")
    assert anchors.read(Path(app.config["AUDIT_ANCHOR"])) == {1: audit.head()[1]}


# ---- a database that is not ready ----

ON_A_DATABASE = [
    ("audit", "verify"),
    ("audit", "anchor"),
    ("job", "anchor-audit"),
    ("demo", "load"),
    ("demo", "accounts"),
    ("demo", "travel", "--to", "2026-10-09"),
    ("scheduler", "run"),
    ("scheduler", "status"),
    ("admin-link",),
    ("serve",),
]


@contextmanager
def of(url: str) -> Iterator[Flask]:
    """Lend an application of its own on that database, and close its connections."""
    app = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("words", ON_A_DATABASE, ids="-".join)
def test_a_command_on_a_database_without_tables_says_what_to_do_first(
    words: tuple[str, ...], empty_database: str
) -> None:
    with of(empty_database) as app:
        code, printed = run(app, *words)

    assert code == 1
    assert re.fullmatch(
        r"The database \S+ has no tables yet: run flask db upgrade first\.\n", printed
    )


@pytest.mark.parametrize(
    ("revision", "said"), [("0001", "of an earlier version"), ("9999", "of a later version")]
)
def test_a_command_on_the_database_of_another_version_says_so(
    database_source: databases.Databases, revision: str, said: str
) -> None:
    with of(database_source.fresh()) as app:
        with app.app_context(), db.engine.begin() as opened:
            opened.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})

        code, printed = run(app, "audit", "verify")

    assert code == 1
    assert said in printed


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    with of("postgresql+psycopg://somebody:geheim@127.0.0.1:1/bihuan") as app:
        code, printed = run(app, "audit", "verify")

    assert code == 1
    assert "does not answer" in printed
    assert "somebody:***@127.0.0.1:1/bihuan" in printed
    assert "geheim" not in printed


# ---- jobs ----


def test_every_job_of_the_timetable_runs_by_hand(app: Flask) -> None:
    for job in schedule.TIMETABLE:
        assert run(app, "job", job.name) == (0, f"{job.name} ran.\n")


def test_an_unknown_job_is_answered_with_those_there_are(app: Flask) -> None:
    code, printed = run(app, "job", "nonsense")

    assert code == 1
    assert "remind-r1" in printed
    assert "Traceback" not in printed


def test_how_the_timetable_stands_is_printed_and_fails_where_nobody_runs_it(app: Flask) -> None:
    code, printed = run(app, "scheduler", "status")

    assert code == 1
    assert "No scheduler runs" in printed
    assert all(job.name in printed for job in schedule.TIMETABLE)

    db.session.rollback()  # what another process wrote is seen from here on
    schedule.build_scheduler(app).tick()
    code, printed = run(app, "scheduler", "status")

    assert code == 0, printed
    assert "lives, last heard of" in printed
    assert "queued messages: 0" in printed


# ---- the first administrator ----


def test_the_link_of_the_first_administrator_opens_once(app: Flask) -> None:
    code, printed = run(app, "admin-link")

    found = re.search(r"http://127\.0\.0\.1:8000(/start/\S+)", printed)
    assert code == 0
    assert found
    assert app.test_client().get(found[1]).status_code == 200


def test_where_there_is_an_administrator_a_link_is_made_only_on_demand(app: Flask) -> None:
    make.user(Role.SYS_ADMIN)

    assert "/start/" not in run(app, "admin-link")[1]
    assert "/start/" in run(app, "admin-link", "--again")[1]


# ---- backup ----


def test_a_backup_is_a_whole_database_or_a_word_about_pg_dump(app: Flask, tmp_path: Path) -> None:
    make.tenant("霁川镇")
    file = tmp_path / "kept" / "copy.sqlite"

    code, printed = run(app, "backup", str(file))

    if databases.KIND == "postgresql":
        assert code == 1
        assert "pg_dump" in printed
        return
    assert code == 0
    assert app.config["FILES_FOLDER"] in printed
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("SELECT name FROM tenants").fetchall() == [("霁川镇",)]


@pytest.mark.skipif(databases.KIND == "postgresql", reason="pg_dump has a word of its own")
def test_a_backup_overwrites_nothing(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "copy.sqlite").write_text("precious")

    code, printed = run(app, "backup", str(tmp_path / "copy.sqlite"))

    assert code == 1
    assert "choose another name" in printed
    assert (tmp_path / "copy.sqlite").read_text() == "precious"


# ---- serving ----


def start(app: Flask, *words: str) -> subprocess.Popen[str]:
    """Start a command in a process of its own, on the database of the test."""
    given = {
        "FLASK_APP": "app",
        "PYTHONUNBUFFERED": "1",
        "BIHUAN_SQLALCHEMY_DATABASE_URI": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "BIHUAN_MAIL_FOLDER": str(app.config["MAIL_FOLDER"]),
        "BIHUAN_AUDIT_ANCHOR": str(app.config["AUDIT_ANCHOR"]),
        "BIHUAN_SECRET_KEY": str(SETTINGS["SECRET_KEY"]),
        "BIHUAN_DATA_KEY": str(SETTINGS["DATA_KEY"]),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process: subprocess.Popen[str], how: signal.Signals) -> str:
    """Ask a process to end; return what else it printed."""
    process.send_signal(how)
    printed, _nothing = process.communicate(timeout=SECONDS)
    return printed


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_one_process_serves_the_pages_and_ends_when_it_is_asked_to(
    app: Flask, how: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with start(app, "serve", "--port", str(port)) as server:
        assert server.stdout
        try:
            line = server.stdout.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=SECONDS) as page:
                status = page.status
            printed = end(server, how)
        finally:
            server.kill()

    assert f"http://127.0.0.1:{port}" in line
    assert status == 200
    assert "Ending…" in printed
    assert "Traceback" not in printed
    assert server.returncode == 0


def test_the_timetable_alone_runs_until_it_is_ended(app: Flask) -> None:
    with start(app, "scheduler") as process:
        assert process.stdout
        try:
            line = process.stdout.readline()
            time.sleep(0.5)
            printed = end(process, signal.SIGTERM)
        finally:
            process.kill()

    assert "The timetable runs" in line
    assert "Traceback" not in printed
    assert process.returncode == 0


@pytest.mark.parametrize(("said", "pace"), [("", BESIDE_PAGES), (0, 0), (80, 80)])
def test_letters_that_leave_beside_the_pages_are_spread_unless_the_operator_says_otherwise(
    app: Flask, said: object, pace: int
) -> None:
    app.config["SMTP_PER_SECOND"] = said

    let_pages_come_first(app)

    assert app.config["SMTP_PER_SECOND"] == pace


def test_a_process_that_serves_no_pages_sends_as_fast_as_it_can(app: Flask) -> None:
    app.config["SMTP_HOST"] = "mail.example.com"

    assert channels.channel(Channel.MAIL).pause == 0.0
