"""The revisitor's page: the words, the attempts, the number, and who said what to whom."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import OrgUnit
from app.accounts.roles import Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid
from app.tickets.queries import revisits
from app.tickets.workflow.codes import ContactChannel, Missed
from app.tickets.workflow.states import Event, Outcome, Solved, Status
from tests import make
from tests.office import REPLY, TO_REVIEW, Office, approve, open_office

NUMBER = "14200000001"
ANSWERS = {
    "reached": "yes",
    "channel": "phone",
    "solved": "yes",
    "result_score": "4",
    "attitude_score": "5",
    "contacted": "yes",
    "said_by": "李会计",
    "said_by_post": "会计",
    "words": "办好了，谢谢。",
}


@pytest.fixture
def office(app: Any) -> Office:
    del app
    office = open_office()
    office.walk_to(Status.PENDING_REVISIT)
    return office


@pytest.fixture
def caller(office: Office, client_for: Any) -> FlaskClient:
    client: FlaskClient = client_for(office.actor(Role.DISPATCHER))
    return client


def page_of(office: Office) -> str:
    return f"/tickets/{office.ticket_id}/steps/revisit_close"


def post(caller: FlaskClient, office: Office, key: str = "a", **more: str) -> int:
    sent = ANSWERS | {"version": str(office.ticket.version), "idempotency_key": key * 32} | more
    status = caller.post(page_of(office), data=sent).status_code
    db.session.rollback()  # what another request wrote is read anew
    return status


def test_the_script_reads_the_answer_out_and_asks_in_a_fixed_order(
    office: Office, caller: FlaskClient
) -> None:
    page = caller.get(page_of(office)).get_data(as_text=True)

    order = [
        REPLY,
        "这个问题现在是",
        "您对办理结果是",
        "您对办事人员的态度是",
        "有没有人与您联系过",
        "还有什么要说的吗",
        "请问您怎么称呼",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_the_number_is_whole_only_after_it_is_asked_for_and_written_down(
    office: Office, caller: FlaskClient
) -> None:
    assert NUMBER not in caller.get(page_of(office)).get_data(as_text=True)
    assert NUMBER not in caller.get("/tickets/revisits").get_data(as_text=True)
    before = db.session.query(AuditRow).filter_by(action="查看联系电话").count()

    shown = caller.post(f"/tickets/{office.ticket_id}/revisit/phone", data={})

    assert NUMBER in shown.get_data(as_text=True)
    db.session.rollback()
    assert db.session.query(AuditRow).filter_by(action="查看联系电话").count() == before + 1


def test_who_answered_is_kept_and_shown_as_written_down_by_the_revisitor(
    office: Office, caller: FlaskClient
) -> None:
    assert post(caller, office) == 303

    (kept,) = office.ticket.revisits
    assert (kept.said_by, kept.said_by_post, kept.closes) == ("李会计", "会计", True)
    assert kept.by_id == office.actor(Role.DISPATCHER).user_id
    shown = caller.get(f"/tickets/{office.ticket_id}").get_data(as_text=True)
    assert "代录：" in shown
    assert "李会计会计回答" in shown


def test_why_nobody_was_reached_is_kept_and_shown(office: Office, caller: FlaskClient) -> None:
    assert post(caller, office, reached="no", missed="wrong_number", words="打到别家了") == 303

    (kept,) = office.ticket.revisits
    assert (kept.missed, kept.solved, kept.said_by) == (Missed.WRONG_NUMBER, None, "")
    page = caller.get(page_of(office)).get_data(as_text=True)
    assert "号码不对" in page
    assert "打到别家了" in page


def test_reasons_are_of_the_list(office: Office, caller: FlaskClient) -> None:
    with pytest.raises(Invalid):
        office.revisit(solved=Solved.NO, comment="没办好", reasons=("none of them",))
    assert post(caller, office, reasons="nonsense") == 422


def test_a_name_that_is_too_long_is_refused_at_its_field(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.revisit(said_by="长" * 61)

    assert refused.value.field == "said_by"


def test_what_was_explained_closes_though_it_is_not_solved(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    office.propose(
        Event.SUBMIT_REPLY, Role.HANDLER, outcome=Outcome.EXPLAINED, basis="省里统一规定的电价。"
    )
    office.decide(Role.DEPT_HEAD)
    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)

    office.revisit(solved=Solved.NO, result_score=3)

    assert office.ticket.status is Status.CLOSED


def test_what_the_viewer_had_no_part_in_is_listed_by_its_deadline(office: Office) -> None:
    listed = db.session.scalars(revisits.to_call(office.actor(Role.DISPATCHER))).all()
    of_liaison = db.session.scalars(revisits.to_call(office.actor(Role.LIAISON))).all()

    assert [one.id for one in listed] == [one.id for one in of_liaison] == [office.ticket_id]


def test_whom_one_may_not_call_is_not_listed(office: Office) -> None:
    lead = db.session.get_one(OrgUnit, office.unit_id)
    insider = make.actor(Role.LIAISON, unit=lead)

    assert db.session.scalars(revisits.to_call(insider)).all() == []


def test_who_was_tried_today_comes_after_who_was_not(office: Office) -> None:
    first = office.ticket_id
    office.revisit(reached=False, solved=None, result_score=None)
    office.open(title="另一件")
    for step in (*TO_REVIEW, approve):
        step(office)

    listed = db.session.scalars(revisits.to_call(office.actor(Role.DISPATCHER))).all()

    assert [one.id for one in listed] == [office.ticket_id, first]


def test_the_list_is_for_those_who_ask(office: Office, client_for: Any) -> None:
    for role in (Role.HANDLER, Role.DEPT_HEAD, Role.CHIEF, Role.ENTERPRISE_USER):
        assert client_for(office.actor(role)).get("/tickets/revisits").status_code == 403
    page = client_for(office.actor(Role.LIAISON)).get("/tickets/revisits")
    assert page.status_code == 200


def test_who_handled_is_shown_no_script_and_no_number(office: Office, client_for: Any) -> None:
    for role in (Role.HANDLER, Role.DEPT_HEAD):
        client = client_for(office.actor(role))
        assert client.get(page_of(office)).status_code in {403, 404}
        phone = client.post(f"/tickets/{office.ticket_id}/revisit/phone", data={})
        assert phone.status_code in {403, 404}
        assert NUMBER not in phone.get_data(as_text=True)


def test_the_channel_is_one_of_the_list(office: Office) -> None:
    office.revisit(channel=ContactChannel.ON_SITE)

    assert office.ticket.revisits[-1].channel is ContactChannel.ON_SITE
