"""What was not taken is not kept for ever: its words, its writer and its files go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.attachments.models import Attachment
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid
from app.core.transactions import transaction
from app.portal import jobs
from app.portal.models import Telling, TellingState
from app.portal.service import clearing
from tests import make
from tests.portal.visitor import Visitor, photo, tellings, written

ClientFor = Callable[[User | Actor], FlaskClient]
KEPT = 30
WHY = "和企业核对过"


@pytest.fixture
def visitor(app: Flask, frozen_clock: time_machine.Traveller) -> Visitor:
    make.category("其他", code="99")
    with transaction():
        make.the_tenant().settings = {"letter_days": KEPT}
    return Visitor(app, frozen_clock)


@pytest.fixture
def clerk() -> Actor:
    return make.actor(Role.DISPATCHER)


def discarded(visitor: Visitor, clerk: Actor) -> Telling:
    visitor.tell(enterprise_name="没有这家", files=[photo("围挡.png")])
    with transaction():
        letter = db.session.get_one(Telling, tellings()[-1].id)
        clearing.discard(letter, WHY, version=None, actor=clerk)
    return tellings()[-1]


def words_of(letter: Telling) -> str:
    columns = ("title", "description", "wish", "enterprise_name", "contact_name", "contact_phone")
    keys = ("ip_key", "phone_key")
    return "".join(getattr(letter, name) or "" for name in columns + keys)


def test_a_letter_that_was_not_taken_is_emptied_after_its_days_and_not_before(
    visitor: Visitor, clerk: Actor
) -> None:
    discarded(visitor, clerk)
    visitor.clock.shift(timedelta(days=KEPT - 1))
    jobs.empty_letters()
    assert written()["title"] in words_of(tellings()[0])
    visitor.clock.shift(timedelta(days=1, seconds=1))

    jobs.empty_letters()

    (letter,) = tellings()
    assert words_of(letter) == ""
    assert letter.emptied_at is not None
    assert db.session.scalars(select(Attachment)).all() == []


def test_the_audit_log_still_says_what_the_office_did_and_why(
    visitor: Visitor, clerk: Actor
) -> None:
    letter = discarded(visitor, clerk)
    visitor.clock.shift(timedelta(days=KEPT + 1))

    jobs.empty_letters()

    db.session.rollback()
    rows = db.session.scalars(select(AuditRow).where(AuditRow.subject_id == letter.id)).all()
    done = {row.action: row for row in rows if row.subject == "telling"}
    assert done["不收来信"].reason == WHY
    assert "清除不收的来信" in done
    assert written()["title"] not in "".join(f"{row.before}{row.after}" for row in rows)


def test_a_second_run_changes_nothing(visitor: Visitor, clerk: Actor) -> None:
    discarded(visitor, clerk)
    visitor.clock.shift(timedelta(days=KEPT + 1))
    jobs.empty_letters()
    version = tellings()[0].version

    jobs.empty_letters()

    assert tellings()[0].version == version


@pytest.mark.parametrize("state", [TellingState.HELD, TellingState.TAKEN])
def test_what_waits_keeps_its_words_however_long(
    visitor: Visitor, clerk: Actor, state: TellingState
) -> None:
    del clerk
    letter = make.telling(state)
    visitor.clock.shift(timedelta(days=10 * KEPT))

    jobs.empty_letters()

    assert letter.title in words_of(tellings()[0])


def test_what_is_emptied_cannot_be_brought_back_and_the_page_says_so(
    visitor: Visitor, clerk: Actor, client_for: ClientFor
) -> None:
    letter = discarded(visitor, clerk)
    visitor.clock.shift(timedelta(days=KEPT + 1))
    jobs.empty_letters()

    page = client_for(clerk).get(f"/tellings/{letter.id}").text

    assert "已经清除，不能再恢复" in page
    assert "恢复，重新核实" not in page
    emptied = tellings()[0]
    with pytest.raises(Invalid), transaction():
        clearing.bring_back(emptied, version=None, actor=clerk)
    assert client_for(clerk).get("/tellings?state=discarded").status_code == 200


def test_whoever_wrote_still_reads_that_it_was_not_taken(visitor: Visitor, clerk: Actor) -> None:
    letter = discarded(visitor, clerk)
    asked = {"number": letter.number, "code": letter.query_code, "idempotency_key": "d" * 32}
    visitor.clock.shift(timedelta(days=KEPT + 1))

    jobs.empty_letters()

    assert "没有登记" in visitor.client.post("/follow", data=asked).text
