"""Codes to print: a township's, a firm's, an officer's; renewed and revoked."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import links
from app.core.audit import AuditRow
from app.core.db import db
from app.core.links import PublicLink
from tests import make

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User | Actor], FlaskClient]
KEY = "e{:031}"


def post(client: FlaskClient, path: str, n: int = 1) -> int:
    return client.post(path, data={"idempotency_key": KEY.format(n)}).status_code


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r"/tell/([\w-]+)", client.get(path).text)
    assert found
    return found[1]


def made() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(PublicLink)) or 0


def test_a_code_is_made_once_and_leads_to_the_page(app: Flask, client_for: ClientFor) -> None:
    director = make.actor(Role.OFFICE_DIRECTOR)
    client, path = client_for(director), f"/posters/tenant/{director.tenant_id}"
    assert "做二维码" in client.get(path).text

    assert post(client, f"{path}/make") == 303
    assert post(client, f"{path}/make", 2) == 303

    assert made() == 1
    assert app.test_client().get(f"/tell/{token(client, path)}").status_code == 200


def test_the_poster_and_the_cards_carry_the_picture_from_here(client_for: ClientFor) -> None:
    firm = make.enterprise("明岫食品")
    client, path = client_for(make.actor(Role.DISPATCHER)), f"/posters/enterprise/{firm.id}"
    post(client, f"{path}/make")

    poster, cards = client.get(f"{path}/print"), client.get(f"{path}/cards")
    picture = client.get(f"{path}/code.svg")

    assert "明岫食品" in poster.text
    assert poster.text.count(f'src="{path}/code.svg"') == 1
    assert cards.text.count(f'src="{path}/code.svg"') == 8
    assert picture.mimetype == "image/svg+xml"
    assert ET.fromstring(picture.data).tag.endswith("svg")  # noqa: S314 - our own


def test_renewed_the_printed_one_opens_nothing_and_the_new_one_does(
    app: Flask, client_for: ClientFor
) -> None:
    officer = make.actor(Role.LIAISON)
    client, path = client_for(officer), f"/posters/user/{officer.user_id}"
    post(client, f"{path}/make")
    before = token(client, path)
    assert "打不开" in client.get(f"{path}/renew").text

    assert post(client, f"{path}/renew", 2) == 303

    after, visitor = token(client, path), app.test_client()
    assert visitor.get(f"/tell/{before}").status_code == 410
    assert visitor.get(f"/tell/{after}").status_code == 200


def test_revoked_it_opens_nothing_and_nothing_is_printed(app: Flask, client_for: ClientFor) -> None:
    officer = make.actor(Role.LIAISON)
    client, path = client_for(officer), f"/posters/user/{officer.user_id}"
    post(client, f"{path}/make")
    before = token(client, path)

    assert post(client, f"{path}/revoke", 2) == 303

    assert app.test_client().get(f"/tell/{before}").status_code == 410
    for page in ("print", "cards", "code.svg"):
        assert client.get(f"{path}/{page}").status_code == 404
    logged = set(db.session.scalars(select(AuditRow.action)))
    assert {"制作二维码", "作废二维码"} <= logged


def test_looking_makes_no_code(client_for: ClientFor) -> None:
    officer = make.actor(Role.LIAISON)
    client, path = client_for(officer), f"/posters/user/{officer.user_id}"

    for page in ("", "/renew", "/revoke", "/print", "/cards", "/code.svg"):
        client.get(path + page)
        client.head(path + page)

    assert made() == 0


def test_who_may_print_what(client_for: ClientFor) -> None:
    firm = make.enterprise()
    liaison, colleague = make.actor(Role.LIAISON), make.user(Role.LEADER)
    linked = make.enterprise()
    make.linkage(enterprise=linked, liaison=db.session.get_one(User, liaison.user_id))
    client = client_for(liaison)

    assert client.get(f"/posters/user/{liaison.user_id}").status_code == 200
    assert client.get(f"/posters/enterprise/{linked.id}").status_code == 200
    assert client.get(f"/posters/enterprise/{firm.id}").status_code == 404
    assert client.get(f"/posters/user/{colleague.id}").status_code == 404
    assert client.get(f"/posters/tenant/{liaison.tenant_id}").status_code == 403
    assert client.get("/posters/nothing/1").status_code == 404
    for path in (f"/posters/enterprise/{firm.id}", f"/posters/user/{colleague.id}"):
        for verb in ("make", "renew", "revoke"):
            assert post(client, f"{path}/{verb}", 5) == 404
    assert made() == 0
    office = client_for(make.actor(Role.DISPATCHER))
    assert office.get(f"/posters/user/{colleague.id}").status_code == 200


@pytest.mark.parametrize("role", [Role.HANDLER, Role.SUPERVISOR, Role.ENTERPRISE_USER, Role.CHIEF])
def test_nobody_else_prints(client_for: ClientFor, role: Role) -> None:
    actor = make.actor(role)
    client = client_for(actor)

    assert client.get("/posters").status_code == 403
    assert client.get(f"/posters/user/{actor.user_id}").status_code == 403


def test_another_townships_things_have_no_code_here(client_for: ClientFor) -> None:
    elsewhere = make.tenant()
    firm, person = make.enterprise(tenant=elsewhere), make.user(Role.LIAISON, tenant=elsewhere)
    client = client_for(make.actor(Role.OFFICE_DIRECTOR, tenant=make.tenant()))

    for path in (f"enterprise/{firm.id}", f"user/{person.id}", f"tenant/{elsewhere.id}"):
        assert client.get(f"/posters/{path}").status_code == 404


def test_the_picture_says_what_the_page_prints(client_for: ClientFor) -> None:
    officer = make.actor(Role.LIAISON)
    client, path = client_for(officer), f"/posters/user/{officer.user_id}"
    post(client, f"{path}/make")

    link = db.session.scalars(select(PublicLink)).one()

    assert token(client, path) == links.token_of(link)
    assert links.find(token(client, path), "tell")
