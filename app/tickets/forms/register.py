"""What the register is asked to show, read from its address.

It is read without a form class: a list of many choices is not built anew for every page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from app.core.i18n import N_
from app.tickets.forms.fields import FIRST_DAY, LAST_DAY, MOST_ID
from app.tickets.queries.asked import Colour, Sort, TicketFilter, View
from app.tickets.queries.choices import FilterLists, Option
from app.tickets.workflow.states import Source, Status

LONGEST = 40  # characters of a question
QUERY_LONGEST = 2000  # characters of all questions in an address
#: What each name in the address is called.
LABELS = {
    "q": N_("关键词"),
    "view": N_("快速筛选"),
    "status": N_("状态"),
    "light": N_("灯"),
    "category": N_("类别"),
    "unit": N_("承办单位"),
    "village": N_("村（社区）"),
    "enterprise": N_("企业"),
    "source": N_("来源"),
    "since": N_("登记日期从"),
    "until": N_("登记日期到"),
    "mine": N_("只看与我有关的"),
    "sort": N_("排序"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and the labels of what in it could not be read."""

    filter: TicketFilter
    unread: tuple[str, ...]


def read(args: Mapping[str, str], lists: FilterLists) -> Asked:
    """Read a query string; what cannot be read asks nothing, and is named."""
    readers: dict[str, Callable[[str], Any]] = {
        "q": _text,
        "view": View,
        "status": Status,
        "light": Colour,
        "category": lambda value: _listed(value, lists.categories),
        "unit": lambda value: _listed(value, lists.units),
        "village": lambda value: _listed(value, lists.villages),
        "enterprise": _id,
        "source": Source,
        "since": _day,
        "until": _day,
        "mine": _yes,
        "sort": Sort,
    }
    found: dict[str, Any] = {}
    unread = []
    for name, reader in readers.items():
        value = args.get(name, "").strip()
        if not value:
            continue
        try:
            found[name] = reader(value)
        except ValueError:
            unread.append(LABELS[name])
    return Asked(_filter(found), tuple(unread))


def cleaned(args: Mapping[str, str]) -> str:
    """Return what of a query string is a question to the register, written the same way always."""
    kept = {name: args.get(name, "").strip() for name in LABELS}
    return urlencode({name: value for name, value in kept.items() if value})


def parsed(query: str | None) -> dict[str, str]:
    """Return the questions of a query string that was kept or handed on."""
    return dict(parse_qsl((query or "")[:QUERY_LONGEST]))


def described(query: str | None) -> list[str]:
    """Return the labels of what a query string asks."""
    args = parsed(query)
    return [label for name, label in LABELS.items() if args.get(name)]


def _filter(found: Mapping[str, Any]) -> TicketFilter:
    return TicketFilter(
        text=found.get("q", ""),
        view=found.get("view"),
        status=found.get("status"),
        light=found.get("light"),
        category_id=found.get("category"),
        unit_id=found.get("unit"),
        enterprise_id=found.get("enterprise"),
        village_id=found.get("village"),
        source=found.get("source"),
        received_from=found.get("since"),
        received_to=found.get("until"),
        mine=found.get("mine", False),
        sort=found.get("sort"),
    )


def _text(value: str) -> str:
    if len(value) > LONGEST:
        raise ValueError(value)
    return value


def _id(value: str) -> int:
    number = int(value) if value.isascii() and value.isdigit() else 0
    if not 0 < number <= MOST_ID:
        raise ValueError(value)
    return number


def _listed(value: str, options: Sequence[Option]) -> int:
    number = _id(value)
    if all(number != id_ for id_, _label in options):
        raise ValueError(value)
    return number


def _day(value: str) -> date:
    day = date.fromisoformat(value)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(value)
    return day


def _yes(value: str) -> bool:
    if value not in {"1", "y", "on"}:
        raise ValueError(value)
    return True
