"""The forms of visits keep the files that came with them, each where it was chosen."""

from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.roles import Actor
from app.attachments.models import Attachment
from app.core import passwords
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import Ticket
from tests import make
from tests.portal.visitor import carried, photo
from tests.tickets.views.test_kept_files import hidden
from tests.visits.town import Town, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
OF_FIRST, OF_SECOND = "problems-0-keep", "problems-1-keep"
KEY, OTHER_KEY = "a" * 32, "b" * 32


@pytest.fixture
def town(app: Flask) -> Town:
    del app
    return open_town()


@pytest.fixture
def officer(town: Town, client_for: ClientFor) -> FlaskClient:
    return client_for(town.liaison)


def post(officer: FlaskClient, data: dict[str, Any], path: str = "/visits/new") -> TestResponse:
    return officer.post(path, data=data, content_type="multipart/form-data")


def form(town: Town, **more: Any) -> dict[str, Any]:
    """Return a visit with two problems."""
    both = town.written(0) | town.written(1, title="门口积水没有人排")
    return town.form(has_problems="yes", idempotency_key=KEY) | both | more


def kept(answer: TestResponse) -> dict[str, list[str]]:
    """Return what the form carries, by where it stands."""
    found = {name: carried(answer, name) for name in ("keep", OF_FIRST, OF_SECOND)}
    return {name: tokens for name, tokens in found.items() if tokens}


def three() -> dict[str, Any]:
    return {
        "files": [photo("厂区.png")],
        "problems-0-files": [photo("路灯.png")],
        "problems-1-files": [photo("积水.png")],
    }


def names() -> dict[str, list[str]]:
    """Return what is attached: to the visit, and to each problem by its title."""
    db.session.rollback()
    found: dict[str, list[str]] = {}
    for one in db.session.scalars(select(Attachment).order_by(Attachment.id)):
        ticket = db.session.get(Ticket, one.ticket_id) if one.ticket_id else None
        found.setdefault(ticket.title if ticket else "", []).append(one.name)
    return found


ALL = {"": ["厂区.png"], "场站门口路灯坏了三盏": ["路灯.png"], "门口积水没有人排": ["积水.png"]}


def test_after_an_error_all_files_are_where_they_were_and_handed_in_once(
    town: Town, officer: FlaskClient
) -> None:
    refused = post(officer, form(town, mode="") | three())
    assert refused.status_code == 422

    answers = [post(officer, form(town) | kept(refused)) for _twice in range(2)]

    assert [one.status_code for one in answers] == [303, 303]
    assert names() == ALL


def test_an_error_in_one_problem_keeps_the_files_of_the_others(
    town: Town, officer: FlaskClient
) -> None:
    refused = post(officer, form(town) | three() | {"problems-1-title": ""})
    assert refused.status_code == 422

    post(officer, form(town) | kept(refused))

    assert names() == ALL


def test_a_refusal_of_the_service_keeps_them(town: Town, officer: FlaskClient) -> None:
    refused = post(officer, form(town, who=[]) | three())
    assert refused.status_code in {400, 409, 422}

    post(officer, form(town) | kept(refused))

    assert names() == ALL


@pytest.mark.parametrize("button", ["look", "add-problems", "add-labor"])
def test_a_button_that_only_rearranges_keeps_them(
    town: Town, officer: FlaskClient, button: str
) -> None:
    arranged = post(officer, form(town) | three() | {button: "1"})
    assert arranged.status_code == 200

    post(officer, form(town) | kept(arranged))

    assert names() == ALL


def test_a_problem_that_is_taken_out_takes_its_files_and_leaves_those_of_the_next(
    town: Town, officer: FlaskClient
) -> None:
    refused = post(officer, form(town, mode="") | three())
    taken_out = post(officer, form(town) | kept(refused) | {"remove-problems": "0"})
    left = town.form(has_problems="yes", idempotency_key=KEY) | town.written(0)

    assert list(kept(taken_out)) == ["keep", OF_FIRST]
    post(officer, left | kept(taken_out))

    assert names() == {"": ["厂区.png"], "场站门口路灯坏了三盏": ["积水.png"]}


def test_files_that_were_just_chosen_stay_with_their_problem_when_another_is_taken_out(
    town: Town, officer: FlaskClient
) -> None:
    taken_out = post(officer, form(town) | three() | {"remove-problems": "0"})

    assert "积水.png" in unescape(taken_out.text)
    assert "路灯.png" not in unescape(taken_out.text)
    assert list(kept(taken_out)) == ["keep", OF_FIRST]


def test_one_that_is_not_wanted_any_more_is_left_out(town: Town, officer: FlaskClient) -> None:
    refused = post(officer, form(town, mode="") | three())

    post(officer, form(town) | kept(refused) | {OF_FIRST: []})

    assert names() == {title: those for title, those in ALL.items() if those != ["路灯.png"]}


