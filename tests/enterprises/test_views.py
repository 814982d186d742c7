"""The pages of enterprises, key projects and linkages, as people use them."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from app.accounts.models import UnitKind, User
from app.accounts.roles import PEOPLE, Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.enterprises import queries
from app.enterprises.models import (
    Enterprise,
    EnterpriseContact,
    EnterpriseYear,
    KeyProject,
    Linkage,
)
from tests import make

SignIn = Callable[[User | Actor], FlaskClient]

GOOD_CODE = "913499019D0011QH61"
BAD_CODE = "913499019D0011QH62"
TODAY = date(2026, 9, 21)
PHONE = "14200001234"
BASE = {"org_type": "company", "tier": "general", "operation": "running", "scale": "below"}
SEES = {
    Role.CHIEF,
    Role.OFFICE_DIRECTOR,
    Role.DISPATCHER,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.LIAISON,
    Role.VILLAGE_OFFICER,
    Role.ENTERPRISE_USER,
}

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def office(client_for: SignIn) -> FlaskClient:
    """Return the browser of the office's clerk."""
    return client_for(make.actor(Role.DISPATCHER))


def post(browser: FlaskClient, address: str, data: dict[str, Any] | None = None) -> TestResponse:
    """Post, and let the test see what that changed."""
    answer = browser.post(address, data=data)
    db.session.rollback()
    return answer


def keyed(**fields: Any) -> dict[str, Any]:
    return {"idempotency_key": uuid4().hex, **fields}


def everything(role: Role) -> tuple[Actor, Linkage, EnterpriseContact]:
    """Return a person of this role, with an enterprise that lies in every scope of theirs."""
    village = make.unit(kind=UnitKind.VILLAGE)
    enterprise = make.enterprise("恒屿包装", village_id=village.id)
    contact = make.contact(enterprise=enterprise, phone=PHONE)
    actor = make.actor(role, unit=village, enterprise_id=enterprise.id)
    me = db.session.get_one(User, actor.user_id)
    persons = {role.value: me} if role in {Role.LEADER, Role.LIAISON} else {}
    return actor, make.linkage(enterprise=enterprise, **persons), contact


@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_each_role_opens_what_it_may_know_and_no_more(client_for: SignIn, role: Role) -> None:
    actor, linkage, contact = everything(role)
    hidden = make.enterprise("别家")
    browser = client_for(actor)
    own, other = f"/enterprises/{linkage.enterprise_id}", f"/enterprises/{hidden.id}"

    listed = browser.get("/enterprises")
    shown, strange = browser.get(own), browser.get(other)
    revealed = post(browser, f"{own}/contacts/{contact.id}/phone")

    assert listed.status_code == 200
    assert ("恒屿包装" in listed.text) == (role in SEES)
    assert shown.status_code == revealed.status_code == (200 if role in SEES else 404)
    assert PHONE not in shown.text
    assert (PHONE in revealed.text) == (role in SEES)
    all_of_them = role in {
        Role.CHIEF,
        Role.OFFICE_DIRECTOR,
        Role.DISPATCHER,
        Role.SUPERVISOR,
    }
    assert strange.status_code == (200 if all_of_them else 404)


