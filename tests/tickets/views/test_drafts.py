"""登记企业问题: a draft is kept, handed in once, and nothing that was typed is lost."""

import html
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.roles import PEOPLE, Actor, Permission, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import Ticket
from app.tickets.workflow.states import Event, Source, Status
from tests import make
from tests.office import Office, open_office
from tests.tickets.views.cases import KEY

Browse = Callable[[Actor], FlaskClient]
WORDS = "园区东路北口的限高架只有 3.2 米，大件运不出去。"


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


@pytest.fixture
def writer(office: Office, client_for: Browse) -> FlaskClient:
    return client_for(office.actor(Role.LIAISON))


def typed(office: Office, **more: Any) -> dict[str, Any]:
    return {
        "enterprise_id": office.enterprise_id,
        "title": "限高架挡住大件",
        "description": WORDS,
        "wish": "白天允许通行",
        "category_id": office.category_id,
        "contact_name": "宋主任",
        "contact_phone": "14200000001",
        "urgency": "urgent",
        "source": "visit",
        "no_secrets": "y",
        "action": "submit",
        "idempotency_key": KEY,
    } | more


def tickets() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Ticket)) or 0


def newest() -> Ticket:
    db.session.rollback()
    return db.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def test_first_one_says_whose_problem_it_is(office: Office, writer: FlaskClient) -> None:
    make.enterprise("岚坞茶厂", pinyin="lwcc")
    linked = writer.get("/tickets/new").text

    assert f"/tickets/new?enterprise={office.enterprise_id}" in linked
    assert "没有找到这家企业" in writer.get("/tickets/new?q=没有这样的企业").text


def test_the_form_knows_the_contact_of_the_firm(office: Office, writer: FlaskClient) -> None:
    firm = db.session.get_one(make.Enterprise, office.enterprise_id)
    make.contact(enterprise=firm, name="宋主任", is_primary=True)

    page = writer.get(f"/tickets/new?enterprise={office.enterprise_id}").text

    assert 'value="宋主任"' in page
    assert "110、119 或 120" in page


def test_a_problem_is_handed_in_once(office: Office, writer: FlaskClient) -> None:
    first = writer.post("/tickets/new", data=typed(office))
    second = writer.post("/tickets/new", data=typed(office))

    assert first.status_code == 303
    assert second.location == first.location
    assert tickets() == 1
    ticket = newest()
    assert ticket.status is Status.PENDING_ACCEPTANCE
    assert ticket.number == "QS20260921-0001"
    assert (ticket.wish, ticket.urgency.value) == ("白天允许通行", "urgent")
    assert ticket.contact_phone == "14200000001"


def test_a_draft_may_be_kept_unfinished(office: Office, writer: FlaskClient) -> None:
    answer = writer.post(
        "/tickets/new",
        data=typed(office, action="save", description="", category_id="", no_secrets=""),
    )

    assert answer.status_code == 303
    assert newest().status is Status.DRAFT
    assert newest().number is None


def test_a_draft_is_written_on_and_handed_in(office: Office, writer: FlaskClient) -> None:
    writer.post("/tickets/new", data=typed(office, action="save", source="phone"))
    ticket = newest()
    here = f"/tickets/{ticket.id}/edit"
    shown = html.unescape(writer.get(here).text)
    assert WORDS in shown
    assert '<option selected value="phone">' in shown

    data = typed(office, title="限高架", version=ticket.version, idempotency_key=KEY[::-1])
    assert writer.post(here, data=data).status_code == 303

    assert newest().title == "限高架"
    assert newest().status is Status.PENDING_ACCEPTANCE


def test_what_a_visit_began_stays_the_visits(office: Office, writer: FlaskClient) -> None:
    visit = make.visit()
    office.open(visit_id=visit.id, campaign="新春访万企")

    answer = writer.post(
        f"/tickets/{office.ticket_id}/edit",
        data=typed(office, action="save", version=office.ticket.version),
    )

    assert answer.status_code == 303
    db.session.rollback()
    assert (office.ticket.visit_id, office.ticket.campaign) == (visit.id, "新春访万企")


@pytest.mark.parametrize(
    "missing",
    ["title", "description", "category_id", "contact_name", "no_secrets", "urgency", "source"],
)
def test_what_is_missing_is_asked_for_and_the_rest_is_kept(
    missing: str, office: Office, writer: FlaskClient
) -> None:
    answer = writer.post("/tickets/new", data=typed(office, **{missing: ""}))

    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert 'id="errors-title"' in page
    assert f'href="#{missing}"' in page
    assert "白天允许通行" in page
    assert tickets() == 0


def test_all_that_is_missing_is_said_at_once(office: Office, writer: FlaskClient) -> None:
    answer = writer.post(
        "/tickets/new",
        data=typed(office, description="太短", category_id="", contact_name="", no_secrets=""),
    )

    assert "还有 4 处没有写完" in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "长" * 51),
        ("description", "长" * 2001),
        ("wish", "长" * 2001),
        ("contact_name", "长" * 41),
        ("contact_phone", "1" * 21),
        ("contact_phone", "不是号码"),
        ("external_no", "长" * 61),
        ("external_due_on", "2026-02-30"),
        ("external_due_on", "0001-01-01"),
        ("urgency", "whenever"),
        ("source", "rumour"),
        ("category_id", "abc"),
        ("category_id", "99999999999999999999"),
        ("complained_unit_id", "-1"),
        ("action", "publish"),
    ],
)
def test_what_does_not_fit_is_refused_and_kept(
    field: str, value: str, office: Office, writer: FlaskClient
) -> None:
    answer = writer.post("/tickets/new", data=typed(office, **{field: value}))

    assert answer.status_code == 422
    assert "限高架挡住大件" in answer.text or field == "title"
    assert tickets() == 0