def test_a_sound_file_is_kept_beside_one_that_is_refused(town: Town, officer: FlaskClient) -> None:
    chosen = {
        "files": [photo("厂区.png"), (BytesIO(b"MZ"), "甲.exe")],
        "problems-0-files": [photo("路灯.png"), (BytesIO(b"MZ"), "乙.exe")],
        "problems-1-files": [photo("积水.png")],
    }
    refused = post(officer, form(town) | chosen)
    assert refused.status_code == 422

    post(officer, form(town) | kept(refused))

    assert names() == ALL


def test_files_under_no_problem_are_not_lost_without_a_word(
    town: Town, officer: FlaskClient
) -> None:
    chosen = {"problems-0-files": [photo("路灯.png")]}

    refused = post(officer, town.form(has_problems="no", idempotency_key=KEY) | chosen)
    assert refused.status_code == 422
    assert list(kept(refused)) == [OF_FIRST]
    said = town.form(has_problems="yes", idempotency_key=KEY) | town.written(0)
    post(officer, said | kept(refused))

    assert names() == {"场站门口路灯坏了三盏": ["路灯.png"]}


def test_what_came_elsewhere_or_was_forged_is_not_handed_in(
    town: Town, officer: FlaskClient
) -> None:
    elsewhere = post(officer, form(town, mode="", idempotency_key=OTHER_KEY) | three())
    here = kept(post(officer, form(town, mode="") | three()))
    (of_problem,), (of_visit,) = here[OF_FIRST], here["keep"]
    said, _dot, signed = of_visit.partition(".")
    others = [token for tokens in kept(elsewhere).values() for token in tokens]
    forged = [said, f"{said}.", f"x.{signed}", "照片"]

    answer = post(
        officer,
        form(town)
        | {
            "keep": [*others, *forged, of_problem],
            OF_FIRST: [*others, *forged, of_visit],
        },
    )

    assert (len(others), answer.status_code) == (3, 303)
    assert names() == {}


def test_what_one_person_sent_another_cannot_hand_in(
    town: Town, officer: FlaskClient, client_for: ClientFor
) -> None:
    refused = post(officer, form(town, mode="") | three())

    answer = post(client_for(town.leader), form(town, who=["leader"]) | kept(refused))

    assert (len(kept(refused)), answer.status_code) == (3, 303)
    assert names() == {}


def test_after_signing_in_again_all_files_are_where_they_were(
    town: Town, officer: FlaskClient, frozen_clock: time_machine.Traveller
) -> None:
    with transaction():
        user = db.session.get_one(User, town.liaison.user_id)
        user.username, user.password_hash = "xi", passwords.make_hash(make.PASSWORD)
    frozen_clock.shift(31 * 60)
    here = {"Referer": "http://localhost/visits/new"}
    stopped = officer.post("/visits/new", data=form(town) | three(), headers=here)
    signing = hidden(stopped) | {"username": "xi", "password": make.PASSWORD}
    resumed = officer.post("/login", data=signing)

    filled = officer.post("/visits/new", data=hidden(resumed))
    assert (stopped.status_code, filled.status_code) == (401, 200)
    post(officer, form(town) | kept(filled))

    assert names() == ALL


# ---- files that come later ----


def test_files_that_come_later_are_kept_beside_one_that_is_refused(
    town: Town, officer: FlaskClient
) -> None:
    path = f"/visits/{town.record().id}/files"
    chosen = [photo("一.png"), photo("二.png"), (BytesIO(b"MZ"), "甲.exe")]
    refused = post(officer, {"idempotency_key": KEY, "files": chosen}, path)
    assert refused.status_code == 422

    for _twice in range(2):
        post(officer, {"idempotency_key": KEY, "keep": carried(refused)[1:]}, path)

    assert names() == {"": ["二.png"]}


def test_files_that_come_later_are_kept_where_there_is_no_room_for_all(
    town: Town, officer: FlaskClient
) -> None:
    path = f"/visits/{town.record().id}/files"
    before = [photo(f"{n}.png") for n in range(9)]
    post(officer, {"idempotency_key": OTHER_KEY, "files": before}, path)
    chosen = [photo("甲.png"), photo("乙.png")]

    refused = post(officer, {"idempotency_key": KEY, "files": chosen}, path)
    assert refused.status_code == 422
    post(officer, {"idempotency_key": KEY, "keep": carried(refused)[:1]}, path)

    assert names()[""][9:] == ["甲.png"]


def test_files_for_one_visit_are_good_for_no_other_and_for_no_other_person(
    town: Town, officer: FlaskClient, client_for: ClientFor
) -> None:
    path = f"/visits/{town.record().id}/files"
    other = f"/visits/{town.record().id}/files"
    chosen = [photo("一.png"), (BytesIO(b"MZ"), "甲.exe")]
    tokens = carried(post(officer, {"idempotency_key": KEY, "files": chosen}, path))
    sent = {"idempotency_key": KEY, "keep": tokens}

    answers = [post(officer, sent, other), post(client_for(town.clerk), sent, path)]

    assert len(tokens) == 1
    assert [one.status_code for one in answers] == [422, 422]
    assert names() == {}
