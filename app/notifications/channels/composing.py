"""From a letter to a mail: its words, its text and its HTML."""

import re
from collections.abc import Mapping
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from app.core import clock, locale
from app.core.mail_style import written_out
from app.notifications import calendar
from app.notifications.channels.letters import Letter
from app.notifications.channels.sandbox import Sandbox
from app.notifications.wordings import WORDINGS, Wording

OFFICIAL = "zh"  # the office writes its letters in Chinese, whatever a reader's pages are in
WORDS_KEPT = 512  # texts of wordings that a process keeps compiled
_sandbox = Sandbox()
_compiled = lru_cache(maxsize=WORDS_KEPT)(_sandbox.from_string)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def composed(letter: Letter) -> EmailMessage:
    """Return `letter` as a mail: text and HTML of the same content, both in UTF-8."""
    with locale.speaking(OFFICIAL):
        words = letter.wording or WORDINGS[letter.rule]
        wording = filled_in(words, {"name": letter.name, **letter.context})
        given = {
            **letter.context,
            "wording": wording,
            "subject": wording.subject,
            "greeting": f"{letter.name}同志：" if letter.needs_sign_in else f"{letter.name}：",
            "link": _public(letter.link) if letter.link else "",
            "needs_sign_in": letter.needs_sign_in,
        }
        text = _rendered(f"mail/{wording.template}.txt", given)
        html = written_out(_rendered(f"mail/{wording.template}.html", given))
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
        return _compiled(text).render(context)

    return replace(
        wording,
        subject=filled(wording.subject),
        heading=filled(wording.heading),
        opening=filled(wording.opening),
        button=filled(wording.button),
        closing=filled(wording.closing),
    )


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
