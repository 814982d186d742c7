"""Pieces of a page that every feature has: what the macros of `components/ui.html` print."""

from dataclasses import dataclass


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
