"""A form that is shown again keeps the files that came with it: nobody chooses them twice."""

from io import BytesIO
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.attachments.models import Attachment
from app.core import files
from app.core.db import db
from tests.portal.visitor import Visitor, carried, hidden_of, photo, tickets, written


def again(visitor: Visitor, answer: TestResponse, **more: Any) -> TestResponse:
    """Send the form that was shown again, with what it carries."""
    return visitor.post("/tell", hidden_of(answer) | {"keep": carried(answer)} | written(**more))


def attached() -> list[str]:
    db.session.rollback()
    found = select(Attachment).where(Attachment.ticket_id.is_not(None)).order_by(Attachment.id)
    return [one.name for one in db.session.scalars(found)]


def test_after_an_error_the_files_are_still_there_and_handed_in(visitor: Visitor) -> None:
    refused = visitor.tell(title="", files=[photo("一.png"), photo("二.png")])
    assert refused.status_code == 422
    assert "一.png" in refused.text

    answer = again(visitor, refused)

    assert answer.status_code == 303
    assert attached() == ["一.png", "二.png"]


def test_they_last_through_several_errors_and_more_may_be_added(visitor: Visitor) -> None:
    refused = visitor.tell(title="", files=[photo("一.png")])
    refused = again(visitor, refused, contact_name="", files=[photo("二.png")])
    assert refused.status_code == 422

    again(visitor, refused)

    assert attached() == ["一.png", "二.png"]


def test_looking_for_an_answer_keeps_them(visitor: Visitor) -> None:
    form = visitor.open() | written(files=[photo("一.png")]) | {"look": "1"}
    visitor.clock.shift(60)
    looked = visitor.post("/tell", form)
    assert looked.status_code == 200

    again(visitor, looked)

    assert attached() == ["一.png"]


def test_one_that_is_not_wanted_any_more_is_left_out(visitor: Visitor) -> None:
    refused = visitor.tell(title="", files=[photo("一.png"), photo("二.png")])
    first, _second = carried(refused)

    visitor.post("/tell", hidden_of(refused) | {"keep": [first]} | written())

    assert attached() == ["一.png"]


def test_a_sound_file_is_kept_beside_one_that_is_refused(visitor: Visitor) -> None:
    refused = visitor.tell(files=[photo("一.png"), (BytesIO(b"MZ"), "病毒.exe")])
    assert refused.status_code == 422

    again(visitor, refused)

    assert attached() == ["一.png"]


def test_those_that_were_kept_count_among_the_five(visitor: Visitor) -> None:
    refused = visitor.tell(title="", files=[photo(f"{n}.png") for n in range(4)])

    more = again(visitor, refused, files=[photo("甲.png"), photo("乙.png")])

    assert more.status_code == 422
    assert len(carried(more)) == 6
    assert tickets() == []


def test_what_another_form_carries_or_what_was_forged_is_not_handed_in(visitor: Visitor) -> None:
    (other,) = carried(visitor.tell(title="", files=[photo("别人的.png")]))
    said, _dot, signed = other.partition(".")
    form = visitor.open()
    visitor.clock.shift(60)

    answer = visitor.post(
        "/tell", form | {"keep": [other, f"{said}.", said, f"x.{signed}", "照片"]} | written()
    )

    assert answer.status_code == 303
    assert attached() == []


def test_what_was_swept_away_meanwhile_is_carried_no_more(visitor: Visitor) -> None:
    refused = visitor.tell(title="", files=[photo("一.png")])
    for path in files.path_of("00" * 32).parent.parent.glob("*/*"):
        path.unlink()

    answer = again(visitor, refused)

    assert answer.status_code == 303
    assert attached() == []
