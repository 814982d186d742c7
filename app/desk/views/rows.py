"""Rows of a worklist as they are printed; the same rows are shown again and again."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from flask import get_template_attribute, request
from markupsafe import Markup

from app.core import clock, locale
from app.desk.queries.parts import Row
from app.desk.views import words

PRINTED = 5000  # rows that a process remembers, about a kilobyte each


def printer() -> Callable[[Row], Markup]:
    """Return what prints a row as HTML, made once for each reader's language and day."""
    language, today, root = locale.spoken_language(), clock.today(), request.script_root
    return lambda row: _printed(row, language, today, root)


@lru_cache(maxsize=PRINTED)
def _printed(row: Row, language: str, today: date, root: str) -> Markup:
    del language, today, root  # what texts, days and addresses are written by
    macro = get_template_attribute("desk/_parts.html", "row")
    return Markup(macro(row, words.say, words.address))  # noqa: S704 - a template's
