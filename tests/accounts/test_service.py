"""Tenants, the first administrator, what the log is told, and what is forgotten."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import jobs, queries, service
from app.accounts.models import LoginFailures, SignIn, Tenant, UnitKind, User
from app.accounts.queries import SignedIn
from app.accounts.roles import GRANTS, Actor, Permission, Role, system
from app.core import passwords
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from tests import make

pytestmark = pytest.mark.usefixtures("app")


Clients = Callable[[User], FlaskClient]
FIRST = {
    "tenant_name": "霁川镇",
    "name": "管理员",
    "username": "admin",
    "new": "Xi-2026-an",
    "again": "Xi-2026-an",
}


def link() -> str:
    with transaction():
        token = service.make_admin_link()
    return f"/start/{token}"


# ---- the first administrator


def test_an_empty_installation_is_begun_by_its_first_administrator(app: Flask) -> None:
    client, address = app.test_client(), link()

    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200  # looking does not use it up
    answer = client.post(address, data=FIRST)

    assert (answer.status_code, answer.location) == (303, "/admin/units")
    assert client.get("/admin/units").status_code == 200
    db.session.rollback()
    assert [one.name for one in queries.tenants()] == ["霁川镇"]
    assert not db.session.scalars(select(User)).one().must_change_password


def test_the_link_of_the_first_administrator_works_once(app: Flask) -> None:
    client, address = app.test_client(), link()
    client.post(address, data=FIRST)

    assert client.get(address).status_code == 410
    assert client.post(address, data={**FIRST, "username": "second"}).status_code == 410
    assert app.test_client().get("/start/guessed").status_code == 410


def test_the_link_of_the_first_administrator_ends_after_a_day_and_with_a_newer_one(
    app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    client, first, second = app.test_client(), link(), link()

    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    frozen_clock.shift(timedelta(hours=24))
    assert client.get(second).status_code == 410


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"tenant_name": ""}, "请填写。"),
        ({"name": "长" * 41}, "最多 40 个字"),
        ({"username": "-x"}, "只能用字母"),
        ({"new": "short", "again": "short"}, "密码至少 8 个字符"),
        ({"again": "other"}, "两次输入的新密码不一样"),
    ],
)
def test_a_bad_beginning_leaves_the_link_usable(
    app: Flask, bad: dict[str, str], sentence: str
) -> None:
    client, address = app.test_client(), link()

    answer = client.post(address, data={**FIRST, **bad})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert client.post(address, data=FIRST).status_code == 303


# ---- who is signed in


def test_one_statement_tells_who_is_signed_in(client_for: Clients, statements: list[str]) -> None:
    user = make.user(Role.DISPATCHER, unit=make.unit("营商办", kind=UnitKind.OFFICE))
    make.holding(user, Role.LIAISON)
    client = client_for(user)
    with client.session_transaction() as session:
        token = session["_user_id"]
    db.session.rollback()
    statements.clear()

    found = queries.signed_in(token, ip="10.0.0.9")

    assert len(statements) == 1
    assert found
    assert (found.role, found.unit_name, found.tenant_name) == (
        Role.DISPATCHER,
        "营商办",
        "霁川镇",
    )
    assert [one.label for one in found.holdings] == ["交办员", "联络员"]
    assert isinstance(found, Actor)
    assert found.may(Permission.TICKET_SEE_ALL)
    assert found == queries.signed_in(token, ip="10.0.0.9")
    assert hash(found)
    assert token not in repr(found)


def test_a_token_that_was_never_given_signs_nobody_in() -> None:
    assert queries.signed_in("guessed") is None


def test_every_role_has_its_rights_written_down() -> None:
    assert set(GRANTS) == set(Role)
    assert SignedIn(tenant_id=1, user_id=1, role=Role.CHIEF).is_authenticated


# ---- actors and scopes


def test_a_person_acts_in_the_role_that_is_meant() -> None:
    unit = make.unit()
    user = make.user(Role.LIAISON)
    make.holding(user, Role.HANDLER, unit=unit)

    assert queries.actor_for(user.id).role is Role.LIAISON
    assert queries.actor_for(user.id, Role.HANDLER).unit_id == unit.id
    assert queries.actor_for(user.id, unit_id=unit.id).role is Role.HANDLER
    with pytest.raises(NotFound):
        queries.actor_for(user.id, Role.CHIEF)
    with pytest.raises(NotFound):
        queries.actor_for(user.id, enterprise_id=1)


def test_only_active_holders_of_a_role_are_found() -> None:
    unit = make.unit()
    head = make.user(Role.DEPT_HEAD, unit=unit)
    make.user(Role.DEPT_HEAD, unit=unit, is_active=False)
    make.user(Role.DEPT_HEAD, unit=make.unit())
    make.user(Role.DEPT_HEAD, tenant=make.tenant())

    found = queries.users_with_role(head.tenant_id, [Role.DEPT_HEAD], unit.id)

    assert [one.id for one in found] == [head.id]


def test_units_are_listed_by_kind_and_only_ones_own() -> None:
    actor = make.actor()
    village = make.unit(kind=UnitKind.VILLAGE)
    make.unit(kind=UnitKind.VILLAGE, is_active=False)
    make.unit(kind=UnitKind.VILLAGE, tenant=make.tenant())
    make.unit(kind=UnitKind.DEPT)

    assert [one.id for one in queries.units(viewer=actor, kinds=[UnitKind.VILLAGE])] == [village.id]
    assert len(queries.units(viewer=actor, active=None)) == 3


def test_the_system_may_make_people_and_others_may_not() -> None:
    tenant = make.tenant()
    draft = service.UserDraft("shen", "沈知夏")

    with pytest.raises(NotAllowed):
        service.create_user(draft, actor=make.actor(Role.CHIEF, tenant=tenant))
    with transaction():
        made = service.create_user(draft, actor=system(tenant.id))
        password = made.initial_password

    assert passwords.matches(made.user.password_hash, password)


def test_a_unit_of_another_tenant_is_never_changed() -> None:
    actor = make.actor(Role.SYS_ADMIN)
    unit = make.unit("财政所", tenant=make.tenant())

    with pytest.raises(NotFound):
        service.edit_unit(
            unit,
            service.UnitDraft("改", UnitKind.DEPT),
            reason="改名",
            version=None,
            actor=actor,
        )


def test_two_tenants_are_listed_in_the_order_in_which_they_came() -> None:
    with transaction():
        county = service.create_tenant("明岫区")
        service.create_tenant("霁川镇", is_demo=True, parent_id=county.id)

    assert [(one.name, one.is_demo) for one in queries.tenants()] == [
        ("明岫区", False),
        ("霁川镇", True),
    ]
    assert db.session.scalar(select(func.count()).select_from(AuditRow)) == 2


def test_the_strictest_lock_of_all_tenants_counts_for_every_name() -> None:
    make.tenant()
    strict = make.tenant()
    strict.settings = {"lock_failures": 3, "lock_minutes": 60}
    db.session.commit()

    rules = queries.lock_rules()

    assert (rules.failures, rules.minutes) == (3, 60)


def test_a_password_changed_meanwhile_is_not_changed_again() -> None:
    user = make.user(password=make.PASSWORD)
    actor = queries.actor_for(user.id)
    change = service.prepare_change(make.PASSWORD, "Xi-2026-an", actor=actor)
    user.password_hash = passwords.make_hash("Other-2026")
    db.session.commit()

    with pytest.raises(Stale), transaction():
        service.change_password(change, 1, actor=actor)


def test_a_name_of_sign_in_is_compared_without_width_and_case() -> None:
    user = make.user(username="shen1")

    assert queries.by_username(" ＳＨＥＮ１ ") == user


def test_a_tenant_keeps_only_what_differs_from_the_defaults() -> None:
    actor = make.actor(Role.SYS_ADMIN)
    tenant = db.session.get_one(Tenant, actor.tenant_id)
    with transaction():
        service.set_parameters(
            tenant, {"limit_simple": 7, "unknown": 1}, reason="试行", version=None, actor=actor
        )

    assert tenant.settings == {"limit_simple": 7}
    with pytest.raises(Invalid):
        service.set_parameters(tenant, {}, reason=" ", version=None, actor=actor)


def test_failures_and_sessions_long_over_are_forgotten(
    app: Flask, client_for: Clients, frozen_clock: time_machine.Traveller
) -> None:
    client_for(make.user())
    app.test_client().post("/login", data={"username": "nobody", "password": "x"})

    frozen_clock.shift(timedelta(days=181))
    jobs.tidy()

    for model in (SignIn, LoginFailures):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
