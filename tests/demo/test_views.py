"""The page that moves the demo's clock, and the day that every page shows."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.queries import actor_for
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.demo import jobs, views
from tests import make
from tests.conftest import begin_session

Sign = Callable[..., FlaskClient]
KEY = "0" * 32


def person(username: str) -> User:
    return db.session.scalars(select(User).where(User.username == username)).one()


def go(client: FlaskClient, **given: str) -> tuple[int, str]:
    """Submit the form; return the status, and the page that follows or that refused it."""
    answer = client.post("/demo/travel", data={"idempotency_key": KEY, **given})
    if answer.status_code == 303:
        return 303, client.get(answer.headers["Location"]).get_data(as_text=True)
    return answer.status_code, answer.get_data(as_text=True)


def test_every_page_says_that_it_is_invented_and_which_day_it_is(client_for: Sign) -> None:
    page = client_for(person("shenzhixia")).get("/").get_data(as_text=True)

    assert "演示数据，纯属虚构" in page
    assert "2026年9月30日 09:00" in page
    assert "/demo/travel" in page


def test_the_page_offers_the_next_day_and_the_next_working_day(client_for: Sign) -> None:
    page = client_for(person("shenzhixia")).get("/demo/travel").get_data(as_text=True)

    assert 'value="2026-10-01"' in page
    assert 'value="2026-10-08"' in page


def test_going_to_the_next_working_day_tells_what_happened(
    client_for: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "SECONDS", 600.0)  # a busy machine goes all the way, too

    status, page = go(client_for(person("shenzhixia")), quick="2026-10-08")

    assert status == 303
    assert "2026年10月8日 09:00" in page
    assert "发出走访提醒邮件 24 封" in page
    assert "橙色督办单 1 张" in page


def test_the_same_form_twice_goes_once(client_for: Sign) -> None:
    client = client_for(person("guanliyuan"))

    go(client, quick="2026-10-01")
    status, page = go(client, quick="2026-10-01")

    assert status == 303
    assert "已经是这一天了" in page
    assert "2026年10月1日 09:00" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "请选一天。"),
        ({"to": "2026-09-29"}, "时间只能往前拨"),
        ({"to": "2028-09-30"}, "一次最多拨 400 天"),
        ({"to": "天亮"}, "日期不对"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence(
    client_for: Sign, given: dict[str, str], sentence: str
) -> None:
    status, page = go(client_for(person("shenzhixia")), **given)

    assert status == 422
    assert sentence in page
    assert "2026年9月30日 09:00" in page


@pytest.mark.parametrize("since", ["", "yesterday", "2026-09-30", "2030-01-01T00:00:00+00:00"])
def test_a_crooked_address_tells_of_nothing(client_for: Sign, since: str) -> None:
    client = client_for(person("shenzhixia"))

    answer = client.get("/demo/travel", query_string={"since": since})

    assert answer.status_code == 200
    assert "路上发生了什么" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("username", ["chengwangchuan", "ximuyang", "qiye01", "shenji"])
def test_whoever_may_not_is_refused(client_for: Sign, username: str) -> None:
    client = client_for(person(username))

    assert client.get("/demo/travel").status_code == 403
    assert go(client, quick="2026-10-01")[0] == 403


def test_the_clock_of_one_request_is_not_left_to_the_next_thread(
    app: Flask, client_for: Sign
) -> None:
    del app
    client = client_for(person("shenzhixia"))
    client.get("/")

    assert clock.now() == clock.machine_now()
    jobs.follow_clock()


def test_a_real_installation_has_no_such_page_and_says_nothing_of_a_demo(
    empty_app: Flask,
) -> None:
    clerk = make.user(Role.DISPATCHER)
    client = empty_app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = begin_session(actor_for(clerk.id))
        session["_fresh"] = True

    page = client.get("/").get_data(as_text=True)

    assert client.get("/demo/travel").status_code == 404
    assert go(client, quick="2026-10-01")[0] == 404
    assert "演示" not in page
    assert "2026年9月21日" in page
