"""The office clears what is held: one button each, then the next letter."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.enterprises.models import EnterpriseContact
from app.portal.models import Telling, TellingState, WhyNot
from app.portal.queries import tellings as queries
from tests import make
from tests.portal.visitor import FIRM, Visitor, tellings, tickets

ClientFor = Callable[[User | Actor], FlaskClient]
CLEARERS = {Role.DISPATCHER, Role.OFFICE_DIRECTOR}
TYPED = "霁溪小筑饭店"
PHONE = "14200000001"
BUTTON = re.compile(r'<form[^>]*? method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'name="(version|idempotency_key)" value="([^"]*)"')
VALUE = re.compile(r'name="(why)" value="([^"]*)"')


@pytest.fixture
def clerk(client_for: ClientFor) -> FlaskClient:
    return client_for(make.actor(Role.DISPATCHER))


def press(client: FlaskClient, page: TestResponse, key: str) -> TestResponse:
    """Press the one button of a page that shows a digit, and follow to where it leads."""
    buttons = [form for form in BUTTON.findall(page.text) if f'data-bh-press="{key}"' in form[1]]
    ((address, form),) = buttons
    sent = dict(HIDDEN.findall(form)) | dict(VALUE.findall(form))
    return client.post(address, data=sent, follow_redirects=True)


def english(label: str) -> str:
    """Return a word as the English catalogue has it."""
    with force_locale("en"):
        return str(gettext(label))


def write(visitor: Visitor, name: str = TYPED, **more: str) -> Telling:
    visitor.tell(enterprise_name=name, **more)
    return tellings()[-1]


def test_one_key_registers_a_letter_with_the_firm_that_is_meant_and_shows_the_next(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    first = write(visitor)
    second = write(visitor, name="没有这家", title="另一件事")

    following = press(clerk, clerk.get(f"/tellings/{first.id}"), "1")

    (ticket,) = tickets()
    assert ticket.enterprise.name == FIRM
    assert following.request.path == f"/tellings/{second.id}"
    assert f"{ticket.number} 已登记" in following.text
    assert f'href="/tickets/{ticket.id}"' in following.text


def test_a_letter_that_is_registered_keeps_nobodys_words_or_telephone(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    first = write(visitor)

    press(clerk, clerk.get(f"/tellings/{first.id}"), "1")

    (letter,) = tellings()
    assert not any((letter.title, letter.description, letter.contact_name, letter.contact_phone))
    assert tickets()[0].contact_phone == PHONE


def test_a_firm_that_may_be_meant_is_one_key_too(visitor: Visitor, clerk: FlaskClient) -> None:
    one, other = make.enterprise("恒屿包装材料有限公司"), make.enterprise("恒达包装材料有限公司")
    letter = write(visitor, name="恒宇包装材料")
    page = clerk.get(f"/tellings/{letter.id}")
    assert "放行登记" not in page.text

    press(clerk, page, "2")

    assert tickets()[0].enterprise_id in {one.id, other.id}


@pytest.mark.parametrize(("key", "why"), list(zip("6789", WhyNot, strict=True)))
def test_one_key_turns_a_letter_away_with_its_reason_and_one_button_brings_it_back(
    visitor: Visitor, clerk: FlaskClient, key: str, why: WhyNot
) -> None:
    first, second = write(visitor), write(visitor, title="另一件事")

    following = press(clerk, clerk.get(f"/tellings/{first.id}"), key)

    assert following.request.path == f"/tellings/{second.id}"
    assert f"没有收：{why.label}" in following.text
    assert tellings()[0].settled_why == why.label
    ((address, form),) = [one for one in BUTTON.findall(following.text) if "撤回，重新" in one[1]]
    clerk.post(address, data=dict(HIDDEN.findall(form)))
    assert tellings()[0].is_held


@pytest.mark.parametrize(("key", "why"), list(zip("6789", WhyNot, strict=True)))
def test_a_usual_reason_is_said_in_the_readers_language(
    visitor: Visitor, clerk: FlaskClient, key: str, why: WhyNot
) -> None:
    letter = write(visitor)
    clerk.set_cookie("bihuan-language", "en")

    following = press(clerk, clerk.get(f"/tellings/{letter.id}"), key)
    page = clerk.get(f"/tellings/{letter.id}")

    assert tellings()[0].usual_why is why
    for shown in (following.text, page.text):
        assert why.label not in shown
        assert english(why.label) in unescape(shown)


def test_a_reason_in_somebodys_own_words_is_said_as_it_was_written(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    letter = write(visitor)
    clerk.set_cookie("bihuan-language", "en")
    form = {"idempotency_key": "e" * 32, "version": "1", "why": "企业"}

    following = clerk.post(f"/tellings/{letter.id}/discard", data=form, follow_redirects=True)

    assert tellings()[0].usual_why is None
    assert "企业" in following.text


def test_after_the_last_letter_the_list_says_that_none_waits(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    letter = write(visitor)

    following = press(clerk, clerk.get(f"/tellings/{letter.id}"), "6")

    assert following.request.path == "/tellings"
    assert "没有等核实的来信" in following.text
    assert "撤回" in following.text


def test_in_the_list_a_firm_that_is_meant_is_registered_with_one_button(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    write(visitor)
    page = clerk.get("/tellings").text
    assert f"档案里是“{FIRM}”" in page
    ((address, form),) = [one for one in BUTTON.findall(page) if "放行登记" in one[1]]

    clerk.post(address, data=dict(HIDDEN.findall(form)))

    assert tickets()[0].enterprise.name == FIRM


def new_file(letter: Telling, **more: str) -> dict[str, str]:
    return {"version": str(letter.version), "idempotency_key": "e" * 32, "name": "新来的厂"} | more


def test_a_firm_without_a_file_is_entered_and_its_letter_registered_in_one_go(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    letter = write(visitor, name="新来的厂")
    page = clerk.get(f"/tellings/{letter.id}").text
    assert "档案里没有“新来的厂”" in page
    assert 'value="新来的厂"' in page

    answer = clerk.post(f"/tellings/{letter.id}/file", data=new_file(letter, keeps_contact="y"))

    assert answer.status_code == 303
    (ticket,) = tickets()
    assert ticket.enterprise.name == "新来的厂"
    (contact,) = db.session.scalars(select(EnterpriseContact)).all()
    assert (contact.name, contact.phone, contact.is_primary) == ("宋主任", PHONE, True)
    logged = db.session.scalars(select(AuditRow.action)).all()
    assert {"新建企业档案", "添加联系人", "核实来信后登记"} <= set(logged)


def test_who_wrote_is_not_kept_in_the_file_unless_the_office_says_so(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    letter = write(visitor, name="新来的厂")

    clerk.post(f"/tellings/{letter.id}/file", data=new_file(letter))

    assert len(tickets()) == 1
    assert db.session.scalars(select(EnterpriseContact)).all() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": FIRM}, "已有同名的企业档案"),
        ({"uscc": "123"}, "应是 18 位"),
        ({"name": ""}, "请填写"),
    ],
)
def test_the_rules_of_the_file_hold_and_then_nothing_is_registered(
    visitor: Visitor, clerk: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    letter = write(visitor, name="新来的厂")

    answer = clerk.post(f"/tellings/{letter.id}/file", data=new_file(letter, **wrong))

    assert answer.status_code == 422
    assert said in answer.text
    assert tickets() == []
    assert tellings()[0].is_held


def test_a_second_press_on_the_same_button_registers_once(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    page = clerk.get(f"/tellings/{write(visitor).id}")

    press(clerk, page, "1")
    press(clerk, page, "1")

    assert len(tickets()) == 1


def test_what_a_colleague_dealt_with_meanwhile_is_not_dealt_with_again(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    letter = write(visitor)
    page = clerk.get(f"/tellings/{letter.id}")
    press(clerk, clerk.get(f"/tellings/{letter.id}"), "6")

    late = press(clerk, page, "1")

    assert late.status_code == 409
    assert "刚才有人改过这条记录" in late.text
    assert tellings()[0].state is TellingState.DISCARDED
    assert tickets() == []


def test_the_telephone_of_a_letter_is_masked_until_somebody_asks_and_is_written_down(
    visitor: Visitor, clerk: FlaskClient
) -> None:
    letter = write(visitor)

    masked = clerk.get(f"/tellings/{letter.id}").text
    whole = clerk.post(f"/tellings/{letter.id}/phone").text

    assert PHONE not in masked
    assert "142****0001" in masked
    assert f'href="tel:{PHONE}"' in whole
    db.session.rollback()
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "查看联系电话")).one()
    assert (row.subject, row.subject_id) == ("telling", letter.id)


@pytest.mark.parametrize("role", [role for role in Role if role not in CLEARERS])
def test_for_those_who_do_not_clear_letters_none_waits(visitor: Visitor, role: Role) -> None:
    write(visitor)
    viewer = Actor(make.the_tenant().id, None, role)

    assert db.session.scalars(select(Telling.id).where(queries.waits_for(viewer))).all() == []


@pytest.mark.parametrize("what", ["phone", "file", "release/1"])
def test_nobody_but_the_office_asks_for_it_or_registers_it(
    visitor: Visitor, client_for: ClientFor, what: str
) -> None:
    letter = write(visitor)

    answer = client_for(make.actor(Role.HANDLER)).post(f"/tellings/{letter.id}/{what}")

    assert answer.status_code in {403, 404}
    assert PHONE not in answer.text
    assert tickets() == []
