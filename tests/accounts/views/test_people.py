"""Administration of people, and bad input to it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Role
from app.core.audit import AuditRow
from app.core.db import db
from tests import make
from tests.accounts.views import given
from tests.accounts.views.given import Clients

pytestmark = pytest.mark.usefixtures("app")


def test_a_person_is_added_and_the_first_password_is_shown_once(
    app: Flask, client: FlaskClient
) -> None:
    answer = client.post("/admin/users", data=given.PERSON)
    db.session.rollback()
    person = db.session.scalars(select(User).where(User.username == "shenzhixia")).one()
    assert answer.location == f"/admin/users/{person.id}"

    shown = client.get(answer.location).text
    again = client.get(answer.location).text

    found = re.search(r"初始密码：([\w-]+)", shown)
    assert found
    assert "初始密码：" not in again
    assert person.must_change_password
    make.holding(person, Role.DISPATCHER)
    typed = {"username": "shenzhixia", "password": found[1]}
    assert app.test_client().post("/login", data=typed).status_code == 303


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"name": ""}, "请填写。"),
        ({"name": "长" * 41}, "最多 40 个字"),
        ({"username": "x"}, "要写 2 到 40 个字。"),
        ({"username": "a b"}, "只能用字母"),
        ({"username": "taken"}, "已经有人用这个账号名了"),
        ({"username": "ＴＡＫＥＮ"}, "只能用字母"),
        ({"username": "TAKEN"}, "已经有人用这个账号名了"),
        ({"email": "nowhere"}, "邮箱的格式不对"),
        ({"phone": "call me"}, "电话只能有数字"),
    ],
)
def test_a_bad_person_is_refused_and_what_was_typed_is_kept(
    client: FlaskClient, bad: dict[str, str], sentence: str
) -> None:
    make.user(username="taken")
    before = given.count(User)

    answer = client.post("/admin/users", data={**given.PERSON, "post": "科员甲", **bad})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="科员甲"' in answer.text
    assert given.count(User) == before


def test_a_phone_number_is_kept_encrypted_and_not_logged(client: FlaskClient) -> None:
    client.post("/admin/users", data={**given.PERSON, "phone": "14200001234"})
    db.session.rollback()
    person = db.session.scalars(select(User).where(User.username == "shenzhixia")).one()
    client.post(
        f"/admin/users/{person.id}", data={**given.PERSON, **given.WHY, "phone": "14200005678"}
    )

    db.session.rollback()
    assert db.session.get_one(User, person.id).phone == "14200005678"
    rows = db.session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert "1420000" not in str([(row.before, row.after) for row in rows])
    assert rows[-1].after == {"of": "沈知夏", "phone": "已改"}


def test_a_stale_edit_of_a_person_is_shown_beside_the_newer_one(client: FlaskClient) -> None:
    person = make.user(name="沈知夏", username="shenzhixia")
    version = str(person.version)

    client.post(
        f"/admin/users/{person.id}",
        data={**given.PERSON, **given.WHY, "post": "主任", "version": version},
    )
    answer = client.post(
        f"/admin/users/{person.id}",
        data={**given.PERSON, **given.WHY, "post": "副主任", "version": version},
    )

    assert answer.status_code == 409
    assert "有人先改了这里" in answer.text
    assert 'value="副主任"' in answer.text
    assert given.user(person.id).post == "主任"


def test_a_role_is_given_in_a_unit_and_the_sessions_of_the_person_end(
    client: FlaskClient, client_for: Clients
) -> None:
    unit, person = make.unit("财政所"), make.user(Role.LIAISON, name="沈知夏")
    theirs = client_for(person)

    answer = client.post(
        f"/admin/users/{person.id}/roles",
        data={**given.WHY, "role": "handler", "unit_id": str(unit.id)},
    )

    assert answer.status_code == 303
    assert theirs.get("/password").status_code == 302
    row = given.logged()
    assert (row.action, row.reason) == ("给予岗位", "分工调整")
    assert row.after == {"of": "沈知夏", "role": "承办人", "unit": "财政所"}


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"role": ""}, "请"),
        ({"role": "king"}, "请从列出的选项里选一个。"),
        ({"role": "system"}, "请从列出的选项里选一个。"),
        ({"role": "handler", "unit_id": ""}, "承办人要有所在单位，请选一个。"),
        ({"role": "handler", "unit_id": "999999"}, "请从列出的选项里选一个。"),
        ({"role": "enterprise_user"}, "企业用户要写明是哪家企业。"),
        ({"role": "enterprise_user", "enterprise": "没有这家"}, "没有找到这家企业"),
        ({"role": "liaison"}, "已经有这个岗位了。"),
        ({"role": "supervisor", "reason": ""}, "请写明为什么改"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    client: FlaskClient, bad: dict[str, str], sentence: str
) -> None:
    person = make.user(Role.LIAISON)
    before = given.count(RoleHolding)

    answer = client.post(f"/admin/users/{person.id}/roles", data={**given.WHY, **bad})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert given.count(RoleHolding) == before


def test_a_unit_of_another_tenant_cannot_be_chosen_for_a_role(client: FlaskClient) -> None:
    unit, person = make.unit(tenant=make.tenant()), make.user(Role.LIAISON)

    answer = client.post(
        f"/admin/users/{person.id}/roles", data={"role": "handler", "unit_id": str(unit.id)}
    )

    assert answer.status_code == 422


def test_a_role_given_twice_by_a_double_click_is_given_once(client: FlaskClient) -> None:
    person = make.user(Role.LIAISON)
    typed = {**given.WHY, "role": "supervisor", "idempotency_key": given.key()}

    answers = [client.post(f"/admin/users/{person.id}/roles", data=typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert given.count(RoleHolding) == 3  # the administrator's and these two


def test_a_role_ends_with_the_sessions_of_the_person_and_can_be_given_again(
    client: FlaskClient, client_for: Clients
) -> None:
    person = make.user(Role.LIAISON)
    held = db.session.scalars(select(RoleHolding).where(RoleHolding.user_id == person.id)).one()
    theirs = client_for(person)
    address = f"/admin/users/{person.id}/roles/{held.id}/end"

    assert "不再担任联络员" in client.get(address).text
    assert client.post(address, data=given.WHY).status_code == 303
    assert theirs.get("/password").status_code == 302
    assert client.post(address, data=given.WHY).status_code == 303  # ended already: nothing to do
    typed = {**given.WHY, "role": "liaison"}
    assert client.post(f"/admin/users/{person.id}/roles", data=typed).status_code == 303
    assert given.count(RoleHolding) == 2


def test_the_last_administrator_stays(client: FlaskClient, admin: User) -> None:
    held = db.session.scalars(select(RoleHolding).where(RoleHolding.user_id == admin.id)).one()

    address = f"/admin/users/{admin.id}/roles/{held.id}/end"
    answer = client.post(address, data=given.WHY)

    assert answer.status_code == 403
    assert "这是最后一位系统管理员" in answer.text
    other = make.user(Role.SYS_ADMIN, is_active=False)
    assert client.post(address, data=given.WHY).status_code == 403
    other.is_active = True
    db.session.commit()
    assert client.post(address, data=given.WHY).status_code == 303


def test_nobody_closes_their_own_account(client: FlaskClient, admin: User) -> None:
    make.user(Role.SYS_ADMIN)

    answer = client.post(f"/admin/users/{admin.id}/state", data=given.WHY)

    assert answer.status_code == 403
    assert "不能停用自己的账号" in answer.text


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(
    client: FlaskClient, client_for: Clients
) -> None:
    person = make.user(name="沈知夏")
    theirs = client_for(person)
    address = f"/admin/users/{person.id}/state"

    assert "沈知夏不能再登录" in client.get(address).text
    assert client.post(address, data=given.WHY).status_code == 303
    assert theirs.get("/password").status_code == 302
    assert "又可以登录" in client.get(address).text
    assert client.post(address, data=given.WHY).status_code == 303
    assert given.user(person.id).is_active


def test_a_reset_password_opens_the_lock_and_is_shown_once(
    app: Flask, client: FlaskClient, client_for: Clients
) -> None:
    person = make.user(username="shen", password=make.PASSWORD)
    theirs = client_for(person)
    for _ in range(5):
        app.test_client().post("/login", data={"username": "shen", "password": "wrong"})

    address = f"/admin/users/{person.id}/reset-password"
    assert client.post(address).status_code == 422  # without a reason nothing is reset
    assert "要用新的初始密码登录" in client.get(address).text
    answer = client.post(address, data=given.WHY)
    found = re.search(r"初始密码：([\w-]+)", client.get(answer.location).text)

    assert found
    assert theirs.get("/password").status_code == 302
    typed = {"username": "shen", "password": found[1]}
    entered = app.test_client().post("/login", data=typed)
    assert entered.status_code == 303
    assert given.user(person.id).must_change_password
    kept = db.session.scalars(select(AuditRow).where(AuditRow.action == "重置密码")).one()
    assert (kept.after, kept.reason) == ({"of": person.name}, given.WHY["reason"])


def test_people_are_found_by_name_role_unit_and_state(client: FlaskClient) -> None:
    unit = make.unit("财政所")
    make.user(Role.DEPT_HEAD, unit=unit, name="柴思远", username="chaisiyuan")
    make.user(Role.LIAISON, name="蔚晓棠", username="weixiaotang", is_active=False)

    for query, found, missing in (
        ("q=思远", "柴思远", "蔚晓棠"),
        ("q=WEIXIAO", "蔚晓棠", "柴思远"),
        ("role=dept_head", "柴思远", "蔚晓棠"),
        (f"unit={unit.id}", "柴思远", "蔚晓棠"),
        ("state=ended", "蔚晓棠", "柴思远"),
    ):
        page = client.get(f"/admin/users?{query}").text
        assert f">{found}</a>" in page, query
        assert f">{missing}</a>" not in page, query
    assert "没有这样的人" in client.get("/admin/users?q=%25").text
    nonsense = "/admin/users?role=king&unit=x&state=lost&page=-3&q=" + "长" * 99
    assert client.get(nonsense).status_code == 200


def test_a_long_list_of_people_has_pages(client: FlaskClient) -> None:
    for _ in range(30):
        make.user()

    first = client.get("/admin/users").text
    last = client.get("/admin/users?page=99").text

    assert "第 1 页，共 2 页" in first
    assert first.count('<tr role="row">') == 26  # with the head
    assert "第 2 页，共 2 页" in last


def test_whoever_has_no_role_is_pointed_out(client: FlaskClient) -> None:
    make.user(None, name="鹿鸣谦")

    assert "1 人还没有岗位，不能登录" in client.get("/admin/users").text