@pytest.mark.parametrize(
    "field", ["enterprise_id", "category_id", "subcategory_id", "complained_unit_id"]
)
def test_a_thing_of_nobody_or_of_another_township_is_refused(
    field: str, office: Office, writer: FlaskClient
) -> None:
    elsewhere = make.tenant()
    make.category(parent_id=office.category_id)
    foreign = {
        "enterprise_id": make.enterprise(tenant=elsewhere).id,
        "category_id": make.category(tenant=elsewhere).id,
        "subcategory_id": make.category(tenant=elsewhere).id,
        "complained_unit_id": make.unit(tenant=elsewhere).id,
    }
    for id_ in (foreign[field], 987654):
        answer = writer.post("/tickets/new", data=typed(office, **{field: id_}))

        assert answer.status_code == 422
        assert WORDS in html.unescape(answer.text)
    assert tickets() == 0


def test_the_second_of_two_windows_is_told_and_sees_what_differs(
    office: Office, writer: FlaskClient
) -> None:
    office.open()
    seen = office.ticket.version
    with transaction():
        office.ticket.title = "在另一个窗口改过的标题"
    here = f"/tickets/{office.ticket_id}/edit"

    answer = writer.post(here, data=typed(office, action="save", version=seen))

    page = html.unescape(answer.text)
    assert answer.status_code == 409
    assert "在另一个窗口改过的标题" in page
    assert "限高架挡住大件" in page
    again = {"version": _hidden(answer, "version"), "idempotency_key": KEY[::-1]}
    assert writer.post(here, data=typed(office, action="save") | again).status_code == 303


def _hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found
    return found[1]


def test_what_was_handed_in_is_read_only(office: Office, writer: FlaskClient) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    here = f"/tickets/{office.ticket_id}/edit"

    assert writer.get(here).status_code == 403
    data = typed(office, version=office.ticket.version)
    assert writer.post(here, data=data).status_code == 403


def test_what_was_sent_back_says_what_is_missing(office: Office, writer: FlaskClient) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER, items="现场照片\n误期说明")

    page = writer.get(f"/tickets/{office.ticket_id}/edit").text

    assert "现场照片" in page
    assert "误期说明" in page


def test_a_strangers_draft_does_not_exist(office: Office, client_for: Browse) -> None:
    office.open()
    stranger = client_for(make.actor(Role.LIAISON))

    assert stranger.get(f"/tickets/{office.ticket_id}/edit").status_code == 404
    assert stranger.post(f"/tickets/{office.ticket_id}/edit", data={}).status_code == 404


@pytest.mark.parametrize("role", PEOPLE)
def test_only_some_may_report_a_problem(role: Role, office: Office, client_for: Browse) -> None:
    actor = office.actor(role)
    writer = client_for(actor)
    may = actor.may(Permission.TICKET_OPEN)

    assert writer.get("/tickets/new").status_code == (200 if may else 403)
    answer = writer.post("/tickets/new", data=typed(office))
    assert answer.status_code == (303 if may else 403)
    assert tickets() == int(may)


def test_an_enterprise_reports_its_own_problems_alone(office: Office, client_for: Browse) -> None:
    writer = client_for(office.actor(Role.ENTERPRISE_USER))
    other = make.enterprise()

    assert '<option selected value="self_service">' in writer.get("/tickets/new").text
    answer = writer.post("/tickets/new", data=typed(office, enterprise_id=other.id))
    assert answer.status_code == 422
    assert writer.get(f"/tickets/new?enterprise={other.id}").status_code == 404


def test_files_come_with_the_draft_and_may_be_taken_away(
    office: Office, writer: FlaskClient
) -> None:
    pdf = (io.BytesIO(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"), "误期说明.pdf")

    writer.post("/tickets/new", data=typed(office, action="save", files=[pdf]))
    ticket = newest()
    here = f"/tickets/{ticket.id}"
    page = writer.get(f"{here}/edit").text
    assert "误期说明.pdf" in page
    file_ = re.search(rf"{here}/attachments/(\d+)", page)
    assert file_
    with writer.get(f"{here}/attachments/{file_[1]}") as served:
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert "attachment" in served.headers["Content-Disposition"]

    assert writer.post(f"{here}/attachments/{file_[1]}/remove").status_code == 303
    assert "误期说明.pdf" not in writer.get(f"{here}/edit").text


def test_a_file_of_the_wrong_kind_keeps_what_was_typed(office: Office, writer: FlaskClient) -> None:
    program = (io.BytesIO(b"MZ\x90\x00"), "工具.exe")

    answer = writer.post("/tickets/new", data=typed(office, files=[program]))

    assert answer.status_code == 422
    assert WORDS in html.unescape(answer.text)
    assert tickets() == 0


def test_the_default_source_is_where_the_writer_hears_things(
    office: Office, client_for: Browse
) -> None:
    for role, source in ((Role.DISPATCHER, Source.PHONE), (Role.LIAISON, Source.VISIT)):
        page = client_for(office.actor(role)).get(f"/tickets/new?enterprise={office.enterprise_id}")
        assert f'<option selected value="{source}">' in page.text
