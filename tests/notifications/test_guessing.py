"""The lock on links: who tries many that are none of ours is not heard for a while."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.roles import Role
from app.core import clock, links
from app.core.audit import AuditRow
from app.core.db import db
from app.core.guesses import CodeGuesses
from app.core.links import PublicLink
from app.core.transactions import transaction
from app.enterprises.models import Linkage
from app.notifications.models import Message
from app.notifications.service import guessing
from app.servicedays.models import Invitation
from app.servicedays.service import telling
from app.visits import service as visits
from tests import make
from tests.office import Office
from tests.tickets.asking import asked_office

PAGES = ("v", "b")
LOCKED = "在 09:15 以后再试"
HERE, THERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture
def office(app: Flask) -> Office:
    """Make a township in which a visit is planned, and an enterprise invited to a service day."""
    del app
    office = asked_office()
    task = make.task(linkage=db.session.scalars(select(Linkage)).one())
    day = make.service_day()
    on = clock.today() + timedelta(days=3)
    with transaction():
        visits.plan(db.session.merge(task), on, version=None, actor=office.actor(Role.LIAISON))
        invited = Invitation(day_id=day.id, enterprise_id=office.enterprise_id, told_at=clock.now())
        db.session.add(invited)
        db.session.flush()  # gives the invitation the id that its link names
        telling.invitation_link(invited, day)
    return office


def token(kind: str) -> str:
    purpose = {"v": "visit", "b": "service-day"}[kind]
    link = db.session.scalars(select(PublicLink).where(PublicLink.purpose == purpose)).one()
    found = links.token_of(link)
    db.session.rollback()
    return found


def wrong(kind: str, place: int = 0) -> str:
    right = token(kind)
    return f"{right.rsplit('-', 1)[0]}-{'x' * 42}{place}"


def ask(app: Flask, path: str, *, ip: str = HERE, method: str = "GET") -> TestResponse:
    return app.test_client().open(path, method=method, environ_overrides={"REMOTE_ADDR": ip})


def minutes_pass(traveller: time_machine.Traveller, minutes: float) -> None:
    db.session.rollback()
    traveller.shift(timedelta(minutes=minutes))


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_fifth_wrong_link_locks_the_place_for_a_quarter_of_an_hour(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller, kind: str, method: str
) -> None:
    del office
    right = f"/{kind}/{token(kind)}"
    for place in range(4):
        assert ask(app, f"/{kind}/{wrong(kind, place)}", method=method).status_code == 404
    assert ask(app, right).status_code == 200  # it frees nothing

    fifth = ask(app, f"/{kind}/{wrong(kind)}", method=method)

    assert fifth.status_code == 429
    assert LOCKED in fifth.text
    assert ask(app, right).status_code == 429  # while it is locked nothing is compared
    assert ask(app, right, ip=THERE).status_code == 200  # nobody locks a link for its holder
    minutes_pass(frozen_clock, 14.9)
    assert ask(app, right).status_code == 429
    minutes_pass(frozen_clock, 0.2)
    assert ask(app, right).status_code == 200


def test_guesses_at_links_and_at_query_codes_are_counted_together(
    app: Flask, office: Office
) -> None:
    del office
    for kind in ("v", "b", "v"):
        ask(app, f"/{kind}/{wrong(kind)}")
    data = {"number": "QS20200101-0001", "code": "123456", "idempotency_key": "a" * 32}
    app.test_client().post("/follow", data=data, environ_overrides={"REMOTE_ADDR": HERE})

    assert ask(app, f"/b/{wrong('b')}").status_code == 429


@pytest.mark.parametrize("kind", PAGES)
def test_one_network_of_the_longer_addresses_is_one_place(
    app: Flask, office: Office, kind: str
) -> None:
    del office
    for place in range(5):
        ask(app, f"/{kind}/{wrong(kind)}", ip=f"2001:db8::{place + 1}")

    assert ask(app, f"/{kind}/{token(kind)}", ip="2001:db8::ffff").status_code == 429
    assert ask(app, f"/{kind}/{token(kind)}", ip="2001:db8:0:1::1").status_code == 200


@pytest.mark.parametrize("kind", PAGES)
def test_an_old_link_of_ours_is_no_guess(app: Flask, office: Office, kind: str) -> None:
    old = token(kind)
    with transaction():
        for link in db.session.scalars(select(PublicLink)):
            links.renew(link)

    answers = [ask(app, f"/{kind}/{old}").status_code for _each in range(8)]

    assert set(answers) == {410}
    assert db.session.scalar(select(func.count()).select_from(CodeGuesses)) == 0
    assert told(office) == []


def test_ten_thousand_guesses_are_locked_out_and_the_office_is_told_once(
    app: Flask, office: Office
) -> None:
    answers = set()
    for guess in range(10_000):
        if guess >= 30 and guess % 500:
            continue  # they are all one case: what is locked compares nothing, and writes nothing
        answers.add(ask(app, f"/v/{wrong('v', guess)}").status_code)

    assert answers == {404, 429}
    people = {office.people[role].user_id for role in (Role.DISPATCHER, Role.OFFICE_DIRECTOR)}
    assert people <= {one.recipient_id for one in told(office)}
    assert len(told(office)) == len({one.recipient_id for one in told(office)})
    logged = select(func.count()).select_from(AuditRow)
    assert db.session.scalar(logged.where(AuditRow.action == guessing.LOGGED)) == 1


def told(office: Office) -> list[Message]:
    db.session.rollback()
    found = select(Message).where(
        Message.rule == guessing.LINKS, Message.tenant_id == office.tenant_id
    )
    return list(db.session.scalars(found))
