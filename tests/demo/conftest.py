"""The loaded township: told once for all workers, and copied for each test that wants it.

A copy lives on the office's day: `clock.now()` begins at the anchor, 2026-09-30 09:00.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import make_url

from app import create_app
from app.core import passwords
from app.core.db import db
from app.demo import jobs
from tests import databases
from tests.conftest import MONDAY_MORNING, SETTINGS, Browser, lend, migrate

TEMPLATE = "bihuan_township"
PASSWORD = "Bihuan-2026"


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one worker at a time touch what all of them share."""
    with (folder / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def on_server() -> Iterator[psycopg.Connection]:
    server = make_url(os.environ[databases.SERVER]).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as found:
        yield found


def url_of(folder: Path, name: str) -> str:
    """Return where a township lies: a file, or a database of the server."""
    if databases.KIND != "postgresql":
        return f"sqlite:///{folder / name}.sqlite"
    server = make_url(os.environ[databases.SERVER])
    return server.set(database=name).render_as_string(hide_password=False)


def make_empty(folder: Path, name: str) -> str:
    """Return the URL of a database of that name without any table."""
    if databases.KIND == "postgresql":
        with on_server() as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {name}")
    return url_of(folder, name)


def copy(folder: Path, name: str) -> None:
    """Copy the township."""
    if databases.KIND == "postgresql":
        with one_at_a_time(folder), on_server() as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    else:
        shutil.copyfile(folder / f"{TEMPLATE}.sqlite", folder / f"{name}.sqlite")


def drop(folder: Path, name: str) -> None:
    if databases.KIND == "postgresql":
        with on_server() as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    else:
        for leftover in folder.glob(f"{name}.sqlite*"):
            leftover.unlink()


def settings(url: str, folder: Path) -> dict[str, object]:
    return {
        **SETTINGS,
        "SQLALCHEMY_DATABASE_URI": url,
        "MAIL_FOLDER": str(folder / "outbox"),
        "FILES_FOLDER": str(folder / "files"),
        "AUDIT_ANCHOR": str(folder / "audit-anchor.log"),
    }


def _load(folder: Path) -> None:
    """Load the township as `flask demo load` does, on the Monday that all tests begin on."""
    url = make_empty(folder, TEMPLATE)
    migrate(url)
    app = create_app({**settings(url, folder), "SMTP_HOST": "nobody.example.com"})
    with time_machine.travel(MONDAY_MORNING, tick=False), app.app_context():
        jobs.load(passwords.make_hash(PASSWORD), tell=lambda _sentence: None)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def township(
    database_source: databases.Databases, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Path:
    """Return the folder of the loaded township; the first worker that asks loads it."""
    del database_source  # its server runs by now
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / f"township-{databases.KIND}"
    folder.mkdir(exist_ok=True)
    with one_at_a_time(folder):
        done = folder / "done"
        if not done.exists():
            _load(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def town_application(township: Path, worker_id: str) -> Flask:
    """Build the application of a worker's copies, which follow one another under one name."""
    app = create_app(settings(url_of(township, f"bihuan_copy_{worker_id}"), township))
    app.test_client_class = Browser
    return app


@pytest.fixture
def app(town_application: Flask, township: Path, tmp_path: Path, worker_id: str) -> Iterator[Flask]:
    """Give each test a township of its own, and a context that lives on its day."""
    name = f"bihuan_copy_{worker_id}"
    copy(township, name)
    with lend(town_application, tmp_path) as app:
        jobs.follow_clock()
        yield app
        jobs.leave_clock()
        db.session.remove()
        db.engine.dispose()  # nobody is left in the copy
    drop(township, name)


@pytest.fixture
def empty_app(database_source: databases.Databases, tmp_path: Path) -> Iterator[Flask]:
    """Give a test a migrated database with nothing in it, which may be taken down and built up."""
    app = create_app(settings(database_source.fresh(), tmp_path))
    app.test_client_class = Browser
    with app.app_context():
        yield app
        jobs.leave_clock()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def flask(app: Flask) -> Callable[..., tuple[int, str]]:
    """Return a function that runs a command, and returns its exit code and what it printed."""

    def run(*words: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=words)
        return done.exit_code, done.output

    return run
