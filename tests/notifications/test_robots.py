"""Robots of chat groups: how they are called, how often, and what they never say.

The platforms' addresses are fixed in Apprise: what it would send there is led, at the edge of the
building (`robots.post`), to a server on this machine that plays the platform.
"""

import base64
import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import Role
from app.core import clock
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.transactions import transaction
from app.notifications import jobs, queries, service
from app.notifications.channels import robots
from app.notifications.models import (
    Channel,
    Delivery,
    GroupRobot,
    Message,
    MessageState,
    Platform,
)
from app.notifications.service import RobotDraft
from app.notifications.service.pace import LIMITS
from tests import make
from tests.notifications import servers
from tests.notifications.servers import Web

pytestmark = pytest.mark.usefixtures("app")

WECOM_KEY = (
    "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa".replace("x", "a").replace("s", "b").replace("i", "c")
)
DING_TOKEN = "9f1c" * 16
SECRET = "SEC" + "0a" * 30
HOOK = "3f3d0c5e-1111-2222-3333-444455556666"
RULE = "R4"


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with servers.web_server() as web:

        def led(url: str, **given: Any) -> requests.Response:
            parts = urlsplit(url)
            assert parts.scheme == "https"
            given["verify"] = False
            query = f"?{parts.query}" if parts.query else ""
            headers = {**given.pop("headers"), "X-Meant": parts.hostname or ""}
            assert given["timeout"] == 10
            return requests.post(f"{web.url}{parts.path}{query}", headers=headers, **given)  # noqa: S113

        monkeypatch.setattr(robots, "post", led)
        yield web


def announce(period: str = "1", subject: str = "本月还有 {n} 家没有走访", **context: Any) -> int:
    with transaction():
        return service.announce(
            make.the_tenant().id,
            rule=RULE,
            period=period,
            subject=subject,
            context=context or {"n": 3},
            link="/visits",
        )


def message() -> Message:
    db.session.rollback()
    return db.session.scalars(select(Message).order_by(Message.id.desc())).first() or Message()


# ---- what is said ----


def test_each_robot_in_use_that_hears_the_rule_is_told_once() -> None:
    make.robot(rules=["R4"])
    make.robot(rules=["R4", "R1"])
    make.robot(rules=["R1"])
    make.robot(rules=["R4"], is_active=False)
    make.robot(rules=["R4"], tenant_id=make.tenant("别的镇").id)

    assert announce() == 2
    assert announce() == 0


def test_wecom_is_called_as_it_wants(platform: Web) -> None:
    make.robot(platform=Platform.WECOM, key=WECOM_KEY)
    announce()

    jobs.deliver_due()

    ((path, headers, body),) = platform.asked
    assert headers["X-Meant"] == "qyapi.weixin.qq.com"
    assert path == f"/cgi-bin/webhook/send?key={WECOM_KEY}"
    said = json.loads(body)
    assert said["msgtype"] == "text"
    assert said["text"]["content"] == "本月还有 3 家没有走访\nhttp://127.0.0.1:8000/visits"
    assert message().state is MessageState.SENT
    (kept,) = message().deliveries
    assert kept.answer == 'HTTP 200 {"errcode": 0, "errmsg": "ok"}'


def test_dingtalk_is_called_as_it_wants_and_signed(platform: Web) -> None:
    make.robot(platform=Platform.DINGTALK, key=DING_TOKEN, signing_secret=SECRET)
    announce()

    jobs.deliver_due()

    ((path, headers, body),) = platform.asked
    assert headers["X-Meant"] == "oapi.dingtalk.com"
    asked = parse_qs(urlsplit(path).query)
    assert asked["access_token"] == [DING_TOKEN]
    at = asked["timestamp"][0]
    made = hmac.new(SECRET.encode(), f"{at}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert base64.b64encode(made).decode() in {
        asked["sign"][0],
        parse_qs(f"s={asked['sign'][0]}")["s"][0],
    }
    assert "本月还有 3 家没有走访" in json.loads(body)["text"]["content"]


def test_feishu_is_called_as_it_wants_and_signed(platform: Web) -> None:
    platform.body = {"code": 0, "msg": "success"}
    make.robot(platform=Platform.FEISHU, key=HOOK, signing_secret="sesame")
    announce()

    jobs.deliver_due()

    ((path, headers, body),) = platform.asked
    assert headers["X-Meant"] == "open.feishu.cn"
    assert path.rstrip("/") == f"/open-apis/bot/v2/hook/{HOOK}"
    said = json.loads(body)
    made = hmac.new(f"{said['timestamp']}\nsesame".encode(), b"", hashlib.sha256).digest()
    assert said["sign"] == base64.b64encode(made).decode()
    assert "本月还有 3 家没有走访" in said["content"]["text"]
    assert message().state is MessageState.SENT


