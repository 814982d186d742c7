"""Delivery: once, however many senders there are, and however they end."""

import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from app.core.db import db
from app.core.transactions import transaction
from app.notifications import channels, jobs, service
from app.notifications.channels import Letter
from app.notifications.models import Channel, Message, MessageState
from tests import make
from tests.notifications.test_channels import CONTEXT

Sent = Callable[[], list[EmailMessage]]


class Recording:
    """A way out that keeps what it was given, and fails while it is told to."""

    def __init__(self, *, broken: bool = False) -> None:
        self.sent: list[Letter] = []
        self.broken = broken

    def send(self, letter: Letter) -> None:
        if self.broken:
            raise ConnectionError("no line")
        self.sent.append(letter)


@pytest.fixture
def way_out(monkeypatch: pytest.MonkeyPatch) -> Recording:
    made = Recording()
    monkeypatch.setattr(channels, "channel", lambda: made)
    return made


def promise(number: int = 1) -> None:
    for _ in range(number):
        person = make.user(email="someone@example.com")
        with transaction():
            service.enqueue(
                person.id,
                tenant_id=person.tenant_id,
                rule="R1",
                period="2026-10",
                channel=Channel.MAIL,
                subject="给{name}",
                context=CONTEXT,
                link="/visits/mine",
            )


def states() -> list[MessageState]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.state).order_by(Message.id)))


def test_what_is_due_leaves_the_house_once(app: Flask, sent: Sent) -> None:
    del app
    promise(3)

    jobs.deliver_due()
    jobs.deliver_due()

    assert len(sent()) == 3
    assert states() == [MessageState.SENT] * 3


def test_one_mail_that_fails_stops_no_other(
    app: Flask, way_out: Recording, frozen_clock: time_machine.Traveller
) -> None:
    del app
    promise(2)
    way_out.broken = True
    jobs.deliver_due()
    assert states() == [MessageState.QUEUED] * 2
    assert way_out.sent == []

    way_out.broken = False
    frozen_clock.shift(timedelta(minutes=1))
    jobs.deliver_due()

    assert len(way_out.sent) == 2


def test_a_sender_that_died_after_its_claim_is_made_good_under_the_same_message_id(
    app: Flask, sent: Sent, frozen_clock: time_machine.Traveller
) -> None:
    del app
    promise()
    message_id = db.session.scalars(select(Message.id)).one()
    with transaction():
        lost = service.claim(message_id)
    assert lost

    jobs.deliver_due()
    assert sent() == []
    frozen_clock.shift(service.LEASE)
    jobs.deliver_due()
    jobs.deliver_due()

    (letter,) = sent()
    assert letter["Message-ID"] == f"<{lost.message_id}@127.0.0.1>"
    assert states() == [MessageState.SENT]


def test_a_sender_that_died_after_sending_sends_the_same_file_again(
    app: Flask, sent: Sent, frozen_clock: time_machine.Traveller
) -> None:
    del app
    promise()
    message_id = db.session.scalars(select(Message.id)).one()
    with transaction():
        letter = service.claim(message_id)
    assert letter
    channels.channel().send(letter)

    frozen_clock.shift(service.LEASE)
    jobs.deliver_due()

    assert len(sent()) == 1


def test_nothing_is_sent_inside_a_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    promise()
    open_connections = []

    class Looking(Recording):
        def send(self, letter: Letter) -> None:
            open_connections.append(db.session().in_transaction())
            super().send(letter)

    looking = Looking()
    monkeypatch.setattr(channels, "channel", lambda: looking)

    jobs.deliver_due()

    assert open_connections == [False]


def test_two_senders_at_once_share_the_work_and_send_nothing_twice(
    app: Flask, way_out: Recording, frozen_clock: time_machine.Traveller
) -> None:
    del frozen_clock
    promise(20)
    start = threading.Barrier(4)

    def deliver() -> None:
        with app.app_context():
            start.wait()
            jobs.deliver_due()
            db.session.remove()

    senders = [threading.Thread(target=deliver) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(way_out.sent) == 20
    assert len({letter.message_id for letter in way_out.sent}) == 20
    assert states() == [MessageState.SENT] * 20


def test_delivery_costs_a_fixed_number_of_statements_for_each_mail(
    app: Flask, way_out: Recording
) -> None:
    del app, way_out
    promise(10)
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))

    jobs.deliver_due()

    assert len(statements) <= 10 * 7 + 5
