"""The pages on which units, people and parameters are administered, and bad input to each."""

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.forms import GROUPS
from app.accounts.models import OrgUnit, RoleHolding, Tenant, UnitKind, User
from app.accounts.parameters import Parameters, described
from app.accounts.roles import PEOPLE, Role
from app.accounts.service.units import HOURS, check_parameters
from app.core.audit import AuditRow
from app.core.db import db
from tests import make

pytestmark = pytest.mark.usefixtures("app")


Clients = Callable[[User], FlaskClient]
UNIT = {"name": "财政所", "kind": "dept", "control": "town", "sort_order": "3", "is_active": "y"}
PERSON = {"name": "沈知夏", "username": "shenzhixia", "email": "shen@example.com"}


@pytest.fixture
def admin() -> User:
    return make.user(Role.SYS_ADMIN, name="管理员")


@pytest.fixture
def client(admin: User, client_for: Clients) -> FlaskClient:
    return client_for(admin)


def key() -> str:
    return uuid4().hex


def stored(model: type[OrgUnit | User | Tenant], id_: int) -> OrgUnit | User | Tenant:
    db.session.rollback()
    return db.session.get_one(model, id_)


def count(model: type[OrgUnit | User | AuditRow | RoleHolding]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def logged() -> AuditRow:
    db.session.rollback()
    return db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()


PAGES = (
    "/admin/users",
    "/admin/users/new",
    "/admin/units",
    "/admin/units/new",
    "/admin/parameters",
    "/admin/audit",
    "/admin/audit.csv",
)


@pytest.mark.parametrize("role", PEOPLE)
def test_only_administrators_administer_and_only_auditors_read_the_log(
    client_for: Clients, role: Role
) -> None:
    client = client_for(make.user(role))

    for address in PAGES:
        reader = Role.AUDIT_ADMIN if "audit" in address else Role.SYS_ADMIN
        assert client.get(address).status_code == (200 if role is reader else 403), address


@pytest.mark.parametrize("role", [one for one in PEOPLE if one is not Role.SYS_ADMIN])
def test_who_is_no_administrator_changes_nothing(client_for: Clients, role: Role) -> None:
    user, unit = make.user(role), make.unit()
    client = client_for(user)
    before = count(AuditRow)

    for address in (
        "/admin/users",
        f"/admin/users/{user.id}",
        f"/admin/users/{user.id}/roles",
        f"/admin/users/{user.id}/state",
        f"/admin/users/{user.id}/reset-password",
        "/admin/units",
        f"/admin/units/{unit.id}",
        "/admin/parameters",
    ):
        assert client.post(address, data={**UNIT, **PERSON}).status_code == 403, address
    assert count(AuditRow) == before


def test_things_of_another_tenant_are_not_found(client: FlaskClient) -> None:
    elsewhere = make.tenant()
    user, unit = make.user(tenant=elsewhere), make.unit(tenant=elsewhere)
    held = db.session.scalars(select(RoleHolding.id).where(RoleHolding.user_id == user.id)).one()

    for address in (
        f"/admin/users/{user.id}",
        f"/admin/users/{user.id}/state",
        f"/admin/users/{user.id}/roles/{held}/end",
        f"/admin/units/{unit.id}",
        "/admin/users/999999",
    ):
        assert client.get(address).status_code == 404, address
        assert client.post(address, data={**UNIT, **PERSON}).status_code == 404, address
    assert client.get("/admin/units/99999999999999999999999").status_code == 404
    assert stored(User, user.id).is_active
    assert "没有这样的人" in client.get(f"/admin/users?q={user.username}").text


def test_a_holding_of_another_tenant_is_not_ended(client: FlaskClient, admin: User) -> None:
    stranger = make.user(tenant=make.tenant())
    held = db.session.scalars(
        select(RoleHolding.id).where(RoleHolding.user_id == stranger.id)
    ).one()

    answer = client.post(f"/admin/users/{admin.id}/roles/{held}/end")

    assert answer.status_code == 404


# ---- units


def test_a_unit_is_added_and_logged(client: FlaskClient, admin: User) -> None:
    leader = make.user(Role.LEADER, name="荀立骁")

    answer = client.post("/admin/units", data={**UNIT, "in_charge_id": str(leader.id)})

    assert (answer.status_code, answer.location) == (303, "/admin/units")
    db.session.rollback()
    unit = db.session.scalars(select(OrgUnit).where(OrgUnit.name == "财政所")).one()
    assert (unit.kind, unit.in_charge_id) == (UnitKind.DEPT, leader.id)
    row = logged()
    assert (row.action, row.user_id, row.subject_id) == ("新增单位", admin.id, unit.id)
    assert row.after
    assert (row.after["kind"], row.after["in_charge"]) == ("镇直部门", "荀立骁")


def test_a_unit_submitted_twice_is_added_once(client: FlaskClient) -> None:
    given = {**UNIT, "idempotency_key": key()}

    first = client.post("/admin/units", data=given)
    second = client.post("/admin/units", data=given)

    assert first.location == second.location
    assert count(OrgUnit) == 1


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"name": ""}, "请填写。"),
        ({"name": "长" * 81}, "最多 80 个字"),
        ({"kind": "castle"}, "请从列出的选项里选一个。"),
        ({"kind": ""}, "请"),
        ({"control": "moon"}, "请从列出的选项里选一个。"),
        ({"sort_order": "first"}, "请填一个整数。"),
        ({"sort_order": "-1"}, "要在 0 到 9999 之间。"),
        ({"in_charge_id": "999999"}, "请从列出的选项里选一个。"),
        ({"in_charge_id": "nobody"}, "请从列出的选项里选一个。"),
        ({"idempotency_key": "<script>"}, "这个表单不完整"),
        ({"version": "new"}, "请填一个整数。"),
    ],
)
def test_a_bad_unit_is_refused_and_what_was_typed_is_kept(
    client: FlaskClient, bad: dict[str, str], sentence: str
) -> None:
    answer = client.post("/admin/units", data={**UNIT, "sort_order": "4321", **bad})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert bad.get("name", "财政所") in answer.text
    assert bad.get("sort_order", "4321") in answer.text
    assert count(OrgUnit) == 0


