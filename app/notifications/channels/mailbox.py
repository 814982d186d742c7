"""The mailbox into which mail comes back: notices of failed delivery are read over IMAP."""

import email
import email.policy
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from flask import current_app

from app.core.i18n import N_
from app.notifications.channels.letters import Unreachable

NOBODY = N_("连不上收退信的邮箱")
NO_LOGIN = N_("登录收退信的邮箱没有成功，请核对用户名和密码（授权码）")
NO_FOLDER = N_("收退信的邮箱里没有这个文件夹")

AT_ONCE = 200  # notices in one run
LARGEST = 256 * 1024  # bytes of a notice that are read; what matters stands before
OURS = re.compile(r"<([0-9a-f]{32})@[^>\s]+>")


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that a mail did not arrive: whose number it had, and what the other side said."""

    message_id: str  # the local part
    reason: str
    key: str  # tells one notice from another


@dataclass(frozen=True, slots=True)
class MailBox:
    """Where mail comes back to. `security` is tls, starttls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    folder: str
    processed: str
    timeout: float

    def work(self, take: Callable[[Notice], bool]) -> int:
        """Give every unread notice to `take`; put away those that it takes. Return how many.

        What is no notice, or is about no mail of ours, stays as it is, also unread.
        """
        taken = 0
        with self._opened() as server:
            _found, listed = server.uid("SEARCH", "UNSEEN")
            for uid in (listed[0] or b"").split()[:AT_ONCE]:
                raw = _fetched(server, uid)
                notice = read(raw) if raw else None
                if notice is not None and take(notice):
                    self._put_away(server, uid)
                    taken += 1
        return taken

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4]:
        server = self._connected()
        try:
            try:
                server.login(self.user, self.password)
            except imaplib.IMAP4.error as error:
                raise Unreachable(NO_LOGIN, str(error)) from error
            answer, said = server.select(f'"{self.folder}"')
            if answer != "OK":
                raise Unreachable(NO_FOLDER, _text(said))
            yield server
        except (OSError, imaplib.IMAP4.abort) as error:
            raise Unreachable(NOBODY, f"{type(error).__name__}: {error}") from error
        finally:
            _log_out(server)

    def _connected(self) -> imaplib.IMAP4:
        try:
            if self.security == "tls":
                context = ssl.create_default_context()
                return imaplib.IMAP4_SSL(
                    self.host, self.port, ssl_context=context, timeout=self.timeout
                )
            server = imaplib.IMAP4(self.host, self.port, timeout=self.timeout)
            try:
                if self.security == "starttls":
                    server.starttls(ssl.create_default_context())
            except BaseException:
                server.shutdown()
                raise
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unreachable(NOBODY, f"{type(error).__name__}: {error}") from error
        return server

    def _put_away(self, server: imaplib.IMAP4, uid: bytes) -> None:
        """Move a notice to the folder of those that were read; without one, mark it as read."""
        number = uid.decode()
        server.uid("STORE", number, "+FLAGS", r"(\Seen)")
        if not self.processed:
            return
        copied, _said = server.uid("COPY", number, f'"{self.processed}"')
        if copied != "OK":
            server.create(f'"{self.processed}"')
            copied, _said = server.uid("COPY", number, f'"{self.processed}"')
        if copied == "OK":
            server.uid("STORE", number, "+FLAGS", r"(\Deleted)")
            server.expunge()


def mailbox() -> MailBox | None:
    """Return the mailbox that the settings name, if they do."""
    config = current_app.config
    if not config["IMAP_HOST"]:
        return None
    return MailBox(
        host=config["IMAP_HOST"],
        port=int(config["IMAP_PORT"]),
        security=config["IMAP_SECURITY"],
        user=config["IMAP_USER"],
        password=config["IMAP_PASSWORD"],
        folder=config["IMAP_FOLDER"],
        processed=config["IMAP_PROCESSED"],
        timeout=float(config["SMTP_TIMEOUT"]),
    )


def read(raw: bytes) -> Notice | None:
    """Return what a mail says of a mail of ours that failed for good; of any other, nothing."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    is_report = mail.get_content_type() == "multipart/report"
    if not is_report or mail.get_param("report-type", "delivery-status") != "delivery-status":
        return None
    number = _ours(mail)
    reason = _failure(mail)
    if number is None or reason is None:
        return None
    key = str(mail.get("Message-ID") or "").strip("<> ")[:64] or number
    return Notice(number, reason, key)


def _ours(mail: EmailMessage) -> str | None:
    """Return the number of the mail that came back, from the headers that came with it."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            found = OURS.search(_header(str(part.get_content()), "message-id"))
        elif kind == "message/rfc822":
            found = OURS.search(str(_inner(part).get("Message-ID") or ""))
        else:
            continue
        if found:
            return found.group(1)
    for name in ("References", "In-Reply-To", "X-Failed-Message-ID"):
        found = OURS.search(str(mail.get(name) or ""))
        if found:
            return found.group(1)
    return None


def _failure(mail: EmailMessage) -> str | None:
    """Return what was said of the recipient that failed; None where none did."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks: Any = part.get_payload()
        for block in blocks if isinstance(blocks, list) else ():
            if str(block.get("Action", "")).strip().lower() != "failed":
                continue
            status = str(block.get("Status", "")).strip()
            said = str(block.get("Diagnostic-Code", ""))
            words = " ".join(said.partition(";")[2].split() or said.split())
            return " ".join(word for word in (status, words) if word)[:500] or "failed"
    return None


def _inner(part: EmailMessage) -> Any:  # noqa: ANN401 - a mail, or what passes for one
    content: Any = part.get_payload()
    return content[0] if isinstance(content, list) else part


def _header(headers: str, name: str) -> str:
    unfolded = re.sub(r"\r?\n[ \t]+", " ", headers)
    lines = (line.partition(":") for line in unfolded.splitlines())
    return next((value for key, _colon, value in lines if key.strip().lower() == name), "")


def _fetched(server: imaplib.IMAP4, uid: bytes) -> bytes:
    """Return a mail without marking it as read."""
    _answer, parts = server.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{LARGEST}>)")
    return next((part[1] for part in parts if isinstance(part, tuple)), b"")


def _log_out(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (OSError, imaplib.IMAP4.error):
        server.shutdown()


def _text(said: object) -> str:
    return " ".join(str(said).split())[:300]
