"""A real mail server, in all its moods: what it is given, and what we make of its answers."""

import email
import email.policy
import smtplib
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.notifications.channels import SmtpChannel
from app.notifications.channels import smtp as said
from app.notifications.channels.letters import (
    Busy,
    End,
    NotTaken,
    Outcome,
    Refused,
    Unreachable,
    sent_alone,
)
from app.notifications.channels.smtp import judged
from tests.notifications import servers
from tests.notifications.servers import HOST, Postman, Server
from tests.notifications.test_channels import LETTER

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def server(postman: Postman) -> Iterator[Server]:
    with servers.mail_server(postman) as running:
        yield running


def way(port: int, **more: Any) -> SmtpChannel:
    settings = {
        "host": HOST,
        "security": "none",
        "user": "",
        "password": "",
        "timeout": 5.0,
    }
    return SmtpChannel(port=port, **{**settings, **more})


def sent(port: int, **more: Any) -> Outcome:
    return sent_alone(way(port, **more), LETTER)


def test_a_mail_server_is_given_the_letter_and_its_answers_are_kept(
    server: Server, postman: Postman
) -> None:
    outcome = sent(server.port)

    (taken,) = postman.taken
    assert taken.rcpt_tos == ["ruan@example.com"]
    assert taken.mail_from == "noreply@127.0.0.1"
    assert isinstance(taken.content, bytes)
    message = email.message_from_bytes(taken.content, policy=email.policy.default)
    assert message["Message-ID"] == f"<{LETTER.message_id}@127.0.0.1>"
    part = message.get_body(("plain",))
    assert part
    assert "塑岭管业" in part.get_content()
    assert outcome.end is End.SENT
    answer = "RCPT 250 2.1.5 Recipient ok · DATA 250 2.0.0 Ok: queued as 000001"
    assert outcome.answer == answer


def test_one_connection_carries_many_letters(server: Server, postman: Postman) -> None:
    line = way(server.port, per_line=3).open()
    for _letter in range(3):
        assert not line.is_spent
        line.send(LETTER)
    line.close()

    assert line.is_spent
    assert len(postman.taken) == 3
    assert postman.connections == 1


def test_a_refused_recipient_is_refused_for_good_and_the_connection_goes_on(
    server: Server, postman: Postman
) -> None:
    postman.answers["gone@example.com"] = "550 5.1.1 No such user here"
    line = way(server.port).open()

    with pytest.raises(Refused) as refusal:
        line.send(replace(LETTER, address="gone@example.com"))
    line.send(LETTER)
    line.close()

    assert refusal.value.reason == said.NO_SUCH
    assert refusal.value.answer == "RCPT 550 5.1.1 No such user here"
    assert len(postman.taken) == 1
    assert postman.connections == 1


def test_content_that_is_refused_is_refused_for_good(server: Server, postman: Postman) -> None:
    postman.on_data = lambda _envelope: "554 5.7.1 looks like spam"

    outcome = sent(server.port)

    assert (outcome.end, outcome.reason) == (End.NEVER, said.NO_CONTENT)
    assert outcome.answer == "DATA 554 5.7.1 looks like spam"


@pytest.mark.parametrize(
    ("stage", "code", "text", "kind"),
    [
        ("RCPT", 550, "5.1.1 unknown", Refused),
        ("RCPT", 553, "5.1.3 bad address", Refused),
        ("RCPT", 450, "4.7.1 Greylisted, try again in 5 minutes", NotTaken),
        ("RCPT", 452, "4.2.2 mailbox full", NotTaken),
        ("RCPT", 451, "4.3.0 try later", NotTaken),
        ("RCPT", 452, "4.5.3 Too many recipients", Busy),
        ("RCPT", 450, "4.7.28 rate limit exceeded", Busy),
        ("RCPT", 451, "发信频率过高", Busy),
        ("RCPT", 421, "closing", Busy),
        ("RCPT", 530, "authentication required", Unreachable),
        ("MAIL", 421, "too many connections", Busy),
        ("MAIL", 450, "not now", Busy),
        ("MAIL", 452, "no space", Busy),
        ("MAIL", 550, "sender unknown", Unreachable),
        ("MAIL", 552, "too large", Refused),
        ("DATA", 451, "4.3.0 error", NotTaken),
        ("DATA", 452, "slow down", Busy),
        ("DATA", 554, "no", Refused),
    ],
)
def test_every_answer_is_understood(stage: str, code: int, text: str, kind: type) -> None:
    assert type(judged(stage, code, f"{stage} {code} {text}")) is kind


