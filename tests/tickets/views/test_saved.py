"""Filters kept under a name: one's own, shared ones, and never more than one may see."""

import html
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.roles import Actor, Role
from app.core.db import db
from app.tickets.models import SavedView
from app.tickets.queries.saved import MOST_LINKS
from app.tickets.service.saved import MOST_OWN, QUERY_LONGEST
from tests import make

Browse = Callable[[Actor], FlaskClient]


@pytest.fixture
def me(app: Flask) -> Actor:
    del app  # the database must be there
    return make.actor(Role.DISPATCHER)


_keys = iter(f"{n:032x}" for n in range(1, 10_000))


def send(browser: FlaskClient, address: str, **typed: object) -> TestResponse:
    return browser.post(address, data={"idempotency_key": next(_keys)} | typed)


def keep(browser: FlaskClient, name: str, query: str = "light=red", **more: object) -> TestResponse:
    return send(browser, "/tickets/views/new", name=name, query=query, **more)


def text(answer: TestResponse) -> str:
    return html.unescape(answer.text)


def kept() -> list[tuple[str, str, bool]]:
    db.session.rollback()
    return [(v.name, v.query, v.is_shared) for v in db.session.query(SavedView).order_by("id")]


def one() -> SavedView:
    db.session.rollback()
    return db.session.query(SavedView).one()


def test_a_filter_is_kept_cleaned_and_shown_above_the_quick_filters(
    me: Actor, client_for: Browse
) -> None:
    browser = client_for(me)

    answer = keep(browser, "红灯", "view=open&page=7&evil=1&light=red&q=")

    assert kept() == [("红灯", "view=open&light=red", False)]
    assert answer.location == "/tickets?view=open&light=red"
    page = text(browser.get("/tickets"))
    assert page.index("红灯") < page.index("bh-filters")


def test_the_present_filter_is_offered_for_keeping(me: Actor, client_for: Browse) -> None:
    browser = client_for(me)

    assert "保存这个筛选" not in text(browser.get("/tickets"))
    assert "/tickets/views/new?light=red" in text(browser.get("/tickets?light=red&page=1"))


def test_a_shared_one_is_there_for_all_inside_each_in_their_own_scope(
    me: Actor, client_for: Browse
) -> None:
    make.ticket(title="别的单位的问题")
    keep(client_for(me), "全部在办", "view=open", is_shared="y")
    head = client_for(make.actor(Role.DEPT_HEAD))

    page = text(head.get("/tickets?view=open"))

    assert "全部在办" in page
    assert "别的单位的问题" not in page
    elsewhere = client_for(make.actor(Role.DISPATCHER, tenant=make.tenant()))
    outside = client_for(make.actor(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id))
    assert "全部在办" not in text(elsewhere.get("/tickets?view=open"))
    assert "全部在办" not in text(outside.get("/tickets?view=open"))


def test_ones_own_are_ones_own(me: Actor, client_for: Browse) -> None:
    keep(client_for(me), "我的红灯")
    other = client_for(make.actor(Role.OFFICE_DIRECTOR))
    address = f"/tickets/views/{one().id}"

    assert "我的红灯" not in text(other.get("/tickets"))
    assert other.get(address).status_code == 404
    assert send(other, address, name="别人的").status_code == 404
    assert send(other, f"{address}/removal").status_code == 404
    assert kept() == [("我的红灯", "light=red", False)]


def test_a_name_is_given_once_and_refused_at_its_field(me: Actor, client_for: Browse) -> None:
    browser = client_for(me)
    keep(browser, "红灯")

    for name, sentence in (
        ("红灯", "已经有一个筛选叫"),
        ("", "请填写"),
        ("长" * 41, "最多 40 个字"),
    ):
        answer = keep(browser, name, "light=yellow")
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert 'value="light=yellow"' in text(answer)
    assert keep(client_for(make.actor(Role.DISPATCHER)), "红灯").status_code == 303


