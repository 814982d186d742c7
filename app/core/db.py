"""The database: one session, one base class, and SQLite opened for work.

Transactions that write begin with BEGIN IMMEDIATE on SQLite, so that two writers wait for
one another instead of failing or overwriting; see `core.transactions`.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, wraps
from typing import Any, TypeVar, cast

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    MetaData,
    Select,
    Table,
    bindparam,
    event,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.orm.util import identity_key
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from app.core import crypto, durable
from app.core import postgresql as server
from app.core.postgresql import PARAMSTYLE

Statement = TypeVar("Statement", bound=Executable)
SQLITE_CACHE = 16_000  # KiB that a connection keeps: 2,000, its own measure, lose indexes in use
WRITES = "writes"  # execution option of a connection whose transaction will write
WAITS = "waits"  # execution option: who commits waits for the log afterwards (`durable`)
LOG = "log"  # in the info of a connection: its `durable.Log`, where it can be waited for


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime, on databases that would drop the offset too."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC without an offset; refuse naive datetimes."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A stored datetime must be aware.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what was stored, aware."""
        del dialect
        return value and value.replace(tzinfo=UTC)


class Secret(TypeDecorator[str]):
    """A text that lies encrypted (AES-GCM) in the database."""

    impl = crypto.COLUMN
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        del dialect
        return crypto.encrypt(value) if value else None

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str:
        """Decrypt on the way out; nothing is the empty text."""
        del dialect
        return crypto.decrypt(value) if value else ""


class Base(DeclarativeBase):
    """Base class of every model."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime,
            # Enums are stored by value, as text that reads well in SQL.
            StrEnum: Enum(
                StrEnum,
                native_enum=False,
                length=32,
                values_callable=lambda members: [m.value for m in members],
            ),
        },
    )


class _OneDatabase(Session):
    """A session that knows its database, and does not look for it at each statement."""

    _engine: Engine | None = None

    def get_bind(
        self,
        mapper: Any | None = None,  # noqa: ANN401 - SQLAlchemy's
        clause: Any | None = None,  # noqa: ANN401
        bind: Engine | Connection | None = None,
        **given: Any,  # noqa: ANN401
    ) -> Engine | Connection:
        """Return the engine of the application."""
        del mapper, clause, given
        if bind is not None:
            return bind
        if self._engine is None:
            self._engine = self._db.engine
        return self._engine


Row = TypeVar("Row", bound=Base)
db = SQLAlchemy(model_class=Base, session_options={"class_": _OneDatabase})
migrate = Migrate()


def init_app(app: Flask) -> None:
    """Bind the database and its migrations to `app`."""
    crypto.init_app(app)
    uri = str(app.config["SQLALCHEMY_DATABASE_URI"])
    if uri.startswith("sqlite"):
        options: dict[str, Any] = {"connect_args": {"timeout": 30}}  # seconds that a writer waits
    else:
        options = {"pool_pre_ping": True, "paramstyle": PARAMSTYLE}
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)
    migrate.init_app(
        app,
        db,
        render_as_batch=True,
        render_item=_render_item,
        include_object=_is_described,
    )


def log_behind(connection: Connection) -> durable.Log | None:
    """Return what to wait for after a commit; None where the commit itself waits."""
    return cast("durable.Log | None", connection.info.get(LOG))


def per_database(build: Callable[[], Statement]) -> Callable[[], Statement]:
    """Return a function that builds a statement once for each kind of database, and keeps it."""
    kept: dict[str, Statement] = {}

    @wraps(build)
    def statement() -> Statement:
        kind = db.engine.dialect.name
        if kind not in kept:
            kept[kind] = build()
        return kept[kind]

    return statement


def inserting(model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can say what to do on conflict, as this database spells it."""
    table = cast("Table", model.__table__)  # rows, not objects: nothing is kept of them
    kind = db.engine.dialect.name
    return postgresql.insert(table) if kind == "postgresql" else sqlite.insert(table)


def fresh(model: type[Row], id_: int) -> Row:
    """Return a row as it is now: what a transaction has read already, else read again.

    As `get_one`, but by a statement that is kept: what was read before a transaction is read
    again in it, and SQLAlchemy would put that statement together each time.
    """
    known = db.session.identity_map.get(identity_key(model, id_))
    if known is not None and not inspect(known).expired:
        return known
    with db.session.no_autoflush:
        found: Row = db.session.scalars(_by_id(model), {"id": id_}).one()
    return found


def read_again(thing: Base) -> None:
    """Read a row that was read before the transaction, if it was not read again yet."""
    state = inspect(thing)
    if state.expired and state.identity:
        fresh(type(thing), state.identity[0])


@cache
def _by_id(model: type[Row]) -> Select[Row]:
    return select(model).where(model.__table__.c.id == bindparam("id"))


def _render_item(kind: str, item: object, _context: object) -> str | bool:
    """Keep migrations free of the application: they outlive its code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, Secret):
        return "sa.LargeBinary()"
    return False


def _is_described(
    _item: object, name: str | None, kind: str, reflected: object, _to: object
) -> bool:
    """Leave the search index out: it is made by hand, one way for each database."""
    del reflected
    return not (kind == "table" and name is not None and name.startswith("search_index"))


@event.listens_for(Engine, "do_connect")
def _connect(
    dialect: Dialect,
    _record: ConnectionPoolEntry,
    arguments: tuple[Any, ...],
    given: dict[str, Any],
) -> object:
    """Open a connection of our own kind to PostgreSQL; elsewhere the driver's own."""
    return server.connect(*arguments, **given) if dialect.paramstyle == PARAMSTYLE else None


@event.listens_for(Engine, "connect")
def _open_for_work(connection: object, record: ConnectionPoolEntry) -> None:
    """Make SQLite keep the promises that the models declare, and lose nothing."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None  # `_begin` says BEGIN, and which
        (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA cache_size=-{SQLITE_CACHE}")
        (_place, _name, file) = connection.execute("PRAGMA database_list").fetchone()
        if durable.SHARES and mode == "wal" and file:
            record.info[LOG] = durable.log_of(file)


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Take the write lock at once in a transaction that will write.

    The commit of one that waits for the log afterwards needs no fsync of its own.
    """
    if connection.dialect.name == "sqlite":
        asked = connection.get_execution_options()
        waits = asked.get(WAITS) and log_behind(connection) is not None
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        driver.execute(f"PRAGMA synchronous={'NORMAL' if waits else 'FULL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if asked.get(WRITES) else "BEGIN")
