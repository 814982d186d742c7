"""What waits is counted by indexes alone, however many tickets there are."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from app.accounts.roles import Actor, Role
from app.core.db import db
from app.desk.queries import worklist
from app.tickets.workflow.states import Status
from tests import databases, make

pytestmark = pytest.mark.skipif(
    databases.KIND != "sqlite", reason="how the other one plans follows from its statistics"
)


def plan_of(viewer: Actor) -> list[str]:
    """Return how SQLite would read what the worklist of `viewer` asks."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        asked.append((statement, given))

    event.listen(db.engine, "before_cursor_execute", note)
    worklist.of(viewer)
    event.remove(db.engine, "before_cursor_execute", note)
    connection = db.session.connection()
    return [
        str(row[3])
        for statement, given in asked
        if statement.startswith("SELECT")
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
    ]


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.CHIEF])
def test_no_worklist_reads_the_whole_register(app: Flask, role: Role) -> None:
    del app
    viewer = make.actor(role)
    firm = make.enterprise()
    for _n in range(60):
        make.ticket(Status.PENDING_REVISIT, enterprise=firm)
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    db.engine.dispose()  # statistics are read where a connection begins

    scanned = [line for line in plan_of(viewer) if line.startswith("SCAN tickets")]

    assert scanned == []
