"""Group robots of WeCom, DingTalk and Feishu, called through Apprise.

Apprise knows where each platform is and how it is called; a robot is made of structured settings,
never of an address that somebody typed. What it forgets is listened for here: it reports success
wherever a platform answers, though these answer 200 and say in the body that they refused. `post`
is the one place where a robot leaves the building.
"""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import requests
from apprise import NotifyFormat
from apprise.plugins import dingtalk, feishu, wecombot
from apprise.plugins.base import NotifyBase
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from app.core import clock
from app.core.i18n import N_
from app.notifications.channels.letters import (
    TIMES_OUT,
    Letter,
    NotTaken,
    Refused,
    RobotAccount,
    Waits,
)
from app.notifications.channels.lines import for_group
from app.notifications.models import Platform

NO_ROBOT = N_("机器人的设置不完整，请在群机器人页核对")
NO_PLATFORM = N_("连不上机器人所在的平台，会自动再试")
NO_ANSWER = N_("机器人所在的平台没有按规矩回答，会自动再试")
TOO_OFTEN = N_("发得太密，平台要求歇一会儿，过后自动接着发")
WRONG_KEY = N_("平台不认这个机器人，请核对密钥，或者机器人已被移出群")
WRONG_WORDS = N_("平台按机器人的安全设置拒收，请核对加签密钥、关键词或 IP 白名单")
NOT_SAID = N_("平台拒收这条消息")

OK = 200
TEN_MINUTES = 600.0
A_MINUTE = 60.0
#: What the platforms' own numbers mean; see their documents. Everything else is tried again.
RESTS = {45009: A_MINUTE, 130101: TEN_MINUTES, 11232: A_MINUTE}
KEYS = frozenset({93000, 300001, 19001})
WORDS = frozenset({310000, 19021, 19022, 19024})
#: What Apprise calls our settings.
PLUGINS: dict[Platform, tuple[Callable[..., NotifyBase], dict[str, str]]] = {
    Platform.WECOM: (NotifyWeComBot, {"key": "key"}),
    Platform.DINGTALK: (NotifyDingTalk, {"token": "key", "secret": "secret"}),
    Platform.FEISHU: (NotifyFeishu, {"token": "key"}),
}
SAID = 400  # characters of an answer that are kept


@dataclass(slots=True)
class _Call:
    """A call that Apprise makes for us: with what it is signed, and what came back."""

    account: RobotAccount
    status: int = 0
    body: str = ""
    error: str = ""


_calling: ContextVar[_Call | None] = ContextVar("calling", default=None)


def post(url: str, **given: Any) -> requests.Response:  # noqa: ANN401 - handed on to requests
    """Call a platform over the network."""
    return requests.post(url, **given)  # noqa: S113 - Apprise gives the timeout


class _Listening:
    """What the plugins of Apprise know as `requests`: the same, with an ear on the answer."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever requests has
        return getattr(requests, name)

    def post(self, url: str, **given: Any) -> requests.Response:  # noqa: ANN401 - handed on
        call = _calling.get()
        if call is None:
            return post(url, **given)
        if call.account.platform is Platform.FEISHU and call.account.signing_secret:
            given["data"] = _signed(given["data"], call.account.signing_secret)
        try:
            answer = post(url, **{**given, "timeout": TIMES_OUT, "allow_redirects": False})
        except requests.RequestException as error:
            call.error = type(error).__name__  # its words hold the address, and that the key
            raise
        call.status, call.body = answer.status_code, answer.text[:SAID]
        return answer


logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its warnings name keys
for _plugin in (wecombot, dingtalk, feishu):
    vars(_plugin)["requests"] = _Listening()


@dataclass(frozen=True, slots=True)
class RobotChannel:
    """Speaks in chat groups. How often it may is counted where letters are claimed."""

    lines: int = 1  # a group reads what was said first before what was said next
    is_spent: bool = False
    pause: float = 0.0
    _down: set[str] = field(default_factory=set)  # whom nobody reaches, in this run

    def open(self) -> "RobotChannel":
        """Return itself: each call is a connection of its own."""
        return self

    def send(self, letter: Letter) -> str:
        """Say in the group what the letter says; return the platform's answer."""
        account = letter.through
        if not isinstance(account, RobotAccount):
            raise Refused(NO_ROBOT)
        if account.key in self._down:
            raise Waits(NO_PLATFORM)
        call = _Call(account)
        before = _calling.set(call)
        try:
            _plugin_for(account).send(body=for_group(letter), body_format=NotifyFormat.TEXT)
        finally:
            _calling.reset(before)
        if call.error or not call.status:
            self._down.add(account.key)
            raise NotTaken(NO_PLATFORM, call.error)
        return _judged(call)

    def close(self) -> None:
        """Do nothing."""


def is_sound(account: RobotAccount) -> bool:
    """Tell whether a platform could know a robot by these settings."""
    try:
        _plugin_for(account)
    except Refused:
        return False
    return True


def _plugin_for(account: RobotAccount) -> NotifyBase:
    kind, names = PLUGINS[account.platform]
    given = {"key": account.key, "secret": account.signing_secret or None}
    try:
        return kind(**{theirs: given[ours] for theirs, ours in names.items()})
    except TypeError as error:  # what Apprise raises for settings that cannot be
        raise Refused(NO_ROBOT) from error


def _judged(call: _Call) -> str:
    """Return the answer, or raise what it means."""
    answer = f"HTTP {call.status} {' '.join(call.body.split())}"
    if call.status != OK:
        raise NotTaken(NO_ANSWER, answer)
    try:
        told = json.loads(call.body)
        number = int(told.get("errcode", told.get("code", told.get("StatusCode"))))
    except (ValueError, TypeError, AttributeError) as error:
        raise NotTaken(NO_ANSWER, answer) from error
    if number == 0:
        return answer
    if number in RESTS:
        raise Waits(TOO_OFTEN, answer, rest=RESTS[number])
    if number in KEYS:
        raise Refused(WRONG_KEY, answer)
    if number in WORDS:
        raise Refused(WRONG_WORDS, answer)
    raise NotTaken(NOT_SAID, answer)


def _signed(data: bytes, secret: str) -> bytes:
    """Return a message to Feishu with the signature that Apprise does not give it."""
    at = str(int(clock.machine_now().timestamp()))
    made = hmac.new(f"{at}\n{secret}".encode(), b"", hashlib.sha256).digest()
    message = {"timestamp": at, "sign": base64.b64encode(made).decode(), **json.loads(data)}
    return json.dumps(message, ensure_ascii=False).encode()
