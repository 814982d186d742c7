"""The schema: built by migrations, equal to the models, on both databases; killed without harm."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DatabaseError

from app import create_app
from app.core.db import Base, _is_described, db
from app.tickets.workflow.states import Status
from tests.conftest import SETTINGS
from tests.office import open_office

ROOT = Path(__file__).parent.parent


def differences() -> list[object]:
    with db.engine.connect() as connection:
        options = {"include_object": _is_described}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, Base.metadata)


def application(url: str) -> Flask:
    return create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url})


@pytest.mark.usefixtures("app")
def test_the_migrations_build_what_the_models_describe() -> None:
    assert differences() == []


@pytest.mark.usefixtures("app")
def test_migrations_are_numbered_in_one_line() -> None:
    script = ScriptDirectory(str(Path(current_app.root_path).parent / "migrations"))
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert revisions[::-1] == [f"{n:04}" for n in range(1, len(revisions) + 1)]


def test_the_newest_migration_can_be_undone_and_redone(empty_database: str) -> None:
    with application(empty_database).app_context():
        upgrade()
        downgrade(revision="-1")
        upgrade()

        assert differences() == []
        db.session.remove()
        db.engine.dispose()


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


KEY = str(SETTINGS["DATA_KEY"])
UPGRADE = "import sys; from flask.cli import main; sys.argv = ['flask', *sys.argv[1:]]; main()"
#: The same, but killed without warning right before the statement that the environment names.
KILLED = f"""
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine

@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *rest):
    if os.environ["KILLED_BEFORE"] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

{UPGRADE}
"""


def migrating(url: str, *, killed_before: str = "") -> "subprocess.Popen[bytes]":
    code = KILLED if killed_before else UPGRADE
    told = {"BIHUAN_SQLALCHEMY_DATABASE_URI": url, "BIHUAN_DATA_KEY": KEY}
    return subprocess.Popen(
        [sys.executable, "-c", code, "--app", "app", "db", "upgrade"],
        cwd=ROOT,
        env={**os.environ, **told, "KILLED_BEFORE": killed_before},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("standing", "point"),
    [
        ("", "CREATE TABLE tenants"),
        ("", "CREATE TABLE tickets"),
        ("", "CREATE TABLE absences"),
        ("", "UPDATE alembic_version SET version_num='0003'"),
        ("0001", "CREATE TABLE absences"),
        ("0001", "CREATE TABLE common_citations"),
        ("0001", "UPDATE alembic_version SET version_num='0003'"),
    ],
)
def test_a_killed_migration_leaves_nothing_half_applied(
    standing: str, point: str, empty_database: str
) -> None:
    with application(empty_database).app_context():
        if standing:
            upgrade(revision=standing)
        before = tables(empty_database)
        db.session.remove()
        db.engine.dispose()

    process = migrating(empty_database, killed_before=point)
    process.wait()

    assert process.returncode == -signal.SIGKILL  # it came to that point
    assert tables(empty_database) == before
    with application(empty_database).app_context():
        upgrade()

        assert differences() == []
        db.session.remove()
        db.engine.dispose()


def test_two_migrations_at_once_wait_for_each_other(empty_database: str) -> None:
    first, second = migrating(empty_database), migrating(empty_database)

    assert (first.wait(), second.wait()) == (0, 0)
    assert "tickets" in tables(empty_database)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("table", ["audit_rows", "ticket_events", "due_history"])
def test_the_database_itself_refuses_to_change_history(table: str) -> None:
    open_office().walk_to(Status.PENDING_SIGN)

    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1000"):  # noqa: S608
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()
