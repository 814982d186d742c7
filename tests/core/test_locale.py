"""How moments are written, and who reads in which language."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string

from app.core import locale

pytestmark = pytest.mark.usefixtures("app")


MOMENTS = [
    (datetime(2026, 9, 21, 9, 30, tzinfo=UTC), "今天 17:30"),
    (datetime(2026, 9, 20, 0, 0, tzinfo=UTC), "昨天 08:00"),
    (datetime(2026, 9, 21, 16, 30, tzinfo=UTC), "明天 00:30"),
    (datetime(2026, 9, 30, 9, 30, tzinfo=UTC), "9月30日（周三）17:30"),
    (datetime(2025, 9, 30, 9, 30, tzinfo=UTC), "2025年9月30日（周二）17:30"),
    (None, "—"),
]


@pytest.mark.parametrize(("moment", "shown"), MOMENTS)
def test_a_moment_is_written_as_the_office_says_it(
    app: Flask, moment: datetime | None, shown: str
) -> None:
    with app.test_request_context():
        assert locale.moment(moment) == shown


def test_a_day_and_an_hour_stand_alone(app: Flask) -> None:
    with app.test_request_context():
        assert locale.day(date(2026, 9, 21)) == "今天"
        assert locale.day(date(2026, 10, 9)) == "10月9日（周五）"
        assert locale.day(datetime(2026, 10, 8, 16, 1, tzinfo=UTC)) == "10月9日（周五）"
        assert locale.day(None) == "—"
        assert locale.hour(datetime(2026, 10, 9, 9, 30, tzinfo=UTC)) == "17:30"
        assert locale.hour(None) == "—"


def test_english_has_a_form_of_its_own(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en-GB"}):
        at = datetime(2026, 9, 30, 9, 30, tzinfo=UTC)
        assert locale.moment(at) == "Wed 30 Sep, 17:30"
        assert locale.day(date(2025, 9, 30)) == "Tue 30 Sep 2025"


def test_a_time_can_be_read_by_machines(app: Flask) -> None:
    with app.test_request_context():
        at = datetime(2026, 9, 30, 9, 30, tzinfo=UTC)
        assert locale.time_tag(at) == (
            '<time datetime="2026-09-30T17:30+08:00">9月30日（周三）17:30</time>'
        )
        assert locale.time_tag(date(2026, 9, 30)) == (
            '<time datetime="2026-09-30">9月30日（周三）</time>'
        )
        assert locale.time_tag(None) == "—"
        assert render_template_string("{{ at|day }} {{ at|clock }}", at=at) == (
            "9月30日（周三） 17:30"
        )


@pytest.mark.parametrize(
    ("cookie", "asked", "language"),
    [
        ("", "", "zh"),
        ("", "de, en;q=0.5", "en"),
        ("", "fr", "zh"),
        ("", "zh-CN,en;q=0.8", "zh"),
        ("en", "zh", "en"),
        ("martian", "zh", "zh"),
    ],
)
def test_the_cookie_comes_before_the_browser(
    app: Flask, cookie: str, asked: str, language: str
) -> None:
    headers = {"Accept-Language": asked, "Cookie": f"bihuan-language={cookie}"}
    with app.test_request_context(headers=headers):
        assert locale.language() == language


def test_outside_a_request_the_house_speaks_chinese() -> None:
    assert locale.language() == "zh"
    with locale.speaking("en"):
        assert locale.moment(datetime(2026, 9, 30, 9, 30, tzinfo=UTC)) == "Wed 30 Sep, 17:30"


def test_cookies_say_how_a_page_looks(app: Flask) -> None:
    cookie = "bihuan-theme=dark; bihuan-large_type=1; bihuan-keys=0"
    with app.test_request_context(headers={"Cookie": cookie}):
        assert locale.look() == locale.Look("zh", "dark", large_type=True, keys=False)
    with app.test_request_context(headers={"Cookie": "bihuan-theme=pink"}):
        assert locale.look() == locale.Look("zh", "auto", large_type=False, keys=True)
