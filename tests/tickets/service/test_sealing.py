"""What an enterprise said is sealed in the audit log, and whoever changes it is found out."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import text

from app.accounts.roles import Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import SpotCheck
from app.tickets.service import StepInput, spot_checks
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Solved, Status
from tests.guarded import unguarded
from tests.office import Office, approve, open_office, reply
from tests.tickets.refusals import set_rules

WORDS = "老宋说限高架还在那里"


@pytest.fixture
def office(app: Flask) -> Iterator[Office]:
    """Two rounds that the enterprise answered, an attempt, and a second call; no trigger guards."""
    del app
    office = open_office()
    office.walk_to(Status.PENDING_REVISIT)
    set_rules(office, spot_check_percent=100)
    office.revisit(reached=False, solved=None, result_score=None, words="没有人接")
    office.revisit(solved=Solved.NO, result_score=1, comment="没拆", words=WORDS)
    reply(office)
    approve(office)
    office.revisit(Role.LIAISON, solved=Solved.YES, result_score=4, words="拆了")
    with transaction():
        spot_checks.draw(office.tenant_id)
    given = StepInput(channel=ContactChannel.PHONE, solved=Solved.YES, result_score=5, words="好")
    with transaction():
        check = db.session.query(SpotCheck).one()
        spot_checks.record(check, given, actor=office.actor(Role.DISPATCHER))
    with ExitStack() as guards:
        for table in ("ticket_events", "revisits", "spot_calls"):
            guards.enter_context(unguarded(table))
        yield office


def change(statement: str) -> None:
    with transaction():
        db.session.execute(text(statement))
    db.session.remove()


def verify(app: Flask) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=("audit", "verify"))
    return done.exit_code, done.output


def test_what_nobody_changed_is_as_it_was_sealed(office: Office, app: Flask) -> None:
    logged = db.session.query(AuditRow).order_by(AuditRow.id)
    sealed = [row.after for row in logged if "seal" in (row.after or {})]

    assert [{"event", "call", "revisit"} & set(after or {}) for after in sealed] == [
        {"event", "revisit"},
        {"event", "revisit"},
        {"event", "revisit"},
        {"call"},
    ]
    assert service.first_broken_seal() is None
    assert verify(app)[0] == 0
    assert office.ticket.heard_in == 2


@pytest.mark.parametrize(
    ("statement", "what", "place"),
    [
        ("UPDATE revisits SET result_score = 5 WHERE result_score = 1", "revisit", 2),
        ("UPDATE revisits SET attitude_score = 5 WHERE result_score = 1", "revisit", 2),
        ("UPDATE revisits SET solved = 'yes' WHERE solved = 'no'", "revisit", 2),
        ("UPDATE revisits SET words = '' WHERE solved = 'no'", "revisit", 2),
        ("UPDATE revisits SET reached = NOT reached WHERE words = '没有人接'", "revisit", 1),
        ("UPDATE spot_calls SET result_score = 1", "call", 1),
        ("DELETE FROM spot_calls", "call", 1),
        ("UPDATE ticket_events SET comment = 'x' WHERE kind = 'revisit_rework'", "event", None),
        ("UPDATE ticket_events SET payload = '{}' WHERE kind = 'revisit_close'", "event", None),
    ],
)
def test_what_somebody_changed_in_the_database_is_named(
    office: Office, app: Flask, statement: str, what: str, place: int | None
) -> None:
    del office
    change(statement)

    broken = service.first_broken_seal()

    assert broken is not None
    assert broken.what == what
    assert place in {None, broken.id}
    row = db.session.get_one(AuditRow, broken.row_id)
    assert row.after is not None
    assert row.after[what] == broken.id
    code, printed = verify(app)
    assert code == 1
    assert f"{what} {broken.id} is not as row {broken.row_id} sealed it" in printed


def test_under_another_key_nothing_fits(office: Office, app: Flask) -> None:
    del office
    app.config["SECRET_KEY"] = "another"

    assert service.first_broken_seal() is not None
