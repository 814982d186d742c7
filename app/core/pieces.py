"""Pieces of a page that every feature has: what the macros of `components/ui.html` print."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

PRINTED = 5000  # pieces that a process remembers, some hundred bytes each


def init_app(app: Flask) -> None:
    """Let templates print a piece once."""
    app.add_template_global(once)


@lru_cache(maxsize=PRINTED)
def once(macro: Callable[..., Markup], *given: Hashable) -> Markup:
    """Return what a macro prints for these values: kept, for the rows of a list share it.

    Only for macros that say nothing of their own, in whatever language.
    """
    return macro(*given)


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be done first on a page, and why; where there is nothing, what comes next."""

    title: str
    text: str = ""
    tone: str = ""
    url: str = ""
    verb: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Light:
    """A colour that is never alone: the icon of its shape, and its word."""

    colour: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the steps of a problem, as `ui.steps` prints it."""

    label: str
    note: str
    state: str
