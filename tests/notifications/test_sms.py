"""Text messages: what is asked of the service, whom it may be, and how its answer is read."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.roles import Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid
from app.core.transactions import transaction
from app.notifications import jobs, service
from app.notifications.channels import sms
from app.notifications.channels.letters import NotSent, NotTaken, Refused
from app.notifications.channels.lines import parts
from app.notifications.channels.sms import SmsChannel, allowed, filled
from app.notifications.models import BodyKind, Channel, Message, MessageState
from app.notifications.service import GatewayDraft, Outsider
from tests import make
from tests.notifications import servers
from tests.notifications.servers import HOST, Web
from tests.notifications.test_channels import LETTER

pytestmark = pytest.mark.usefixtures("app")


INSIDE = (
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "::1",
    "fd00::1",
)


@pytest.fixture
def web(app: Flask) -> Iterator[Web]:
    app.config.update(SMS_HOSTS=HOST, SMS_ALLOW_PRIVATE=True)
    with servers.web_server() as running:
        running.body = {"code": 0, "id": "42"}
        yield running


def promise(phone: str = "14200001234", subject: str = "“{t}”已办结", **context: Any) -> Message:
    with transaction():
        service.enqueue(
            Outsider("contact:7", "柳经理", phone),
            tenant_id=make.the_tenant().id,
            rule="R13",
            period="1",
            channel=Channel.SMS,
            subject=subject,
            context=context or {"t": '进厂小桥", "to": "all'},
        )
    return message()


def message() -> Message:
    db.session.rollback()
    return db.session.scalars(select(Message)).one()


def test_without_a_service_a_text_message_is_not_queued_for_ever() -> None:
    assert (promise().state, message().last_error) == (MessageState.SKIPPED, "没有配置短信")


def test_with_one_that_is_switched_off_neither() -> None:
    make.sms_gateway(is_active=False)

    assert promise().last_error == "没有配置短信"


def test_what_was_queued_before_it_was_switched_off_is_skipped() -> None:
    gateway = make.sms_gateway()
    assert promise().state is MessageState.QUEUED
    with transaction():
        db.session.merge(gateway).is_active = False

    jobs.deliver_due()

    assert message().last_error == "没有配置短信"


def test_json_is_filled_in_so_that_no_text_changes_its_shape(web: Web) -> None:
    make.sms_gateway(url=f"{web.url}/send?a=1")
    promise()

    jobs.deliver_due()

    ((path, headers, body),) = web.asked
    assert path == "/send?a=1"
    assert headers["Authorization"] == "Bearer sesame"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(body) == {"to": "14200001234", "text": '“进厂小桥", "to": "all”已办结'}
    assert message().state is MessageState.SENT
    assert message().deliveries[0].answer == 'HTTP 200 {"code": 0, "id": "42"}'


def test_a_form_is_filled_in_so_that_no_text_changes_its_shape(web: Web) -> None:
    make.sms_gateway(
        url=f"{web.url}/send",
        body_kind=BodyKind.FORM,
        body="mobile={{phone}}\ncontent = {{text}}\nsign=镇政府",
    )
    promise(subject="{t}", t="a&mobile=1=%26\nb")

    jobs.deliver_due()

    assert parse_qs(web.asked[0][2].decode()) == {
        "mobile": ["14200001234"],
        "content": ["a&mobile=1=%26 b"],
        "sign": ["镇政府"],
    }


def test_a_get_carries_everything_in_its_address(web: Web) -> None:
    make.sms_gateway(
        url=f"{web.url}/send?key=1", method="GET", body="mobile={{phone}}\ntext={{text}}"
    )
    promise(subject="好的")

    jobs.deliver_due()

    asked = parse_qs(urlsplit(web.asked[0][0]).query)
    assert asked == {"key": ["1"], "mobile": ["14200001234"], "text": ["好的"]}


@pytest.mark.parametrize(
    ("status", "body", "state", "reason"),
    [
        (200, {"code": 0}, "sent", ""),
        (200, {"code": 7, "msg": "余额不足"}, "failed", sms.SAID_NO),
        (200, b"no json", "failed", sms.SAID_NO),
        (401, {"code": 0}, "failed", sms.SAID_NO),
        (302, {"code": 0}, "failed", sms.SAID_NO),
        (500, {"code": 0}, "queued", sms.TROUBLED),
        (429, {"code": 0}, "queued", sms.TOO_OFTEN),
    ],
)
def test_every_answer_is_understood(
    web: Web, status: int, body: Any, state: str, reason: str
) -> None:
    web.status, web.body = status, body
    make.sms_gateway(url=f"{web.url}/")
    promise()

    jobs.deliver_due()

    assert (message().state.value, message().last_error) == (state, reason)


def test_a_sign_of_success_may_lie_deep(web: Web) -> None:
    web.body = {"data": [{"ok": True}]}
    make.sms_gateway(url=f"{web.url}/", success_path="data.0.ok", success_value="true")
    promise()

    jobs.deliver_due()

    assert message().state is MessageState.SENT


def test_a_service_that_is_not_there_is_tried_again(app: Flask) -> None:
    app.config.update(SMS_HOSTS=HOST, SMS_ALLOW_PRIVATE=True)
    make.sms_gateway(url=f"http://{HOST}:{servers.free_port()}/")
    promise()

    jobs.deliver_due()

    assert (message().state, message().last_error) == (MessageState.QUEUED, sms.NOBODY)


# ---- whom it may ask ----


@pytest.mark.parametrize(
    "url",
    [
        "http://sms.example.com/",
        "https://other.example.com/",
        "https://sms.example.com@evil.example.com/",
        "https://user:pass@sms.example.com/",
        "https://sms.example.com.evil.example.com/",
        "https://sms.example.com/#x",
        "https://[::1]/",
        "https://sms.example.com:99999/",
        "ftp://sms.example.com/",
        "//sms.example.com/",
        "",
    ],
)
def test_only_hosts_that_the_operator_allows_are_asked_and_by_https(url: str) -> None:
    with pytest.raises(Refused):
        allowed(url, frozenset({"sms.example.com"}), allow_private=False)


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_into_the_house_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def found(*_given: Any, **_more: Any) -> list[Any]:
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))
        return [public, (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    account = sms_account("https://sms.example.com/")

    with pytest.raises(Refused) as refusal:
        SmsChannel(frozenset({"sms.example.com"})).send(letter_through(account))

    assert refusal.value.reason == sms.NOT_OUTSIDE


def test_what_answers_for_the_host_must_show_its_certificate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with servers.web_server() as plain:

        def found(*_given: Any, **_more: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (HOST, plain.port))]

        monkeypatch.setattr(socket, "getaddrinfo", found)
        account = sms_account(f"https://sms.example.com:{plain.port}/")
        monkeypatch.setattr(sms, "_outside", lambda *_given, **_more: HOST)
        with pytest.raises(NotTaken):
            SmsChannel(frozenset({"sms.example.com"})).send(letter_through(account))

    assert plain.asked == []


def sms_account(url: str, **more: Any) -> sms.SmsAccount:
    values = {
        "url": url,
        "method": "POST",
        "headers": {},
        "body_kind": BodyKind.JSON,
        "body": '{"to": "{{phone}}", "text": "{{text}}"}',
    }
    return sms.SmsAccount(**{**values, **more})


def letter_through(account: sms.SmsAccount) -> Any:
    return replace(
        LETTER, channel=Channel.SMS, through=account, subject="好", context={}, address="1420"
    )


@pytest.mark.parametrize(
    "body",
    [
        "{{ phone.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''.__class__ }}",
        "{{ config }}{{ self._TemplateReference__context }}",
    ],
)
def test_a_template_reaches_nothing_but_what_it_is_given(body: str) -> None:
    account = sms_account("", body=json.dumps({"x": body, "to": "{{phone}}", "t": "{{text}}"}))

    try:
        made = filled(account, {"phone": "1", "text": "2"})
    except NotSent:
        return
    assert "class" not in made
    assert "Context" not in made


# ---- entering it ----


def draft(**more: Any) -> GatewayDraft:
    values = {
        "url": "https://sms.example.com/send?key=topsecret",
        "headers": "Authorization: Bearer sesame",
        "body": '{"to": "{{phone}}", "text": "{{text}}"}',
    }
    return GatewayDraft(**{**values, **more})


def test_the_service_is_entered_and_its_keys_lie_sealed(app: Flask) -> None:
    app.config["SMS_HOSTS"] = "sms.example.com"
    clerk = make.actor(Role.OFFICE_DIRECTOR)

    with transaction():
        made = service.save_gateway(draft(), reason="签了合同", version=None, actor=clerk)
    with transaction():
        service.save_gateway(
            draft(url="", headers="", success_path="code"),
            reason="看回答",
            version=made.version,
            actor=clerk,
        )

    db.session.expire_all()
    assert made.url == "https://sms.example.com/send?key=topsecret"
    assert made.success_path == "code"
    stored = db.session.execute(text("SELECT url, headers FROM sms_gateways")).one()
    assert all(b"sesame" not in bytes(one) and b"topsecret" not in bytes(one) for one in stored)
    logged = db.session.scalars(select(AuditRow).where(AuditRow.subject == "sms-gateway")).all()
    assert len(logged) == 2
    assert "sesame" not in json.dumps([row.after for row in logged])
    assert "topsecret" not in json.dumps([row.after for row in logged])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "https://other.example.com/"}, "url"),
        ({"url": "http://sms.example.com/"}, "url"),
        ({"headers": "no colon"}, "headers"),
        ({"headers": "X y: 1"}, "headers"),
        ({"body": "{not json {{phone}} {{text}}"}, "body"),
        ({"body": '{"to": "{{phone}}"}'}, "body"),
        ({"body": '{"to": "{{text}}"}'}, "body"),
        ({"body": '{"to": "{{phone}", "text": "{{text}}"}'}, "body"),
        ({"body_kind": BodyKind.FORM, "body": "nothing"}, "body"),
    ],
)
def test_what_could_not_work_is_refused_where_it_is_typed(
    app: Flask, changes: dict[str, Any], field: str
) -> None:
    app.config["SMS_HOSTS"] = "sms.example.com"
    clerk = make.actor(Role.OFFICE_DIRECTOR)

    with pytest.raises(Invalid) as refusal, transaction():
        service.save_gateway(draft(**changes), reason="试试", version=None, actor=clerk)

    assert refusal.value.field == field


@pytest.mark.parametrize(("length", "count"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_a_long_text_counts_as_several(length: int, count: int) -> None:
    assert parts("字" * length) == count
