"""A mail server: several connections at a time, each used for many letters.

Every step of the talk is taken by hand, so that what the server says of the recipient and of the
letter is kept word for word, and so that it is known whether the letter was handed over when a
connection breaks.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.policy import SMTP
from email.utils import parseaddr

from app.core.i18n import N_
from app.notifications.channels.composing import composed
from app.notifications.channels.letters import (
    Busy,
    Letter,
    LineGone,
    NotSent,
    NotTaken,
    Refused,
    Unreachable,
)

NOBODY = N_("连不上邮件服务器")
SILENT = N_("邮件服务器没有应答")
NO_TLS = N_("和邮件服务器建立加密连接没有成功")
NO_LOGIN = N_("登录邮件服务器没有成功，请核对用户名和密码（授权码）")
NOT_WELCOME = N_("邮件服务器拒绝了我们的连接")
BUSY = N_("邮件服务器正忙，过一会儿自动接着发")
NO_SENDER = N_("邮件服务器不接受我们的发件地址")
NO_SUCH = N_("收件人的地址被拒收，请核对邮箱")
BAD_ADDRESS = N_("邮箱的写法不对，请核对邮箱")
NO_CONTENT = N_("邮件内容被拒收")
LATER = N_("对方暂时不收，会自动再试")
STALLED = N_("邮件服务器说到一半不应答了，会自动再试")
DROPPED = N_("邮件服务器中断了连接，会自动再试")
ANSWER_LOST = N_("邮件交出去了，但没有等到回答；会用同一编号再发一次")

TAKEN, TAKES_DATA, FORWARDED = 250, 354, 251
CLOSING, MUST_SIGN_IN, TOO_LARGE = 421, 530, 552
FOR_GOOD = 500  # answers from here on will be the same next time
MOMENTARY = frozenset({450, 451, 452})
HURRIED = re.compile(
    r"too many|too much|too fast|slow down|throttl|rate.?limit|connection.?limit|"
    r"exceed\w* .{0,30}(rate|connections|messages)|\bbusy\b|4\.7\.28|频繁|频率|繁忙|超过限制",
    re.IGNORECASE,
)
DOT = re.compile(rb"(?m)^\.")
MAIL, RCPT, DATA = "MAIL", "RCPT", "DATA"
Answer = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """Hands letters to a mail server. `security` is starttls, tls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    timeout: float
    lines: int = 4
    per_line: int = 100  # letters on one connection
    pause: float = 0.0  # seconds between two letters

    def open(self) -> "SmtpLine":
        """Return a new connection, signed in; raise Busy or Unreachable."""
        try:
            server = self._connected()
        except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
            raise Unreachable(SILENT if _is_late(error) else NO_TLS, _said(error)) from error
        except OSError as error:
            raise _not_welcome(error) from error
        try:
            self._sign_in(server)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            server.close()
            raise Unreachable(NO_LOGIN, _said(error)) from error
        except OSError as error:
            server.close()
            raise _not_welcome(error) from error
        return SmtpLine(server, self.per_line)

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=ssl.create_default_context()
            )
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
        return server

    def _sign_in(self, server: smtplib.SMTP) -> None:
        code, said = server.ehlo()
        if code == CLOSING or code in MOMENTARY:
            raise smtplib.SMTPHeloError(code, said)
        server.ehlo_or_helo_if_needed()
        if self.user:
            server.login(self.user, self.password)


class SmtpLine:
    """One connection to a mail server."""

    def __init__(self, server: smtplib.SMTP, letters: int) -> None:
        self._server = server
        self._left = letters

    @property
    def is_spent(self) -> bool:
        """Whether it carried as many letters as it may."""
        return self._left <= 0

    def send(self, letter: Letter) -> str:
        """Hand `letter` over; return what the server said of the recipient and of the letter."""
        sender, content = _written(letter)
        server = self._server
        self._left -= 1
        self._step(MAIL, lambda: server.mail(sender), (TAKEN,))
        try:
            taken = self._step(RCPT, lambda: server.rcpt(letter.address), (TAKEN, FORWARDED))
            self._step(DATA, lambda: server.docmd("DATA"), (TAKES_DATA,))
        except NotTaken as failure:
            if not failure.lost:
                self._start_over()
            raise
        except NotSent:
            self._start_over()
            raise
        kept = self._step(DATA, lambda: self._poured(content), (TAKEN,))
        return f"{taken} · {kept}"

    def close(self) -> None:
        """Say good-bye, if the server still listens."""
        try:
            self._server.quit()
        except OSError:
            self._server.close()

    def _poured(self, content: bytes) -> Answer:
        """Send the letter to its end and return the answer; that may be lost."""
        try:
            self._server.send(content)
            return self._server.getreply()
        except OSError as error:
            raise NotTaken(ANSWER_LOST, _said(error), lost=True) from error

    def _step(self, stage: str, ask: Callable[[], Answer], wanted: tuple[int, ...]) -> str:
        """Take one step of the talk; return the answer, or raise what it means."""
        try:
            code, said = ask()
        except UnicodeError as error:
            raise Refused(BAD_ADDRESS, str(error)) from error
        except OSError as error:
            said_so = f"{stage}: {_said(error)}"
            if _is_late(error):
                raise NotTaken(STALLED, said_so, lost=True) from error
            gone = LineGone if stage == MAIL else _lost
            raise gone(DROPPED, said_so) from error
        answer = f"{stage} {code} {_text(said)}"
        if code not in wanted:
            raise judged(stage, code, answer)
        return answer

    def _start_over(self) -> None:
        """Let the server forget the letter; where it cannot, the next step says so."""
        try:
            self._server.rset()
        except OSError:
            self._server.close()


def judged(stage: str, code: int, answer: str) -> NotSent:
    """Return what an answer means that is not the one hoped for."""
    if code == CLOSING or (code in MOMENTARY and HURRIED.search(answer)):
        return Busy(BUSY, answer)
    if code == MUST_SIGN_IN:
        return Unreachable(NO_LOGIN, answer)
    if stage == MAIL and code != TOO_LARGE:  # it has not heard yet to whom the letter goes
        return Unreachable(NO_SENDER, answer) if code >= FOR_GOOD else Busy(BUSY, answer)
    if code < FOR_GOOD:
        return NotTaken(LATER, answer)
    return Refused(NO_SUCH if stage == RCPT else NO_CONTENT, answer)


def _not_welcome(error: OSError) -> NotSent:
    """Return what it means that a connection came to nothing before any letter."""
    if isinstance(error, smtplib.SMTPResponseException):
        momentary = error.smtp_code < FOR_GOOD
        kind, reason = (Busy, BUSY) if momentary else (Unreachable, NOT_WELCOME)
        return kind(reason, _said(error))
    if _is_late(error):
        return Unreachable(SILENT, _said(error))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Busy(NOT_WELCOME, _said(error))
    return Unreachable(NOBODY, _said(error))


def _is_late(error: BaseException) -> bool:
    """Tell whether somebody was waited for in vain; smtplib says it in its own way."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _lost(reason: str, answer: str) -> NotTaken:
    return NotTaken(reason, answer, lost=True)


def _written(letter: Letter) -> tuple[str, bytes]:
    """Return the sender and the letter as it goes over the line, ended by a dot."""
    try:
        message = composed(letter)
    except ValueError as error:
        raise Refused(BAD_ADDRESS, str(error)) from error
    _name, sender = parseaddr(str(message["From"]))
    content = DOT.sub(b"..", message.as_bytes(policy=SMTP))
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return sender, ended + b".\r\n"


def _said(error: BaseException) -> str:
    """Return what the server said, or what happened instead."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())
