"""A copy of the database in one step, while it is in use."""

from pathlib import Path

from app.core.db import db
from app.core.errors import DomainError
from app.core.i18n import N_


def write(file: Path) -> None:
    """Write the whole database, as it is at one moment, to `file`.

    Raises DomainError where `file` exists, or where the database has a tool of its own.
    """
    if db.engine.dialect.name != "sqlite":
        raise DomainError(N_("PostgreSQL 请用 pg_dump 备份。"))
    if file.exists():
        raise DomainError(N_("{file} 已经有了，请换一个文件名。"), file=file)
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = db.engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM INTO ?", (str(file),))
    finally:
        connection.close()
