"""Fixtures that every test may use. Things to test with are built in `make`."""

import email
import email.policy
import gc
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app import create_app
from app.accounts import queries
from app.accounts.models import RoleHolding, SignIn, User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from tests import browser as chromium
from tests import databases, remembered

MONDAY_MORNING = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)  # 09:00 in the office
SETTINGS = {
    "TESTING": True,
    "SECRET_KEY": "test",
    "DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "WTF_CSRF_ENABLED": False,
    "ARGON2_FAST": True,
}


# The same examples in every run, however slow the machine: a failure is the change's, not luck's.
hypothesis.settings.register_profile("bihuan", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("bihuan")

for _name in set(os.environ) - {databases.CHOICE, databases.SERVER, chromium.CHOICE}:
    if _name.startswith("BIHUAN_"):  # how this machine runs Bihuan is nothing to its tests
        del os.environ[_name]


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL for all workers, if the tests are to run on it."""
    is_worker = hasattr(config, "workerinput")
    if databases.KIND == "postgresql" and not is_worker and databases.SERVER not in os.environ:
        config.add_cleanup(databases.start_server())


def needs_database(item: pytest.Item) -> bool:
    """Tell whether a test asks for a database, through whichever fixture."""
    return "database_source" in getattr(item, "fixturenames", ())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run what asks for no database once: on SQLite, and not again on PostgreSQL.

    What takes long comes first, so that no worker is left alone with it at the end.
    """
    if databases.KIND == "postgresql":
        config.hook.pytest_deselected(items=[one for one in items if not needs_database(one)])
        items[:] = [one for one in items if needs_database(one)]
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Search for garbage seldom, and never among what was imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Close the databases to a test that asks for none: what needs one cannot be left out."""
    databases.closed = not needs_database(item)
    return (yield)


def pytest_report_header() -> str:
    """Say which database the tests run on."""
    return f"database: {databases.KIND}"


class Browser(FlaskClient):
    """A browser whose every request starts afresh, as in production.

    Without a context of its own, a request would share the session of the test, and
    the user of whichever browser spoke first. Answers are read to their end, so that no
    file stays open.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)
        with self.application.app_context():
            return super().open(*args, **kwargs)


def migrate(url: str) -> None:
    """Build the database at `url` the way production is built."""
    app = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def database_source(worker_id: str) -> Iterator[databases.Databases]:
    """Return where this worker's tests get their databases from."""
    on_postgresql = databases.KIND == "postgresql"
    source: databases.Databases = (
        databases.Postgresql(worker_id, migrate) if on_postgresql else databases.Sqlite(migrate)
    )
    yield source
    source.close()


@pytest.fixture
def empty_database(database_source: databases.Databases) -> str:
    """Return the URL of a database in which there is nothing yet, for tests of migrations."""
    return database_source.empty()


@pytest.fixture(scope="session")
def application(database_source: databases.Databases) -> Iterator[Flask]:
    """Build the application once: its routes, templates and statements are compiled once."""
    app = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": database_source.migrated()})
    app.test_client_class = Browser
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def lend(application: Flask, folder: Path) -> Iterator[Flask]:
    """Lend the application to one test, with folders of its own and a context to work in.

    A test may change settings, which are put back; one that adds a route builds its own
    application.
    """
    config, extensions = dict(application.config), dict(application.extensions)
    application.config.update(
        MAIL_FOLDER=str(folder / "outbox"),
        FILES_FOLDER=str(folder / "files"),
        AUDIT_ANCHOR=str(folder / "audit-anchor.log"),
    )
    with application.app_context():
        yield application
        db.session.remove()
        if databases.KIND == "sqlite":  # a server's connections serve the next test, warm
            db.engine.dispose()
    for changed, before in ((application.config, config), (application.extensions, extensions)):
        changed.clear()
        changed.update(before)


@pytest.fixture
def app(
    application: Flask, database_source: databases.Databases, tmp_path: Path
) -> Iterator[Flask]:
    """Give each test a database and folders of its own, and a context to work in."""
    database_source.migrated()
    remembered.begin(database_source)
    with lend(application, tmp_path) as lent:
        yield lent


@pytest.fixture(autouse=True)
def frozen_clock() -> Iterator[time_machine.Traveller]:
    """Start every test on the same Monday morning."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sent(app: Flask) -> Callable[[], list[EmailMessage]]:
    """Return a function that reads the mail which has left the house so far, oldest first."""

    def read() -> list[EmailMessage]:
        letters = sorted(Path(app.config["MAIL_FOLDER"]).glob("**/*.eml"))
        return [
            email.message_from_bytes(letter.read_bytes(), policy=email.policy.default)
            for letter in letters
        ]

    return read


def begin_session(who: User | Actor) -> str:
    """Return the token of a new session of a person, in the role that is meant or their first.

    What the test made so far is committed, as a browser would find it.
    """
    user_id = who.user_id if isinstance(who, Actor) else who.id
    held = select(RoleHolding).where(RoleHolding.user_id == user_id).order_by(RoleHolding.id)
    if isinstance(who, Actor):
        held = held.where(RoleHolding.role == who.role)
    holding = db.session.scalars(held).first()
    assert user_id, "the timetable has no browser"
    assert holding, "whoever signs in holds a role"
    token = secrets.token_urlsafe(16)
    db.session.add(
        SignIn(
            token_hash=queries.token_hash(token),
            user_id=user_id,
            holding_id=holding.id,
            begun_at=clock.machine_now(),
            seen_at=clock.machine_now(),
        )
    )
    db.session.commit()
    return token


@pytest.fixture
def client_for(app: Flask) -> Callable[[User | Actor], FlaskClient]:
    """Return a function that returns a browser in which a person is signed in."""

    def sign_in(who: User | Actor) -> FlaskClient:
        token = begin_session(who)
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client

    return sign_in


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Return a list that fills with the statements sent to the database; clear it to begin."""
    del app
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)
