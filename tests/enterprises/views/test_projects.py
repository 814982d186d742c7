"""Key projects in the browser."""

import pytest
from flask.testing import FlaskClient

from app.core.db import db
from app.enterprises.models import (
    KeyProject,
)
from tests import make
from tests.enterprises.given import keyed, post

pytestmark = pytest.mark.usefixtures("app")


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
