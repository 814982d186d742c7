"""Which pages and forms each role may open."""

import pytest

from app.accounts.roles import PEOPLE, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.enterprises.models import (
    Linkage,
)
from tests import make
from tests.enterprises.given import BASE, PHONE, SEES, SignIn, everything, keyed, post

pytestmark = pytest.mark.usefixtures("app")


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
