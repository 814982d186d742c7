"""When too much comes at once, some are told so: nothing is lost, and nothing is taken twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.attachments.models import Attachment
from app.core.db import db
from app.core.errors import Busy
from app.core.room import Room
from app.portal.service import telling as service
from app.portal.views import telling as view
from tests.portal.test_kept_files import carried
from tests.portal.visitor import Visitor, hidden_of, photo, tellings, tickets, written

PLACES = 2
AT_ONCE = 6


def test_a_room_takes_so_many_and_refuses_the_next_until_somebody_leaves() -> None:
    room = Room(PLACES)
    with room:
        with room, pytest.raises(Busy), room:
            raise AssertionError("one too many")
        with room:
            pass


def test_a_place_is_free_again_when_the_work_failed() -> None:
    room = Room(1)
    for _ in range(PLACES):
        with pytest.raises(ZeroDivisionError), room:
            raise ZeroDivisionError


def test_whoever_is_refused_for_the_crowd_keeps_what_they_typed_and_is_taken_once_afterwards(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(view, "ROOM", Room(0))
        answer = visitor.tell(files=photo())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "这一刻提交的人太多" in answer.text
    assert "九月二十六日起围挡一直到店门口" in answer.text
    assert tellings() == []

    form = hidden_of(answer) | {"keep": carried(answer)} | written()
    assert [visitor.post("/tell", form).status_code for _ in range(2)] == [303, 303]
    assert len(tickets()) == 1
    assert list(db.session.scalars(select(Attachment.name))) == ["门口.png"]


def test_of_many_at_once_who_finds_no_place_is_told_while_the_others_are_still_at_work(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "ROOM", Room(1))
    monkeypatch.setitem(app.config, "TELL_LIMITS", 0)
    forms = [visitor.open() | written() for _ in range(AT_ONCE)]
    visitor.clock.shift(60)
    inside, go_on = threading.Event(), threading.Event()
    tell = service.tell

    def slowly(*given: Any) -> int:
        inside.set()
        assert go_on.wait(30)
        return tell(*given)

    monkeypatch.setattr(service, "tell", slowly)

    def post(form: dict[str, str]) -> int:
        return app.test_client().post("/tell", data=form).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        first = pool.submit(post, forms[0])
        assert inside.wait(30)
        assert list(pool.map(post, forms[1:])) == [503] * (AT_ONCE - 1)
        go_on.set()
        assert first.result() == 303
    assert len(tickets()) == 1

    assert [post(form) for form in forms] == [303] * AT_ONCE
    assert len(tickets()) == AT_ONCE
