"""The blueprint of these pages, and what they put on top."""

from dataclasses import dataclass

from flask import Blueprint

bp = Blueprint("reports", __name__)


@dataclass(frozen=True, slots=True)
class Card:
    """What is to be done first on a page, and why."""

    title: str
    text: str = ""
    tone: str = ""
    url: str = ""
    verb: str = ""
    icon: str = ""
