"""The schema: built by migrations, equal to the models, on both databases; killed without harm."""

import os
import signal
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import FlaskGroup
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError

from app import create_app
from app.core.db import Base, _is_described, db
from app.tickets.workflow.states import Status
from tests import processes
from tests.conftest import SETTINGS
from tests.office import open_office

ROOT = Path(__file__).parent.parent


def differences() -> list[object]:
    with db.engine.connect() as connection:
        options = {"include_object": _is_described}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, Base.metadata)


def application(url: str) -> Flask:
    return create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url})


@pytest.mark.usefixtures("app")
def test_the_migrations_build_what_the_models_describe() -> None:
    assert differences() == []


@pytest.mark.usefixtures("app")
def test_migrations_are_numbered_in_one_line() -> None:
    script = ScriptDirectory(str(Path(current_app.root_path).parent / "migrations"))
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert revisions[::-1] == [f"{n:04}" for n in range(1, len(revisions) + 1)]


def test_the_newest_migration_can_be_undone_and_redone(empty_database: str) -> None:
    with application(empty_database).app_context():
        upgrade()
        downgrade(revision="-1")
        upgrade()

        assert differences() == []
        db.session.remove()
        db.engine.dispose()


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def upgrade_apart(url: str, killed_before: str) -> None:
    """Migrate, in a process of its own; die right before the statement that is named, if one is."""

    def kill(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if killed_before in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    if killed_before:
        event.listen(Engine, "before_cursor_execute", kill)
    flask = FlaskGroup(create_app=lambda: application(url))
    flask.main(["db", "upgrade"], standalone_mode=False)


def migrating(url: str, *, killed_before: str = "") -> BaseProcess:
    return processes.start(upgrade_apart, url, killed_before)


@pytest.mark.parametrize(
    ("standing", "point"),
    [
        ("", "CREATE TABLE tenants"),
        ("", "CREATE TABLE tickets"),
        ("", "CREATE TABLE absences"),
        ("", "UPDATE alembic_version SET version_num='0003'"),
        ("0001", "CREATE TABLE absences"),
        ("0001", "CREATE TABLE common_citations"),
        ("0001", "UPDATE alembic_version SET version_num='0003'"),
    ],
)
def test_a_killed_migration_leaves_nothing_half_applied(
    standing: str, point: str, empty_database: str
) -> None:
    with application(empty_database).app_context():
        if standing:
            upgrade(revision=standing)
        before = tables(empty_database)
        db.session.remove()
        db.engine.dispose()

    process = migrating(empty_database, killed_before=point)

    assert processes.end(process) == -signal.SIGKILL  # it came to that point
    assert tables(empty_database) == before
    with application(empty_database).app_context():
        upgrade()

        assert differences() == []
        db.session.remove()
        db.engine.dispose()


def test_two_migrations_at_once_wait_for_each_other(empty_database: str) -> None:
    first, second = migrating(empty_database), migrating(empty_database)

    assert (processes.end(first), processes.end(second)) == (0, 0)
    assert "tickets" in tables(empty_database)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("table", ["audit_rows", "ticket_events", "due_history"])
def test_the_database_itself_refuses_to_change_history(table: str) -> None:
    open_office().walk_to(Status.PENDING_SIGN)

    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 1000"):  # noqa: S608
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def put(table: str, **values: object) -> None:
    """Write a row as an older schema has it; what it must have and nobody told is empty."""
    empty: dict[str, object] = {
        "VARCHAR": "",
        "TEXT": "",
        "BOOLEAN": False,
        "INTEGER": 1,
        "JSON": "{}",
    }
    for column in inspect(db.engine).get_columns(table):
        name, kind = column["name"], str(column["type"]).split("(")[0]
        if not column["nullable"] and name not in values and name != "id":
            values[name] = empty.get(kind, "2026-09-02")
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    with db.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)  # noqa: S608


