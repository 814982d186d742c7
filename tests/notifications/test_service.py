"""What is promised, to whom, and how delivery is accounted for."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import User
from app.accounts.roles import Role
from app.core import clock, links
from app.core.db import db
from app.core.errors import NotAllowed, NotFound
from app.core.transactions import transaction
from app.notifications import queries, service
from app.notifications.models import Channel, Delivery, Message, MessageState
from app.notifications.queries import OutboxFilter
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def promise(person: User, *, period: str = "2026-10", channel: Channel = Channel.MAIL) -> bool:
    with transaction():
        return service.enqueue(
            person.id,
            tenant_id=person.tenant_id,
            rule="R1",
            period=period,
            channel=channel,
            subject="给{name}",
            context={"name": person.name},
            link="/visits/mine",
        )


def messages() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).order_by(Message.id)))


def test_a_message_is_promised_once_for_its_rule_period_recipient_and_channel() -> None:
    person = make.user(email="a@example.com")

    assert promise(person)
    assert not promise(person)
    assert promise(person, period="2026-11")
    assert promise(person, channel=Channel.INBOX)

    assert len(messages()) == 3


def test_a_promise_of_a_transaction_that_fails_is_not_made() -> None:
    person = make.user(email="a@example.com")

    def promise_and_fail() -> None:
        with transaction():
            service.tell(
                [person.id], tenant_id=person.tenant_id, rule="x", period="1", subject="告诉您"
            )
            raise ConnectionError

    with pytest.raises(ConnectionError):
        promise_and_fail()

    assert messages() == []


def test_several_people_are_told_once_each_and_nobody_is_told_twice() -> None:
    one, other = make.user(), make.user()

    for _again in range(2):
        with transaction():
            service.tell(
                [one.id, None, other.id, one.id],
                tenant_id=one.tenant_id,
                rule="ticket-event",
                period="7",
                subject="告诉您",
            )

    assert [message.recipient_id for message in messages()] == [one.id, other.id]
    assert {message.state for message in messages()} == {MessageState.SENT}
    assert list(queries.due_ids()) == []


def test_a_person_without_an_address_gets_no_mail_and_stands_on_the_office_s_list() -> None:
    person = make.user(email="")

    promise(person)

    (kept,) = messages()
    assert kept.state is MessageState.SKIPPED
    assert kept.last_error == "没有邮箱"
    assert list(queries.due_ids()) == []


def test_somebody_without_an_account_is_told_once_at_the_address_that_lies_sealed() -> None:
    house = make.the_tenant()
    firm = service.Outsider("contact:7", "柳经理", "liu@example.com")
    with transaction():
        link = links.make("visit", "task:3", tenant_id=house.id, lasts=timedelta(days=3))

    def tell() -> bool:
        with transaction():
            return service.enqueue(
                firm,
                tenant_id=house.id,
                rule="visit-planned",
                period="3",
                channel=Channel.MAIL,
                subject="要来走访",
                link="/v/{token}",
                public_link=link,
            )

    assert tell()
    assert not tell()

    (message_id,) = queries.due_ids()
    with transaction():
        letter = service.claim(message_id)
    assert letter
    assert (letter.name, letter.address) == ("柳经理", "liu@example.com")
    assert letter.link == f"/v/{links.token_of(link)}"
    stored = db.session.execute(text("SELECT outsider_address, link FROM messages")).one()
    assert b"liu@example.com" not in bytes(stored[0])
    assert stored[1] == "/v/{token}"


def test_who_has_neither_account_nor_address_stands_on_the_office_s_list() -> None:
    house = make.the_tenant()
    for channel in (Channel.MAIL, Channel.SMS):
        with transaction():
            service.enqueue(
                service.Outsider("contact:7", "柳经理", ""),
                tenant_id=house.id,
                rule="visit-planned",
                period="3",
                channel=channel,
                subject="要来走访",
            )

    assert [kept.last_error for kept in messages()] == ["没有邮箱", "没有手机号"]


def test_a_text_message_goes_to_the_telephone() -> None:
    make.sms_gateway()
    person = make.user(phone="14200001234")
    promise(person, channel=Channel.SMS)
    (message_id,) = queries.due_ids()

    with transaction():
        letter = service.claim(message_id)

    assert letter
    assert letter.address == "14200001234"


def test_what_no_longer_matters_is_not_sent(frozen_clock: time_machine.Traveller) -> None:
    person = make.user(email="a@example.com")
    until = clock.now() + timedelta(days=1)
    with transaction():
        service.enqueue(
            person.id,
            tenant_id=person.tenant_id,
            rule="R4",
            period="2026-10",
            channel=Channel.MAIL,
            subject="快到期了",
            matters_until=until,
        )
    (message_id,) = queries.due_ids()

    frozen_clock.shift(timedelta(days=1))
    with transaction():
        letter = service.claim(message_id)

    assert letter is None
    (kept,) = messages()
    assert (kept.state, kept.last_error) == (MessageState.SKIPPED, "已经过时，没有再发")


def test_every_attempt_is_kept_with_what_the_other_side_answered(
    frozen_clock: time_machine.Traveller,
) -> None:
    promise(make.user(email="a@example.com"))
    (message_id,) = queries.due_ids()
    for error, answer in (("refused: 450", ""), ("", "250 queued")):
        with transaction():
            letter = service.claim(message_id)
        assert letter
        with transaction():
            service.settle(letter, error, answer=answer)
        frozen_clock.shift(timedelta(minutes=1))

    tries = db.session.scalars(select(Delivery).order_by(Delivery.id)).all()
    assert [(one.attempt, one.is_sent, one.answer) for one in tries] == [
        (1, False, "refused: 450"),
        (2, True, "250 queued"),
    ]


def test_a_claimed_message_is_claimed_by_nobody_else_until_its_lease_runs_out(
    frozen_clock: time_machine.Traveller,
) -> None:
    promise(make.user(email="a@example.com"))
    (message_id,) = queries.due_ids()

    with transaction():
        first = service.claim(message_id)
    with transaction():
        second = service.claim(message_id)
    assert first
    assert second is None
    assert list(queries.due_ids()) == []

    frozen_clock.shift(service.LEASE)
    with transaction():
        third = service.claim(message_id)
    assert third
    assert third.message_id == first.message_id
    assert third.attempt == 2


def test_who_lost_the_lease_settles_nothing(frozen_clock: time_machine.Traveller) -> None:
    promise(make.user(email="a@example.com"))
    (message_id,) = queries.due_ids()
    with transaction():
        slow = service.claim(message_id)
    frozen_clock.shift(service.LEASE)
    with transaction():
        quick = service.claim(message_id)
    assert slow
    assert quick

    with transaction():
        service.settle(quick)
    with transaction():
        service.settle(slow, "too late")

    (kept,) = messages()
    assert kept.state is MessageState.SENT
    assert kept.last_error == ""


def test_a_failure_is_tried_again_after_1_5_and_30_minutes_and_then_never(
    frozen_clock: time_machine.Traveller,
) -> None:
    promise(make.user(email="a@example.com"))
    (message_id,) = queries.due_ids()

    for minutes in (1, 5, 30):
        with transaction():
            letter = service.claim(message_id)
        assert letter
        with transaction():
            service.settle(letter, "no line")
        frozen_clock.shift(timedelta(minutes=minutes, seconds=-1))
        assert list(queries.due_ids()) == []
        frozen_clock.shift(timedelta(seconds=1))
        assert list(queries.due_ids()) == [message_id]

    with transaction():
        letter = service.claim(message_id)
    assert letter
    with transaction():
        service.settle(letter, "no line")
    frozen_clock.shift(timedelta(days=30))
    assert list(queries.due_ids()) == []
    (kept,) = messages()
    assert kept.state is MessageState.FAILED
    assert kept.last_error == "no line"


def test_the_office_sends_again_what_failed_and_others_do_not() -> None:
    clerk, stranger = make.actor(Role.DISPATCHER), make.actor(Role.HANDLER)
    promise(make.user(email="a@example.com"))
    (message_id,) = queries.due_ids()
    for _attempt in range(4):
        with transaction():
            db.session.get_one(Message, message_id).next_try_at = None
            message = db.session.get_one(Message, message_id)
            message.state, message.attempts = MessageState.FAILED, 4

    with pytest.raises(NotAllowed), transaction():
        service.send_again(message_id, actor=stranger)
    with transaction():
        service.send_again(message_id, actor=clerk)
    assert list(queries.due_ids()) == [message_id]
    with pytest.raises(NotFound), transaction():
        service.send_again(message_id, actor=clerk)


def test_the_office_of_another_township_knows_nothing_of_it() -> None:
    promise(make.user(email=""))
    (kept,) = messages()
    elsewhere = make.actor(Role.DISPATCHER, tenant=make.tenant("别的镇"))

    with pytest.raises(NotFound), transaction():
        service.send_again(kept.id, actor=elsewhere)

    assert queries.outbox_counts(OutboxFilter(), viewer=elsewhere) == {}


def test_what_is_not_needed_any_more_is_not_sent() -> None:
    person = make.user(email="a@example.com")
    promise(person)

    with transaction():
        service.forget(tenant_id=person.tenant_id, rule="R1", period="2026-10", reason="月份已过")

    (kept,) = messages()
    assert kept.state is MessageState.SKIPPED
    assert list(queries.due_ids()) == []


def test_a_person_reads_their_own_messages_and_nobody_else_s() -> None:
    owner, other = make.actor(Role.LIAISON), make.actor(Role.LIAISON)
    with transaction():
        service.tell(
            [owner.user_id], tenant_id=owner.tenant_id, rule="x", period="1", subject="告诉您"
        )
    (kept,) = messages()

    with pytest.raises(NotFound), transaction():
        service.mark_read(kept.id, actor=other)
    assert queries.unread_count(owner) == 1
    assert queries.unread_count(other) == 0
    with transaction():
        service.mark_read(kept.id, actor=owner)

    assert queries.unread_count(owner) == 0


def test_marking_all_read_leaves_the_messages_of_others(app: Flask) -> None:
    del app
    owner, other = make.actor(Role.LIAISON), make.actor(Role.LIAISON)
    with transaction():
        service.tell(
            [owner.user_id, other.user_id],
            tenant_id=owner.tenant_id,
            rule="x",
            period="1",
            subject="告诉您",
        )

    with transaction():
        service.mark_all_read(actor=owner)

    assert queries.unread_count(owner) == 0
    assert queries.unread_count(other) == 1
