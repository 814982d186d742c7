"""The blueprint of these pages, and the card on top of each."""

from dataclasses import dataclass

from flask import Blueprint

bp = Blueprint("enterprises", __name__)


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be done first on a page, and why."""

    title: str
    text: str = ""
    tone: str = ""
    url: str = ""
    verb: str = ""
    icon: str = ""