@pytest.mark.parametrize("role", sorted(set(PEOPLE) - {Role.DISPATCHER, Role.OFFICE_DIRECTOR}))
def test_forms_are_for_the_office(client_for: SignIn, role: Role) -> None:
    actor, linkage, contact = everything(role)
    project = make.project()
    browser = client_for(actor)
    own = f"/enterprises/{linkage.enterprise_id}"
    before = db.session.query(AuditRow).count()

    for address in (
        "/enterprises/new",
        "/projects/new",
        f"{own}/edit",
        f"{own}/contacts/new",
        f"{own}/contacts/{contact.id}",
        f"{own}/contacts/{contact.id}/removal",
        f"{own}/years/new",
        f"{own}/years/2025",
        f"{own}/linkage",
        f"/projects/{project.id}/edit",
        f"/projects/{project.id}/linkage",
    ):
        assert browser.get(address).status_code in {403, 404}, address
    for address, fields in (
        ("/enterprises/new", {"name": "新的", **BASE}),
        ("/projects/new", {"name": "新的"}),
        (f"{own}/edit", {"name": "新的", **BASE}),
        (f"{own}/contacts/new", {"name": "甲"}),
        (f"{own}/contacts/{contact.id}", {"name": "甲"}),
        (f"{own}/contacts/{contact.id}/removal", {}),
        (f"{own}/years", {"year": "2025"}),
        (f"{own}/linkage", {}),
        (f"/projects/{project.id}/edit", {"name": "新的"}),
        (f"/projects/{project.id}/linkage", {}),
        (f"/linkages/{linkage.id}", {}),
        (f"/linkages/{linkage.id}/end", {"last_day": "2026-09-21"}),
    ):
        assert post(browser, address, data=keyed(**fields)).status_code in {403, 404}, address

    db.session.rollback()
    assert db.session.query(AuditRow).count() == before
    assert db.session.get_one(Linkage, linkage.id).valid_to is None


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


def test_a_number_is_hidden_until_it_is_asked_for_and_then_logged(office: FlaskClient) -> None:
    contact = make.contact(phone=PHONE)
    address = f"/enterprises/{contact.enterprise_id}"

    page = office.get(address).text
    assert "142****1234" in page
    assert PHONE not in page
    assert db.session.query(AuditRow).count() == 0

    revealed = post(office, f"{address}/contacts/{contact.id}/phone")
    assert f'href="tel:{PHONE}"' in revealed.text
    assert revealed.headers["Cache-Control"] == "no-store"
    assert [row.action for row in db.session.query(AuditRow)] == ["查看联系电话"]
    assert PHONE not in office.get(address).text


def test_a_number_is_not_in_the_form_and_stays_when_left_empty(office: FlaskClient) -> None:
    contact = make.contact(name="甲", phone=PHONE)
    address = f"/enterprises/{contact.enterprise_id}/contacts/{contact.id}"
    assert PHONE not in office.get(address).text

    data = keyed(name="乙", phone="", version=contact.version)
    assert post(office, address, data=data).status_code == 303

    db.session.expire_all()
    assert (contact.name, contact.phone) == ("乙", PHONE)