def test_no_firm_and_no_number_is_named_in_a_group(platform: Web) -> None:
    make.enterprise("霁川塑岭管业有限公司", short_name="塑岭管业")
    make.robot()
    announce(
        subject="{tenant}：{who}要走访，联系 {phone}",
        tenant="霁川镇",
        who="塑岭管业和霁川塑岭管业有限公司",
        phone="138 0000 1234",
        secret="not named",
    )
    announce("2", subject="电话 {p}", p="13800001234")

    jobs.deliver_due()

    first, second = (
        json.loads(body)["text"]["content"] for _path, _headers, body in platform.asked
    )
    assert first.startswith("霁川镇：某企业和某企业要走访")
    assert "13800001234" not in second
    assert "号码从略" in second
    kept = db.session.scalars(select(Message).order_by(Message.id)).first()
    assert kept
    assert "secret" not in kept.context
    assert "塑岭" not in json.dumps(kept.context, ensure_ascii=False)


# ---- what is answered ----


@pytest.mark.parametrize(
    ("status", "body", "state", "reason"),
    [
        (200, {"errcode": 93000, "errmsg": "invalid webhook url"}, "failed", robots.WRONG_KEY),
        (200, {"errcode": 310000, "errmsg": "sign not match"}, "failed", robots.WRONG_WORDS),
        (200, {"code": 19024, "msg": "Key Words Not Found"}, "failed", robots.WRONG_WORDS),
        (200, {"errcode": 40001, "errmsg": "?"}, "queued", robots.NOT_SAID),
        (200, {"errcode": 45009, "errmsg": "api freq out of limit"}, "queued", robots.TOO_OFTEN),
        (200, b"<html>", "queued", robots.NO_ANSWER),
        (502, b"bad gateway", "queued", robots.NO_ANSWER),
    ],
)
def test_every_answer_is_understood_also_a_no_that_comes_with_200(
    platform: Web, status: int, body: Any, state: str, reason: str
) -> None:
    platform.status, platform.body = status, body
    make.robot()
    announce()

    jobs.deliver_due()

    assert (message().state.value, message().last_error) == (state, reason)


