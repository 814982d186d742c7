"""Mail that comes back: recognised, accounted for, put away; all other mail is left alone."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import jobs, queries, service
from app.notifications.channels import mailbox
from app.notifications.channels.mailbox import read
from app.notifications.models import Bounce, Channel, Message, MessageState
from app.notifications.service import Outsider
from app.notifications.service.promises import COMES_BACK
from tests import make
from tests.notifications import servers
from tests.notifications.servers import HOST, Box
from tests.notifications.test_channels import CONTEXT

NUMBER = "0123456789abcdef" * 2
CAME_BACK = "邮件被退回，请核对邮箱"

DSN = """\
From: MAILER-DAEMON@mx.example.com
To: noreply@127.0.0.1
Subject: Undelivered Mail Returned to Sender
Message-ID: <{notice}@mx.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
MIME-Version: 1.0

--b1
Content-Type: text/plain; charset=utf-8

The mail system could not deliver it.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
X-Postfix-Queue-ID: 4X

Final-Recipient: rfc822; gone@example.com
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.com
Diagnostic-Code: smtp; 550 5.1.1 <gone@example.com>: Recipient address
    rejected: User unknown

--b1
Content-Type: {kind}

{returned}
--b1--
"""
HEADERS = "From: noreply@127.0.0.1\nMessage-ID:\n <{number}@127.0.0.1>\nSubject: x\n"
WHOLE = "From: noreply@127.0.0.1\nMessage-ID: <{number}@127.0.0.1>\nSubject: x\n\nbody\n"


def dsn(
    number: str = NUMBER,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    whole: bool = False,
    notice: str = "n1",
) -> bytes:
    text = DSN.format(
        notice=notice,
        action=action,
        status=status,
        kind="message/rfc822" if whole else "text/rfc822-headers",
        returned=(WHOLE if whole else HEADERS).format(number=number),
    )
    return text.replace("\n", "\r\n").encode()


@pytest.fixture
def box(app: Flask) -> Iterator[Box]:
    made = Box()
    with servers.imap_server(made) as port:
        app.config.update(
            IMAP_HOST=HOST,
            IMAP_PORT=port,
            IMAP_SECURITY="none",
            IMAP_USER=made.user,
            IMAP_PASSWORD=made.password,
        )
        yield made


def sent_mail(person: User) -> Message:
    with transaction():
        service.enqueue(
            person.id,
            tenant_id=person.tenant_id,
            rule="R1",
            period="2026-10",
            channel=Channel.MAIL,
            subject="给{name}",
            context=CONTEXT,
        )
    jobs.deliver_due()
    return message()


def message() -> Message:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Message)).one()


def office() -> Actor:
    return make.actor(Role.DISPATCHER)


# ---- what is a notice ----


@pytest.mark.parametrize("whole", [True, False])
def test_a_notice_says_which_mail_failed_and_why(*, whole: bool) -> None:
    found = read(dsn(whole=whole))

    assert found
    assert found.message_id == NUMBER
    said = "5.1.1 550 5.1.1 <gone@example.com>: Recipient address rejected: User unknown"
    assert found.reason == said
    assert found.key == "n1@mx.example.com"


@pytest.mark.parametrize(
    "raw",
    [
        dsn(action="delayed"),
        dsn(action="delivered"),
        dsn("not one of ours"),
        b"Subject: hello\r\n\r\nan ordinary letter",
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nno parts at all",
        b"",
        b"\xff\xfe\x00 not a mail",
    ],
)
def test_everything_else_is_no_notice(raw: bytes) -> None:
    assert read(raw) is None


# ---- what becomes of it ----


def test_a_mail_that_came_back_has_failed_and_its_address_is_marked(box: Box) -> None:
    person = make.user(name="阮怀青", email="gone@example.com")
    mail = sent_mail(person)
    assert mail.state is MessageState.SENT
    box.put(dsn(mail.message_id))

    jobs.read_bounces()

    assert (message().state, message().last_error) == (MessageState.FAILED, CAME_BACK)
    (listed,) = queries.bounced(office())
    assert (listed.name, listed.address, listed.user_id) == (
        "阮怀青",
        "gone@example.com",
        person.id,
    )
    assert "User unknown" in listed.reason


def test_who_has_another_address_by_now_is_not_listed(box: Box) -> None:
    person = make.user(email="gone@example.com")
    box.put(dsn(sent_mail(person).message_id))
    jobs.read_bounces()

    with transaction():
        db.session.get_one(User, person.id).email = "new@example.com"

    assert queries.bounced(office()) == []


def test_the_contact_of_an_enterprise_is_listed_with_it(box: Box) -> None:
    firm = make.enterprise("塑岭管业有限公司", short_name="塑岭管业")
    contact = make.contact(enterprise=firm, name="柳经理", email="gone@example.com")
    with transaction():
        service.enqueue(
            Outsider(f"contact:{contact.id}", contact.name, contact.email),
            tenant_id=firm.tenant_id,
            rule="R1",
            period="1",
            channel=Channel.MAIL,
            subject="x",
            context=CONTEXT,
        )
    jobs.deliver_due()
    box.put(dsn(message().message_id))

    jobs.read_bounces()

    (listed,) = queries.bounced(office())
    assert (listed.name, listed.enterprise, listed.enterprise_id) == (
        "柳经理",
        "塑岭管业",
        firm.id,
    )


def test_what_was_read_is_moved_and_what_is_not_ours_is_left_unread(box: Box) -> None:
    mail = sent_mail(make.user(email="gone@example.com"))
    box.put(b"Subject: hello\r\n\r\nan ordinary letter\r\n")
    box.put(dsn(mail.message_id))
    box.put(dsn("f" * 32))

    jobs.read_bounces()

    assert box.unread() == [1, 3]
    assert [uid for uid, _raw, _flags in box.folders["INBOX"]] == [1, 3]
    assert [uid for uid, _raw, _flags in box.folders["Processed"]] == [2]


def test_without_a_folder_for_it_what_was_read_is_marked_as_read(app: Flask, box: Box) -> None:
    app.config["IMAP_PROCESSED"] = ""
    box.put(dsn(sent_mail(make.user(email="gone@example.com")).message_id))

    jobs.read_bounces()

    assert box.unread() == []
    assert set(box.folders) == {"INBOX"}


def test_the_same_notice_twice_changes_nothing_and_a_resent_mail_is_not_failed_by_it(
    box: Box,
) -> None:
    mail = sent_mail(make.user(email="gone@example.com"))
    box.put(dsn(mail.message_id))
    jobs.read_bounces()
    with transaction():
        service.send_again(mail.id, actor=office())
    jobs.deliver_due()

    box.put(dsn(mail.message_id))
    jobs.read_bounces()

    assert message().state is MessageState.SENT
    assert len(db.session.scalars(select(Bounce)).all()) == 1


def test_a_new_notice_fails_the_resent_mail_again(box: Box) -> None:
    mail = sent_mail(make.user(email="gone@example.com"))
    box.put(dsn(mail.message_id))
    jobs.read_bounces()
    with transaction():
        service.send_again(mail.id, actor=office())
    jobs.deliver_due()

    box.put(dsn(mail.message_id, notice="n2"))
    jobs.read_bounces()

    assert message().state is MessageState.FAILED
    assert len(queries.bounced(office())) == 1


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"IMAP_PASSWORD": "wrong"}, mailbox.NO_LOGIN),
        ({"IMAP_FOLDER": "Elsewhere"}, mailbox.NO_FOLDER),
        ({"IMAP_PORT": 1}, mailbox.NOBODY),
        ({"IMAP_SECURITY": "starttls"}, mailbox.NOBODY),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_said_in_the_log_and_stops_nothing(
    app: Flask,
    box: Box,
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, object],
    reason: str,
) -> None:
    app.config.update(settings)
    box.put(dsn())

    with caplog.at_level(logging.WARNING):
        jobs.read_bounces()

    assert reason in caplog.text
    assert box.unread() == [1]


def test_without_a_mailbox_nothing_is_read(app: Flask) -> None:
    assert not app.config["IMAP_HOST"]

    jobs.read_bounces()


# ---- who is not written to again ----


def remind(person: User, period: str) -> dict[Channel, tuple[MessageState, str]]:
    """Promise a reminder; return what became of it at once, by channel."""
    with transaction():
        service.remind(
            person.id,
            tenant_id=person.tenant_id,
            rule="R2",
            period=period,
            subject="提醒",
            context=CONTEXT,
            inbox=(),
            link="/",
        )
    rows = db.session.scalars(select(Message).where(Message.rule == "R2", Message.period == period))
    return {one.channel: (one.state, one.last_error) for one in rows}


def test_an_address_that_mail_comes_back_from_gets_no_more_until_it_is_set_right(box: Box) -> None:
    person = make.user(email="gone@example.com")
    box.put(dsn(sent_mail(person).message_id))
    jobs.read_bounces()

    while_marked = remind(person, "1")
    with transaction():
        db.session.get_one(User, person.id).email = "new@example.com"
    afterwards = remind(person, "2")

    assert while_marked[Channel.INBOX][0] is MessageState.SENT
    assert while_marked[Channel.MAIL] == (MessageState.SKIPPED, COMES_BACK)
    assert afterwards[Channel.MAIL][0] is MessageState.QUEUED


def test_a_letter_that_arrives_when_it_is_sent_again_takes_the_mark_away(box: Box) -> None:
    person = make.user(email="full@example.com")
    box.put(dsn(sent_mail(person).message_id))
    jobs.read_bounces()
    with transaction():
        service.send_again(message().id, actor=office())

    jobs.deliver_due()

    assert queries.bounced(office()) == []
    assert remind(person, "1")[Channel.MAIL][0] is MessageState.QUEUED


def test_an_enterprise_whose_mail_comes_back_is_sent_a_text_message(box: Box) -> None:
    firm = make.enterprise("塑岭管业有限公司")
    contact = make.contact(
        enterprise=firm, email="gone@example.com", phone="14200000001", is_primary=True
    )

    def tell(period: str) -> Channel:
        with transaction():
            service.tell_enterprise(
                firm.id,
                tenant_id=firm.tenant_id,
                rule="R1",
                period=period,
                subject="x",
                context=CONTEXT,
            )
        told = select(Message.channel).where(Message.period == period)
        return Channel(db.session.scalars(told).one())

    first = tell("1")
    jobs.deliver_due()
    box.put(dsn(message().message_id))
    jobs.read_bounces()

    assert contact.email
    assert (first, tell("2")) == (Channel.MAIL, Channel.SMS)
