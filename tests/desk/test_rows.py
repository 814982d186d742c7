"""Rows of a worklist are printed once, and still never in another's language, or out of date."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from flask import Flask

from app.core import clock, locale
from app.desk.queries.parts import Link, Row, Words
from app.desk.views import rows

DUE = clock.at(date(2026, 9, 22), time(17, 30))
ROW = Row(
    title="限高架挡住大件运输",
    link=Link("tickets.detail", {"ticket_id": 7}),
    why=Words("待{n}", {"n": 1}),
    number="QS20260921-0001",
    due_at=DUE,
    verb="签收",
    go=Link("tickets.step", {"ticket_id": 7, "name": "sign"}),
)


def printed(row: Row, *, at: datetime = DUE, language: str = "zh") -> str:
    with clock.held(at), locale.speaking(language):
        return rows.printer()(row)


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_a_row_is_printed_in_the_language_of_whoever_reads_it() -> None:
    assert "今天 17:30" in printed(ROW)
    assert "today 17:30" in printed(ROW, language="en").lower()
    assert "今天 17:30" in printed(ROW)


def test_what_was_today_is_yesterday_on_the_next_day() -> None:
    assert "今天 17:30" in printed(ROW)
    assert "昨天 17:30" in printed(ROW, at=clock.at(date(2026, 9, 23), time(9)))


def test_a_row_of_which_anything_changed_is_printed_anew() -> None:
    first = printed(ROW)

    assert "待2" in printed(replace(ROW, why=Words("待{n}", {"n": 2})))
    assert "/tickets/8" in printed(replace(ROW, link=Link("tickets.detail", {"ticket_id": 8})))
    assert printed(ROW) == first


def test_the_addresses_of_a_row_follow_where_the_product_stands(app: Flask) -> None:
    assert 'href="/tickets/7"' in printed(ROW)
    with app.test_request_context("/", base_url="http://localhost/office"):
        assert 'href="/office/tickets/7"' in printed(ROW)
