"""The page of a ticket: what to do now, how its deadline was reached, and nothing for strangers."""

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import TicketEvent
from app.tickets.service import Kind
from app.tickets.workflow.states import Complexity, Event, Note, Solved, Status
from tests import make
from tests.office import ROADS, Office, approve, open_office, reply
from tests.tickets.views.cases import KEY, helped, supervised

Browse = Callable[[Actor], FlaskClient]
STRANGERS = {Role.SYS_ADMIN, Role.AUDIT_ADMIN, Role.VILLAGE_OFFICER}


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


@pytest.fixture
def page(office: Office, client_for: Browse) -> Callable[[Role], str]:
    """Return a function that opens the walked ticket as a person of a role."""

    def read(role: Role) -> str:
        answer = client_for(office.actor(role)).get(f"/tickets/{office.ticket_id}")
        assert answer.status_code == 200
        return html.unescape(answer.text)

    return read


# ---- who may look ----


@pytest.mark.parametrize("role", PEOPLE)
def test_what_one_may_not_know_of_does_not_exist(
    role: Role, office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    proposal = office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    mine = client_for(office.actor(role))
    elsewhere = client_for(
        make.actor(role, tenant=make.tenant(), enterprise_id=make.enterprise().id)
    )
    here = f"/tickets/{office.ticket_id}"
    pages = ("", f"/proposals/{proposal.id}", "/steps/progress_note", "/attachments/1", "/edit")

    for address in pages:
        assert elsewhere.get(here + address).status_code == 404, address
        if role in STRANGERS:
            assert mine.get(here + address).status_code == 404, address
    for address in ("/phone", "/steps/urged", f"/proposals/{proposal.id}"):
        assert elsewhere.post(here + address).status_code == 404, address
    assert mine.get(here).status_code == (404 if role in STRANGERS else 200)


def test_a_unit_that_has_nothing_to_do_with_it_sees_nothing(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.IN_PROGRESS)

    browser = client_for(office.more["other handler"])

    assert browser.get(f"/tickets/{office.ticket_id}").status_code == 404


# ---- what to do now ----


@pytest.mark.parametrize(
    ("status", "role", "card"),
    [
        (Status.PENDING_ACCEPTANCE, Role.DISPATCHER, "先受理"),
        (Status.PENDING_DISPATCH, Role.DISPATCHER, "交办给承办单位"),
        (Status.PENDING_SIGN, Role.HANDLER, "先签收"),
        (Status.IN_PROGRESS, Role.HANDLER, "先联系企业，再办理"),
        (Status.IN_PROGRESS, Role.DISPATCHER, "正在办理"),
        (Status.PENDING_REVIEW, Role.DISPATCHER, "审核答复"),
        (Status.PENDING_REVIEW, Role.HANDLER, "等营商办审核答复"),
        (Status.PENDING_REVISIT, Role.LIAISON, "回访企业"),
        (Status.SUSPENDED, Role.OFFICE_DIRECTOR, "复核挂账"),
        (Status.SUSPENDED, Role.HANDLER, "挂账，等条件具备"),
        (Status.CLOSED, Role.DISPATCHER, "已办结"),
    ],
)
def test_the_card_says_what_to_do_or_whose_move_it_is(
    status: Status, role: Role, card: str, office: Office, page: Callable[[Role], str]
) -> None:
    office.walk_to(status)

    shown = page(role)

    title = shown.split('id="now">')[1].split("</h2>")[0]
    assert card in title
    assert shown.count("btn btn-primary") <= 1


def test_a_draft_leads_its_writer_on(office: Office, page: Callable[[Role], str]) -> None:
    office.open()

    assert f"/tickets/{office.ticket_id}/edit" in page(Role.LIAISON)


def test_what_waits_for_my_word_comes_first(office: Office, page: Callable[[Role], str]) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)

    assert "请决定是否同意：延期" in page(Role.OFFICE_DIRECTOR)
    assert "延期正等决定" in page(Role.DISPATCHER)
    assert "撤回" in page(Role.DEPT_HEAD)


@pytest.mark.parametrize("status", list(ROADS))
def test_the_page_offers_exactly_what_this_viewer_may_do_now(
    status: Status, office: Office, client_for: Browse
) -> None:
    office.walk_to(status)
    for role in PEOPLE:
        actor = office.actor(role)
        answer = client_for(actor).get(f"/tickets/{office.ticket_id}")
        if answer.status_code == 404:
            continue
        db.session.rollback()
        may = {
            offer.name
            for offer in service.offers(office.ticket, actor=actor)
            if offer.refusal is None and offer.kind is not Kind.DECIDE
        }
        for name in [*(e.value for e in Event), *(n.value for n in Note if n is not Note.ATTACHED)]:
            wanted = name in may or (name == "revisit_close" and "revisit_rework" in may)
            linked = f"/tickets/{office.ticket_id}/steps/{name}" in answer.text
            if name in {"revisit_rework", "submit"}:  # with revisit_close; on the draft's page
                continue
            assert linked == wanted, (role, name)


