"""The register as a spreadsheet: in scope, harmless, without numbers to call, written down."""

import html
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.audit import AuditRow
from app.core.csv_out import BOM
from app.core.db import db
from app.tickets.views.export import MOST
from app.tickets.workflow.states import Status
from tests import make

Browse = Callable[[Actor], FlaskClient]
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def me(app: Flask) -> Actor:
    del app  # the database must be there
    return make.actor(Role.DISPATCHER)


def table(browser: FlaskClient, **asked: object) -> list[str]:
    answer = browser.post("/tickets/export", data={"idempotency_key": KEY} | asked)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    words = answer.get_data(as_text=True)
    assert words.startswith(BOM)
    return words.removeprefix(BOM).splitlines()


def test_what_was_ticked_is_exported_and_no_more(me: Actor, client_for: Browse) -> None:
    wanted, closed = make.ticket(title="要的"), make.ticket(Status.CLOSED, title="办结的")
    make.ticket(title="不要的")

    head, *rows = table(client_for(me), ids=[wanted.id, closed.id])

    assert head == "编号,问题,企业,轮到谁,状态,灯,期限,到期,挂账复核日,办结时间"
    assert {row.split(",")[1] for row in rows} == {"要的", "办结的"}


def test_a_filter_exports_all_that_it_finds(me: Actor, client_for: Browse) -> None:
    for _ in range(60):
        make.ticket()
    make.ticket(Status.CLOSED)

    assert len(table(client_for(me), query="view=open")) == 61
    assert len(table(client_for(me), query="view=all")) == 62


def test_formulas_are_defused_and_the_telephone_number_is_never_there(
    me: Actor, client_for: Browse
) -> None:
    make.ticket(title='=HYPERLINK("http://x")', contact_phone="14200001234", contact_name="宋")

    words = "\n".join(table(client_for(me), query="view=all"))

    assert "'=HYPERLINK" in words
    assert "14200001234" not in words
    assert "0001234" not in words


@pytest.mark.parametrize("role", [role for role in PEOPLE if role is not Role.ENTERPRISE_USER])
def test_everybody_exports_what_they_see(me: Actor, client_for: Browse, role: Role) -> None:
    del me
    mine = make.ticket(title="别人的问题")
    actor = make.actor(role)

    rows = table(client_for(actor), query="view=all")
    chosen = table(client_for(actor), ids=[mine.id])

    sees_all = role in {Role.CHIEF, Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.SUPERVISOR}
    assert [len(rows), len(chosen)] == ([2, 2] if sees_all else [1, 1])


def test_what_is_confidential_stays_with_its_few(me: Actor, client_for: Browse) -> None:
    hidden = make.ticket(title="限知的", confidential=True)

    assert "限知的" not in "".join(table(client_for(me), query="view=all"))
    assert "限知的" not in "".join(table(client_for(me), ids=[hidden.id]))


def test_it_is_written_down_who_exported_how_many(me: Actor, client_for: Browse) -> None:
    make.ticket()

    table(client_for(me), query="view=open&light=green")

    db.session.rollback()
    row = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert (row.action, row.user_id) == ("导出问题台账", me.user_id)
    assert row.after == {"count": 1, "query": "view=open&light=green", "chosen": 0}


def test_looking_at_the_page_writes_nothing_down(me: Actor, client_for: Browse) -> None:
    ticket = make.ticket()
    before = db.session.query(AuditRow).count()

    page = client_for(me).get(f"/tickets/export?ids={ticket.id}&ids=x&view=open").text
    everything = client_for(me).get("/tickets/export?all=1&view=open").text

    assert "导出 1 件" in page
    assert 'value="view=open"' in everything
    db.session.rollback()
    assert db.session.query(AuditRow).count() == before


def test_the_enterprise_exports_nothing(me: Actor, client_for: Browse) -> None:
    del me
    outside = client_for(make.actor(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id))

    assert outside.get("/tickets/export").status_code == 404
    assert outside.post("/tickets/export", data={"idempotency_key": KEY}).status_code == 404


def test_a_table_of_many_rows_takes_as_many_statements_as_one_of_few(
    me: Actor, client_for: Browse, statements: list[str]
) -> None:
    browser = client_for(me)
    taken = []
    for n in (3, 40):
        for _ in range(n):
            make.ticket()
        table(browser, query="view=all")
        statements.clear()
        table(browser, query="view=all")
        taken.append(len(statements))

    assert taken[0] == taken[1]


def test_the_page_says_what_is_exported_and_what_of_the_filter_was_not_understood(
    me: Actor, client_for: Browse
) -> None:
    ticket = make.ticket()
    browser = client_for(me)

    all_of_it = html.unescape(browser.get("/tickets/export?all=1&unit=4711&light=green").text)
    ticked = html.unescape(browser.get(f"/tickets/export?ids={ticket.id}&light=red").text)

    assert "条件：灯、承办单位。" in all_of_it
    assert "没有用上，选中的可能比您要的多：承办单位。" in all_of_it
    assert 'href="/tickets?light=green&unit=4711"' in all_of_it
    assert "导出您选中的 1 件。" in ticked
    assert "看不懂" not in ticked


def test_more_than_anybody_ticks_is_refused(me: Actor, client_for: Browse) -> None:
    data = {"idempotency_key": KEY, "ids": list(range(1, MOST + 2))}

    answer = client_for(me).post("/tickets/export", data=data)

    assert answer.status_code == 422
    assert "选得太多了" in html.unescape(answer.text)


def test_after_signing_in_again_the_page_is_shown_and_nothing_was_exported(
    me: Actor, client_for: Browse
) -> None:
    ticket = make.ticket()
    data = {"idempotency_key": KEY, "ids": [ticket.id], "returning": "1"}

    answer = client_for(me).post("/tickets/export", data=data)

    assert "导出您选中的 1 件。" in html.unescape(answer.text)
    db.session.rollback()
    assert db.session.scalars(select(AuditRow).where(AuditRow.action == "导出问题台账")).all() == []
