"""Signing in and out in the browser."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import LoginFailures, RoleHolding, User
from app.accounts.roles import Role
from app.core import passwords
from app.core.audit import AuditRow
from app.core.db import db
from tests import make

pytestmark = pytest.mark.usefixtures("app")


Clients = Callable[[User], FlaskClient]
WRONG = "还可以试 {} 次"


def attempt(client: FlaskClient, username: str, password: str, **more: str) -> TestResponse:
    return client.post("/login", data={"username": username, "password": password, **more})


def signed_in(client: FlaskClient) -> bool:
    return client.get("/password").status_code == 200


def without_keys(page: TestResponse) -> str:
    return re.sub(r'value="[^"]*"', "", page.text)


def test_who_knows_name_and_password_gets_in(app: Flask) -> None:
    make.user(username="shenzhixia", password=make.PASSWORD)
    client = app.test_client()

    answer = attempt(client, "ShenZhiXia ", make.PASSWORD, next="/inbox?page=2")

    assert (answer.status_code, answer.location) == (303, "/inbox?page=2")
    assert signed_in(client)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(app: Flask, target: str) -> None:
    make.user(username="shen", password=make.PASSWORD)

    answer = attempt(app.test_client(), "shen", make.PASSWORD, next=target)

    assert answer.location == "/"


def test_an_unknown_name_is_answered_exactly_like_a_wrong_password(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD)

    for left in (4, 3, 2, 1):
        known = attempt(app.test_client(), "shen", "wrong")
        unknown = attempt(app.test_client(), "nobody", "wrong")
        assert known.status_code == unknown.status_code == 422
        assert WRONG.format(left) in known.text
        assert without_keys(known) == without_keys(unknown)
    known = attempt(app.test_client(), "shen", "wrong")
    unknown = attempt(app.test_client(), "nobody", "wrong")
    assert known.status_code == unknown.status_code == 429
    assert "锁定到 09:30" in known.text
    assert without_keys(known) == without_keys(unknown)


def test_both_kinds_of_failure_do_the_same_work(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.user(username="shen", password=make.PASSWORD)
    checked: list[bool] = []
    check = passwords.matches
    monkeypatch.setattr(
        passwords, "matches", lambda *given: checked.append(check(*given)) or checked[-1]
    )

    attempt(app.test_client(), "shen", "wrong")
    attempt(app.test_client(), "nobody", "wrong")

    assert checked == [False, False]


def test_a_locked_name_stays_locked_for_the_right_password_until_the_time_is_over(
    app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    make.user(username="shen", password=make.PASSWORD)
    for _ in range(5):
        attempt(app.test_client(), "shen", "wrong")

    assert attempt(app.test_client(), "SHEN", make.PASSWORD).status_code == 429
    frozen_clock.shift(timedelta(minutes=30, seconds=1))
    assert attempt(app.test_client(), "shen", make.PASSWORD).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(LoginFailures)) == 0


def test_failures_long_ago_do_not_count(app: Flask, frozen_clock: time_machine.Traveller) -> None:
    make.user(username="shen", password=make.PASSWORD)
    for _ in range(4):
        attempt(app.test_client(), "shen", "wrong")
    frozen_clock.shift(timedelta(minutes=31))

    assert WRONG.format(4) in attempt(app.test_client(), "shen", "wrong").text


@pytest.mark.parametrize("username", ["", "   "])
def test_what_is_missing_is_said_by_the_field(app: Flask, username: str) -> None:
    answer = attempt(app.test_client(), username, "")

    assert answer.status_code == 422
    assert answer.text.count("请填写。") >= 2


def test_a_closed_account_is_answered_like_an_unknown_one(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD, is_active=False)

    assert WRONG.format(4) in attempt(app.test_client(), "shen", make.PASSWORD).text


def test_who_holds_no_role_is_told_so_after_the_right_password(app: Flask) -> None:
    make.user(None, username="shen", password=make.PASSWORD)

    answer = attempt(app.test_client(), "shen", make.PASSWORD)

    assert answer.status_code == 422
    assert "还没有岗位" in answer.text


def test_a_cookie_replayed_after_sign_out_is_worth_nothing(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD)
    client = app.test_client()
    attempt(client, "shen", make.PASSWORD)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie

    client.post("/sign-out")
    client.set_cookie(name, cookie.value)

    assert not signed_in(client)


def test_signing_in_gives_a_new_session_and_ends_the_one_before(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD)
    client = app.test_client()
    attempt(client, "shen", make.PASSWORD)
    with client.session_transaction() as session:
        before = dict(session)
    thief = app.test_client()
    with thief.session_transaction() as session:
        session.update(before)
    assert signed_in(thief)

    attempt(client, "shen", make.PASSWORD)

    with client.session_transaction() as session:
        assert session["_user_id"] != before["_user_id"]
    assert not signed_in(thief)
    assert signed_in(client)


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("Ab1-", "密码至少 8 个字符，还差 4 个。"),
        ("abcdefgh1", "现在有 2 种。"),
        ("Shen-2026-x", "密码里不能有用户名"),
        (make.PASSWORD, "新密码和现在的一样"),
    ],
)
def test_a_weak_password_is_refused_by_its_field(
    client_for: Clients, new: str, sentence: str
) -> None:
    user = make.user(username="shen", password=make.PASSWORD)

    answer = client_for(user).post(
        "/password", data={"current": make.PASSWORD, "new": new, "again": new}
    )

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'id="new-error"' in answer.text


def test_the_current_password_and_the_repetition_must_be_right(client_for: Clients) -> None:
    client = client_for(make.user(username="shen", password=make.PASSWORD))
    good = "Xi-2026-an"

    wrong = client.post("/password", data={"current": "x", "new": good, "again": good})
    other = client.post("/password", data={"current": make.PASSWORD, "new": good, "again": "y"})

    assert 'id="current-error"' in wrong.text
    assert 'id="again-error"' in other.text


def test_a_new_password_ends_every_other_session_and_keeps_ones_own(
    app: Flask, client_for: Clients
) -> None:
    user = make.user(username="shen", password=make.PASSWORD)
    here, there = client_for(user), client_for(user)

    given = {"current": make.PASSWORD, "new": "Xi-2026-an", "again": "Xi-2026-an"}
    assert here.post("/password", data=given).status_code == 303

    assert signed_in(here)
    assert not signed_in(there)
    assert attempt(app.test_client(), "shen", "Xi-2026-an").status_code == 303


def test_a_person_with_two_roles_switches_between_them(client_for: Clients) -> None:
    user = make.user(Role.DISPATCHER)
    second = make.holding(user, Role.SYS_ADMIN)
    client = client_for(user)
    assert client.get("/admin/users").status_code == 403

    answer = client.post("/act-as", data={"role": str(second.id)})

    assert answer.status_code == 303
    assert client.get("/admin/users").status_code == 200
    db.session.rollback()
    assert db.session.scalars(select(AuditRow.action)).all() == ["切换身份"]


def test_a_role_that_is_not_ones_own_cannot_be_taken(client_for: Clients) -> None:
    stranger = make.user(Role.SYS_ADMIN)
    held = db.session.scalars(
        select(RoleHolding.id).where(RoleHolding.user_id == stranger.id)
    ).one()
    client = client_for(make.user(Role.DISPATCHER))

    for role in (str(held), "999999", "x", ""):
        assert client.post("/act-as", data={"role": role}).status_code == 404


def test_the_role_of_last_time_is_taken_at_the_next_sign_in(app: Flask) -> None:
    user = make.user(Role.DISPATCHER, username="shen", password=make.PASSWORD)
    second = make.holding(user, Role.SYS_ADMIN)
    client = app.test_client()
    attempt(client, "shen", make.PASSWORD)
    client.post("/act-as", data={"role": str(second.id)})
    client.post("/sign-out")

    attempt(client, "shen", make.PASSWORD)

    assert client.get("/admin/users").status_code == 200


def test_the_door_is_logged(app: Flask) -> None:
    user = make.user(username="shen", password=make.PASSWORD)
    client = app.test_client()
    attempt(client, "shen", "wrong")
    attempt(client, "nobody", "wrong")
    attempt(client, "shen", make.PASSWORD)
    client.post("/sign-out")

    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [(row.action, row.user_id) for row in rows] == [
        ("登录未成功", user.id),
        ("登录未成功", None),
        ("登录", user.id),
        ("退出登录", user.id),
    ]
    assert {row.ip for row in rows} == {"127.0.0.1"}


def test_a_person_keeps_language_and_theme(client_for: Clients) -> None:
    user = make.user()
    client = client_for(user)

    client.post("/preferences", data={"language": "en", "theme": "dark", "large_type": "1"})

    db.session.refresh(user)
    assert (user.language, user.theme, user.large_type) == ("en", "dark", True)


def test_a_reader_who_is_not_signed_in_keeps_the_language_in_a_cookie(app: Flask) -> None:
    client = app.test_client()

    answer = client.post("/preferences", data={"language": "en", "next": "/login"})
    client.post("/preferences", data={"language": "martian", "theme": "<script>"})

    assert answer.location == "/login"
    cookie = client.get_cookie("bihuan-language")
    assert cookie
    assert cookie.value == "en"
    assert client.get_cookie("bihuan-theme") is None


def test_many_guesses_at_once_are_counted_one_by_one(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD)
    clients = [app.test_client() for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: attempt(one, "shen", "wrong").status_code, clients))

    assert sorted(answers) == [422] * 4 + [429] * 4
    assert attempt(app.test_client(), "shen", make.PASSWORD).status_code == 429
