"""The pages of the desk, and the shell of every page."""

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.roles import PEOPLE, Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.notifications import service as outbox
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.desk import rows

Clients = Callable[[User | Actor], FlaskClient]
UNIT_ROLES = {Role.DEPT_HEAD, Role.HANDLER}


class Links(HTMLParser):
    """Collects where a page leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href") or ""
        if tag == "a" and target.startswith("/") and not target.startswith("/static"):
            self.found.add(target.split("#", maxsplit=1)[0])


def links(page: str) -> set[str]:
    parser = Links()
    parser.feed(page)
    return parser.found


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def person(role: Role) -> User:
    """Make somebody who holds a role, with a unit or an enterprise where it needs one."""
    if role is Role.ENTERPRISE_USER:
        return make.user(role, enterprise_id=make.enterprise().id)
    return make.user(role, unit=make.unit() if role in UNIT_ROLES else None)


def a_ticket_in_each_state(who: User, role: Role) -> None:
    unit_id = who.roles[0].unit_id
    unit = db.session.get(type(make.unit()), unit_id) if unit_id else make.unit()
    for status in Status:
        ticket = rows.ticket(
            status,
            unit=unit,
            liaison_id=who.id,
            leader_id=who.id,
            created_by_id=who.id,
            submitted_by_id=who.id,
        )
        if status is Status.IN_PROGRESS:
            rows.proposal(ticket, Event.SUBMIT_REPLY, by=make.user(Role.HANDLER))
            rows.proposal(ticket, Event.ESCALATE, by=make.user(Role.OFFICE_DIRECTOR))
    outbox.tell([who.id], tenant_id=who.tenant_id, rule="t", period=role.value, subject="x")
    db.session.commit()


@pytest.mark.parametrize("role", PEOPLE)
def test_every_link_of_a_worklist_leads_to_a_page_that_the_role_may_open(
    client_for: Clients, role: Role
) -> None:
    who = person(role)
    a_ticket_in_each_state(who, role)
    client = client_for(who)

    answer = client.get("/")

    assert answer.status_code == 200
    for target in links(answer.text):
        assert client.get(target).status_code == 200, target


@pytest.mark.parametrize("role", PEOPLE)
def test_an_empty_worklist_is_a_page_too(client_for: Clients, role: Role) -> None:
    answer = client_for(person(role)).get("/")

    assert answer.status_code == 200
    assert "bh-now" in answer.text
    assert "暂无数据" not in answer.text


@pytest.mark.parametrize("role", PEOPLE)
def test_a_page_has_one_primary_button_at_most_and_one_heading(
    client_for: Clients, role: Role
) -> None:
    who = person(role)
    a_ticket_in_each_state(who, role)

    page = client_for(who).get("/").text

    assert page.count("btn-primary") <= 1
    assert page.count("<h1") == 1


def test_the_worklist_says_why_and_until_when(client_for: Clients) -> None:
    rows.ticket(title="东门路灯", due=timedelta(), submitted_by_id=make.user(name="席沐阳").id)

    said = text_of(client_for(make.user(Role.DISPATCHER)).get("/").text)

    assert "先受理“东门路灯”，明天 17:30 到期" in said
    assert "走访 · 席沐阳" in said
    assert "剩 1 个工作日" in said


def test_the_shell_says_who_where_in_which_role_and_how_much_waits(client_for: Clients) -> None:
    office = make.unit("营商办")
    who = make.user(Role.DISPATCHER, unit=office, name="沈知夏")
    rows.ticket()
    outbox.tell([who.id], tenant_id=who.tenant_id, rule="t", period="1", subject="x")
    db.session.commit()

    said = text_of(client_for(who).get("/help").text)

    assert "霁川镇 · 营商办" in said
    assert "沈知夏" in said
    assert "交办员" in said
    assert "待办 1 件" in said
    assert "消息，1 条未读" in said


def test_the_menu_marks_the_page_one_is_on(client_for: Clients) -> None:
    page = client_for(make.user(Role.SYS_ADMIN)).get("/admin/users").text

    (current, *_) = re.findall(r'<a [^>]*href="([^"]+)" aria-current="page"', page)
    assert current == "/admin/users"


def test_who_holds_two_roles_may_switch(client_for: Clients) -> None:
    who = make.user(Role.LIAISON)
    make.holding(who, Role.HANDLER, unit=make.unit("财政所"))

    said = text_of(client_for(who).get("/").text)

    assert "承办人 · 财政所" in said


def test_drafts_on_one_machine_are_kept_apart_without_telling_whose(client_for: Clients) -> None:
    pages = [client_for(make.user()).get("/help").text for _ in range(2)]

    keys = [re.findall(r'data-bh-person="(\w+)"', page)[0] for page in pages]
    assert keys[0] != keys[1]


def test_a_demo_says_on_every_page_that_it_is_invented(client_for: Clients) -> None:
    demo = make.tenant(is_demo=True)

    said = client_for(make.user(tenant=demo)).get("/help").text

    assert "演示数据，纯属虚构" in said
    assert "2026年9月21日 09:00" in said
    assert "演示数据" not in client_for(make.user(tenant=make.tenant())).get("/help").text


def test_signed_out_there_is_no_menu(app: Flask) -> None:
    page = app.test_client().get("/login").text

    assert "bh-side" not in page


@pytest.mark.parametrize("path", ["/", "/settings", "/help", "/components"])
def test_the_pages_are_for_people_who_are_signed_in(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 302


def test_whoever_must_change_their_password_sees_nothing_of_the_desk(
    client_for: Clients,
) -> None:
    rows.ticket(title="东门路灯")
    client = client_for(make.user(must_change_password=True))

    answer = client.get("/", follow_redirects=True)

    assert "东门路灯" not in answer.text
    assert "bh-side" not in answer.text


def test_anybody_may_ask_whether_the_product_works(app: Flask) -> None:
    answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize("path", ["/help", "/components", "/settings"])
def test_help_components_and_settings_are_there(client_for: Clients, path: str) -> None:
    assert client_for(make.user()).get(path).status_code == 200


def test_a_page_that_is_not_there_keeps_the_menu(client_for: Clients) -> None:
    answer = client_for(make.user()).get("/nowhere")

    assert answer.status_code == 404
    assert "bh-side" in answer.text


def form_of(client: FlaskClient, **given: Any) -> dict[str, Any]:
    page = client.get("/settings").text
    hidden = dict(re.findall(r'name="(version|idempotency_key)" value="([^"]*)"', page))
    return {**hidden, "post": "干事", "email": "shen@example.com", **given}


def test_a_person_changes_their_own_post_and_address(client_for: Clients) -> None:
    who = make.user(name="沈知夏", email="")
    client = client_for(who)

    answer = client.post("/settings", data=form_of(client))

    assert (answer.status_code, answer.location) == (303, "/settings")
    db.session.expire_all()
    assert (who.post, who.email, who.name) == ("干事", "shen@example.com", "沈知夏")
    logged = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()[-1]
    assert logged.after == {"post": "干事", "email": "shen@example.com"}


@pytest.mark.parametrize(
    "wrong",
    [{"email": "not an address"}, {"email": "a" * 130 + "@example.com"}, {"post": "长" * 61}],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client_for: Clients, wrong: dict[str, str]
) -> None:
    who = make.user(email="old@example.com")
    client = client_for(who)

    answer = client.post("/settings", data=form_of(client, **wrong))

    assert answer.status_code == 422
    assert "bh-errors" in answer.text
    assert next(iter(wrong.values())) in answer.text
    db.session.expire_all()
    assert who.email == "old@example.com"


def test_a_stale_form_is_refused_and_kept(client_for: Clients) -> None:
    who = make.user()
    client = client_for(who)
    given = form_of(client)
    client.post("/settings", data=form_of(client, email="first@example.com"))

    answer = client.post("/settings", data=given)

    assert answer.status_code == 409
    assert "shen@example.com" in answer.text
    db.session.expire_all()
    assert who.email == "first@example.com"


def test_a_double_submit_is_carried_out_once(client_for: Clients) -> None:
    client = client_for(make.user())
    given = form_of(client)
    before = db.session.scalar(select(func.count(AuditRow.id))) or 0
    db.session.rollback()

    answers = [client.post("/settings", data=given) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert db.session.scalar(select(func.count(AuditRow.id))) == before + 1


@pytest.mark.parametrize("role", PEOPLE)
def test_the_statements_of_the_whole_page_do_not_grow_with_the_tickets(
    client_for: Clients, role: Role
) -> None:
    who = person(role)
    client = client_for(who)

    def read() -> int:
        with rows.Statements() as counted:
            assert client.get("/").status_code == 200
        return len(counted.said)

    a_ticket_in_each_state(who, role)
    read()  # fills what is kept in the process
    few = read()
    for _ in range(3):
        a_ticket_in_each_state(who, role)

    assert read() == few
    assert few <= 20