def rows(statement: str) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def test_what_visits_said_in_words_becomes_rows_and_words_again(empty_database: str) -> None:
    old = "SELECT promises, campaign, financing_need_wan, labor_need FROM visits ORDER BY id"
    with application(empty_database).app_context():
        upgrade(revision="0008")
        put("tenants", id=1, name="霁川镇", settings="{}")
        put("users", id=1, tenant_id=1, username="a", name="席沐阳")
        put("enterprises", id=1, tenant_id=1, name="速岭物流", org_type="company")
        put("key_projects", id=1, tenant_id=1, name="冷链仓储中心", enterprise_id=1)
        for number, on, mode, told in (
            (1, "2026-07-09", "on_site", {"promises": "送政策上门", "campaign": "新春访万企"}),
            (2, "2026-08-19", "on_site", {"financing_need_wan": 300, "campaign": "新春访万企"}),
            (3, "2026-09-02", "phone", {"promises": "月底前回电话", "labor_need": 12}),
        ):
            target = {"project_id": 1} if number == 2 else {"enterprise_id": 1}
            put("visits", id=number, tenant_id=1, number=f"ZF{number}", visited_on=on, mode=mode,
                running="normal", recorded_by_id=1, **target, **told)  # fmt: skip
        put("visits", id=4, tenant_id=1, number="ZF4", visited_on="2026-08-20", mode="on_site",
            running="normal", recorded_by_id=1, enterprise_id=1)  # fmt: skip
        before = rows(old)

        upgrade(revision="0009")

        assert rows("SELECT visit_id, text, state FROM promises ORDER BY id") == [
            (1, "送政策上门", "untracked"),
            (3, "月底前回电话", "open"),
        ]
        found = rows("SELECT name, from_on, to_on FROM campaigns")
        assert [tuple(map(str, row)) for row in found] == [
            ("新春访万企", "2026-07-09", "2026-08-19")
        ]
        assert rows("SELECT campaign_id FROM visits ORDER BY id") == [(1,), (1,), (None,), (None,)]
        assert rows("SELECT visit_id, enterprise_id FROM financing_needs") == [(2, 1)]
        assert rows("SELECT visit_id, headcount FROM labor_needs") == [(3, 12)]
        counted = rows("SELECT counts, outcome FROM visits ORDER BY id")
        assert [bool(row[0]) for row in counted] == [True, True, False, True]
        assert {row[1] for row in counted} == {"visited"}
        downgrade(revision="0008")
        assert rows(old) == before
        db.session.remove()
        db.engine.dispose()


def ask_again(ticket: int, round_: int, number: int, at: str, **more: object) -> None:
    """Put what the timetable of version 0019 wrote when it asked for a rating."""
    put("rating_requests", ticket_id=ticket, round=round_, number=number, at=at,
        link_id=1, reply_id=1, **more)  # fmt: skip


def letter(id_: int, rule: str, period: str, channel: str = "mail") -> None:
    put("messages", id=id_, tenant_id=1, rule=rule, period=period, channel=channel,
        recipient_key=f"contact:{id_}", message_id=f"<{id_}>", state="sent")  # fmt: skip


def attempt(id_: int, ticket: int, at: str, channel: str = "link", **more: object) -> None:
    put("revisits", id=id_, ticket_id=ticket, round=1, at=at, channel=channel,
        reasons="[]", **{"reached": False} | more)  # fmt: skip


FIRST, AGAIN = "2026-09-02 09:00:00.000000", "2026-09-07 09:00:00.000000"


def put_tickets() -> None:
    """Put four problems that wait for the enterprise's word."""
    put("tenants", id=1, name="霁川镇", settings="{}")
    put("users", id=1, tenant_id=1, username="a", name="席沐阳")
    put("enterprises", id=1, tenant_id=1, name="速岭物流", org_type="company")
    put("public_links", id=1, tenant_id=1, purpose="rate", subject="ticket:1")
    for ticket in (1, 2, 3, 4):
        put("tickets", id=ticket, tenant_id=1, number=f"QS{ticket}", enterprise_id=1,
            created_by_id=1, status="pending_revisit", source="visit", round=1)  # fmt: skip
    put("replies", id=1, ticket_id=1, drafted_by_id=1, outcome="resolved")


def put_asked() -> None:
    """Put requests, letters and attempts: the first two attempts have a letter, no other has."""
    ask_again(1, 1, 1, FIRST, delivered=True)
    ask_again(1, 1, 2, AGAIN, delivered=True)
    letter(1, "rating", "1/1/1", "inbox")  # which is not what counts
    letter(2, "rating", "1/1/1")
    letter(3, "rating", "1/1/1", "sms")
    letter(4, "R13", "1/1/2")
    letter(5, "R13", "1/1/1")  # another rule
    letter(6, "rating", "2/1/1", "inbox")  # ticket 2 had no other letter
    letter(7, "rating", "3/1/1")  # of ticket 3 no attempt was written down at that moment
    letter(8, "rating", "11/1/1")
    ask_again(2, 1, 1, FIRST, delivered=False)
    ask_again(3, 1, 1, FIRST, delivered=False)
    ask_again(4, 2, 1, FIRST, delivered=False)  # its letter was never written
    attempt(1, 1, FIRST)
    attempt(2, 1, AGAIN)
    attempt(3, 1, FIRST, "phone", by_id=1)  # a call at the very same moment
    attempt(4, 1, FIRST, by_id=1)  # a link that somebody sent by hand
    attempt(5, 1, FIRST, link_id=1, reached=True, solved="yes")  # the enterprise's answer
    attempt(6, 2, FIRST)
    attempt(7, 3, AGAIN)
    attempt(8, 4, FIRST)


