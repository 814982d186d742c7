"""The dispatch note for paper: what stands on it, and who may print it."""

import html
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Control, OrgUnit
from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.workflow.states import Event, Status
from tests.office import Office, open_office

Browse = Callable[[Actor], FlaskClient]
PRINTING = {Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.DEPT_HEAD, Role.HANDLER, Role.LEADER}


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


def printed(browser: FlaskClient, office: Office) -> str:
    answer = browser.get(f"/tickets/{office.ticket_id}/note")
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_it_says_what_whose_and_until_when(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(
        Event.DISPATCH,
        Role.DISPATCHER,
        co_unit_ids=(office.other_unit_id,),
        comment="请先到现场",
    )
    lead = db.session.get_one(OrgUnit, office.unit_id).name
    other = db.session.get_one(OrgUnit, office.other_unit_id).name

    page = printed(client_for(office.actor(Role.DISPATCHER)), office)

    assert "企业问题交办单" in page
    for words in (office.ticket.number, office.ticket.title, lead, other, "请先到现场", "签收人"):
        assert str(words) in page
    assert "个工作日" in page
    assert "14200000001" not in page
    assert "142****0001" in page


def test_to_a_unit_that_is_not_ours_it_is_a_letter(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    with transaction():
        db.session.get_one(OrgUnit, office.other_unit_id).control = Control.VERTICAL
    office.take(Event.DISPATCH, Role.OFFICE_DIRECTOR, lead_unit_id=office.other_unit_id)

    page = printed(client_for(office.actor(Role.DISPATCHER)), office)

    assert "企业问题商请函" in page
    assert "商请贵单位" in page
    assert "交你单位" not in page


@pytest.mark.parametrize("role", PEOPLE)
def test_it_is_for_the_office_the_units_and_the_leader(
    office: Office, client_for: Browse, role: Role
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    browser = client_for(office.actor(role))

    shown = browser.get(f"/tickets/{office.ticket_id}/note").status_code

    assert shown == (200 if role in PRINTING else 404)
    page = html.unescape(browser.get(f"/tickets/{office.ticket_id}").text)
    assert ("打印交办单" in page) == (role in PRINTING)


def test_a_co_unit_prints_it_and_another_unit_does_not(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))
    address = f"/tickets/{office.ticket_id}/note"

    assert client_for(office.more["other head"]).get(address).status_code == 200
    assert client_for(office.more["vertical head"]).get(address).status_code == 404


def test_before_the_dispatch_there_is_none(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_DISPATCH)

    answer = client_for(office.actor(Role.DISPATCHER)).get(f"/tickets/{office.ticket_id}/note")

    assert answer.status_code == 404


def test_its_dates_are_whole_for_paper_is_read_on_another_day(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_SIGN)

    page = printed(client_for(office.actor(Role.DISPATCHER)), office)
    sheet = page[page.index("现将下面的企业问题") :]

    assert "2026年9月21日（周一）" in sheet
    assert "今天" not in sheet
    assert "明天" not in sheet


def test_only_what_was_said_with_the_dispatch_stands_on_it(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER)
    browser = client_for(office.actor(Role.DISPATCHER))
    browser.post(
        f"/tickets/{office.ticket_id}/steps/commented",
        data={"comment": "这家企业不好说话", "idempotency_key": "0" * 32},
    )

    assert "不好说话" not in printed(browser, office)
