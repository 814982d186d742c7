"""On PostgreSQL what is asked often is planned once, and nothing is kept that was not saved."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, cast

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Tenant
from app.core.counters import Counter
from app.core.db import db
from tests import databases, make

pytestmark = [
    pytest.mark.usefixtures("app"),
    pytest.mark.skipif(databases.KIND != "postgresql", reason="of PostgreSQL alone"),
]
COUNTERS = cast("Table", Counter.__table__)
OFTEN = 8  # times: the driver prepares what comes back more than five times


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    del app
    with db.engine.connect() as opened:
        yield opened


def prepared(connection: Connection) -> int:
    """Return how many statements the server has prepared for this connection."""
    return connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) or 0


def counters() -> int:
    with db.engine.connect() as another:
        return another.scalar(select(func.count()).select_from(Counter)) or 0


def a_counter(series: str) -> dict[str, object]:
    return {"tenant_id": make.the_tenant().id, "series": series, "value": 1}


def test_a_statement_read_often_stays_prepared_when_its_transactions_end(
    connection: Connection,
) -> None:
    for _ in range(OFTEN):
        connection.execute(select(Tenant.id).where(Tenant.name == "x"))
        connection.rollback()

    assert prepared(connection) >= 1
    connection.rollback()
    assert prepared(connection) >= 1


@pytest.mark.parametrize("rows", [1, 2])
def test_what_was_written_and_not_saved_is_undone(connection: Connection, rows: int) -> None:
    written = [a_counter("one"), a_counter("two")][:rows]
    connection.execute(insert(COUNTERS), written)
    connection.execute(select(Tenant.id))
    connection.rollback()
    connection.execute(select(Tenant.id))
    connection.rollback()
    assert counters() == 0


def test_a_row_that_a_statement_gives_back_is_undone_too(connection: Connection) -> None:
    kept = insert(COUNTERS).values(a_counter("one")).returning(COUNTERS.c.value)
    assert connection.scalar(kept) == 1
    connection.rollback()
    assert counters() == 0


def test_after_a_refused_statement_the_connection_goes_on(connection: Connection) -> None:
    connection.execute(insert(COUNTERS), a_counter("one"))
    with pytest.raises(DBAPIError):
        connection.execute(text("SELECT 1 / 0"))
    connection.rollback()
    assert connection.scalar(text("SELECT 1")) == 1
    assert counters() == 0


def test_a_row_locked_for_reading_is_free_when_its_reader_rolls_back(
    connection: Connection,
) -> None:
    make.the_tenant()
    locked = select(Tenant.id).with_for_update(nowait=True)
    connection.execute(locked)
    connection.rollback()
    with db.engine.connect() as another:
        assert len(another.scalars(locked).all()) == 1


def test_what_was_saved_stays(connection: Connection) -> None:
    connection.execute(insert(COUNTERS), a_counter("one"))
    connection.commit()
    connection.execute(select(Tenant.id))
    connection.rollback()
    assert counters() == 1


def test_the_first_rows_of_a_list_are_not_looked_for_through_a_whole_table(
    connection: Connection,
) -> None:
    assert connection.scalar(text("SHOW enable_mergejoin")) == "off"
    connection.rollback()
    assert connection.scalar(text("SHOW enable_mergejoin")) == "off"


def test_a_result_has_the_names_and_types_that_the_driver_finds(connection: Connection) -> None:
    asked = "SELECT 1 AS 数, 'a'::varchar AS word, now() AS at, 2.5::numeric AS part"
    cursor = connection.connection.cursor()
    cursor.execute(asked)
    with closing(psycopg.Cursor(cast("psycopg.Connection[Any]", cursor.connection))) as plain:
        plain.execute(asked)
        wanted = plain.description

    found = cursor.description

    assert found
    assert wanted
    assert [column[:2] for column in found] == [(one.name, one.type_code) for one in wanted]
    cursor.execute("SET work_mem = '8MB'")
    assert cursor.description is None
