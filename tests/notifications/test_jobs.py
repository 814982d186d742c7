"""Delivery: once, however many senders there are, and however they end."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import channels, jobs, service
from app.notifications.channels import Letter, smtp
from app.notifications.channels.letters import Busy, NotTaken, sent_alone
from app.notifications.models import Channel, Delivery, Message, MessageState, Outage
from tests import make
from tests.notifications import servers
from tests.notifications.servers import HOST, Postman, Server
from tests.notifications.test_channels import CONTEXT

Sent = Callable[[], list[EmailMessage]]
MINUTE = timedelta(minutes=1)


class Recording:
    """A way out that keeps what it was given, and fails while it is told to."""

    def __init__(self, *, broken: bool = False, lines: int = 1) -> None:
        self.sent: list[Letter] = []
        self.broken = broken
        self.lines = lines
        self.is_spent = False
        self.pause = 0.0

    def open(self) -> "Recording":
        return self

    def send(self, letter: Letter) -> str:
        if self.broken:
            raise NotTaken("no line")
        self.sent.append(letter)
        return "taken"

    def close(self) -> None:
        pass


@pytest.fixture
def way_out(monkeypatch: pytest.MonkeyPatch) -> Recording:
    made = Recording()
    monkeypatch.setattr(channels, "channel", lambda _kind: made)
    return made


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def server(app: Flask, postman: Postman) -> Iterator[Server]:
    with serving(app, postman) as running:
        yield running


@contextmanager
def serving(app: Flask, postman: Postman, **more: Any) -> Iterator[Server]:
    with servers.mail_server(postman) as running:
        app.config.update(
            SMTP_HOST=HOST, SMTP_PORT=running.port, SMTP_SECURITY="none", SMTP_TIMEOUT=3, **more
        )
        yield running


def promise(number: int = 1, *, address: str = "", period: str = "2026-10", **more: Any) -> None:
    for _ in range(number):
        person = make.user()
        person.email = address or f"p{person.id}@example.com"
        db.session.commit()
        with transaction():
            service.enqueue(
                person.id,
                tenant_id=person.tenant_id,
                rule="R1",
                period=period,
                channel=Channel.MAIL,
                subject="给{name}",
                context=CONTEXT,
                link="/visits/mine",
                **more,
            )


def states() -> list[MessageState]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.state).order_by(Message.id)))


def kept() -> Message:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Message)).one()


def attempts() -> list[tuple[bool, str]]:
    found = db.session.scalars(select(Delivery).order_by(Delivery.id))
    return [(one.is_sent, one.answer) for one in found]


# ---- once ----


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
    frozen_clock.shift(MINUTE)
    jobs.deliver_due()

    assert len(way_out.sent) == 2


def test_a_letter_that_cannot_be_written_stops_no_other(app: Flask, sent: Sent) -> None:
    del app
    promise(1)
    with transaction():
        db.session.scalars(select(Message)).one().rule = "no such rule"
    promise(1)

    jobs.deliver_due()

    assert len(sent()) == 1
    assert states() == [MessageState.QUEUED, MessageState.SENT]


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
    sent_alone(channels.channel(Channel.MAIL), letter)

    frozen_clock.shift(service.LEASE)
    jobs.deliver_due()

    assert len(sent()) == 1


def test_nothing_is_sent_inside_a_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    promise()
    ours = threading.get_ident()
    seen: list[tuple[bool, bool]] = []

    class Looking(Recording):
        def send(self, letter: Letter) -> str:
            seen.append((threading.get_ident() == ours, db.session().in_transaction()))
            return super().send(letter)

    looking = Looking()
    monkeypatch.setattr(channels, "channel", lambda _kind: looking)

    jobs.deliver_due()

    assert seen == [(False, False)]


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

    assert len(statements) <= 10 * 5 + 15


def test_what_was_sent_is_recorded_although_the_database_was_away_for_a_moment(
    app: Flask, way_out: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    promise()
    record, falls = jobs.service.keep, iter([True])

    def keep(outcome: Any) -> None:
        if next(falls, False):
            raise OperationalError("INSERT", {}, Exception("restarting"))
        record(outcome)

    monkeypatch.setattr(service, "keep", keep)
    monkeypatch.setattr(jobs, "TRIES", (0.0, 0.0))
    jobs.deliver_due()

    assert len(way_out.sent) == 1
    assert states() == [MessageState.SENT]


# ---- the clock ----


def test_a_clock_that_was_set_back_silences_nothing(
    app: Flask, sent: Sent, frozen_clock: time_machine.Traveller
) -> None:
    del app
    promise(2)

    frozen_clock.shift(-timedelta(hours=1))
    jobs.deliver_due()

    assert len(sent()) == 2


def test_a_failure_is_tried_again_although_the_clock_was_set_back(
    app: Flask, way_out: Recording, frozen_clock: time_machine.Traveller
) -> None:
    del app
    promise()
    way_out.broken = True
    jobs.deliver_due()

    way_out.broken = False
    frozen_clock.shift(-timedelta(hours=1))
    jobs.deliver_due()

    assert len(way_out.sent) == 1


def test_what_somebody_is_sending_is_left_to_them_although_the_clock_was_set_back(
    app: Flask, sent: Sent, frozen_clock: time_machine.Traveller
) -> None:
    del app
    promise()
    message_id = db.session.scalars(select(Message.id)).one()
    with transaction():
        assert service.claim(message_id)

    frozen_clock.shift(-timedelta(hours=1))
    jobs.deliver_due()
    assert sent() == []
    frozen_clock.shift(timedelta(hours=1) + service.LEASE)
    jobs.deliver_due()

    assert len(sent()) == 1


def test_after_three_days_over_the_end_of_a_month_only_what_still_matters_is_sent(
    app: Flask, sent: Sent, frozen_clock: time_machine.Traveller
) -> None:
    del app
    end = clock.now() + timedelta(days=1)
    promise(1, period="2026-09", matters_until=end)
    promise(1, period="2026-10", matters_until=end + timedelta(days=30))
    promise(1, period="always")

    frozen_clock.shift(timedelta(days=3))
    jobs.deliver_due()
    jobs.deliver_due()

    assert len(sent()) == 2
    assert states() == [MessageState.SKIPPED, MessageState.SENT, MessageState.SENT]


# ---- the other side ----


def test_letters_go_over_a_few_connections_and_each_answer_is_kept(
    app: Flask, server: Server, postman: Postman
) -> None:
    del server
    app.config.update(SMTP_CONNECTIONS=3, SMTP_PER_CONNECTION=10)
    promise(40)

    jobs.deliver_due()

    assert len(set(postman.numbers())) == len(postman.taken) == 40
    assert postman.peak <= 3
    assert 4 <= postman.connections <= 9
    told = attempts()
    assert len(told) == 40
    assert all(sent and "queued as" in answer for sent, answer in told)


def test_a_refused_address_fails_at_once_with_a_sentence_and_stops_no_other(
    app: Flask, server: Server, postman: Postman
) -> None:
    del app, server
    postman.answers["gone@example.com"] = "550 5.1.1 No such user here"
    promise(1, address="gone@example.com")
    promise(5)

    jobs.deliver_due()

    assert states() == [MessageState.FAILED] + [MessageState.SENT] * 5
    db.session.rollback()
    first = db.session.scalars(select(Message).order_by(Message.id)).first()
    assert first
    assert first.last_error == smtp.NO_SUCH
    assert first.deliveries[0].answer == "RCPT 550 5.1.1 No such user here"


def test_what_is_not_taken_now_is_tried_after_1_5_and_30_minutes_and_then_fails(
    app: Flask, server: Server, postman: Postman, frozen_clock: time_machine.Traveller
) -> None:
    del app, server
    postman.answers["full@example.com"] = "452 4.2.2 mailbox full"
    promise(1, address="full@example.com")

    jobs.deliver_due()
    for minutes in (1, 5, 30):
        assert kept().state is MessageState.QUEUED
        frozen_clock.shift(timedelta(minutes=minutes, seconds=-1))
        jobs.deliver_due()
        assert len(kept().deliveries) == kept().attempts
        frozen_clock.shift(timedelta(seconds=1))
        jobs.deliver_due()

    assert kept().state is MessageState.FAILED
    assert kept().last_error == smtp.LATER
    assert attempts() == [(False, "RCPT 452 4.2.2 mailbox full")] * 4


def test_a_server_with_room_for_two_is_sent_everything_over_two(
    app: Flask, postman: Postman
) -> None:
    postman.most = 2
    with serving(app, postman, SMTP_CONNECTIONS=6):
        promise(60)
        jobs.deliver_due()

    assert states() == [MessageState.SENT] * 60
    assert len(set(postman.numbers())) == len(postman.taken) == 60
    assert all(sent for sent, _answer in attempts())


def test_a_server_that_says_slow_down_is_left_alone_and_no_attempt_is_lost(
    app: Flask, server: Server, postman: Postman, frozen_clock: time_machine.Traveller
) -> None:
    del app, server
    left = iter(range(10))
    postman.on_mail = lambda: "250" if next(left, None) is not None else "450 4.7.1 Slow down"
    promise(30)

    jobs.deliver_due()
    assert Counter(states()) == {MessageState.SENT: 10, MessageState.QUEUED: 20}
    db.session.rollback()
    waiting = db.session.scalars(select(Message).where(Message.state == MessageState.QUEUED))
    assert {one.attempts for one in waiting} == {0}
    (out,) = db.session.scalars(select(Outage))
    assert (out.channel, out.reason) == (Channel.MAIL, smtp.BUSY)

    postman.on_mail = None
    frozen_clock.shift(MINUTE)
    jobs.deliver_due()
    assert states() == [MessageState.SENT] * 30
    db.session.rollback()
    assert db.session.scalars(select(Outage)).all() == []
    assert len(set(postman.numbers())) == len(postman.taken) == 30


def test_while_nobody_is_there_everything_waits_and_no_attempt_is_lost(
    app: Flask, postman: Postman, frozen_clock: time_machine.Traveller
) -> None:
    app.config.update(SMTP_HOST=HOST, SMTP_PORT=servers.free_port(), SMTP_SECURITY="none")
    promise(10)

    for _hour in range(48):
        jobs.deliver_due()
        frozen_clock.shift(timedelta(hours=1))
    assert states() == [MessageState.QUEUED] * 10
    db.session.rollback()
    (out,) = db.session.scalars(select(Outage))
    assert out.reason == smtp.NOBODY
    assert out.last_at - out.since == timedelta(hours=47)
    assert attempts() == []

    with serving(app, postman):
        jobs.deliver_due()
    assert states() == [MessageState.SENT] * 10


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_is_said_and_costs_no_attempt(app: Flask, postman: Postman) -> None:
    more = {
        "auth_required": True,
        "auth_require_tls": False,
        "authenticator": servers.only("office", "sesame"),
    }
    with servers.mail_server(postman, **more) as running:
        app.config.update(
            SMTP_HOST=HOST,
            SMTP_PORT=running.port,
            SMTP_SECURITY="none",
            SMTP_USER="office",
            SMTP_PASSWORD="wrong",
        )
        promise(3)
        jobs.deliver_due()

    db.session.rollback()
    (out,) = db.session.scalars(select(Outage))
    assert out.reason == smtp.NO_LOGIN
    assert out.answer.startswith("535 ")
    assert states() == [MessageState.QUEUED] * 3


def test_an_answer_that_was_lost_is_the_only_reason_to_send_twice_under_the_same_number(
    app: Flask, server: Server, postman: Postman, frozen_clock: time_machine.Traveller
) -> None:
    del app, server
    postman.drops["cut@example.com"] = 1
    promise(1, address="cut@example.com")
    promise(10)

    jobs.deliver_due()
    assert states()[0] is MessageState.QUEUED
    frozen_clock.shift(MINUTE)
    jobs.deliver_due()
    jobs.deliver_due()

    assert states() == [MessageState.SENT] * 11
    counted = Counter(postman.numbers())
    assert sorted(counted.values()) == [1] * 10 + [2]
    twice = [one for one in postman.taken if one.rcpt_tos == ["cut@example.com"]]
    assert len(twice) == 2
    assert servers.number_of(twice[0]) == servers.number_of(twice[1])


def test_a_server_that_takes_letters_and_never_answers_holds_up_neither_itself_nor_the_rest(
    app: Flask, server: Server, postman: Postman
) -> None:
    del server
    app.config.update(SMTP_TIMEOUT=0.3, SMTP_CONNECTIONS=2)
    postman.stalls |= {f"p{n}@example.com" for n in range(10_000)}
    promise(30)
    begun = time.perf_counter()

    jobs.deliver_due()

    assert time.perf_counter() - begun < 20
    assert postman.taken == []
    tried = attempts()
    assert 2 <= len(tried) <= 4
    db.session.rollback()
    (out,) = db.session.scalars(select(Outage))
    assert out.reason == smtp.ANSWER_LOST
    assert states() == [MessageState.QUEUED] * 30


def test_a_connection_that_was_hung_up_between_two_letters_is_made_anew(
    app: Flask, server: Server, postman: Postman
) -> None:
    del server
    app.config["SMTP_CONNECTIONS"] = 1
    promise(3)
    hung_up: list[str] = []

    def hang_up() -> str:
        hung_up.append("now")
        return "421 4.4.2 idle too long" if len(hung_up) == 2 else "250"

    postman.on_mail = hang_up
    jobs.deliver_due()
    postman.on_mail = None

    assert Counter(states())[MessageState.SENT] >= 1
    assert all(sent for sent, _answer in attempts())


def test_one_broken_way_out_keeps_no_other_waiting(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["SMS_HOSTS"] = "sms.example.com"
    make.sms_gateway()
    robot = make.robot()
    promise(5)
    with transaction():
        service.enqueue(
            make.user(phone="14200001234").id,
            tenant_id=make.the_tenant().id,
            rule="R4",
            period="1",
            channel=Channel.SMS,
            subject="要到期了",
        )
        service.announce(
            robot.tenant_id, rule="R4", period="1", subject="本月还有 {n} 家", context={"n": 3}
        )
    good = Recording()

    class Broken(Recording):
        def open(self) -> "Recording":
            raise Busy("down")

    class Slow(Recording):
        def send(self, letter: Letter) -> str:
            del letter
            time.sleep(0.5)
            raise NotTaken("slow", lost=True)

    ways = {Channel.MAIL: Broken(), Channel.SMS: Slow(), Channel.ROBOT: good}
    monkeypatch.setattr(channels, "channel", lambda kind: ways[kind])

    jobs.deliver_due()

    assert [letter.channel for letter in good.sent] == [Channel.ROBOT]
    assert Counter(states()) == {MessageState.SENT: 1, MessageState.QUEUED: 6}


def test_no_more_letters_go_in_a_second_than_are_allowed(
    app: Flask, server: Server, postman: Postman
) -> None:
    del server
    app.config["SMTP_PER_SECOND"] = "20"
    promise(11)
    with time_machine.travel(clock.machine_now(), tick=True):
        begun = time.perf_counter()
        jobs.deliver_due()
        took = time.perf_counter() - begun

    assert len(postman.taken) == 11
    assert took >= 10 / 20


def test_a_run_that_takes_long_leaves_the_rest_to_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    promise(20)
    slow = Recording()
    monkeypatch.setattr(channels, "channel", lambda _kind: slow)
    monkeypatch.setattr(jobs, "RUN", -1.0)

    jobs.deliver_due()

    assert states() == [MessageState.QUEUED] * 20
    monkeypatch.setattr(jobs, "RUN", 60.0)
    jobs.deliver_due()
    assert states() == [MessageState.SENT] * 20
