"""Saying the words of a worklist in the reader's language, and finding its addresses."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _

from app.core import locale
from app.desk.queries.parts import Link, Words

ADDRESSES = 5000  # that a process remembers


def say(words: Words | None) -> str:
    """Return the sentence in the reader's language."""
    if words is None:
        return ""
    return locale.translated(words.text).format(
        **{name: _told(value) for name, value in words.values.items()}
    )


def address(link: Link | None) -> str:
    """Return the address of a link; empty where there is no such page."""
    if link is None or link.endpoint not in current_app.view_functions:
        return ""
    return _address(request.script_root, link.endpoint, link.place, *link.values.items())


@lru_cache(maxsize=ADDRESSES)
def _address(root: str, endpoint: str, place: str, *values: tuple[str, Any]) -> str:
    """Return an address, put together once: a worklist shows the same ones again and again."""
    del root  # where the product stands; the request says it again
    return url_for(endpoint, _anchor=place or None, **dict(values))


def _told(value: object) -> object:
    label = getattr(value, "label", None)
    if isinstance(label, str):
        return locale.translated(label)
    if isinstance(value, Words):
        return say(value)
    if isinstance(value, tuple):
        return _("、").join(say(each) for each in value)
    if value is None or isinstance(value, datetime):
        return locale.moment(value)
    return locale.day(value) if isinstance(value, date) else value
