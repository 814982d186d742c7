"""Every letter of the office, in its default words: sound, whole, and the same in both kinds."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from app.notifications import channels, placeholders, service
from app.notifications.channels import Letter
from app.notifications.service import WordingDraft
from app.notifications.wordings import COMMON, WORDINGS, Wording

ALL = pytest.mark.parametrize("wording", WORDINGS.values(), ids=list(WORDINGS))
FILLED = {"tenant": "霁川镇", "name": "阮怀青", "is_demo": True}
TICKETS = re.compile(r"(?:QS|GX)\d{8}-\d{3,4}")
PHONE = re.compile(r"\d{7,}|\d{3,4}[- ]\d{7,8}|\d{3}[- ]\d{4}[- ]\d{4}")
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
ELSEWHERE = re.compile(
    r"(?:src|background|srcset|poster|action)\s*=|url\(|@import|<link|<img|<iframe"
)
HREF = re.compile(r'href="([^"]*)"')
LINK = "http://127.0.0.1:8000/visits/mine"


class Reading(HTMLParser):
    """The text of a page, its tags, and what is written on them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())


def kinds(wording: Wording) -> tuple[str, str, str]:
    """Return the subject, the text and the HTML of a letter about its sample."""
    mail = channels.composed(
        Letter(
            id=1,
            attempt=1,
            message_id="1",
            name=FILLED["name"],
            address="ruan@example.com",
            rule=wording.rule,
            subject="",
            context={**wording.sample, **FILLED},
            link="/visits/mine",
            written_at=datetime(2026, 10, 8, 0, 35, tzinfo=UTC),
        )
    )
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text
    assert html
    return str(mail["Subject"]), str(text.get_content()), str(html.get_content())


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str) and len(value) > 1:
        yield value


@ALL
def test_default_words_ask_only_for_listed_placeholders_as_the_office_s_own_must(
    wording: Wording,
) -> None:
    draft = WordingDraft.of(wording)

    flaws = {
        part: flaw
        for part in placeholders.PARTS
        if (flaw := service.flaw_of(part, getattr(draft, part), wording))
    }

    assert flaws == {}


@ALL
def test_a_sample_has_all_that_may_be_asked_for(wording: Wording) -> None:
    assert set(wording.names) - set(COMMON) <= set(wording.sample)


@ALL
def test_the_list_of_letters_can_say_what_each_is_and_to_whom_and_when(wording: Wording) -> None:
    assert WORDINGS[wording.rule] is wording
    assert all((wording.label, wording.to, wording.when, wording.template))


@ALL
def test_every_letter_can_be_written_about_its_sample(app: Flask, wording: Wording) -> None:
    del app

    subject, text, html = kinds(wording)

    assert 0 < len(subject) <= 120
    assert "\n" not in subject
    for part in (subject, text, html):
        assert not re.search(r"\{\{|\}\}|\{%|%\}|\{\w*\}|None|Undefined", part)
    assert LINK in text
    assert LINK in html


@ALL
def test_text_and_html_tell_the_same(app: Flask, wording: Wording) -> None:
    del app
    subject, text, html = kinds(wording)
    heading = placeholders.filled(wording.heading, {**wording.sample, **FILLED})
    plain, shown = " ".join([subject, heading, *text.split()]), Reading(html).text

    told = {one for one in leaves(wording.sample) if one in plain}

    assert told == {one for one in leaves(wording.sample) if one in shown}
    for part in ("opening", "closing"):
        for line in placeholders.filled(
            getattr(wording, part), {**wording.sample, **FILLED}
        ).splitlines():
            assert line in plain
            assert line in shown


@ALL
def test_nothing_comes_from_elsewhere_and_all_styles_are_inline(
    app: Flask, wording: Wording
) -> None:
    del app
    html = kinds(wording)[2]
    reading = Reading(html)

    assert not ELSEWHERE.search(html)
    assert set(HREF.findall(html)) == {LINK}
    assert not {tag for tag, _ in reading.tags} & {"style", "script", "form", "input", "object"}
    assert not [attrs for _, attrs in reading.tags if "class" in attrs]
    assert not [name for _, attrs in reading.tags for name in attrs if name.startswith("on")]


@ALL
def test_there_is_one_button_type_of_sixteen_pixels_and_a_background_by_attribute_too(
    app: Flask, wording: Wording
) -> None:
    del app
    html = kinds(wording)[2]
    reading = Reading(html)
    tables = [attrs for tag, attrs in reading.tags if tag == "table"]

    assert [tag for tag, _ in reading.tags].count("a") == 1
    assert all(int(size) >= 16 for size in re.findall(r"font(?:-size)?:(\d+)px", html))
    assert len([attrs for attrs in tables if attrs.get("bgcolor")]) >= 2
    assert "max-width:680px" in html


@ALL
def test_no_letter_carries_a_telephone_number_or_a_credit_code(
    app: Flask, wording: Wording
) -> None:
    """The office's own telephone is told to enterprises, under a name of its own."""
    del app

    for part in kinds(wording):
        said = TICKETS.sub("", part).replace(str(wording.sample.get("phone", "－")), "")
        assert not PHONE.search(said)
        assert not CREDIT_CODE.search(said)
