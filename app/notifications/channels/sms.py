"""Text messages, through the web interface of whatever service the office has a contract with.

The request is made of structured settings: the values of a template of JSON or of a form are
filled in a sandbox, after the template was taken apart, so that what is filled in cannot change
its shape. It goes to hosts only that the operator allows, by HTTPS, and never into the house.
"""

import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from jinja2 import TemplateError

from app.core.errors import Invalid
from app.core.i18n import N_
from app.notifications.channels.letters import (
    TIMES_OUT,
    Letter,
    NotSent,
    NotTaken,
    Refused,
    SmsAccount,
    Waits,
)
from app.notifications.channels.lines import for_phone
from app.notifications.channels.sandbox import Sandbox
from app.notifications.models import BodyKind

NO_GATEWAY = N_("短信的设置不完整，请在短信设置页核对")
NOT_ALLOWED = N_("短信服务的地址不在允许的名单里")
NOT_OUTSIDE = N_("短信服务的地址指向内部网络，不能使用")
NOBODY = N_("连不上短信服务，会自动再试")
TROUBLED = N_("短信服务出错，会自动再试")
TOO_OFTEN = N_("短信服务说发得太密，过一会儿自动接着发")
SAID_NO = N_("短信服务没有接受这条短信，请看回答，核对短信设置")
NO_TEMPLATE = N_("短信模板填不出来，请核对短信设置")

READ = 4000  # bytes of an answer that are looked at
KEPT = 400
RATE_LIMITED, SERVER_ERROR, FINE = 429, 500, range(200, 300)
_sandbox = Sandbox()


@dataclass(frozen=True, slots=True)
class SmsChannel:
    """Asks a service to send text messages. `hosts` are those that it may ask."""

    hosts: frozenset[str]
    allow_private: bool = False  # for tests: plain HTTP, and addresses in the house
    lines: int = 2
    is_spent: bool = False
    pause: float = 0.0
    _down: set[str] = field(default_factory=set)  # whom nobody reaches, in this run

    def open(self) -> "SmsChannel":
        """Return itself: each request is a connection of its own."""
        return self

    def send(self, letter: Letter) -> str:
        """Ask for one text message; return what the service said."""
        account = letter.through
        if not isinstance(account, SmsAccount):
            raise Refused(NO_GATEWAY)
        if account.url in self._down:
            raise Waits(NOBODY)
        text = for_phone(letter)
        body = filled(account, {"phone": letter.address, "text": text, "name": letter.name})
        try:
            status, said = self._asked(account, body)
        except (HTTPException, OSError) as error:
            self._down.add(account.url)
            raise NotTaken(NOBODY, type(error).__name__) from error
        return _judged(account, status, said)

    def close(self) -> None:
        """Do nothing."""

    def _asked(self, account: SmsAccount, body: str) -> tuple[int, str]:
        where = allowed(account.url, self.hosts, allow_private=self.allow_private)
        host, port = where.hostname or "", where.port or (443 if where.scheme == "https" else 80)
        address = _outside(host, port, allow_private=self.allow_private)
        kind = _Secure if where.scheme == "https" else _Plain
        connection = kind(host, port, address)
        path = f"{where.path or '/'}{'?' + where.query if where.query else ''}"
        asks = account.method != "GET"
        if not asks:
            path += ("&" if where.query else "?") + body
        media = "json" if account.body_kind is BodyKind.JSON else "x-www-form-urlencoded"
        headers = {"Content-Type": f"application/{media}; charset=utf-8"} if asks else {}
        try:
            sent = body.encode() if asks else None
            connection.request(account.method, path, sent, {**headers, **account.headers})
            answer: HTTPResponse = connection.getresponse()
            return answer.status, answer.read(READ).decode("utf-8", "replace")
        finally:
            connection.close()