def test_it_is_renamed_and_shared_by_its_owner_only(me: Actor, client_for: Browse) -> None:
    browser = client_for(me)
    keep(browser, "红灯", is_shared="y")
    seen, address = one().version, f"/tickets/views/{one().id}"

    stranger = client_for(make.actor(Role.OFFICE_DIRECTOR))
    assert send(stranger, address, name="改了").status_code == 403
    assert send(browser, address, name="超期", version=seen).status_code == 303
    assert kept() == [("超期", "light=red", False)]
    stale = send(browser, address, name="旧的", version=seen)
    assert stale.status_code == 409


def test_the_owner_deletes_it_and_the_director_a_shared_one(me: Actor, client_for: Browse) -> None:
    keep(client_for(me), "红灯", is_shared="y")
    address = f"/tickets/views/{one().id}/removal"

    assert send(client_for(make.actor(Role.DEPT_HEAD)), address).status_code == 403
    assert send(client_for(make.actor(Role.OFFICE_DIRECTOR)), address).status_code == 303
    assert kept() == []
    keep(client_for(me), "红灯")
    assert send(client_for(me), f"/tickets/views/{one().id}/removal").status_code == 303
    assert kept() == []


def test_one_person_keeps_so_many_and_no_more(me: Actor, client_for: Browse) -> None:
    browser = client_for(me)
    for n in range(MOST_OWN):
        keep(browser, f"筛选{n}")

    assert keep(browser, "再来一个").status_code == 409
    assert len(kept()) == MOST_OWN


def test_the_list_and_the_forms_are_for_those_inside(me: Actor, client_for: Browse) -> None:
    keep(client_for(me), "红灯", is_shared="y")
    outside = client_for(make.actor(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id))

    assert "红灯" in text(client_for(me).get("/tickets/views"))
    for address in ("/tickets/views", "/tickets/views/new", f"/tickets/views/{one().id}"):
        assert outside.get(address).status_code == 404
    assert keep(outside, "我的").status_code == 404


def test_each_row_has_a_key_of_its_own_so_that_two_are_two(me: Actor, client_for: Browse) -> None:
    browser = client_for(me)
    keep(browser, "红灯")
    keep(browser, "黄灯", "light=yellow")

    page = text(browser.get("/tickets/views"))

    keys = re.findall(r'name="idempotency_key" value="([0-9a-f]{32})"', page)
    assert len(keys) == len(set(keys)) == 2


def test_who_may_not_delete_it_is_told_why(me: Actor, client_for: Browse) -> None:
    keep(client_for(me), "红灯", is_shared="y")

    answer = send(client_for(make.actor(Role.DEPT_HEAD)), f"/tickets/views/{one().id}/removal")

    assert answer.status_code == 403
    assert "共享的筛选由保存的人或营商办主任删" in text(answer)


def test_a_filter_too_long_to_keep_is_refused_and_not_cut(me: Actor, client_for: Browse) -> None:
    browser = client_for(me)
    query = urlencode({"q": "路" * 40, "view": "review_due", "mine": "1", "sort": "newest"})
    query += "&" + urlencode({"status": "pending_acceptance", "source": "x" * 60, "light": "red"})

    answer = keep(browser, "很长", query)

    assert len(query) > QUERY_LONGEST
    assert answer.status_code == 422
    assert "条件太长" in text(answer)
    assert kept() == []


def test_a_kept_filter_whose_category_is_gone_still_opens_and_says_so(
    me: Actor, client_for: Browse
) -> None:
    make.ticket(title="照样在列表里")
    keep(client_for(me), "旧类别", "view=open&category=4711", is_shared="y")

    page = text(client_for(me).get("/tickets?view=open&category=4711"))

    assert "这些条件看不懂，没有用上：类别。" in page
    assert "照样在列表里" in page


def test_the_first_few_stand_above_the_register_and_the_others_in_the_list(
    me: Actor, client_for: Browse
) -> None:
    browser = client_for(me)
    for n in range(MOST_LINKS + 1):
        keep(browser, f"筛选{n:02}")

    assert text(browser.get("/tickets")).count('bi-bookmark"') == MOST_LINKS
    assert f"筛选{MOST_LINKS:02}" in text(browser.get("/tickets/views"))
