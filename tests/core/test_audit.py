from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import audit
from app.core.audit import AuditRow, Entry
from app.core.db import db
from app.core.transactions import transaction
from tests import guarded

pytestmark = pytest.mark.usefixtures("app")


def log(*actions: str) -> None:
    with transaction():
        for action in actions:
            audit.record(
                Entry(
                    tenant_id=1,
                    user_id=7,
                    role="dispatcher",
                    ip="127.0.0.1",
                    action=action,
                    subject="ticket",
                    subject_id=3,
                    before={"status": "draft"},
                    after={"status": "pending_acceptance"},
                    reason="企业来电",
                )
            )


@pytest.fixture
def unguarded(app: Flask) -> Iterator[None]:
    """Take the triggers off, as somebody could who owns the database."""
    del app  # the database must be there
    with guarded.unguarded("audit_rows"):
        yield


def tamper(statement: str) -> None:
    with transaction():
        db.session.execute(text(statement))


def test_an_untouched_log_holds() -> None:
    log("登记", "受理")
    log("交办")

    assert audit.first_break({}) is None
    assert audit.head()[0] == 3


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize(
    "change",
    [
        "action = '撤销'",
        "user_id = 8",
        "reason = ''",
        "after = '{}'",
        "ip = '10.0.0.1'",
        "previous_hash = hash",
    ],
)
def test_the_first_row_that_was_changed_is_named(change: str) -> None:
    log("登记", "受理", "交办")

    tamper(f"UPDATE audit_rows SET {change} WHERE id = 2")  # noqa: S608 - from the list above

    assert audit.first_break({}) == audit.Break(2, "changed")


@pytest.mark.usefixtures("unguarded")
def test_a_row_that_was_taken_out_is_named() -> None:
    log("登记", "受理", "交办")

    tamper("DELETE FROM audit_rows WHERE id = 2")

    assert audit.first_break({}) == audit.Break(2, "missing")


@pytest.mark.usefixtures("unguarded")
def test_an_end_that_was_cut_off_together_with_the_head_shows_against_the_anchor() -> None:
    log("登记", "受理", "交办")
    row_id, row_hash = audit.head()
    first = db.session.get_one(AuditRow, 1).hash

    tamper("DELETE FROM audit_rows WHERE id > 1")
    tamper(f"UPDATE audit_heads SET last_id = 1, hash = '{first}'")  # noqa: S608 - a hash

    assert audit.first_break({}) is None
    assert audit.first_break({row_id: row_hash}) == audit.Break(2, "missing at the end")


def log_and_fail() -> None:
    with transaction():
        audit.record(Entry(1, 7, "dispatcher", "", "登记", "ticket", 3))
        raise ZeroDivisionError


def test_what_did_not_happen_is_not_logged() -> None:
    with pytest.raises(ZeroDivisionError):
        log_and_fail()
    log("受理")

    assert [row.action for row in db.session.query(AuditRow)] == ["受理"]