class _Plain(HTTPConnection):
    """A connection to an address that was looked at, not to whatever its name means by now."""

    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=TIMES_OUT)
        self._address = address

    def connect(self) -> None:
        """Connect to the address."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Secure(HTTPSConnection):
    """The same by TLS; the certificate is the name's."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self._context_of_ours = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMES_OUT, context=self._context_of_ours)
        self._address = address

    def connect(self) -> None:
        """Connect to the address, and see whose it is."""
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._context_of_ours.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def allowed(url: str, hosts: frozenset[str], *, allow_private: bool) -> SplitResult:
    """Return the parts of an address that may be asked; raise Refused for any other."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise Refused(NOT_ALLOWED) from error
    schemes = {"https", "http"} if allow_private else {"https"}
    plain = parts.username is None and parts.password is None and not parts.fragment
    if parts.scheme not in schemes or not plain or (parts.hostname or "") not in hosts:
        raise Refused(NOT_ALLOWED)
    return parts


def filled(account: SmsAccount, values: Mapping[str, str]) -> str:
    """Return the body of the request, filled in; raise Refused where the template is no good."""
    try:
        if account.body_kind is BodyKind.JSON and account.method != "GET":
            return json.dumps(_filled(json.loads(account.body), values), ensure_ascii=False)
        pairs = parse_qsl(_as_query(account.body), keep_blank_values=True, strict_parsing=True)
        return urlencode([(name, _filled(value, values)) for name, value in pairs])
    except (TemplateError, ValueError, TypeError) as error:
        raise Refused(NO_TEMPLATE, f"{type(error).__name__}: {error}") from error


def check(account: SmsAccount, hosts: frozenset[str], *, allow_private: bool) -> None:
    """Raise Invalid at the field that is wrong in the settings of a service."""
    try:
        allowed(account.url, hosts, allow_private=allow_private)
    except Refused as refusal:
        raise Invalid(
            N_("地址要以 https:// 开头，域名要在运维人员允许的名单里（现在允许：{hosts}）。"),
            field="url",
            hosts="、".join(sorted(hosts)) or "—",
        ) from refusal
    try:
        body = filled(account, {"phone": "00000000000", "text": "@@", "name": "@"})
    except NotSent as refusal:
        raise Invalid(
            N_("模板填不出来，请核对括号和引号：{why}"), field="body", why=refusal.answer
        ) from refusal
    if "00000000000" not in body or ("@@" not in body and "%40%40" not in body):
        raise Invalid(N_("模板里要有 {{{{phone}}}} 和 {{{{text}}}}。"), field="body")


def _filled(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str):
        return _sandbox.from_string(value).render(values)
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    return value


def _as_query(body: str) -> str:
    """Return a form's template, a field on each line, as one query."""
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    named = [line.partition("=") for line in lines]
    return urlencode([(name.strip(), value.strip()) for name, _is, value in named if _is])


def _outside(host: str, port: int, *, allow_private: bool) -> str:
    """Return an address of `host`; raise Refused where any of them is no public one."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    if not allow_private and not all(ipaddress.ip_address(one).is_global for one in addresses):
        raise Refused(NOT_OUTSIDE)
    return addresses[0]


def _judged(account: SmsAccount, status: int, said: str) -> str:
    answer = f"HTTP {status} {' '.join(said.split())}"[:KEPT]
    if status == RATE_LIMITED:
        raise Waits(TOO_OFTEN, answer)
    if status >= SERVER_ERROR:
        raise NotTaken(TROUBLED, answer)
    if status not in FINE:
        raise Refused(SAID_NO, answer)
    if account.success_path and _at(said, account.success_path) != account.success_value:
        raise Refused(SAID_NO, answer)
    return answer


def _at(said: str, path: str) -> str:
    """Return what stands at `path` ("data.0.code") in an answer of JSON, as text."""
    try:
        value: Any = json.loads(said)
        for name in path.split("."):
            index: int | str = int(name) if isinstance(value, Sequence) else name
            value = value[index]
    except (ValueError, LookupError, TypeError):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
