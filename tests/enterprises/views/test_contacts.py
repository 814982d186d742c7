"""Contacts in the browser: numbers stay hidden until somebody asks."""

import pytest
from flask.testing import FlaskClient

from app.core.audit import AuditRow
from app.core.db import db
from app.enterprises.models import (
    EnterpriseContact,
)
from tests import make
from tests.enterprises.given import PHONE, keyed, post

pytestmark = pytest.mark.usefixtures("app")


def test_a_number_is_hidden_until_it_is_asked_for_and_then_logged(office: FlaskClient) -> None:
    contact = make.contact(phone=PHONE)
    address = f"/enterprises/{contact.enterprise_id}"

    page = office.get(address).text
    assert "142****1234" in page
    assert PHONE not in page
    assert db.session.query(AuditRow).count() == 0

    revealed = post(office, f"{address}/contacts/{contact.id}/phone")
    assert f'href="tel:{PHONE}"' in revealed.text
    assert revealed.headers["Cache-Control"] == "no-store"
    assert [row.action for row in db.session.query(AuditRow)] == ["查看联系电话"]
    assert PHONE not in office.get(address).text


def test_a_number_is_not_in_the_form_and_stays_when_left_empty(office: FlaskClient) -> None:
    contact = make.contact(name="甲", phone=PHONE)
    address = f"/enterprises/{contact.enterprise_id}/contacts/{contact.id}"
    assert PHONE not in office.get(address).text

    data = keyed(name="乙", phone="", version=contact.version)
    assert post(office, address, data=data).status_code == 303

    db.session.expire_all()
    assert (contact.name, contact.phone) == ("乙", PHONE)


def test_an_odd_number_is_saved_with_a_warning(office: FlaskClient) -> None:
    enterprise = make.enterprise()
    address = f"/enterprises/{enterprise.id}"

    post(office, f"{address}/contacts/new", data=keyed(name="甲", phone=PHONE))
    page = office.get(address).text

    assert "联系人已添加" in page
    assert "电话号码不像常用的" in page
    assert [one.phone for one in enterprise.contacts] == [PHONE]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "请填写"),
        ({"name": "甲", "email": "nobody"}, "邮箱的格式不对"),
        ({"name": "甲", "phone": "1" * 31}, "最多 30 个字"),
    ],
)
def test_a_bad_contact_is_refused(
    office: FlaskClient, fields: dict[str, str], sentence: str
) -> None:
    enterprise = make.enterprise()

    answer = post(office, f"/enterprises/{enterprise.id}/contacts/new", data=keyed(**fields))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.query(EnterpriseContact).count() == 0


def test_a_contact_is_removed_after_a_page_that_says_what_it_means(office: FlaskClient) -> None:
    contact = make.contact()
    address = f"/enterprises/{contact.enterprise_id}/contacts/{contact.id}/removal"
    assert "不能恢复" in office.get(address).text

    assert post(office, address, data=keyed(version=contact.version)).status_code == 303

    assert db.session.query(EnterpriseContact).count() == 0
