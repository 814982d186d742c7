"""What a message says in the inbox and on the office's lists: one line, in the reader's words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from app.core import locale


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
