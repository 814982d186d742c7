"""What happens around every page: the locked door, idle ends, first passwords, whose page it is."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import OrgUnit, RoleHolding, SignIn, User
from app.accounts.roles import PEOPLE, Role
from app.core.audit import AuditRow
from app.core.db import db
from tests import make
from tests.accounts.views import given
from tests.accounts.views.given import Clients

pytestmark = pytest.mark.usefixtures("app")


def sign_in(client: FlaskClient, username: str, **more: str) -> TestResponse:
    return client.post("/login", data={"username": username, "password": make.PASSWORD, **more})


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
    before = given.count(AuditRow)

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
        assert client.post(address, data={**given.UNIT, **given.PERSON}).status_code == 403, address
    assert given.count(AuditRow) == before


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
        assert client.post(address, data={**given.UNIT, **given.PERSON}).status_code == 404, address
    assert client.get("/admin/units/99999999999999999999999").status_code == 404
    assert given.user(user.id).is_active
    assert "没有这样的人" in client.get(f"/admin/users?q={user.username}").text


def test_a_holding_of_another_tenant_is_not_ended(client: FlaskClient, admin: User) -> None:
    stranger = make.user(tenant=make.tenant())
    held = db.session.scalars(
        select(RoleHolding.id).where(RoleHolding.user_id == stranger.id)
    ).one()

    answer = client.post(f"/admin/users/{admin.id}/roles/{held}/end")

    assert answer.status_code == 404


def test_a_page_behind_the_door_leads_to_the_sign_in_page_and_back(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD)
    client = app.test_client()

    answer = client.get("/admin/users?q=%E6%B2%88")

    assert answer.status_code == 302
    assert answer.location == "/login?next=/admin/users?q%3D%25E6%25B2%2588"
    page = client.get(answer.location)
    assert 'value="/admin/users?q=%E6%B2%88"' in page.text


def test_a_session_that_is_not_used_ends_after_thirty_minutes(
    client_for: Clients, frozen_clock: time_machine.Traveller
) -> None:
    client = client_for(make.user())

    frozen_clock.shift(timedelta(minutes=29))
    assert client.get("/password").status_code == 200
    frozen_clock.shift(timedelta(minutes=29))
    assert client.get("/password").status_code == 200
    frozen_clock.shift(timedelta(minutes=31))
    assert client.get("/password").status_code == 302


def test_a_session_in_use_is_noted_once_a_minute(
    client_for: Clients, frozen_clock: time_machine.Traveller
) -> None:
    client = client_for(make.user())
    seen = []

    for _ in range(5):
        frozen_clock.shift(timedelta(seconds=25))
        client.get("/password")
        db.session.rollback()
        seen.append(db.session.scalars(select(SignIn.seen_at)).one())

    assert len(set(seen)) == 2


def test_a_first_password_is_changed_before_anything_else(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD, must_change_password=True)
    client = app.test_client()
    sign_in(client, "shen")

    answer = client.get("/inbox?page=2")
    assert (answer.status_code, answer.location) == (303, "/password?next=/inbox?page%3D2")
    assert client.post("/act-as", data={"role": "1"}).location == "/password"
    typed = {"current": make.PASSWORD, "new": "Xi-2026-an", "again": "Xi-2026-an"}
    answer = client.post("/password", data={**typed, "next": "/inbox?page=2"})

    assert answer.location == "/inbox?page=2"
    assert client.get("/inbox").status_code != 303


def test_who_must_change_a_password_may_leave(client_for: Clients) -> None:
    client = client_for(make.user(must_change_password=True))

    assert client.post("/sign-out").location == "/login"


def test_a_form_filled_while_the_session_ended_waits_for_its_owner(
    client_for: Clients, frozen_clock: time_machine.Traveller
) -> None:
    admin = make.user(Role.SYS_ADMIN, username="admin", password=make.PASSWORD)
    client = client_for(admin)
    frozen_clock.shift(timedelta(minutes=31))
    typed = {"name": "新的单位", "kind": "dept", "control": "town", "sort_order": "7"}

    stopped = client.post(
        "/admin/units", data=typed, headers={"Referer": "http://localhost/admin/units/new"}
    )
    assert stopped.status_code == 401
    held = re.search(r'name="held" type="hidden" value="([^"]+)"', stopped.text)
    assert held
    resumed = sign_in(client, "admin", held=held[1])
    assert resumed.status_code == 200
    assert 'action="/admin/units"' in resumed.text
    assert 'name="name" value="新的单位"' in resumed.text
    again = client.post("/admin/units", data={**typed, "returning": "1"})

    assert 'value="新的单位"' in again.text
    assert db.session.scalar(select(func.count()).select_from(AuditRow)) == 1  # the sign-in


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Referer": "https://evil.example/"},
        {"Referer": "http://localhost/admin/units/new", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_from_elsewhere_is_not_kept(app: Flask, headers: dict[str, str]) -> None:
    answer = app.test_client().post("/admin/units", data={"name": "x"}, headers=headers)

    assert answer.status_code == 401
    assert 'name="held"' not in answer.text


def test_what_was_held_by_somebody_else_is_not_believed(app: Flask) -> None:
    make.user(username="shen", password=make.PASSWORD)

    answer = sign_in(app.test_client(), "shen", held="forged", next="/inbox")

    assert (answer.status_code, answer.location) == (303, "/inbox")


def test_a_form_without_its_token_is_refused(app: Flask, client_for: Clients) -> None:
    signed_in = client_for(make.user(Role.SYS_ADMIN))
    app.config["WTF_CSRF_ENABLED"] = True

    assert signed_in.post("/admin/units", data=given.UNIT).status_code == 400
    assert app.test_client().post("/admin/units", data=given.UNIT).status_code == 401
    assert given.count(OrgUnit) == 0


def test_signing_in_works_with_tokens_and_renews_them(app: Flask) -> None:
    make.user(Role.SYS_ADMIN, username="shen", password=make.PASSWORD)
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()

    def token(address: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
        assert found
        return found[1]

    before = token("/login")
    assert sign_in(client, "shen", csrf_token=before).status_code == 303

    typed = {**given.UNIT, "csrf_token": before}
    assert client.post("/admin/units", data=typed).status_code == 400
    typed["csrf_token"] = token("/admin/units/new")
    assert client.post("/admin/units", data=typed).status_code == 303


def test_a_form_filled_before_a_new_session_comes_back_as_it_was_filled(
    app: Flask, client_for: Clients
) -> None:
    signed_in = client_for(make.user(Role.SYS_ADMIN))
    app.config["WTF_CSRF_ENABLED"] = True
    here = {"Referer": "http://localhost/admin/units/new"}
    typed = {**given.UNIT, "csrf_token": "of another session"}

    answer = signed_in.post("/admin/units", data=typed, headers=here)
    elsewhere = signed_in.post("/admin/units", data=typed, headers={"Referer": "http://evil/"})

    assert (answer.status_code, elsewhere.status_code) == (400, 400)
    assert f'name="name" value="{given.UNIT["name"]}"' in answer.text
    assert 'value="of another session"' not in answer.text
    assert given.UNIT["name"] not in elsewhere.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert token
    again = {**given.UNIT, "csrf_token": token[1], "returning": "1"}
    assert signed_in.post("/admin/units", data=again).status_code == 200
    assert given.count(OrgUnit) == 0


def test_a_password_is_not_handed_back_by_a_form_without_its_token(
    app: Flask, client_for: Clients
) -> None:
    signed_in = client_for(make.user(Role.SYS_ADMIN))
    app.config["WTF_CSRF_ENABLED"] = True
    here = {"Referer": "http://localhost/password"}

    answer = signed_in.post("/password", data={"current": "geheim-1", "new": "x"}, headers=here)

    assert answer.status_code == 400
    assert "geheim-1" not in answer.text


def test_the_form_that_waited_has_the_token_of_the_new_session(
    app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    make.user(Role.SYS_ADMIN, username="shen", password=make.PASSWORD)
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()

    def token(page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        return found[1]

    assert sign_in(client, "shen", csrf_token=token(client.get("/login").text)).status_code == 303
    typed = {**given.UNIT, "csrf_token": token(client.get("/admin/units/new").text)}
    frozen_clock.shift(timedelta(minutes=31))
    here = {"Referer": "http://localhost/admin/units/new"}
    stopped = client.post("/admin/units", data=typed, headers=here)
    held = re.search(r'name="held" type="hidden" value="([^"]+)"', stopped.text)
    assert held

    resumed = sign_in(client, "shen", held=held[1], csrf_token=token(stopped.text))

    again = {**given.UNIT, "csrf_token": token(resumed.text), "returning": "1"}
    assert client.post("/admin/units", data=again).status_code == 200
