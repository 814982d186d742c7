"""Chinese words as one types their first letters.

The dictionaries behind it take some 55 MB and half a second. Most processes never ask, and so
do not hold them: they are read when somebody asks first.
"""

from functools import cache
from importlib import import_module
from types import ModuleType


def initials(words: str) -> str:
    """Return the first letters of `words` in pinyin; Latin letters and digits stay."""
    library = _library()
    letters = library.lazy_pinyin(words, style=library.Style.FIRST_LETTER)
    # What is not Chinese stays whole.
    return "".join(c for c in "".join(letters).lower() if c.isascii() and c.isalnum())


@cache
def _library() -> ModuleType:
    return import_module("pypinyin")