def test_a_leader_of_another_tenant_cannot_be_in_charge(client: FlaskClient) -> None:
    leader = make.user(Role.LEADER, tenant=make.tenant())

    answer = client.post("/admin/units", data={**UNIT, "in_charge_id": str(leader.id)})

    assert answer.status_code == 422


def test_two_units_never_share_a_name(client: FlaskClient) -> None:
    make.unit("财政所")

    answer = client.post("/admin/units", data=UNIT)

    assert answer.status_code == 422
    assert "已经有一个单位叫这个名称了。" in answer.text


def test_the_second_of_two_editors_sees_both_and_keeps_what_they_typed(
    client: FlaskClient,
) -> None:
    unit = make.unit("财政所")
    first = {**UNIT, "name": "财政办", "version": str(unit.version)}
    second = {**UNIT, "name": "财政局", "version": str(unit.version)}

    client.post(f"/admin/units/{unit.id}", data=first)
    answer = client.post(f"/admin/units/{unit.id}", data=second)

    assert answer.status_code == 409
    assert "有人先改了这里" in answer.text
    assert 'value="财政局"' in answer.text
    assert "财政办" in answer.text
    assert stored(OrgUnit, unit.id).name == "财政办"
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version
    again = {**second, "version": version[1]}
    assert client.post(f"/admin/units/{unit.id}", data=again).status_code == 303
    assert stored(OrgUnit, unit.id).name == "财政局"


def test_a_unit_is_closed_only_when_nobody_works_there(client: FlaskClient) -> None:
    unit = make.unit("财政所")
    head = make.user(Role.DEPT_HEAD, unit=unit)
    closing = {name: value for name, value in UNIT.items() if name != "is_active"}

    answer = client.post(f"/admin/units/{unit.id}", data=closing)
    assert answer.status_code == 403
    assert "还有 1 人在这个单位任职" in answer.text
    head.is_active = False
    db.session.commit()
    assert client.post(f"/admin/units/{unit.id}", data=closing).status_code == 303