def test_an_address_that_is_none_is_refused_without_asking_anybody(
    server: Server, postman: Postman
) -> None:
    outcome = sent_alone(way(server.port), replace(LETTER, address="nobody at all"))

    assert (outcome.end, outcome.reason) == (End.NEVER, said.BAD_ADDRESS)
    assert postman.taken == []


def test_a_server_that_offers_no_encryption_gets_nothing_where_it_is_asked_for(
    server: Server, postman: Postman
) -> None:
    outcome = sent(server.port, security="starttls")

    assert (outcome.end, outcome.reason) == (End.WAITS, said.NO_TLS)
    assert postman.taken == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    postman: Postman, tmp_path: Path
) -> None:
    with tls_server(postman, tmp_path) as running:
        outcome = sent(running.port, host="localhost", security="starttls")

    assert (outcome.end, outcome.reason) == (End.WAITS, said.NO_TLS)
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.answer
    assert postman.taken == []


def tls_server(postman: Postman, folder: Path, **more: Any) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*servers.certificate(folder))
    return servers.mail_server(postman, tls_context=context, **more)


def test_letters_go_by_starttls_with_a_login(
    postman: Postman, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = {"auth_required": True, "authenticator": servers.only("office", "sesame")}
    with tls_server(postman, tmp_path, **login) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        settings = {"host": "localhost", "security": "starttls", "user": "office"}
        good = sent(running.port, password="sesame", **settings)
        wrong = sent(running.port, password="open", **settings)
        nobody = sent(running.port, host="localhost", security="starttls")

    assert good.end is End.SENT
    assert (wrong.end, wrong.reason) == (End.WAITS, said.NO_LOGIN)
    assert wrong.answer.startswith("535 ")
    assert (nobody.end, nobody.reason) == (End.WAITS, said.NO_LOGIN)
    assert len(postman.taken) == 1


def test_a_server_that_is_not_there_is_said_to_be_unreachable() -> None:
    outcome = sent(servers.free_port())

    assert (outcome.end, outcome.reason) == (End.WAITS, said.NOBODY)


def test_a_server_that_never_greets_is_given_up_in_time() -> None:
    begun = time.perf_counter()
    with servers.silent_server() as port:
        outcome = sent(port, timeout=0.2)

    assert (outcome.end, outcome.reason) == (End.WAITS, said.SILENT)
    assert time.perf_counter() - begun < 3


def test_a_server_that_is_full_lets_the_letter_wait(postman: Postman) -> None:
    postman.most = 0
    with servers.mail_server(postman) as running:
        outcome = sent(running.port)

    assert (outcome.end, outcome.reason) == (End.WAITS, said.BUSY)
    assert "Too many connections" in outcome.answer


def test_a_server_that_stalls_after_the_letter_leaves_the_answer_open(
    server: Server, postman: Postman
) -> None:
    postman.stalls.add(LETTER.address)

    outcome = sent(server.port, timeout=0.3)

    assert (outcome.end, outcome.reason) == (End.AGAIN, said.ANSWER_LOST)


def test_a_connection_that_is_cut_after_the_letter_leaves_the_answer_open(
    server: Server, postman: Postman
) -> None:
    postman.drops[LETTER.address] = 1

    outcome = sent(server.port)

    assert (outcome.end, outcome.reason) == (End.AGAIN, said.ANSWER_LOST)
    assert len(postman.taken) == 1


def test_a_line_of_a_letter_that_begins_with_a_dot_arrives_whole(
    server: Server, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = said.composed(LETTER)
    plain.clear_content()
    plain.set_content(".\n..two\nend", cte="7bit")
    monkeypatch.setattr(said, "composed", lambda _letter: plain)

    sent(server.port)

    (taken,) = postman.taken
    message = email.message_from_bytes(taken.content or b"", policy=email.policy.default)
    assert message.get_content().split() == [".", "..two", "end"]


def test_what_we_send_is_what_a_plain_client_sends(server: Server, postman: Postman) -> None:
    message = said.composed(LETTER)
    with smtplib.SMTP(HOST, server.port) as client:
        client.send_message(message)
    sent(server.port)

    theirs, ours = (email.message_from_bytes(one.content or b"") for one in postman.taken)
    for name in ("Subject", "From", "To", "Date", "Message-ID"):
        assert ours[name] == theirs[name]
    assert [part.get_payload(decode=True) for part in ours.walk()] == [
        part.get_payload(decode=True) for part in theirs.walk()
    ]
