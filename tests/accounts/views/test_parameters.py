"""The page of parameters, and bad input to it."""

import re
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.accounts.forms import GROUPS
from app.accounts.models import Tenant, User
from app.accounts.parameters import Parameters, described
from app.accounts.service.units import HOURS, check_parameters
from app.core.audit import AuditRow
from app.core.db import db
from tests.accounts.views import given

pytestmark = pytest.mark.usefixtures("app")


def values(**changed: str | list[str]) -> dict[str, Any]:
    """Return what the page of parameters posts, with some values changed."""
    typed = {
        name: list(value) if isinstance(value, tuple) else str(value)
        for name, value in asdict(Parameters()).items()
    }
    for name in HOURS:
        typed[name] = f"{int(str(typed[name])) // 100:02}:{int(str(typed[name])) % 100:02}"
    return {**typed, "reason": "县里的新规定", **changed}


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
    row = given.logged()
    assert (row.action, row.reason) == ("修改参数", "县里的新规定")
    assert row.before == {"limit_simple": 5, "afternoon_from": 1430}
    assert row.after == {"limit_simple": 7, "afternoon_from": 1400}
    assert db.session.get_one(Tenant, admin.tenant_id).calendar_stamp != stamp
    assert "2 个参数和默认值不一样" in client.get("/admin/parameters").text


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"reason": ""}, "请填写。"),
        ({"reason": "因" * 201}, "最多 200 个字"),
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
    assert given.count(AuditRow) == 0


def test_which_visits_count_is_chosen_from_a_list_and_logged_in_words(
    client: FlaskClient, admin: User
) -> None:
    answer = client.post(
        "/admin/parameters", data=values(counting_modes=["phone", "on_site"], visit_per_month="2")
    )

    assert answer.status_code == 303
    assert parameters_of(admin).counting_modes == ("on_site", "phone")
    row = given.logged()
    assert row.after == {"visit_per_month": 2, "counting_modes": ["上门走访", "电话联系"]}
    page = client.get("/admin/parameters").text
    assert re.search(r'checked[^>]*value="phone"', page)
    assert not re.search(r'checked[^>]*value="service_day"', page)
    assert "上门走访、电话联系" in client.get("/admin/trail/parameters").text


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [([], "至少要选一种。"), (["on_site", "teleport"], "请从列出的选项里选")],
)
def test_a_list_from_which_nothing_or_something_else_was_chosen_is_refused(
    client: FlaskClient, admin: User, chosen: list[str], sentence: str
) -> None:
    answer = client.post("/admin/parameters", data=values(counting_modes=chosen))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert parameters_of(admin) == Parameters()


def test_a_setting_that_the_list_does_not_offer_any_more_is_left_out() -> None:
    assert Parameters.of({"counting_modes": ["gone"]}) == Parameters()
    assert Parameters.of({"counting_modes": ["phone", "gone"]}).counting_modes == ("phone",)


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
    typed = values(limit_simple="7", idempotency_key=given.key())

    answers = [client.post("/admin/parameters", data=typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert given.count(AuditRow) == 1


def test_a_tenants_own_idle_time_counts(
    client: FlaskClient, frozen_clock: time_machine.Traveller
) -> None:
    client.post("/admin/parameters", data=values(idle_minutes="5"))

    frozen_clock.shift(timedelta(minutes=6))

    assert client.get("/admin/parameters").status_code == 302
