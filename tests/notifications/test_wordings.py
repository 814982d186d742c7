"""Every wording: it renders with its sample, names what it asks for, and says it briefly."""

import re

import pytest
from flask import Flask

from app.core import clock
from app.notifications import channels
from app.notifications.wordings import WORDINGS, Wording

ALL = sorted(WORDINGS.values(), key=lambda one: one.rule)
NAMES = re.compile(r"{{\s*(\w+)\s*}}")
LONGEST_SUBJECT = 60


def letter(wording: Wording) -> channels.Letter:
    context = {"tenant": "霁川镇", "name": "宓采薇", "is_demo": True, **wording.sample}
    return channels.Letter(
        id=1,
        attempt=1,
        message_id="x",
        name="宓采薇",
        address="mi@example.com",
        rule=wording.rule,
        subject="",
        context=context,
        link="/visits/mine",
        written_at=clock.now(),
    )


@pytest.mark.parametrize("wording", ALL, ids=lambda one: one.rule)
def test_a_wording_renders_with_its_sample_and_leaves_no_hole(app: Flask, wording: Wording) -> None:
    del app
    message = channels.composed(letter(wording))
    plain, html = message.get_body(("plain",)), message.get_body(("html",))

    assert plain is not None
    assert html is not None
    for text in (str(message["Subject"]), plain.get_content(), html.get_content()):
        assert not re.search(r"{{|{%|\bNone\b|Undefined|（）|共  家", text)
    assert str(message["Subject"]).startswith("【霁川镇营商办】")
    assert len(str(message["Subject"])) <= LONGEST_SUBJECT
    assert "宓采薇同志：" in plain.get_content()
    assert not re.search(r"\n\n\n", plain.get_content())
    assert len(re.findall(r"<a ", html.get_content())) == 1


@pytest.mark.parametrize("wording", ALL, ids=lambda one: one.rule)
def test_a_wording_asks_for_nothing_that_it_does_not_name(wording: Wording) -> None:
    texts = wording.subject, wording.heading, wording.opening, wording.button, wording.closing

    asked = {name for text in texts for name in NAMES.findall(text)}

    assert asked <= set(wording.names)
    assert set(wording.more) <= set(wording.sample) | {"tenant", "name"}


def test_only_the_summaries_of_ones_own_work_may_be_done_without() -> None:
    assert {one.rule for one in ALL if one.may_be_off} == {"R6", "R7", "R8"}
