"""Tables that the database itself keeps, and how somebody who owns it could get around that."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.core.db import db
from app.core.transactions import transaction


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    """Take the triggers off a table; the copy of SQLite that a test has ends with it."""
    if db.engine.dialect.name == "postgresql":
        with transaction():
            db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        yield
        with transaction():
            db.session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER ALL"))
        return
    with transaction():
        for verb in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER keep_{table}_{verb}"))
    yield
