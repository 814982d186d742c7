"""The forms of the office keep the files that came with them when they are shown again."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import SignIn, User
from app.accounts.roles import Actor, Role
from app.attachments.models import Attachment
from app.core import clock, passwords
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.workflow.states import Status
from tests import make
from tests.office import Office, open_office
from tests.portal.visitor import HIDDEN, NAME, VALUE, carried, photo
from tests.tickets.views.cases import KEY
from tests.tickets.views.test_drafts import typed

Browse = Callable[[Actor], FlaskClient]
OTHER_KEY = "f" * 32
PROGRAM = b"MZ\x90\x00"
IDLE = 31 * 60  # seconds after which a session ends by itself


@dataclass
class Asked:
    """One form in which files are chosen: whose, where, what is sent, and what is wrong with it."""

    actor: Actor
    browser: FlaskClient
    path: str
    good: dict[str, Any]
    wrong: dict[str, Any]
    status: int = 422

    def post(self, **more: Any) -> TestResponse:
        return self.browser.post(
            self.path, data=self.good | more, content_type="multipart/form-data"
        )


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


def new(office: Office, client_for: Browse) -> Asked:
    actor = office.actor(Role.LIAISON)
    good = typed(office, action="save")
    return Asked(actor, client_for(actor), "/tickets/new", good, {"title": ""})


def draft(office: Office, client_for: Browse) -> Asked:
    actor = office.actor(Role.LIAISON)
    browser = client_for(actor)
    saved = browser.post(
        "/tickets/new", data=typed(office, action="save", idempotency_key="e" * 32)
    )
    path = f"{saved.location}/edit"
    return Asked(actor, browser, path, typed(office, action="save"), {"title": ""})


def stale(office: Office, client_for: Browse) -> Asked:
    asked = draft(office, client_for)
    ticket_id = int(asked.path.split("/")[2])
    with transaction():
        ticket = db.session.get_one(Ticket, ticket_id)
        before = ticket.version
        words = service.TicketDraft(office.enterprise_id, "别处改过的标题", "")
        service.edit_draft(ticket, words, actor=asked.actor)
    asked.wrong, asked.status = {"version": before}, 409
    return asked


def attached(office: Office, client_for: Browse) -> Asked:
    office.walk_to(Status.IN_PROGRESS)
    actor = office.actor(Role.HANDLER)
    path = f"/tickets/{office.ticket_id}/steps/attached"
    good = {"idempotency_key": KEY, "version": office.ticket.version}
    return Asked(actor, client_for(actor), path, good, {"version": 1}, 409)


@pytest.fixture(params=[new, draft, stale, attached])
def asked(request: pytest.FixtureRequest, office: Office, client_for: Browse) -> Asked:
    found: Asked = request.param(office, client_for)
    return found


def hidden(answer: TestResponse) -> dict[str, list[str]]:
    """Return the hidden fields of the main form of a page."""
    form = answer.text.split("<main", 1)[1]
    found: dict[str, list[str]] = {}
    for tag in HIDDEN.findall(form):
        name, value = NAME.search(tag), VALUE.search(tag)
        if name:
            found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return found


def names() -> list[str]:
    db.session.rollback()
    return [one.name for one in db.session.scalars(select(Attachment).order_by(Attachment.id))]


def test_after_an_error_the_files_are_still_there_and_handed_in_once(asked: Asked) -> None:
    refused = asked.post(files=[photo("一.png"), photo("二.png")], **asked.wrong)
    assert refused.status_code == asked.status
    assert "已经收到的文件" in refused.text

    answers = [asked.post(keep=carried(refused)) for _twice in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert names() == ["一.png", "二.png"]


def test_they_last_through_several_errors_and_more_may_be_added(asked: Asked) -> None:
    refused = asked.post(files=[photo("一.png")], **asked.wrong)
    refused = asked.post(keep=carried(refused), files=[photo("二.png")], **asked.wrong)

    assert asked.post(keep=carried(refused)).status_code == 303
    assert names() == ["一.png", "二.png"]


def test_one_that_is_not_wanted_any_more_is_left_out(asked: Asked) -> None:
    refused = asked.post(files=[photo("一.png"), photo("二.png")], **asked.wrong)

    asked.post(keep=carried(refused)[1:])

    assert names() == ["二.png"]


def test_a_sound_file_is_kept_beside_one_that_is_refused(asked: Asked) -> None:
    refused = asked.post(files=[photo("一.png"), (io.BytesIO(PROGRAM), "工具.exe")])
    assert refused.status_code == 422

    asked.post(keep=carried(refused))

    assert names() == ["一.png"]


def test_those_that_were_kept_count_among_the_ten(asked: Asked) -> None:
    refused = asked.post(files=[photo(f"{n}.png") for n in range(9)], **asked.wrong)

    more = asked.post(keep=carried(refused), files=[photo("甲.png"), photo("乙.png")])

    assert more.status_code == 422
    assert len(carried(more)) == 11
    assert names() == []


def test_of_too_many_at_once_none_is_chosen_again_the_rest_is_ticked_off(asked: Asked) -> None:
    refused = asked.post(files=[photo(f"{n}.png") for n in range(10, 21)])
    assert refused.status_code == 422
    assert "一次最多 10 个附件。收到的都在，去掉多余的勾再提交。" in refused.text

    assert asked.post(keep=carried(refused)[1:]).status_code == 303

    assert names() == [f"{n}.png" for n in range(11, 21)]


def test_what_was_forged_or_came_with_another_showing_is_not_handed_in(asked: Asked) -> None:
    refused = asked.post(files=[photo("别的.png")], **{"idempotency_key": OTHER_KEY} | asked.wrong)
    (other,) = carried(refused)
    said, _dot, signed = other.partition(".")

    asked.post(keep=[other, f"{said}.", said, f"x.{signed}", "照片"], files=[photo("自己的.png")])

    assert names() == ["自己的.png"]


def test_a_form_that_was_sent_without_a_good_key_carries_files_for_its_new_one(
    asked: Asked,
) -> None:
    refused = asked.post(files=[photo("一.png")], idempotency_key="nonsense")
    key = refused.text.split('name="idempotency_key" value="', 1)[1][:32]

    asked.post(keep=carried(refused), idempotency_key=key)

    assert names() == ["一.png"]


def test_what_one_person_sent_another_cannot_hand_in(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.IN_PROGRESS)
    mine = attached(office, client_for)
    theirs = client_for(office.actor(Role.DISPATCHER))
    tokens = carried(mine.post(files=[photo("甲的.png")], **mine.wrong))

    answer = theirs.post(mine.path, data=mine.good | {"keep": tokens})

    assert (len(tokens), answer.status_code) == (1, 422)
    assert names() == []


def test_what_came_for_one_ticket_is_good_for_no_other_and_for_no_other_form(
    office: Office, client_for: Browse
) -> None:
    one, other = draft(office, client_for), new(office, client_for)
    tokens = carried(one.post(files=[photo("一.png")], **one.wrong))
    second = other.post(idempotency_key="d" * 32)
    elsewhere = [f"{second.location}/edit", "/tickets/new"]

    for path in elsewhere:
        assert one.browser.post(path, data=one.good | {"keep": tokens}).status_code == 303

    assert len(tokens) == 1
    assert names() == []


def a_person(actor: Actor, username: str) -> None:
    """Let somebody have a name and a password to sign in with."""
    with transaction():
        user = db.session.get_one(User, actor.user_id)
        user.username, user.password_hash = username, passwords.make_hash(make.PASSWORD)


def sign_in(browser: FlaskClient, stopped: TestResponse, username: str) -> TestResponse:
    """Sign in on the page that a lost session led to; return what it leads to."""
    signing = hidden(stopped) | {"username": username, "password": make.PASSWORD}
    return browser.post("/login", data=signing)


def lost(asked: Asked, **more: Any) -> TestResponse:
    """Send the form as a browser does whose session ended meanwhile."""
    stopped = asked.browser.post(
        asked.path,
        data=asked.good | more,
        headers={"Referer": f"http://localhost{asked.path}"},
        content_type="multipart/form-data",
    )
    assert stopped.status_code == 401
    return stopped


def contents(app: Flask) -> int:
    return sum(one.is_file() for one in Path(app.config["FILES_FOLDER"]).rglob("*"))


def test_all_of_them_are_there_after_signing_in_again(
    asked: Asked, frozen_clock: time_machine.Traveller
) -> None:
    a_person(asked.actor, "cheng")
    refused = asked.post(files=[photo("一.png")], **asked.wrong)
    frozen_clock.shift(IDLE)
    now = [photo("二.png"), (io.BytesIO(PROGRAM), "工具.exe")]
    stopped = lost(asked, keep=carried(refused), files=now)

    resumed = sign_in(asked.browser, stopped, "cheng")
    filled = asked.browser.post(asked.path, data=hidden(resumed))
    assert (filled.status_code, len(carried(filled))) == (200, 2)
    asked.browser.post(asked.path, data=asked.good | {"keep": carried(filled)})

    assert names() == ["一.png", "二.png"]


def test_who_signs_in_instead_of_another_does_not_get_their_files(
    office: Office, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    asked = attached(office, client_for)
    a_person(office.actor(Role.DISPATCHER), "shen")
    frozen_clock.shift(IDLE)
    stopped = lost(asked, files=[photo("甲的.png")])

    resumed = sign_in(asked.browser, stopped, "shen")
    filled = asked.browser.post(asked.path, data=hidden(resumed))

    assert "keep" in hidden(resumed)
    assert (filled.status_code, carried(filled)) == (200, [])


@pytest.mark.parametrize("how", ["nobody", "signed out"])
def test_nothing_is_kept_of_what_comes_without_a_session(
    app: Flask, office: Office, client_for: Browse, how: str
) -> None:
    asked = attached(office, client_for)
    if how == "nobody":
        asked.browser = app.test_client()
    else:
        with transaction():
            for one in db.session.scalars(select(SignIn)):
                one.ended_at = clock.machine_now()

    stopped = lost(asked, files=[photo("一.png")])

    assert 'name="held"' in stopped.text
    assert contents(app) == 0


def test_a_form_from_before_a_new_session_comes_back_with_its_files(
    app: Flask, office: Office, client_for: Browse
) -> None:
    asked = attached(office, client_for)
    app.config["WTF_CSRF_ENABLED"] = True
    stale_one = asked.good | {"csrf_token": "of another session", "files": [photo("一.png")]}

    answer = asked.browser.post(
        asked.path, data=stale_one, headers={"Referer": f"http://localhost{asked.path}"}
    )
    filled = asked.browser.post(asked.path, data=hidden(answer))

    assert (answer.status_code, filled.status_code, len(carried(filled))) == (400, 200, 1)
