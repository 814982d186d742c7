"""What a message says in one line or a few: on the lists, in chat groups, as a text message."""

from collections.abc import Mapping
from datetime import date
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext

from app.core import locale
from app.core.private import without_numbers
from app.notifications.channels.composing import OFFICIAL
from app.notifications.channels.letters import Letter

LONGEST = 600  # characters in a chat group: what every platform takes, whatever it counts in
HIDDEN = "······"
ONE_PART, A_PART = 70, 67  # characters of a text message, alone and as one of several


def worded(subject: str, context: Mapping[str, Any], *, whole: bool = False) -> str:
    """Return a subject in the reader's language, filled in.

    A value whose name ends in `_secret` is for its recipient: only what is sent tells it `whole`.

    A value whose name ends in `_label` is a marked word, and is translated as well; one
    whose name ends in `_on` is a day in ISO form, and is written as days are.
    """
    values = {name: _told(name, value, whole=whole) for name, value in context.items()}
    return str(gettext(subject)).format(**values)


def for_group(letter: Letter) -> str:
    """Return what a robot says to its group: Chinese, and no telephone number."""
    text = without_numbers(_official(letter))[:LONGEST]
    return f"{text}\n{public(letter.link)}" if letter.link else text


def for_phone(letter: Letter) -> str:
    """Return the text of a text message: Chinese, with the link that it is about."""
    text = _official(letter)
    return f"{text} {public(letter.link)}" if letter.link else text


def parts(text: str) -> int:
    """Return how many text messages it takes to send `text`."""
    return 1 if len(text) <= ONE_PART else ceil(len(text) / A_PART)


def public(link: str) -> str:
    """Return a path of ours as an address that works from outside."""
    if urlsplit(link).scheme:
        return link
    return str(current_app.config["PUBLIC_URL"]).rstrip("/") + (link or "/")


def _official(letter: Letter) -> str:
    with locale.speaking(OFFICIAL):
        return " ".join(worded(letter.subject, letter.context, whole=True).split())


def _told(name: str, value: Any, *, whole: bool) -> Any:  # noqa: ANN401 - whatever a context holds
    if name.endswith("_secret") and not whole:
        return HIDDEN
    if name.endswith("_label"):
        return locale.translated(value)
    if name.endswith("_on") and value:
        return locale.day(date.fromisoformat(value))
    return value
