"""How Alembic reaches the application's database.

A migration that is killed leaves nothing half-applied, and two that run at once wait for one
another: on SQLite one BEGIN IMMEDIATE around everything, with transactional DDL; on
PostgreSQL a transaction that holds an advisory lock.
"""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app.core.db import WRITES

extension = current_app.extensions["migrate"]
LOCK = 0x62696875616E  # "bihuan"

engine = create_engine(extension.db.engine.url, poolclass=NullPool)

with engine.connect() as connection:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        # A batch operation drops and rebuilds a table: enforced keys would refuse, or empty
        # its children. The pragma does nothing inside a transaction, so it goes to the driver
        # before one begins.
        connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        connection.execution_options(**{WRITES: True})
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        transactional_ddl=True,
        transaction_per_migration=False,
        **extension.configure_args,
    )
    with context.begin_transaction():
        if not is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()
engine.dispose()