def test_a_platform_that_is_not_reached_tells_no_key(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(url: str, **_given: Any) -> requests.Response:
        raise requests.ConnectionError(f"cannot reach {url}")

    monkeypatch.setattr(robots, "post", fail)
    make.robot(key=WECOM_KEY)
    announce()
    announce("2")

    with caplog.at_level(logging.DEBUG):
        jobs.deliver_due()

    found = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert {one.last_error for one in found} == {robots.NO_PLATFORM}
    assert sorted(one.attempts for one in found) == [0, 1]  # one was enough to know
    assert WECOM_KEY not in caplog.text
    assert all(WECOM_KEY not in one.answer for one in db.session.scalars(select(Delivery)))


def test_a_robot_whose_platform_says_too_often_rests_and_no_attempt_is_lost(
    platform: Web, frozen_clock: time_machine.Traveller
) -> None:
    platform.body = {"errcode": 130101, "errmsg": "send too fast"}
    make.robot(platform=Platform.DINGTALK, key=DING_TOKEN)
    announce()
    jobs.deliver_due()
    assert message().attempts == 0

    platform.body = {"errcode": 0}
    announce("2")
    frozen_clock.shift(timedelta(minutes=9))
    jobs.deliver_due()
    assert len(platform.asked) == 1
    frozen_clock.shift(timedelta(minutes=1, seconds=1))
    jobs.deliver_due()

    assert len(platform.asked) == 3


# ---- how often ----


@pytest.mark.parametrize("kind", Platform)
def test_no_robot_is_called_more_often_than_its_platform_allows_whoever_calls(
    app: Flask, platform: Web, frozen_clock: time_machine.Traveller, kind: Platform
) -> None:
    platform.body = {"errcode": 0}
    key = {Platform.WECOM: WECOM_KEY, Platform.DINGTALK: DING_TOKEN, Platform.FEISHU: HOOK}[kind]
    make.robot(platform=kind, key=key)
    for number in range(30):
        announce(str(number))
    (window, most) = LIMITS[kind][-1]

    def deliver() -> None:
        with app.app_context():
            jobs.deliver_due()
            db.session.remove()

    senders = [threading.Thread(target=deliver) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(platform.asked) == most

    frozen_clock.shift(window - timedelta(milliseconds=1))
    jobs.deliver_due()
    assert len(platform.asked) == most
    frozen_clock.shift(timedelta(milliseconds=2))
    jobs.deliver_due()
    assert len(platform.asked) == min(30, most * 2)


def test_a_clock_that_was_set_back_does_not_silence_a_robot_for_long(
    platform: Web, frozen_clock: time_machine.Traveller
) -> None:
    make.robot()
    for number in range(25):
        announce(str(number))
    jobs.deliver_due()
    assert len(platform.asked) == 20

    frozen_clock.shift(-timedelta(hours=1))
    jobs.deliver_due()
    frozen_clock.shift(timedelta(seconds=61))
    jobs.deliver_due()

    assert len(platform.asked) == 25


def test_one_robot_that_spoke_enough_keeps_no_other_silent(platform: Web) -> None:
    make.robot("一群")
    for number in range(22):
        announce(str(number))
    jobs.deliver_due()
    make.robot("二群")
    announce("later")

    jobs.deliver_due()

    assert len(platform.asked) == 21


# ---- entering one ----


def draft(**more: Any) -> RobotDraft:
    values = {"name": "工作群", "platform": Platform.WECOM, "key": WECOM_KEY, "rules": ("R4",)}
    return RobotDraft(**{**values, **more})


def test_a_robot_is_entered_from_its_whole_address_and_lies_sealed() -> None:
    clerk = make.actor(Role.DISPATCHER)
    address = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}"

    with transaction():
        made = service.add_robot(draft(key=address), actor=clerk)

    assert made.key == WECOM_KEY
    stored = db.session.execute(db.text("SELECT key FROM group_robots")).scalar_one()
    assert WECOM_KEY.encode() not in bytes(stored)
    logged = db.session.scalars(select(AuditRow).where(AuditRow.subject == "robot")).one()
    assert WECOM_KEY not in json.dumps(logged.after)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"key": ""}, "key"),
        ({"key": "https://evil.example.com/"}, "key"),
        ({"key": "short"}, "key"),
        ({"platform": Platform.DINGTALK, "key": "a-b" * 20}, "key"),
        ({"signing_secret": "SEC123"}, "signing_secret"),
        (
            {"platform": Platform.DINGTALK, "key": DING_TOKEN, "signing_secret": "SEC-!"},
            "signing_secret",
        ),
    ],
)
def test_what_no_platform_would_know_is_refused_where_it_is_typed(
    changes: dict[str, Any], field: str
) -> None:
    clerk = make.actor(Role.DISPATCHER)

    with pytest.raises(Invalid) as refusal, transaction():
        service.add_robot(draft(**changes), actor=clerk)

    assert refusal.value.field == field


def test_the_same_robot_is_not_entered_twice() -> None:
    clerk = make.actor(Role.DISPATCHER)
    with transaction():
        service.add_robot(draft(), actor=clerk)

    with pytest.raises(Invalid, match="已经登记"), transaction():
        service.add_robot(draft(name="别的群"), actor=clerk)


def test_a_robot_that_is_changed_keeps_its_key_unless_another_is_typed() -> None:
    clerk = make.actor(Role.DISPATCHER)
    made = make.robot(key=WECOM_KEY)

    with transaction():
        service.edit_robot(
            made, draft(key="", is_active=False), reason="群解散了", version=1, actor=clerk
        )

    db.session.expire_all()
    found = db.session.scalars(select(GroupRobot)).one()
    assert (found.key, found.is_active, found.name) == (WECOM_KEY, False, "工作群")


def test_robots_are_the_office_s() -> None:
    made = make.robot()

    with pytest.raises(NotAllowed), transaction():
        service.add_robot(draft(), actor=make.actor(Role.HANDLER))
    with pytest.raises(NotFound):
        queries.robot(made.id, viewer=make.actor(Role.DISPATCHER, tenant=make.tenant("别的镇")))


def test_what_waits_for_a_robot_that_was_stopped_is_not_sent(platform: Web) -> None:
    made = make.robot()
    announce()
    with transaction():
        db.session.get_one(GroupRobot, made.id).is_active = False

    jobs.deliver_due()

    assert platform.asked == []
    assert message().state is MessageState.SKIPPED


def test_a_trial_counts_as_a_call_and_is_made_once_for_a_double_click(platform: Web) -> None:
    clerk = make.actor(Role.DISPATCHER)
    made = make.robot()

    with transaction():
        letter = service.try_robot(made, "k1", actor=clerk)
    with transaction():
        again = service.try_robot(made, "k1", actor=clerk)

    assert letter
    assert letter.channel is Channel.ROBOT
    assert again is None
    assert platform.asked == []
    assert clock.now()