def test_the_log_says_what_changed_in_a_unit_and_nothing_else(client: FlaskClient) -> None:
    unit = make.unit("财政所", sort_order=3)

    client.post(f"/admin/units/{unit.id}", data={**UNIT, "name": "财政办"})

    row = logged()
    assert (row.before, row.after) == ({"name": "财政所"}, {"name": "财政办"})


def test_the_list_of_units_says_who_has_nobody_to_sign(client: FlaskClient) -> None:
    make.unit("财政所")
    make.user(Role.DEPT_HEAD, unit=make.unit("供电所", kind=UnitKind.VERTICAL))

    page = client.get("/admin/units").text

    assert "1 个单位还没有负责人" in page


# ---- people


def test_a_person_is_added_and_the_first_password_is_shown_once(
    app: Flask, client: FlaskClient
) -> None:
    answer = client.post("/admin/users", data=PERSON)
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
    given = {"username": "shenzhixia", "password": found[1]}
    assert app.test_client().post("/login", data=given).status_code == 303


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
    before = count(User)

    answer = client.post("/admin/users", data={**PERSON, "post": "科员甲", **bad})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="科员甲"' in answer.text
    assert count(User) == before


def test_a_phone_number_is_kept_encrypted_and_not_logged(client: FlaskClient) -> None:
    client.post("/admin/users", data={**PERSON, "phone": "14200001234"})
    db.session.rollback()
    person = db.session.scalars(select(User).where(User.username == "shenzhixia")).one()
    client.post(f"/admin/users/{person.id}", data={**PERSON, "phone": "14200005678"})

    db.session.rollback()
    assert db.session.get_one(User, person.id).phone == "14200005678"
    rows = db.session.scalars(select(AuditRow)).all()
    assert "1420000" not in str([(row.before, row.after) for row in rows])
    assert rows[-1].after == {"phone": "已改"}


def test_a_stale_edit_of_a_person_is_shown_beside_the_newer_one(client: FlaskClient) -> None:
    person = make.user(name="沈知夏", username="shenzhixia")
    version = str(person.version)

    client.post(f"/admin/users/{person.id}", data={**PERSON, "post": "主任", "version": version})
    answer = client.post(
        f"/admin/users/{person.id}", data={**PERSON, "post": "副主任", "version": version}
    )

    assert answer.status_code == 409
    assert "有人先改了这里" in answer.text
    assert 'value="副主任"' in answer.text
    assert stored(User, person.id).post == "主任"


def test_a_role_is_given_in_a_unit_and_the_sessions_of_the_person_end(
    client: FlaskClient, client_for: Clients
) -> None:
    unit, person = make.unit("财政所"), make.user(Role.LIAISON, name="沈知夏")
    theirs = client_for(person)

    answer = client.post(
        f"/admin/users/{person.id}/roles", data={"role": "handler", "unit_id": str(unit.id)}
    )

    assert answer.status_code == 303
    assert theirs.get("/password").status_code == 302
    row = logged()
    assert (row.action, row.after) == ("给予岗位", {"role": "承办人", "unit": "财政所"})


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
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    client: FlaskClient, bad: dict[str, str], sentence: str
) -> None:
    person = make.user(Role.LIAISON)
    before = count(RoleHolding)

    answer = client.post(f"/admin/users/{person.id}/roles", data=bad)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert count(RoleHolding) == before


def test_a_unit_of_another_tenant_cannot_be_chosen_for_a_role(client: FlaskClient) -> None:
    unit, person = make.unit(tenant=make.tenant()), make.user(Role.LIAISON)

    answer = client.post(
        f"/admin/users/{person.id}/roles", data={"role": "handler", "unit_id": str(unit.id)}
    )

    assert answer.status_code == 422


