"""The list, the page and the file of an enterprise in the browser."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.accounts.models import UnitKind
from app.accounts.roles import Role
from app.core.db import db
from app.enterprises.models import (
    Enterprise,
    EnterpriseYear,
)
from tests import make
from tests.enterprises.given import BAD_CODE, BASE, GOOD_CODE, SignIn, keyed, post

pytestmark = pytest.mark.usefixtures("app")


def test_a_file_is_begun_through_the_form(office: FlaskClient) -> None:
    village = make.unit("枫渡口村", kind=UnitKind.VILLAGE)
    fields = keyed(
        **BASE,
        name="  明岫霁川恒屿包装有限公司 ",
        short_name="恒屿包装",
        uscc=GOOD_CODE,
        village_id=str(village.id),
        registered_capital_wan="500.50",
        established_on="2015-04-01",
        near_scale="y",
    )

    answer = post(office, "/enterprises/new", data=fields)
    again = post(office, "/enterprises/new", data=fields)

    [made] = db.session.query(Enterprise).all()
    assert answer.status_code == again.status_code == 303
    assert answer.location == again.location == f"/enterprises/{made.id}"
    assert (made.name, made.village_id, made.near_scale) == (
        "明岫霁川恒屿包装有限公司",
        village.id,
        True,
    )
    assert (made.registered_capital_wan, made.established_on) == (500.5, date(2015, 4, 1))
    page = office.get(answer.location).text
    assert "枫渡口村" in page
    assert "还没有人包联这家企业" in page


def test_a_doubtful_code_warns_once_and_passes_with_a_tick(office: FlaskClient) -> None:
    fields = {**BASE, "name": "恒屿包装", "uscc": BAD_CODE}

    warned = post(office, "/enterprises/new", data=keyed(**fields))
    assert warned.status_code == 422
    assert "代码的校验位不对" in warned.text
    assert 'name="uscc_confirmed"' in warned.text
    assert 'value="恒屿包装"' in warned.text, "what was typed is kept"
    assert db.session.query(Enterprise).count() == 0

    passed = post(office, "/enterprises/new", data=keyed(**fields, uscc_confirmed="y"))
    assert passed.status_code == 303
    assert "已核对无误" in office.get(passed.location).text


def test_a_code_that_is_in_order_asks_for_no_tick(office: FlaskClient) -> None:
    assert 'name="uscc_confirmed"' not in office.get("/enterprises/new").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "请填写"),
        ({"name": "字" * 121}, "最多 120 个字"),
        ({"name": "恒屿包装"}, "已有同名的企业档案"),
        ({"name": "别的", "uscc": GOOD_CODE}, "“恒屿包装”已经用了这个代码"),
        ({"name": "别的", "uscc": "9" * 25}, "最多 24 个字"),
        ({"name": "别的", "village_id": "999"}, "请从列出的选项里选"),
        ({"name": "别的", "village_id": "x"}, "请从列出的选项里选"),
        ({"name": "别的", "tier": "royal"}, "请从列出的选项里选"),
        ({"name": "别的", "scale": "royal"}, "请从列出的选项里选"),
        ({"name": "别的", "established_on": "昨天"}, "日期不对"),
        ({"name": "别的", "registered_capital_wan": "许多"}, "请填一个数字"),
        ({"name": "别的", "registered_capital_wan": "-1"}, "之间"),
        ({"name": "别的", "registered_capital_wan": "NaN"}, "之间"),
        ({"name": "别的", "registered_capital_wan": "1e400"}, "之间"),
        ({"name": "别的", "longitude": "200"}, "之间"),
        ({"name": "别的", "notes": "字" * 2001}, "最多 2000 个字"),
        ({"name": "别的", "idempotency_key": "x"}, "再提交一次"),
    ],
)
def test_bad_input_is_answered_with_a_sentence_and_kept(
    office: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    make.enterprise("恒屿包装", uscc=GOOD_CODE)

    answer = post(office, "/enterprises/new", data={**keyed(**BASE, address="某路 1 号"), **fields})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="某路 1 号"' in answer.text
    assert db.session.query(Enterprise).count() == 1


def test_the_second_of_two_editors_is_told_and_keeps_their_words(office: FlaskClient) -> None:
    enterprise = make.enterprise("恒屿包装")
    address, version = f"/enterprises/{enterprise.id}/edit", enterprise.version
    mine = keyed(**BASE, version=version, name="恒屿包装", address="我写的路")
    first = keyed(**BASE, version=version, name="恒屿包装", address="先到的路")
    assert post(office, address, data=first).status_code == 303

    told = post(office, address, data=mine)

    assert told.status_code == 409
    assert 'value="我写的路"' in told.text
    assert "先到的路" in told.text
    seen = re.search(r'name="version" value="(\d+)"', told.text)
    assert seen
    again = post(office, address, data={**mine, **keyed(), "version": seen[1]})
    assert again.status_code == 303
    db.session.expire_all()
    assert enterprise.address == "我写的路"


def test_figures_are_written_shown_and_hidden(office: FlaskClient, client_for: SignIn) -> None:
    enterprise = make.enterprise(figures_confidential=True)
    address = f"/enterprises/{enterprise.id}"
    data = keyed(year="2025", revenue_wan="1720.5", employees="41")

    assert post(office, f"{address}/years", data=data).status_code == 303

    assert "1,720.5" in office.get(address).text
    assert 'value="1720.50"' in office.get(f"{address}/years/2025").text
    assert "1,720.5" in client_for(make.actor(Role.CHIEF)).get(address).text
    assert "1,720.5" not in client_for(make.actor(Role.SUPERVISOR)).get(address).text


def test_figures_that_somebody_else_wrote_are_not_overwritten_blindly(office: FlaskClient) -> None:
    enterprise = make.enterprise()
    address = f"/enterprises/{enterprise.id}/years"
    assert post(office, address, data=keyed(year="2025", tax_wan="1")).status_code == 303
    assert post(office, address, data=keyed(year="2025", tax_wan="2", version=1)).status_code == 303

    stale = post(office, address, data=keyed(year="2025", tax_wan="3", version=1))

    assert stale.status_code == 409
    [year] = db.session.query(EnterpriseYear).all()
    assert year.tax_wan == 2


def test_odd_questions_of_the_list_ask_nothing(office: FlaskClient) -> None:
    make.enterprise("恒屿包装")

    for question in (
        "tier=royal&village=x&scale=1&operation=&leader=999999999999999999999&sort=--name",
        "page=0&page=x",
        "page=999999999999999999999",
        "_external=1&endpoint=x&_anchor=y&values=z",
        "kind=" + "x" * 3000,
        "q=%00",
    ):
        assert office.get(f"/enterprises?{question}").status_code == 200, question
    assert "没有符合条件的企业" in office.get("/enterprises?q=没有的").text


def test_an_id_that_no_database_holds_is_not_found(office: FlaskClient) -> None:
    for address in ("/enterprises/99999999999999999999", "/projects/99999999999999999999"):
        assert office.get(address).status_code == 404, address


def test_the_list_costs_the_same_however_many_rows_it_shows(
    app: Flask, office: FlaskClient
) -> None:
    def statements() -> int:
        counted = []

        def count(*_args: object) -> None:
            counted.append(1)

        event.listen(db.engine, "before_cursor_execute", count)
        try:
            assert office.get("/enterprises").status_code == 200
            assert office.get("/projects").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
        return len(counted)

    assert app
    make.linkage()
    make.linkage(project=make.project())
    office.get("/enterprises")
    few = statements()
    for _ in range(10):
        make.linkage(enterprise=make.enterprise(village_id=make.unit(kind=UnitKind.VILLAGE).id))
        make.linkage(project=make.project(enterprise_id=make.enterprise().id))

    assert statements() == few
