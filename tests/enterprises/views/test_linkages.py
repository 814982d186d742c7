"""Linkages in the browser."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts.roles import Role
from app.core.db import db
from app.enterprises import queries
from app.enterprises.models import (
    Linkage,
)
from tests import make
from tests.enterprises.given import TODAY, keyed, post

pytestmark = pytest.mark.usefixtures("app")


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
