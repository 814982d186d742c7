"""Small things that the forms of service days share."""

from datetime import time

from flask_babel import gettext
from wtforms.validators import Length

from app.core.enums import LabelledEnum
from app.servicedays.queries import Place

ANY_TIME = ""
NAME = [Length(max=40)]
PHONE = [Length(max=30)]
TOPIC = [Length(max=200)]


def stripped(value: str | None) -> str:
    """Return what was typed without the space around it."""
    return (value or "").strip()


def id_or_none(value: object) -> int | None:
    """Return the id that a choice stands for; the empty choice is None."""
    return int(str(value)) if value not in {None, "", "None"} else None


def labelled(members: type[LabelledEnum]) -> list[tuple[str, str]]:
    """Return the members of an enumeration as choices, in the reader's language."""
    return [(member.value, gettext(member.label)) for member in members]


def slot_choices(places: tuple[Place, ...]) -> list[tuple[str, str]]:
    """Return the places that are free, as choices; none where the day is not divided."""
    return [(f"{place.at:%H:%M}", _told(place)) for place in places if place.is_free and place.at]


def slot_of(value: str | None) -> time | None:
    """Return the slot that a choice stands for."""
    return time.fromisoformat(value) if value else None


def _told(place: Place) -> str:
    at = f"{place.at:%H:%M}"
    if place.left is None or place.left == 1:
        return at
    return str(gettext("%(at)s（还可约 %(n)s 家）", at=at, n=place.left))