def test_a_role_given_twice_by_a_double_click_is_given_once(client: FlaskClient) -> None:
    person = make.user(Role.LIAISON)
    given = {"role": "supervisor", "idempotency_key": key()}

    answers = [client.post(f"/admin/users/{person.id}/roles", data=given) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert count(RoleHolding) == 3  # the administrator's and these two


def test_a_role_ends_with_the_sessions_of_the_person_and_can_be_given_again(
    client: FlaskClient, client_for: Clients
) -> None:
    person = make.user(Role.LIAISON)
    held = db.session.scalars(select(RoleHolding).where(RoleHolding.user_id == person.id)).one()
    theirs = client_for(person)
    address = f"/admin/users/{person.id}/roles/{held.id}/end"

    assert "不再担任联络员" in client.get(address).text
    assert client.post(address).status_code == 303
    assert theirs.get("/password").status_code == 302
    assert client.post(address).status_code == 303  # ended already: nothing to do
    given = {"role": "liaison"}
    assert client.post(f"/admin/users/{person.id}/roles", data=given).status_code == 303
    assert count(RoleHolding) == 2


def test_the_last_administrator_stays(client: FlaskClient, admin: User) -> None:
    held = db.session.scalars(select(RoleHolding).where(RoleHolding.user_id == admin.id)).one()

    answer = client.post(f"/admin/users/{admin.id}/roles/{held.id}/end")

    assert answer.status_code == 403
    assert "这是最后一位系统管理员" in answer.text
    other = make.user(Role.SYS_ADMIN, is_active=False)
    assert client.post(f"/admin/users/{admin.id}/roles/{held.id}/end").status_code == 403
    other.is_active = True
    db.session.commit()
    assert client.post(f"/admin/users/{admin.id}/roles/{held.id}/end").status_code == 303


def test_nobody_closes_their_own_account(client: FlaskClient, admin: User) -> None:
    make.user(Role.SYS_ADMIN)

    answer = client.post(f"/admin/users/{admin.id}/state")

    assert answer.status_code == 403
    assert "不能停用自己的账号" in answer.text


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(
    client: FlaskClient, client_for: Clients
) -> None:
    person = make.user(name="沈知夏")
    theirs = client_for(person)
    address = f"/admin/users/{person.id}/state"

    assert "沈知夏不能再登录" in client.get(address).text
    assert client.post(address).status_code == 303
    assert theirs.get("/password").status_code == 302
    assert "又可以登录" in client.get(address).text
    assert client.post(address).status_code == 303
    assert stored(User, person.id).is_active


def test_a_reset_password_opens_the_lock_and_is_shown_once(
    app: Flask, client: FlaskClient, client_for: Clients
) -> None:
    person = make.user(username="shen", password=make.PASSWORD)
    theirs = client_for(person)
    for _ in range(5):
        app.test_client().post("/login", data={"username": "shen", "password": "wrong"})

    answer = client.post(f"/admin/users/{person.id}/reset-password")
    found = re.search(r"初始密码：([\w-]+)", client.get(answer.location).text)

    assert found
    assert theirs.get("/password").status_code == 302
    given = {"username": "shen", "password": found[1]}
    entered = app.test_client().post("/login", data=given)
    assert entered.status_code == 303
    assert stored(User, person.id).must_change_password


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


# ---- parameters


def values(**changed: str) -> dict[str, str]:
    """Return what the page of parameters posts, with some values changed."""
    given = {name: str(value) for name, value in asdict(Parameters()).items()}
    for name in HOURS:
        given[name] = f"{int(given[name]) // 100:02}:{int(given[name]) % 100:02}"
    return {**given, "reason": "县里的新规定", **changed}


def parameters_of(user: User) -> Parameters:
    db.session.rollback()
    return db.session.get_one(Tenant, user.tenant_id).parameters


def test_the_page_shows_every_parameter_with_its_bounds_and_default(client: FlaskClient) -> None:
    page = client.get("/admin/parameters").text

    for one in described():
        assert one.metadata["label"] in page
        assert f'name="{one.name}"' in page
    assert "个工作日 · 默认 5，可填 0 到 15" in page
    assert 'value="08:30"' in page


def test_every_parameter_stands_in_one_group() -> None:
    grouped = [name for _title, names in GROUPS for name in names]

    assert sorted(grouped) == sorted(one.name for one in described())


def test_the_defaults_contradict_nothing() -> None:
    check_parameters(asdict(Parameters()))


def test_parameters_are_set_with_a_reason_and_logged(client: FlaskClient, admin: User) -> None:
    stamp = db.session.get_one(Tenant, admin.tenant_id).calendar_stamp

    answer = client.post("/admin/parameters", data=values(limit_simple="7", afternoon_from="14:00"))

    assert answer.status_code == 303
    now = parameters_of(admin)
    assert (now.limit_simple, now.afternoon_from) == (7, 1400)
    row = logged()
    assert (row.action, row.reason) == ("修改参数", "县里的新规定")
    assert row.before == {"limit_simple": 5, "afternoon_from": 1430}
    assert row.after == {"limit_simple": 7, "afternoon_from": 1400}
    assert db.session.get_one(Tenant, admin.tenant_id).calendar_stamp != stamp
    assert "2 个参数和默认值不一样" in client.get("/admin/parameters").text


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"reason": ""}, "请填写。"),
        ({"reason": "因" * 501}, "最多 500 个字"),
        ({"limit_simple": ""}, "请填写。"),
        ({"limit_simple": "five"}, "请填一个整数。"),
        ({"limit_simple": "0"}, "要在 1 到 60 之间。"),
        ({"limit_simple": "61"}, "要在 1 到 60 之间。"),
        ({"morning_from": "soon"}, "请按 08:30 的样子填写。"),
        ({"morning_from": "08:75"}, "请按 08:30 的样子填写。"),
        ({"morning_from": "04:00"}, "要在 05:00 到 12:00 之间。"),
        ({"morning_from": "12:00"}, "要大于“上午上班（时分）”。"),
        ({"afternoon_to": "15:00", "afternoon_from": "15:30"}, "要大于“下午上班（时分）”。"),
        ({"morning_to": "14:00", "afternoon_from": "13:30"}, "不能小于“上午下班（时分）”。"),
        ({"blue_after": "4"}, "要大于“超期多久发蓝色督办单”。"),
        ({"red_after": "4"}, "要大于“超期多久发橙色督办单”。"),
        ({"limit_simple": "1", "yellow_short": "2"}, "不能小于“临期提示，期限 5 天以内”。"),
        ({"limit_complex": "4"}, "不能小于“办理期限，一般（C类）”。"),
        ({}, "没有改动任何参数。"),
    ],
)
def test_parameters_that_cannot_be_true_are_refused_and_kept_on_the_page(
    client: FlaskClient, admin: User, bad: dict[str, str], sentence: str
) -> None:
    answer = client.post("/admin/parameters", data=values(**bad))

    assert answer.status_code == 422
    assert sentence in answer.text
    for name, value in bad.items():
        if name != "reason":
            assert re.search(f'name="{name}"[^>]*value="{value}"', answer.text), name
    assert parameters_of(admin) == Parameters()
    assert count(AuditRow) == 0


def test_stale_parameters_are_shown_beside_the_newer_ones(client: FlaskClient, admin: User) -> None:
    version = str(db.session.get_one(Tenant, admin.tenant_id).version)

    client.post("/admin/parameters", data=values(limit_simple="7", version=version))
    answer = client.post("/admin/parameters", data=values(limit_simple="8", version=version))

    assert answer.status_code == 409
    assert "有人先改了这里" in answer.text
    assert parameters_of(admin).limit_simple == 7


def test_parameters_set_twice_by_a_double_click_are_set_once(
    client: FlaskClient,
) -> None:
    given = values(limit_simple="7", idempotency_key=key())

    answers = [client.post("/admin/parameters", data=given) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert count(AuditRow) == 1


def test_a_tenants_own_idle_time_counts(
    client: FlaskClient, frozen_clock: time_machine.Traveller
) -> None:
    client.post("/admin/parameters", data=values(idle_minutes="5"))

    frozen_clock.shift(timedelta(minutes=6))

    assert client.get("/admin/parameters").status_code == 302
