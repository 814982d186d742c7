"""What the page of a ticket says of returns, meetings and parts."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.service import Part
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import Office, approve, open_office, reply
from tests.tickets.returning import meet, returned_twice

pytestmark = pytest.mark.usefixtures("app")
Browse = Callable[[User | Actor], FlaskClient]


@pytest.fixture
def office() -> Office:
    return open_office()


def shown(office: Office, client_for: Browse, role: Role = Role.OFFICE_DIRECTOR) -> str:
    return client_for(office.actor(role)).get(f"/tickets/{office.ticket_id}").text


def test_handed_out_again_the_clock_begins_anew_and_is_not_moved_from_nothing(
    office: Office, client_for: Browse
) -> None:
    returned_twice(office)
    meet(office)
    office.take(Event.DISPATCH, Role.DISPATCHER)

    page = shown(office, client_for)

    assert "重新开始计时" in page
    assert "由 — 改为" not in page


def test_how_often_it_was_passed_back_stands_at_the_head_but_not_for_the_enterprise(
    office: Office, client_for: Browse
) -> None:
    returned_twice(office)

    assert "退单 2 次" in shown(office, client_for)
    firm = shown(office, client_for, Role.ENTERPRISE_USER)
    assert "企业今天第一次反映" in firm
    assert "退单" not in firm


def test_after_a_meeting_the_page_says_why_it_is_not_reassigned_and_asks_for_no_meeting(
    office: Office, client_for: Browse
) -> None:
    returned_twice(office)
    assert "先会商定责，再交办" in shown(office, client_for)
    meet(office)
    office.take(Event.DISPATCH, Role.DISPATCHER)

    page = shown(office, client_for)
    form = client_for(office.actor(Role.OFFICE_DIRECTOR)).get(
        f"/tickets/{office.ticket_id}/steps/meeting"
    )

    assert "要换单位，先再会商一次" in page
    assert "先会商定责，再交办" not in page
    assert "登记会商定责" in page
    assert form.status_code == 200
    assert "不能再退" in form.text


def test_after_another_meeting_the_form_begins_with_the_unit_that_it_named(
    office: Office, client_for: Browse
) -> None:
    returned_twice(office)
    meet(office)
    office.take(Event.DISPATCH, Role.DISPATCHER)
    third = make.unit()
    meet(office, lead_unit_id=third.id)

    form = client_for(office.actor(Role.OFFICE_DIRECTOR)).get(
        f"/tickets/{office.ticket_id}/steps/reassign"
    )

    assert f'<option selected value="{third.id}">' in form.text


def test_the_page_of_the_whole_says_what_it_waits_for(office: Office, client_for: Browse) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    part = Part("东路路面破损", "园区东路三百米路面破损，雨天积水。", office.unit_id)
    with transaction():
        service.split(office.ticket, [part], actor=office.actor(Role.DISPATCHER))
    for step in (
        lambda: office.take(Event.DISPATCH, Role.DISPATCHER),
        lambda: office.take(Event.SIGN, Role.HANDLER),
        lambda: office.take(Event.FIRST_CONTACT, Role.HANDLER),
        lambda: reply(office),
        lambda: approve(office),
    ):
        step()

    page = shown(office, client_for, Role.DISPATCHER)
    liaison = client_for(office.actor(Role.LIAISON))

    assert "分出的还有 1 件没有办完" in page
    assert "才回访原件" in page
    assert liaison.get(f"/tickets/{office.ticket_id}/steps/revisit_close").status_code == 409
    child = db.session.scalars(select(Ticket.id).where(Ticket.split_from_id.is_not(None))).one()
    assert liaison.get(f"/tickets/{child}").status_code == 200
