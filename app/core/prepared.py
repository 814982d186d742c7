"""Statements of plain values that are asked all the time: put into SQL once, then only asked.

Reads are `Numbers`, writes are `Writing`. Putting a long statement and its values together
takes SQLAlchemy longer than the database takes to answer it. Here this is done once for each
kind of database; what changes from one time to the next are the values that are given by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    Connection,
    CursorResult,
    Dialect,
    Insert,
    Select,
    TextClause,
    Update,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import cloned_traverse

from app.core.db import db

Value = Callable[[Any], Any]
Asked = TypeVar("Asked", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class _Ready:
    """The SQL of a statement for one kind of database, and its values as the driver takes them."""

    sql: str
    fixed: Mapping[str, Any]
    given: Mapping[str, Value]  # by name: what the driver takes for a value
    order: Sequence[str] | None  # None where the driver takes values by name

    def filled(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever the driver takes
        """Return all values of one execution."""
        whole = {**self.fixed, **{name: made(values[name]) for name, made in self.given.items()}}
        return whole if self.order is None else tuple([whole[name] for name in self.order])


def settled(asked: Asked, kind: str = "") -> Asked:
    """Return a statement in which the values that never change are written out for PostgreSQL.

    For a statement that is built once and asked often: what changes is given by name. Its
    server then knows how rare a state is and which partial index holds it when it plans the
    statement once for all; without, it plans it anew at each execution.
    """
    if (kind or db.engine.dialect.name) != "postgresql":
        return asked
    how = {"maintain_key": True, "detect_subquery_cols": True}  # as `Select.params` does
    return cloned_traverse(asked, how, {"bindparam": _write_out})


def _write_out(bound: BindParameter[Any]) -> None:
    if bound.unique and bound.value is not None:
        bound.literal_execute = True


class Numbers:
    """A statement that returns plain values: counts, codes, or ids that may be missing.

    They come as the driver has them: no enums, no moments, and on SQLite 0 and 1 for no and yes.
    """

    def __init__(self, asked: Select[*tuple[Any, ...]]) -> None:
        self._asked = asked
        self._ready: dict[str, _Ready] = {}  # by kind of database

    def read(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the only row for these values of its named parameters."""
        return tuple(self._ask(values).one())

    def rows(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return all rows for these values of its named parameters."""
        return [tuple(row) for row in self._ask(values)]

    def _ask(self, values: Mapping[str, Any]) -> CursorResult[Any]:
        if db.session.autoflush:  # as any other statement does before it is asked
            db.session.flush()
        connection = db.session.connection()
        kind = connection.dialect.name
        ready = self._ready.get(kind)
        if ready is None:
            compiled = settled(self._asked, kind).compile(dialect=connection.dialect)
            ready = self._ready[kind] = _put_together(compiled, connection.dialect, values)
        return connection.exec_driver_sql(ready.sql, ready.filled(values))


class Writing:
    """An INSERT or UPDATE past the session: no object of the session learns of it.

    `build` returns it; it is called once for each kind of database. A row is always given the
    same names, and all of them: what a model gives a column by itself is not given here.
    """

    def __init__(self, build: Callable[[], Insert | Update | TextClause]) -> None:
        self._build = build
        self._ready: dict[str, _Ready] = {}  # by kind of database

    def write(self, *rows: Mapping[str, Any]) -> None:
        """Write these rows."""
        ready, connection = self._for(rows[0])
        filled = [_whole(row, ready) for row in rows]
        connection.exec_driver_sql(ready.sql, filled[0] if len(filled) == 1 else filled)

    def returned(self, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a value of a column
        """Write a row, and return what its RETURNING asks for; None where it was not written."""
        ready, connection = self._for(row)
        return connection.exec_driver_sql(ready.sql, _whole(row, ready)).scalar()

    def _for(self, row: Mapping[str, Any]) -> tuple[_Ready, Connection]:
        connection = db.session.connection()
        dialect = connection.dialect
        ready = self._ready.get(dialect.name)
        if ready is None:
            built = self._build()
            named = sorted(row) if isinstance(built, Insert) else None
            compiled = built.compile(dialect=dialect, column_keys=named)
            if compiled.insert_prefetch:
                raise ValueError(f"A row is given all of its columns: {compiled.insert_prefetch}")
            ready = self._ready[dialect.name] = _put_together(compiled, dialect, row)
        return ready, connection


def _whole(row: Mapping[str, Any], ready: _Ready) -> Any:  # noqa: ANN401 - as `_Ready.filled`
    if len(row) != len(ready.given):  # a name that is missing is found out where it is filled in
        raise ValueError(f"A row is always given the same names: {sorted(row)}")
    return ready.filled(row)


def _put_together(compiled: SQLCompiler, dialect: Dialect, values: Mapping[str, Any]) -> _Ready:
    whole = compiled.construct_expanded_state(dict(values))
    made = {
        name: whole.processors.get(name) or _maker(compiled.binds.get(name), dialect)
        for name in whole.parameters
    }
    return _Ready(
        sql=whole.statement,
        fixed={name: made[name](value) for name, value in whole.parameters.items()},
        given={name: made[name] for name in whole.parameters if name in values},
        order=whole.positiontup,
    )


def _maker(bound: BindParameter[Any] | None, dialect: Dialect) -> Value:
    """Return what makes of a value what the driver takes for it."""
    made = bound.type.dialect_impl(dialect).bind_processor(dialect) if bound is not None else None
    return made or _as_it_is


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - whatever a statement is given
    return value
