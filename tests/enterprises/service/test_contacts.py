"""The people of an enterprise: who may know their numbers, and who is called first."""

import json

import pytest
from sqlalchemy import text

from app.accounts.roles import Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.transactions import transaction
from app.enterprises import service
from app.enterprises.models import (
    EnterpriseContact,
)
from app.enterprises.service import (
    ContactDraft,
)
from tests import make
from tests.enterprises.given import PHONE, logged

pytestmark = pytest.mark.usefixtures("app")


def test_a_number_lies_encrypted_and_is_shown_masked() -> None:
    actor, enterprise = make.actor(), make.enterprise()

    with transaction():
        made = service.add_contact(
            enterprise, ContactDraft("陆之遥", phone=" 142-0000 1234 "), actor=actor
        )

    assert (made.phone, made.masked_phone, made.is_primary) == (PHONE, "142****1234", True)
    stored = db.session.execute(text("SELECT phone FROM enterprise_contacts")).scalar_one()
    assert PHONE.encode() not in bytes(stored)
    assert PHONE not in json.dumps([logged().before, logged().after])


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("055166012345", "055****2345"), ("6601234", "66****34"), ("12345", "****"), ("", "")],
)
def test_short_numbers_are_masked_too(phone: str, shown: str) -> None:
    assert make.contact(phone=phone).masked_phone == shown


@pytest.mark.parametrize(
    ("phone", "doubt"),
    [
        ("", False),
        ("13800138000", False),
        ("+86 138 0013 8000", False),
        ("0551-66012345", False),
        (PHONE, True),
        ("138001380", True),
        ("请打总机", True),
    ],
)
def test_a_number_that_looks_wrong_is_doubted(phone: str, *, doubt: bool) -> None:
    assert bool(service.phone_doubt(phone)) is doubt


def test_there_is_one_primary_contact() -> None:
    actor, enterprise = make.actor(), make.enterprise()

    with transaction():
        first = service.add_contact(enterprise, ContactDraft("甲"), actor=actor)
        second = service.add_contact(enterprise, ContactDraft("乙"), actor=actor)
        third = service.add_contact(enterprise, ContactDraft("丙", is_primary=True), actor=actor)
    assert [one.is_primary for one in (first, second, third)] == [False, False, True]

    with transaction():
        service.remove_contact(third, version=third.version, actor=actor)
    assert [one.is_primary for one in (first, second)] == [True, False]
    assert db.session.query(EnterpriseContact).count() == 2


def test_an_empty_number_leaves_the_stored_one() -> None:
    actor, contact = make.actor(), make.contact(name="甲", phone=PHONE)

    with transaction():
        service.edit_contact(contact, ContactDraft("乙", post="厂长"), actor=actor)
    assert (contact.name, contact.phone) == ("乙", PHONE)

    with transaction():
        service.edit_contact(contact, ContactDraft("乙", phone="13800138000"), actor=actor)
    assert contact.phone == "13800138000"
    after = logged().after
    assert after
    assert after["phone_changed"] is True
    assert "13800138000" not in json.dumps(after)


def test_twenty_contacts_are_enough() -> None:
    actor, enterprise = make.actor(), make.enterprise()

    with transaction():
        for number in range(20):
            service.add_contact(enterprise, ContactDraft(f"{number}"), actor=actor)
    with pytest.raises(Invalid, match="20"), transaction():
        service.add_contact(enterprise, ContactDraft("21"), actor=actor)


def test_whoever_sees_the_enterprise_may_ask_for_a_number_and_the_log_knows() -> None:
    contact = make.contact(phone=PHONE)
    liaison = make.actor(Role.LIAISON)
    me = db.session.get_one(make.User, liaison.user_id)
    make.linkage(enterprise=contact.enterprise, liaison=me)

    with transaction():
        number = service.reveal_phone(contact, actor=liaison)

    assert number == PHONE
    row = logged()
    assert (row.action, row.subject_id, row.user_id) == (
        "查看联系电话",
        contact.id,
        liaison.user_id,
    )
    assert PHONE not in json.dumps(row.after)


def test_a_stranger_gets_no_number() -> None:
    contact, stranger = make.contact(), make.actor(Role.LIAISON)

    with pytest.raises(NotFound), transaction():
        service.reveal_phone(contact, actor=stranger)

    assert db.session.query(AuditRow).count() == 0
