"""The audit log, as auditors read and export it."""

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import service
from app.accounts.models import Control, User
from app.accounts.roles import Actor, Role
from app.core.transactions import transaction
from app.tickets.workflow.states import TERMINAL, Status
from tests import make
from tests.office import open_office

pytestmark = pytest.mark.usefixtures("app")


Clients = Callable[[User], FlaskClient]


@pytest.fixture
def client(client_for: Clients) -> FlaskClient:
    return client_for(make.user(Role.AUDIT_ADMIN))


def note(actor: Actor, action: str = "交办", subject: str = "ticket", id_: int = 7) -> None:
    with transaction():
        service.log(
            actor,
            action,
            subject,
            id_,
            before={"control": Control.TOWN, "due": datetime(2026, 9, 21, tzinfo=UTC)},
            after={"control": Control.COUNTY, "due": None},
            reason="=HYPERLINK(1)",
        )


def test_a_row_says_who_when_from_where_what_before_and_after(client: FlaskClient) -> None:
    actor = make.actor(Role.DISPATCHER, name="沈知夏")
    note(Actor(actor.tenant_id, actor.user_id, actor.role, ip="10.0.0.9"))

    page = client.get("/admin/audit").text

    for word in ("沈知夏", "交办员", "10.0.0.9", "今天 09:00", "企业问题 7", "镇管", "县管"):
        assert word in page, word
    assert "原因：=HYPERLINK(1)" in page


def test_the_log_of_another_tenant_is_not_shown(client: FlaskClient) -> None:
    note(make.actor(tenant=make.tenant(), name="别镇人"))

    assert "没有这样的记录" in client.get("/admin/audit").text
    assert "别镇人" not in client.get("/admin/audit.csv").text


def test_the_log_is_filtered_by_day_person_action_and_subject(
    client_for: Clients, frozen_clock: time_machine.Traveller
) -> None:
    first, second = make.actor(name="沈知夏"), make.actor(name="柴思远", username="chai")
    note(first, "交办", "ticket", 1)
    frozen_clock.shift(timedelta(days=1))
    note(second, "走访", "visit", 2)
    client = client_for(make.user(Role.AUDIT_ADMIN))

    for query, found, missing in (
        ("until=2026-09-21", "企业问题 1", "走访 2"),
        ("since=2026-09-22", "走访 2", "企业问题 1"),
        ("since=2026-09-22&until=2026-09-22", "走访 2", "企业问题 1"),
        ("person=思远", "走访 2", "企业问题 1"),
        ("person=CHAI", "走访 2", "企业问题 1"),
        ("action=交办", "企业问题 1", "走访 2"),
        ("subject=visit", "走访 2", "企业问题 1"),
        ("subject_id=1", "企业问题 1", "走访 2"),
    ):
        page = client.get(f"/admin/audit?{query}").text
        assert found in page, query
        assert missing not in page, query


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "subject_id=x", "subject_id=99999999999999", "subject=king", "page=x"],
)
def test_a_filter_that_makes_no_sense_is_explained(client: FlaskClient, query: str) -> None:
    note(make.actor())

    answer = client.get(f"/admin/audit?{query}")

    assert answer.status_code == 200
    assert "交办" in answer.text
    expected = 200 if query == "page=x" else 422
    assert client.get(f"/admin/audit.csv?{query}").status_code == expected


def test_the_export_holds_every_row_and_no_formula(client: FlaskClient) -> None:
    actor = make.actor(Role.DISPATCHER, name="@沈")
    for number in range(40):
        note(actor, id_=number)

    answer = client.get("/admin/audit.csv?action=交办")

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.text.startswith("\ufeff序号,时间,谁")
    rows = list(csv.reader(StringIO(answer.text)))
    assert len(rows) == 41
    assert rows[1][2] == "'@沈"
    assert rows[1][-1] == "'=HYPERLINK(1)"
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]


def test_failed_sign_ins_of_the_last_day_are_pointed_out(app: Flask, client: FlaskClient) -> None:
    make.user(username="shen")

    assert "过去 24 小时没有登录失败" in client.get("/admin/audit").text
    app.test_client().post("/login", data={"username": "shen", "password": "x"})

    assert "过去 24 小时有 1 次登录未成功" in client.get("/admin/audit").text


@pytest.mark.parametrize("status", sorted(set(Status) - TERMINAL))
def test_what_happened_to_a_ticket_is_told_in_words_and_times_of_the_office(
    client: FlaskClient, status: Status
) -> None:
    office = open_office()
    office.walk_to(status)

    page = client.get("/admin/audit").text

    named = re.findall(r"<li>([^<]+?)：", page)
    assert named
    assert [name for name in named if name.isascii()] == []
    assert f"状态：{status.label}" in page or f"</span> {status.label}" in page
    assert re.findall(r"<li>[^<]*\d{4}-\d\d-\d\dT\d\d:\d\d", page) == []
    assert [code for code in Status if f" {code.value}<" in page] == []