def test_an_odd_number_is_saved_with_a_warning(office: FlaskClient) -> None:
    enterprise = make.enterprise()
    address = f"/enterprises/{enterprise.id}"

    post(office, f"{address}/contacts/new", data=keyed(name="甲", phone=PHONE))
    page = office.get(address).text

    assert "联系人已添加" in page
    assert "电话号码不像常用的" in page
    assert [one.phone for one in enterprise.contacts] == [PHONE]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "请填写"),
        ({"name": "甲", "email": "nobody"}, "邮箱的格式不对"),
        ({"name": "甲", "phone": "1" * 31}, "最多 30 个字"),
    ],
)
def test_a_bad_contact_is_refused(
    office: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    enterprise = make.enterprise()

    answer = post(office, f"/enterprises/{enterprise.id}/contacts/new", data=keyed(**fields))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.query(EnterpriseContact).count() == 0


def test_a_contact_is_removed_after_a_page_that_says_what_it_means(office: FlaskClient) -> None:
    contact = make.contact()
    address = f"/enterprises/{contact.enterprise_id}/contacts/{contact.id}/removal"
    assert "不能恢复" in office.get(address).text

    assert post(office, address, data=keyed(version=contact.version)).status_code == 303

    assert db.session.query(EnterpriseContact).count() == 0


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


def test_a_leader_is_changed_through_the_form_and_history_is_shown(office: FlaskClient) -> None:
    old = make.linkage(leader=make.user(Role.LEADER, name="谷星野"))
    successor = make.user(Role.LEADER, name="鹿鸣谦")
    page = office.get(f"/enterprises/{old.enterprise_id}/linkage")
    assert f'action="/linkages/{old.id}"' in page.text

    answer = post(
        office,
        f"/linkages/{old.id}",
        data=keyed(
            version=old.version,
            leader_id=successor.id,
            valid_from="2026-09-21",
            per_month="1",
            tier="key",
        ),
    )

    assert answer.status_code == 303
    shown = office.get(answer.location).text
    assert shown.index("鹿鸣谦") < shown.index("谷星野")
    assert "至 2026-09-20" in shown
    db.session.expire_all()
    assert len(queries.history(enterprise_id=old.enterprise_id)) == 2


def test_a_linkage_is_begun_and_ended_through_the_forms(office: FlaskClient) -> None:
    project, leader = make.project(), make.user(Role.LEADER)
    begun = post(
        office,
        f"/projects/{project.id}/linkage",
        data=keyed(leader_id=leader.id, valid_from="2026-09-01", per_month="1", tier="general"),
    )
    assert begun.status_code == 303
    [linkage] = db.session.query(Linkage).all()

    ended = post(
        office,
        f"/linkages/{linkage.id}/end",
        data=keyed(version=linkage.version, last_day="2026-09-20", reason="项目完工"),
    )

    assert (ended.status_code, ended.location) == (303, f"/projects/{project.id}")
    db.session.expire_all()
    assert linkage.valid_to == TODAY - timedelta(days=1)
    assert "还没有人包联" in office.get(ended.location).text


@pytest.mark.parametrize(
    ("fields", "status", "sentence"),
    [
        ({"leader_id": ""}, 422, "请填写"),
        ({"leader_id": "999"}, 422, "请从列出的选项里选"),
        ({"valid_from": ""}, 422, "请填写"),
        ({"valid_from": "2026-02-30"}, 422, "日期不对"),
        ({"valid_from": "2025-12-31"}, 422, "更换要从这天以后起"),
        ({"per_month": "0"}, 422, "之间"),
        ({"per_month": "九"}, 422, "请填一个整数"),
        ({"version": "99"}, 409, "刚才有人改过"),
    ],
)
def test_a_bad_change_of_linkage_is_refused(
    office: FlaskClient, fields: dict[str, str], status: int, sentence: str
) -> None:
    linkage = make.linkage()
    good = {
        "version": linkage.version,
        "leader_id": linkage.leader_id,
        "valid_from": "2026-09-21",
        "per_month": "1",
        "tier": "general",
        "doc_no": "我写的文号",
    }

    answer = post(office, f"/linkages/{linkage.id}", data={**keyed(**good), **fields})

    assert answer.status_code == status
    assert sentence in answer.text
    assert 'value="我写的文号"' in answer.text
    assert db.session.query(Linkage).count() == 1


def test_a_linkage_that_was_handed_over_meanwhile_is_not_changed(office: FlaskClient) -> None:
    old = make.linkage()
    form = {
        "leader_id": make.user(Role.LEADER).id,
        "version": old.version,
        "valid_from": "2026-09-21",
        "per_month": "1",
        "tier": "general",
    }
    assert post(office, f"/linkages/{old.id}", data=keyed(**form)).status_code == 303

    late = post(office, f"/linkages/{old.id}", data=keyed(**{**form, "valid_from": "2026-09-22"}))
    too_late = post(
        office,
        f"/linkages/{old.id}/end",
        data=keyed(version=form["version"], last_day="2026-09-30"),
    )

    assert (late.status_code, too_late.status_code) == (409, 409)
    assert db.session.query(Linkage).count() == 2


def test_a_project_is_begun_changed_and_listed(office: FlaskClient) -> None:
    builder = make.enterprise()
    made = post(
        office,
        "/projects/new",
        data=keyed(
            name="冷链仓储中心",
            investment_yi="0.42",
            enterprise_id=str(builder.id),
            is_active="y",
        ),
    )
    assert made.status_code == 303
    [project] = db.session.query(KeyProject).all()
    assert "0.42 亿元" in office.get("/projects").text

    data = keyed(version=project.version, name="冷链仓储中心", stage="完工")
    assert post(office, f"/projects/{project.id}/edit", data=data).status_code == 303

    assert "冷链仓储中心" not in office.get("/projects").text
    assert "冷链仓储中心" in office.get("/projects?ended=1").text
    twice = post(office, "/projects/new", data=keyed(name="冷链仓储中心"))
    assert twice.status_code == 422
    assert "已有同名的重点项目" in twice.text


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
