"""Administration of units, and bad input to it."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import OrgUnit, UnitKind, User
from app.accounts.roles import Role
from app.core.db import db
from tests import make
from tests.accounts.views import given

pytestmark = pytest.mark.usefixtures("app")


def test_a_unit_is_added_and_logged(client: FlaskClient, admin: User) -> None:
    leader = make.user(Role.LEADER, name="荀立骁")

    answer = client.post("/admin/units", data={**given.UNIT, "in_charge_id": str(leader.id)})

    assert (answer.status_code, answer.location) == (303, "/admin/units")
    db.session.rollback()
    unit = db.session.scalars(select(OrgUnit).where(OrgUnit.name == "财政所")).one()
    assert (unit.kind, unit.in_charge_id) == (UnitKind.DEPT, leader.id)
    row = given.logged()
    assert (row.action, row.user_id, row.subject_id) == ("新增单位", admin.id, unit.id)
    assert row.after
    assert (row.after["kind"], row.after["in_charge"]) == ("镇直部门", "荀立骁")


def test_a_unit_submitted_twice_is_added_once(client: FlaskClient) -> None:
    typed = {**given.UNIT, "idempotency_key": given.key()}

    first = client.post("/admin/units", data=typed)
    second = client.post("/admin/units", data=typed)

    assert first.location == second.location
    assert given.count(OrgUnit) == 1


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
    answer = client.post("/admin/units", data={**given.UNIT, "sort_order": "4321", **bad})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert bad.get("name", "财政所") in answer.text
    assert bad.get("sort_order", "4321") in answer.text
    assert given.count(OrgUnit) == 0


def test_a_leader_of_another_tenant_cannot_be_in_charge(client: FlaskClient) -> None:
    leader = make.user(Role.LEADER, tenant=make.tenant())

    answer = client.post("/admin/units", data={**given.UNIT, "in_charge_id": str(leader.id)})

    assert answer.status_code == 422


def test_two_units_never_share_a_name(client: FlaskClient) -> None:
    make.unit("财政所")

    answer = client.post("/admin/units", data=given.UNIT)

    assert answer.status_code == 422
    assert "已经有一个单位叫这个名称了。" in answer.text


def test_the_second_of_two_editors_sees_both_and_keeps_what_they_typed(
    client: FlaskClient,
) -> None:
    unit = make.unit("财政所")
    first = {**given.UNIT, **given.WHY, "name": "财政办", "version": str(unit.version)}
    second = {**given.UNIT, **given.WHY, "name": "财政局", "version": str(unit.version)}

    client.post(f"/admin/units/{unit.id}", data=first)
    answer = client.post(f"/admin/units/{unit.id}", data=second)

    assert answer.status_code == 409
    assert "有人先改了这里" in answer.text
    assert 'value="财政局"' in answer.text
    assert "财政办" in answer.text
    assert given.unit(unit.id).name == "财政办"
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert version
    again = {**second, "version": version[1]}
    assert client.post(f"/admin/units/{unit.id}", data=again).status_code == 303
    assert given.unit(unit.id).name == "财政局"


def test_a_unit_is_closed_only_when_nobody_works_there(client: FlaskClient) -> None:
    unit = make.unit("财政所")
    head = make.user(Role.DEPT_HEAD, unit=unit)
    closing = {name: value for name, value in given.UNIT.items() if name != "is_active"} | given.WHY

    answer = client.post(f"/admin/units/{unit.id}", data=closing)
    assert answer.status_code == 403
    assert "还有 1 人在这个单位任职" in answer.text
    head.is_active = False
    db.session.commit()
    assert client.post(f"/admin/units/{unit.id}", data=closing).status_code == 303


def test_the_log_says_what_changed_in_a_unit_and_nothing_else(client: FlaskClient) -> None:
    unit = make.unit("财政所", sort_order=3)

    client.post(f"/admin/units/{unit.id}", data={**given.UNIT, **given.WHY, "name": "财政办"})

    row = given.logged()
    assert (row.before, row.reason) == ({"name": "财政所"}, "分工调整")
    assert row.after == {"of": "财政所", "name": "财政办"}


def test_the_list_of_units_says_who_has_nobody_to_sign(client: FlaskClient) -> None:
    make.unit("财政所")
    make.user(Role.DEPT_HEAD, unit=make.unit("供电所", kind=UnitKind.VERTICAL))

    page = client.get("/admin/units").text

    assert "1 个单位还没有负责人" in page
