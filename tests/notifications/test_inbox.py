"""The inbox: narrowed, searched, read one by one, put away when old, and leading to the page."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Tenant, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import queries, service
from app.notifications.models import Message
from tests import make

Browse = Callable[[User | Actor], FlaskClient]
SAID = {
    "R1": ("{month}月要走访 {n} 家", {"month": 10, "n": 3}, "/visits/mine"),
    "ticket-event": (
        "{what_label}：{title}（{number}）",
        {"what_label": "交办", "title": "进厂小桥限重 100%", "number": "QS20260928-0002"},
        "/tickets/7",
    ),
    "exemption-asked": ("{name}申请免访", {"name": "鹿鸣谦"}, "/visits/tasks/3/exemption"),
    "absence": ("请您代理{name}的工作", {"name": "席沐阳"}, "/settings/absences"),
}


@pytest.fixture
def person(app: Flask) -> Actor:
    del app
    return make.actor(Role.LIAISON)


def tell(actor: Actor, rule: str, period: str = "1", *, link: str = "") -> int:
    subject, context, path = SAID[rule]
    with transaction():
        service.tell(
            [actor.user_id],
            tenant_id=actor.tenant_id,
            rule=rule,
            period=period,
            subject=subject,
            context=context,
            link=link or path,
        )
    return db.session.scalars(select(Message.id).order_by(Message.id.desc())).first() or 0


def tell_all(actor: Actor) -> dict[str, int]:
    return {rule: tell(actor, rule) for rule in SAID}


def titles(page: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'bh-linklike" type="submit">([^<]*)<', page)]


@pytest.mark.parametrize(
    ("group", "title"),
    [
        ("reminders", "10月要走访 3 家"),
        ("tickets", "交办：进厂小桥限重 100%（QS20260928-0002）"),
        ("visits", "鹿鸣谦申请免访"),
        ("other", "请您代理席沐阳的工作"),
    ],
)
def test_messages_are_narrowed_to_what_they_are_about(
    person: Actor, client_for: Browse, group: str, title: str
) -> None:
    tell_all(person)

    assert titles(client_for(person).get(f"/inbox?group={group}").text) == [title]


@pytest.mark.parametrize("nonsense", ["shelf=x&group=y", "page=-1", "q=%00", "q=%25%5F", "group="])
def test_nonsense_in_the_address_breaks_nothing(
    person: Actor, client_for: Browse, nonsense: str
) -> None:
    tell_all(person)

    assert client_for(person).get(f"/inbox?{nonsense}").status_code == 200


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("小桥", ["ticket-event"]),
        ("qs20260928", ["ticket-event"]),
        ("100%", ["ticket-event"]),
        ("申请免访", ["exemption-asked"]),
        ("鹿鸣谦", ["exemption-asked"]),
        ("席", ["absence"]),
        ("%", ["ticket-event"]),
        ("没有这个词", []),
        ("\\", []),
        ('"', []),
    ],
)
def test_a_word_of_the_message_finds_it(
    person: Actor, client_for: Browse, words: str, found: list[str]
) -> None:
    told = tell_all(person)
    browser = client_for(person)

    page = browser.get("/inbox", query_string={"q": words}).text

    shown = re.findall(r'action="/inbox/(\d+)"', page)
    if words not in {"\\", '"'}:
        assert shown == [str(told[rule]) for rule in found]
    if not found and words not in {"\\", '"'}:
        assert "没有符合条件的消息" in page


def test_one_message_is_marked_read_without_being_opened_and_one_stays_where_one_was(
    person: Actor, client_for: Browse
) -> None:
    told = tell_all(person)
    browser = client_for(person)

    answer = browser.post(f"/inbox/{told['R1']}/read", data={"next": "/inbox?group=reminders"})

    assert (answer.status_code, answer.location) == (303, "/inbox?group=reminders")
    db.session.rollback()
    assert queries.unread_count(person) == 3
    page = browser.get("/inbox?shelf=unread").text
    assert "10月要走访 3 家" not in titles(page)
    assert len(titles(page)) == 3


def test_the_message_of_another_cannot_be_marked(person: Actor, client_for: Browse) -> None:
    message_id = tell(person, "R1")

    answer = client_for(make.actor(Role.LIAISON)).post(f"/inbox/{message_id}/read")

    assert answer.status_code == 404
    db.session.rollback()
    assert queries.unread_count(person) == 1


def test_what_was_read_long_ago_is_put_away_and_what_was_not_read_stays(
    person: Actor, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    told = tell_all(person)
    with transaction():
        service.mark_read(told["R1"], actor=person)
    frozen_clock.shift(timedelta(days=90, minutes=1))
    tell(person, "absence", "2")
    browser = client_for(person)

    present, old = browser.get("/inbox").text, browser.get("/inbox?shelf=old").text

    assert "10月要走访 3 家" not in titles(present)
    assert len(titles(present)) == 4
    assert titles(old) == ["10月要走访 3 家"]
    assert queries.unread_count(person) == 4


def test_the_office_says_after_how_many_days_messages_are_put_away(
    person: Actor, client_for: Browse, frozen_clock: time_machine.Traveller
) -> None:
    message_id = tell(person, "R1")
    with transaction():
        service.mark_read(message_id, actor=person)
        db.session.get_one(Tenant, person.tenant_id).settings = {"inbox_days": 7}
    frozen_clock.shift(timedelta(days=7, minutes=1))
    browser = client_for(person)

    assert titles(browser.get("/inbox").text) == []
    assert "7 天后" in browser.get("/inbox?shelf=old").text


def test_the_inbox_costs_the_same_however_much_is_in_it(
    person: Actor, client_for: Browse, statements: list[str]
) -> None:
    browser = client_for(person)
    tell_all(person)
    browser.get("/inbox")
    statements.clear()
    browser.get("/inbox")
    few = len(statements)
    for period in range(2, 12):
        for rule in SAID:
            tell(person, rule, str(period))
    statements.clear()

    browser.get("/inbox")

    assert len(statements) == few


# ---- the very page ----


def test_a_link_opened_before_signing_in_leads_to_its_page_after_it(app: Flask) -> None:
    make.user(Role.LIAISON, username="ximuyang", password=make.PASSWORD)
    browser = app.test_client()

    asked = browser.get("/visits/mine?period=2026-09")
    page = browser.get(asked.location).text
    onward = unescape(re.findall(r'name="next"[^>]*value="([^"]*)"', page)[0])
    given = {"username": "ximuyang", "password": make.PASSWORD, "next": onward}
    form = dict(re.findall(r'name="(idempotency_key)" value="([^"]*)"', page))
    answer = browser.post("/login", data={**given, **form})

    assert (answer.status_code, answer.location) == (303, "/visits/mine?period=2026-09")
    assert browser.get(answer.location).status_code == 200


def test_a_page_that_another_of_one_s_roles_may_see_offers_to_change_to_it(
    app: Flask, client_for: Browse
) -> None:
    del app
    person = make.user(Role.HANDLER)
    clerk = make.holding(person, Role.DISPATCHER)
    ticket = make.ticket()
    browser = client_for(person)

    refused = browser.get(f"/tickets/{ticket.id}")
    assert refused.status_code == 404
    assert "可能是您另一个身份的事" in refused.text
    assert "换成交办员再看" in refused.text
    onward = unescape(re.findall(r'name="onward" value="([^"]*)"', refused.text)[0])
    answer = browser.post("/act-as", data={"role": str(clerk.id), "onward": onward})

    assert answer.location == f"/tickets/{ticket.id}"
    assert browser.get(answer.location).status_code == 200


def test_who_has_one_role_is_offered_no_other(client_for: Browse, person: Actor) -> None:
    page = client_for(person).get(f"/tickets/{make.ticket().id}").text

    assert "另一个身份" not in page


@pytest.mark.parametrize("onward", ["https://elsewhere.example.com/", "//elsewhere", "x", ""])
def test_changing_roles_never_leads_away_from_the_site(
    app: Flask, client_for: Browse, onward: str
) -> None:
    del app
    person = make.user(Role.HANDLER)
    clerk = make.holding(person, Role.DISPATCHER)

    answer = client_for(person).post("/act-as", data={"role": str(clerk.id), "onward": onward})

    assert answer.location == "/"
