"""Every letter about a day can be written, from its own sample, in text and HTML."""

import re

import pytest
from flask import Flask

from app.core import clock
from app.notifications.channels import Letter, composed
from app.notifications.wordings import WORDINGS

RULES = [rule for rule in WORDINGS if rule.startswith(("R11", "service-day"))]


@pytest.mark.parametrize("rule", RULES)
def test_a_letter_of_each_rule_is_written_whole(app: Flask, rule: str) -> None:
    del app
    wording = WORDINGS[rule]
    letter = Letter(
        id=1,
        attempt=1,
        message_id="m",
        name="栾亦辰",
        address="l@example.com",
        rule=rule,
        subject="",
        context={"tenant": "霁川镇", "is_demo": True, **wording.sample},
        link="/service-days/1",
        written_at=clock.now(),
    )

    mail = composed(letter)

    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text
    assert html
    for part in (str(mail["Subject"]), text.get_content(), html.get_content()):
        assert "10月15日" in part or "2026" in part
        assert not re.search(r"\{\{|\{%|Undefined", part)


@pytest.mark.parametrize("rule", RULES)
def test_what_a_wording_names_is_listed_for_the_office(rule: str) -> None:
    wording = WORDINGS[rule]
    texts = (wording.subject, wording.heading, wording.opening, wording.button, wording.closing)
    used = {name for text in texts for name in re.findall(r"\{\{\s*(\w+)", text)}

    assert used <= set(wording.names)
    assert used - {"tenant", "name"} <= set(wording.sample)
