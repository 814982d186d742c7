"""What letters say by default: every one can be written, as its preview shows it."""

from dataclasses import replace

import pytest
from flask import Flask

from app.notifications import channels
from app.notifications.wordings import WORDINGS
from tests.notifications.test_channels import LETTER


@pytest.mark.parametrize("rule", sorted(WORDINGS))
def test_every_wording_is_written_with_its_sample(app: Flask, rule: str) -> None:
    del app
    wording = WORDINGS[rule]
    context = {"tenant": "霁川镇", "is_demo": True, **wording.sample}

    message = channels.composed(replace(LETTER, rule=rule, context=context))

    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        said = str(part.get_content())
        assert "{{" not in said
        assert "{%" not in said
        assert channels.filled_in(wording, {"name": "阮怀青", **context}).opening[:10] in said
    assert "霁川镇营商办" in message["Subject"]