def test_what_has_just_become_impossible_is_a_sentence(
    office: Office, page: Callable[[Role], str], frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    frozen_clock.shift(timedelta(days=2))

    shown = page(Role.DEPT_HEAD)

    assert "退单：交办后 1 个工作日内可提，已过。" in shown
    assert "/steps/approve_return" not in shown


# ---- deadline and history ----


def test_a_deadline_shows_how_it_was_reached(office: Office, page: Callable[[Role], str]) -> None:
    office.walk_to(Status.IN_PROGRESS)

    shown = page(Role.HANDLER)

    assert "9月29日（周二）17:30" in shown
    assert "的次日起 5 个工作日" in shown
    assert "中秋" in shown
    assert 'class="bh-cal"' in shown


def test_a_moved_deadline_tells_from_when_to_when_and_why(
    office: Office, page: Callable[[Role], str]
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)

    assert "办理期限由 9月29日（周二）17:30 改为 9月30日（周三）17:30：延期" in page(
        Role.DISPATCHER
    )


def test_a_long_way_is_told_in_sentences(office: Office, page: Callable[[Role], str]) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.COMPLEX)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    office.take(Event.PROGRESS_NOTE, Role.HANDLER, for_enterprise=True)
    office.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)

    shown = page(Role.DISPATCHER)

    for told in (
        "难易程度：复杂（B类）",
        "协办",
        "15 个工作日内办结",
        "联系到宋主任",
        "企业可见",
        "跨部门、跨层级或历史遗留",
        "分管领导",
        "牵头",
        "意见：同意",
    ):
        assert told in shown, told
    assert "None" not in shown


def test_answers_and_revisits_are_shown_with_who_gave_them(
    office: Office, page: Callable[[Role], str]
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit(solved=Solved.NO, result_score=1, words="还是过不去")
    reply(office)
    approve(office)

    shown = page(Role.LIAISON)

    assert "第 2 版" in shown
    assert f"{office.actor(Role.HANDLER).name}起草" in shown
    assert f"{office.actor(Role.DEPT_HEAD).name}签发" in shown
    assert "还是过不去" in shown
    assert "结果 1 分" in shown


def test_helpers_and_supervision_are_shown(office: Office, page: Callable[[Role], str]) -> None:
    supervised(office)
    assert "蓝色督办" in page(Role.DEPT_HEAD)
    assert "先答复督办单" in page(Role.DEPT_HEAD)

    helped(office)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    shown = page(Role.HANDLER)
    assert "剩 3 个工作日" in shown
    assert "协办意见还没有交" in shown


# ---- the telephone ----


def test_a_telephone_number_is_masked_until_somebody_asks_and_is_noted(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    browser = client_for(office.actor(Role.HANDLER))
    here = f"/tickets/{office.ticket_id}"

    assert "14200000001" not in browser.get(here).text
    assert "142****0001" in browser.get(here).text
    answer = browser.post(f"{here}/phone", data={"idempotency_key": KEY})

    assert "tel:14200000001" in answer.text
    noted = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(1)).one()
    assert (noted.subject, noted.subject_id) == ("ticket", office.ticket_id)
    assert noted.user_id == office.actor(Role.HANDLER).user_id
    assert "14200000001" not in f"{noted.before}{noted.after}{noted.reason}"


# ---- at what cost ----


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.HANDLER, Role.LIAISON])
def test_the_page_takes_as_many_statements_for_fifty_events_as_for_ten(
    role: Role, office: Office, client_for: Browse, statements: list[str]
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    browser = client_for(office.actor(role))
    here = f"/tickets/{office.ticket_id}"
    browser.get(here)
    taken = []
    for more in (0, 40):
        with transaction():
            db.session.add_all(_note(office) for _ in range(more))
        statements.clear()
        browser.get(here)
        taken.append(len(statements))

    assert taken[0] == taken[1] <= 25


def _note(office: Office) -> TicketEvent:
    return TicketEvent(
        ticket_id=office.ticket_id,
        kind=Event.PROGRESS_NOTE.value,
        source=Status.IN_PROGRESS,
        target=Status.IN_PROGRESS,
        actor_id=office.actor(Role.HANDLER).user_id,
        actor_role=Role.HANDLER,
        at=office.ticket.created_at,
        payload={},
    )