def test_attempts_of_the_timetable_find_the_letter_that_asked_and_nothing_else_does(
    empty_database: str,
) -> None:
    linked = "SELECT id, message_id FROM revisits ORDER BY id"
    asked = "SELECT ticket_id, round, number FROM rating_requests ORDER BY id"
    attempts = "SELECT id, ticket_id, at, channel, reached FROM revisits ORDER BY id"
    found = [(1, 2), (2, 4), *((id_, None) for id_ in range(3, 9))]
    with application(empty_database).app_context():
        upgrade(revision="0019")
        put_tickets()
        put_asked()
        requests, before = rows(asked), rows(attempts)

        upgrade(revision="0020")
        assert rows(linked) == found
        assert rows(attempts) == before
        put("rating_requests", ticket_id=4, round=1, number=1, at=AGAIN, link_id=1, reply_id=None)

        downgrade(revision="0019")
        assert rows(asked) == requests  # what was answered on the spot has no reply, and leaves
        assert rows(attempts) == before
        delivered = rows("SELECT delivered FROM rating_requests ORDER BY id")
        assert [bool(row[0]) for row in delivered] == [True, True, True, False, True]

        upgrade(revision="0020")
        assert rows(linked) == found
        db.session.remove()
        db.engine.dispose()


def test_what_a_guest_sent_is_for_the_enterprise_and_what_the_office_added_is_not(
    empty_database: str,
) -> None:
    with application(empty_database).app_context():
        upgrade(revision="0019")
        put_tickets()
        for id_, by in ((1, None), (2, 1)):
            put("attachments", id=id_, tenant_id=1, ticket_id=1, name="a.jpg", added_by_id=by)

        upgrade(revision="0020")

        theirs = rows("SELECT id, for_enterprise FROM attachments ORDER BY id")
        assert [(id_, bool(yes)) for id_, yes in theirs] == [(1, True), (2, False)]
        downgrade(revision="0019")
        assert rows("SELECT id FROM attachments ORDER BY id") == [(1,), (2,)]
        db.session.remove()
        db.engine.dispose()


def test_categories_below_the_first_level_get_their_english_names_where_they_are_the_shipped_ones(
    empty_database: str,
) -> None:
    with application(empty_database).app_context():
        upgrade(revision="0022")
        put("tenants", id=1, name="霁川镇", settings="{}")
        for id_, code, name, english in (
            (1, "01", "融资金融", "Loans and finance"),
            (2, "01.1", "贷款", ""),
            (3, "01.2", "续贷和展期", ""),  # a name of their own
            (4, "02.6", "职工子女入学", "School places"),  # an English name of their own
        ):
            put("categories", id=id_, tenant_id=1, code=code, name=name, name_en=english)
        upgrade(revision="0023")

        assert rows("SELECT name_en FROM categories ORDER BY id") == [
            ("Loans and finance",),
            ("Loans",),
            ("",),
            ("School places",),
        ]
        downgrade(revision="0022")
        assert rows("SELECT name_en FROM categories WHERE id = 2") == [("Loans",)]
        db.session.remove()
        db.engine.dispose()


def test_a_ticket_that_was_there_knows_its_open_note_and_when_its_enterprise_was_heard(
    empty_database: str,
) -> None:
    at = "2026-09-21 01:00:00"
    note = {"level": "blue", "of_due_at": at, "raised_at": at, "answer_due_at": at}
    asked = {"at": at, "channel": "phone", "words": "", "said_by": "", "reasons": "[]"}
    with application(empty_database).app_context():
        upgrade(revision="0023")
        put_tickets()
        put("supervision_notes", id=1, ticket_id=1, answer="", **note)
        put("supervision_notes", id=2, ticket_id=2, answer="已办", answered_at=at, **note)
        for id_, ticket_id, round_, reached in ((1, 1, 1, False), (2, 2, 1, True), (3, 2, 2, True)):
            put("revisits", id=id_, ticket_id=ticket_id, round=round_, reached=reached, **asked)

        upgrade(revision="0024")

        known = rows("SELECT id, note_waits, heard_in FROM tickets ORDER BY id")
        assert [(id_, bool(waits), heard) for id_, waits, heard in known] == [
            (1, True, None),
            (2, False, 2),
            (3, False, None),
            (4, False, None),
        ]
        downgrade(revision="0023")
        upgrade(revision="0024")
        assert rows("SELECT id FROM tickets WHERE heard_in = 2") == [(2,)]
        db.session.remove()
        db.engine.dispose()
