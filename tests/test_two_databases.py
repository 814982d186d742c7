"""Two databases: what touches one runs on both, and what touches none runs once."""

from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.accounts.models import Tenant
from app.accounts.roles import Role
from app.core.db import db
from app.tickets.workflow.states import Event, Status
from tests import conftest, databases, make, remembered
from tests.office import Office, open_office


def test_what_asks_for_no_database_gets_none() -> None:
    engine = create_engine("sqlite://")

    with pytest.raises(AssertionError, match="asks for the fixture"):
        engine.connect()


def test_what_asks_for_a_database_gets_the_one_that_was_chosen(app: Flask) -> None:
    del app

    assert db.session.scalar(text("SELECT 1")) == 1
    assert db.engine.dialect.name == databases.KIND


def item(*fixtures: str, marked: str = "") -> pytest.Item:
    """Return what stands for a test that was collected."""
    found = {"get_closest_marker": {marked: marked}.get, "fixturenames": fixtures}
    return cast("pytest.Item", SimpleNamespace(**found))


def test_what_takes_long_begins_before_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "KIND", "sqlite")
    first, second, long = item(), item(), item(marked="long")
    items = [first, second, long]

    conftest.pytest_collection_modifyitems(cast("pytest.Config", None), items)

    assert items == [long, first, second]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_only_what_asks_for_no_database_runs_on_one_of_the_two(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "KIND", kind)
    reads = item("app", "database_source")
    counts = item("frozen_clock")
    left_out: list[pytest.Item] = []
    hook = SimpleNamespace(pytest_deselected=lambda items: left_out.extend(items))  # noqa: PLW0108
    config = cast("pytest.Config", SimpleNamespace(hook=hook))
    items = [counts, reads]

    conftest.pytest_collection_modifyitems(config, items)

    assert items == ([counts, reads] if kind == "sqlite" else [reads])
    assert left_out == ([] if kind == "sqlite" else [counts])


def walk() -> tuple[Office, dict[str, list[str]]]:
    """Walk a ticket in a new office; return every row of every table, and what comes next."""
    office = open_office()
    office.walk_to(Status.PENDING_SIGN)
    found = {
        table.name: sorted(map(str, db.session.execute(table.select())))
        for table in db.metadata.sorted_tables
    }
    return office, found


@pytest.mark.usefixtures("app")
def test_what_is_brought_back_is_what_was_made(database_source: databases.Databases) -> None:
    walks = []
    for _ in range(4):  # the office is kept at its second time, the walk at its third
        office, found = walk()
        office.take(Event.SIGN, Role.HANDLER)
        walks.append((found, office.ticket.events[-1].id))
        db.session.remove()
        db.engine.dispose()
        database_source.bring_back(databases.MIGRATED)
        remembered.begin(database_source)

    assert walks[2] == walks[3]
    made, brought_back = walks[0][0], walks[3][0]
    assert {name: len(made[name]) for name in made} == {
        name: len(brought_back[name]) for name in brought_back
    }


@pytest.mark.usefixtures("app")
def test_after_anything_was_written_nothing_is_brought_back() -> None:
    made = make.tenant()
    office = open_office()

    assert office.tenant_id == made.id
    assert db.session.get_one(Tenant, made.id).name == made.name
