"""The ways out of the building: a mail server, or a folder of `.eml` files without one."""

import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.core import clock, locale
from app.notifications import calendar
from app.notifications.calendar import Attachment
from app.notifications.wordings import WORDINGS, Wording

OFFICIAL = "zh"  # the office writes its letters in Chinese, whatever a reader's pages are in
_sandbox = ImmutableSandboxedEnvironment(autoescape=False)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is needed to send one message, read while it was claimed.

    `attempt` also tells one claim from the next. `message_id` is the local part.
    """

    id: int
    attempt: int
    message_id: str
    name: str
    address: str
    rule: str
    subject: str
    context: Mapping[str, Any]
    link: str
    written_at: datetime
    needs_sign_in: bool = True  # what its link leads to
    attachments: tuple[Attachment, ...] = ()


class Channel(Protocol):
    """A way to reach a person."""

    def send(self, letter: Letter) -> None:
        """Deliver `letter`, or raise."""
        ...


@dataclass(frozen=True, slots=True)
class FolderChannel:
    """Writes each letter as an `.eml` file. The same letter overwrites itself."""

    folder: Path

    def send(self, letter: Letter) -> None:
        """Write `letter` whole, or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = clock.local(letter.written_at)
        name = f"{written:%Y%m%d-%H%M}-{letter.rule}-{letter.message_id}.eml"
        draft = self.folder / f".{name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(composed(letter).as_bytes(policy=SMTP))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)


@dataclass(frozen=True, slots=True)
class SmtpChannel:
    """Hands each letter to a mail server. `security` is starttls, tls or none."""

    host: str
    port: int
    security: str
    user: str
    password: str
    timeout: float

    def send(self, letter: Letter) -> None:
        """Deliver `letter`; raise where the server does not take it."""
        message = composed(letter)
        with self._connected() as server:
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=ssl.create_default_context()
            )
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server


def channel() -> Channel:
    """Return the way out that the settings choose."""
    config = current_app.config
    if not config["SMTP_HOST"]:
        return FolderChannel(Path(config["MAIL_FOLDER"]))
    return SmtpChannel(
        host=config["SMTP_HOST"],
        port=int(config["SMTP_PORT"]),
        security=config["SMTP_SECURITY"],
        user=config["SMTP_USER"],
        password=config["SMTP_PASSWORD"],
        timeout=float(config["SMTP_TIMEOUT"]),
    )


def composed(letter: Letter) -> EmailMessage:
    """Return `letter` as a mail: text and HTML of the same content, both in UTF-8."""
    with locale.speaking(OFFICIAL):
        wording = filled_in(WORDINGS[letter.rule], {"name": letter.name, **letter.context})
        given = {
            **letter.context,
            "wording": wording,
            "subject": wording.subject,
            "greeting": f"{letter.name}同志：" if letter.needs_sign_in else f"{letter.name}：",
            "link": _public(letter.link) if letter.link else "",
            "needs_sign_in": letter.needs_sign_in,
        }
        text = _rendered(f"mail/{wording.template}.txt", given)
        html = _rendered(f"mail/{wording.template}.html", given)
    sender = _sender()
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _one_line(wording.subject)
    message["From"] = sender
    message["To"] = Address(_one_line(letter.name), addr_spec=_one_line(letter.address))
    message["Date"] = clock.local(letter.written_at)
    message["Message-ID"] = f"<{letter.message_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8", cte="base64")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="base64")
    invited = calendar.invitations(
        letter.context, organizer=sender.addr_spec, domain=host(), at=letter.written_at
    )
    for file in (*letter.attachments, *invited):
        calendar.attach(message, file)
    return message


def filled_in(wording: Wording, context: Mapping[str, Any]) -> Wording:
    """Return a wording with what the letter is about in the place of its placeholders.

    The office may have written it: it is rendered in a sandbox, which sees the context only.
    """

    def filled(text: str) -> str:
        return _sandbox.from_string(text).render(context)

    return replace(
        wording,
        subject=filled(wording.subject),
        heading=filled(wording.heading),
        opening=filled(wording.opening),
        button=filled(wording.button),
        closing=filled(wording.closing),
    )


def worded(subject: str, context: Mapping[str, Any]) -> str:
    """Return a subject in the reader's language, filled in.

    A value whose name ends in `_label` is a marked word, and is translated as well; one
    whose name ends in `_on` is a day in ISO form, and is written as days are.
    """
    values = {name: _told(name, value) for name, value in context.items()}
    return str(gettext(subject)).format(**values)


def _told(name: str, value: Any) -> Any:  # noqa: ANN401 - whatever a context holds
    if name.endswith("_label"):
        return locale.translated(value)
    if name.endswith("_on") and value:
        return locale.day(date.fromisoformat(value))
    return value


def _rendered(template: str, given: Mapping[str, Any]) -> str:
    return current_app.jinja_env.get_template(template).render(given)


def _public(link: str) -> str:
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + (link or "/")


def _sender() -> Address:
    """Return who writes: MAIL_FROM, or an address that says that nobody reads answers."""
    name, address = parseaddr(str(current_app.config["MAIL_FROM"]))
    return Address(name or "闭环", addr_spec=address or f"noreply@{host()}")


def host() -> str:
    """Return the name under which the office's pages are found."""
    return urlsplit(str(current_app.config["PUBLIC_URL"])).hostname or "localhost"


def _one_line(words: str) -> str:
    """Return `words` without anything that could end a header."""
    return _CONTROLS.sub(" ", words).strip()
