"""Reading the address of the register."""

from datetime import date

import pytest

from app.tickets.forms.register import read
from app.tickets.queries import Colour, FilterLists, Sort, TicketFilter, View
from app.tickets.workflow.states import Source, Status

LISTS = FilterLists(
    categories=[(7, "07 交通物流")], units=[(3, "财政所")], villages=[(5, "云路村")]
)


def test_nothing_asked_asks_nothing() -> None:
    assert read({}, LISTS).filter == TicketFilter()
    assert read({"q": "  ", "unit": "", "page": "2"}, LISTS) == read({}, LISTS)


def test_everything_that_may_be_asked_is_read() -> None:
    asked = read(
        {
            "q": " 限高 ",
            "view": "red",
            "status": "in_progress",
            "light": "yellow",
            "category": "7",
            "unit": "3",
            "village": "5",
            "enterprise": "12",
            "source": "visit",
            "since": "2026-09-01",
            "until": "2026-09-30",
            "mine": "1",
            "sort": "number",
        },
        LISTS,
    )

    assert asked.unread == ()
    assert asked.filter == TicketFilter(
        text="限高",
        view=View.RED,
        status=Status.IN_PROGRESS,
        light=Colour.YELLOW,
        category_id=7,
        unit_id=3,
        village_id=5,
        enterprise_id=12,
        source=Source.VISIT,
        received_from=date(2026, 9, 1),
        received_to=date(2026, 9, 30),
        mine=True,
        sort=Sort.NUMBER,
    )


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("unit", "4", "承办单位"),
        ("category", "seven", "类别"),
        ("enterprise", "２", "企业"),
        ("since", "09/01", "登记日期从"),
        ("mine", "2", "只看与我有关的"),
    ],
)
def test_what_cannot_be_read_is_named_and_asks_nothing(name: str, value: str, label: str) -> None:
    asked = read({name: value, "q": "限高"}, LISTS)

    assert asked.unread == (label,)
    assert asked.filter == TicketFilter(text="限高")
