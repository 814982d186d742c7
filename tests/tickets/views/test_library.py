"""The library's pages, and an answer that begins from it and cites it."""

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.roles import PEOPLE, Actor, Permission, Role
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid
from app.core.transactions import transaction
from app.library import service
from app.library.models import CannedAnswer, PolicyDocument
from app.library.service import AnswerDraft, DocumentDraft
from app.tickets.models import Category
from app.tickets.workflow.states import Event, Outcome, Status
from tests import make
from tests.office import REPLY, Office, approve, open_office
from tests.tickets.views.cases import KEY, Typed

Browse = Callable[[Actor], FlaskClient]
KEPT = "您反映的（道路）问题，我们已经会同公路站到现场核实，情况如下。"


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


def keep(office: Office, title: str = "企业运输保障办法", **more: Any) -> PolicyDocument:
    with transaction():
        return service.add(DocumentDraft(title, **more), actor=office.actor(Role.DISPATCHER))


def can(office: Office, **more: Any) -> CannedAnswer:
    with transaction():
        return service.add(
            AnswerDraft("道路限高", KEPT, **more), actor=office.actor(Role.DISPATCHER)
        )


def send(browser: FlaskClient, path: str, **typed: Any) -> TestResponse:
    return browser.post(path, data={"idempotency_key": KEY} | typed)


def read(answer: TestResponse) -> str:
    return html.unescape(answer.text)


# ---- its pages ----


@pytest.mark.parametrize("role", PEOPLE)
def test_pages_are_for_readers_and_forms_for_keepers(
    office: Office, client_for: Browse, role: Role
) -> None:
    document, answer, actor = keep(office), can(office), office.actor(role)
    browser = client_for(actor)
    reads = 200 if actor.may(Permission.LIBRARY_READ) else 403
    writes = actor.may(Permission.LIBRARY_MANAGE)

    for path in (
        "/library",
        "/library/answers",
        f"/library/documents/{document.id}",
        f"/library/answers/{answer.id}",
    ):
        page = browser.get(path)
        assert page.status_code == reads, path
        assert ("/new" in page.text or "/withdraw" in page.text) == writes, path
    for path in ("/library/documents/new", "/library/answers/new"):
        assert browser.get(path).status_code == (200 if writes else 403)
    forms: tuple[tuple[str, Typed], ...] = (
        (f"/library/documents/{document.id}", {"title": "改", "reason": "写错了"}),
        (f"/library/answers/{answer.id}", {"title": "改", "text": KEPT, "reason": "写错了"}),
        (f"/library/documents/{document.id}/withdraw", {"reason": "有新的了"}),
        (f"/library/answers/{answer.id}/withdraw", {"reason": "有新的了"}),
    )
    for number, (path, typed) in enumerate(forms):
        done = send(browser, path, **typed, idempotency_key=f"{number:032}")
        assert done.status_code == (303 if writes else 403), path


def test_a_document_is_kept_found_changed_and_withdrawn(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))
    typed = {
        "title": "企业运输保障办法",
        "doc_no": "霁政办〔2026〕7号",
        "issued_on": "2026-09-01",
        "category_id": str(office.category_id),
        "link": "https://example.com/7",
    }

    made = send(browser, "/library/documents/new", **typed)
    found = read(browser.get("/library?q=运输 7号"))
    here = made.headers["Location"]
    again = {"title": "改过的办法", "reason": "写错了", "idempotency_key": "b" * 32}
    send(browser, here, **(typed | again))
    send(browser, f"{here}/withdraw", reason="有新的了", idempotency_key="c" * 32)

    assert made.status_code == 303
    assert "企业运输保障办法" in found
    assert "有效" in found
    assert "改过的办法" not in read(browser.get("/library"))
    assert "已停用" in read(browser.get("/library?ended=1"))


@pytest.mark.parametrize(
    "typed",
    [
        {"title": ""},
        {"title": "长" * 121},
        {"valid_to": "2026-08-31"},
        {"issued_on": "yesterday"},
        {"issued_on": "9999-12-31"},
        {"link": "javascript:alert(1)"},
        {"category_id": "99999"},
        {"category_id": "x"},
    ],
)
def test_a_bad_document_is_refused_and_kept(
    office: Office, client_for: Browse, typed: dict[str, str]
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))
    good = {"title": "办法", "issued_on": "2026-09-01", "summary": "几句要点"}

    answer = send(browser, "/library/documents/new", **(good | typed))

    assert answer.status_code == 422
    assert "bh-errors" in answer.text
    assert "几句要点" in read(answer)
    assert db.session.query(PolicyDocument).count() == 0


@pytest.mark.parametrize("typed", [{"title": ""}, {"text": "太短"}, {"text": "长" * 2001}])
def test_a_bad_canned_answer_is_refused_and_kept(
    office: Office, client_for: Browse, typed: dict[str, str]
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))

    answer = send(browser, "/library/answers/new", **({"title": "道路", "text": KEPT} | typed))

    assert answer.status_code == 422
    assert db.session.query(CannedAnswer).count() == 0


def test_nonsense_in_the_address_of_the_list_asks_nothing(
    office: Office, client_for: Browse
) -> None:
    keep(office)
    browser = client_for(office.actor(Role.HANDLER))

    for query in ("category=x", "category=99999999999", "page=-1", "q=%25"):
        assert browser.get(f"/library?{query}").status_code == 200, query


# ---- an answer begins from it ----


@pytest.fixture
def handled(office: Office) -> str:
    """Walk the ticket to where it is answered, and return the path of that form."""
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    return f"/tickets/{office.ticket_id}/steps/submit_reply"


def test_an_answer_begins_from_one_that_is_kept_for_its_category(
    office: Office, handled: str, client_for: Browse
) -> None:
    own, elsewhere = can(office, category_id=office.category_id), can(office)
    with transaction():
        service.withdraw(
            elsewhere, reason="过时", version=None, actor=office.actor(Role.DISPATCHER)
        )
    browser = client_for(office.actor(Role.HANDLER))

    plain = read(browser.get(handled))
    begun = read(browser.get(f"{handled}?canned={own.id}"))

    assert KEPT not in plain
    assert f'<option value="{own.id}"' in plain
    assert f'<option value="{elsewhere.id}"' not in plain
    assert KEPT in begun


def test_what_was_typed_is_never_overwritten(
    office: Office, handled: str, client_for: Browse
) -> None:
    own = can(office)
    browser = client_for(office.actor(Role.HANDLER))

    answer = send(browser, f"{handled}?canned={own.id}", reply="我自己写的", outcome="resolved")

    assert answer.status_code == 422
    assert "我自己写的" in read(answer)
    assert KEPT not in read(answer)


@pytest.mark.parametrize("canned", ["999", "x", "-1"])
def test_an_answer_that_is_not_there_is_said(
    office: Office, handled: str, client_for: Browse, canned: str
) -> None:
    browser = client_for(office.actor(Role.HANDLER))

    answer = browser.get(f"{handled}?canned={canned}")

    assert answer.status_code == (200 if canned == "x" else 404)


# ---- an answer cites it ----


def test_policies_of_the_category_are_listed_first_and_others_are_found_by_words(
    office: Office, handled: str, client_for: Browse
) -> None:
    for_all = keep(office, "通用规程")
    own = keep(office, "道路办法", category_id=office.category_id)
    other = keep(office, "贷款办法", category_id=_category(office, "01"))
    browser = client_for(office.actor(Role.HANDLER))

    plain = read(browser.get(handled))
    found = read(browser.get(f"{handled}?policy=贷款"))

    box = 'name="citation_ids" type="checkbox" value="{}"'
    assert plain.index(box.format(own.id)) < plain.index(box.format(for_all.id))
    assert box.format(other.id) not in plain
    assert box.format(other.id) in found
    assert box.format(own.id) not in found


def _category(office: Office, code: str) -> int:
    made = Category(tenant_id=office.tenant_id, code=code, name="融资金融")
    db.session.add(made)
    db.session.commit()
    return made.id


def test_a_cited_policy_is_a_basis_goes_through_sign_off_and_is_shown_to_the_enterprise(
    office: Office, handled: str, client_for: Browse
) -> None:
    document = keep(office, "企业运输保障办法", doc_no="霁政办〔2026〕7号")
    handler, head = (client_for(office.actor(role)) for role in (Role.HANDLER, Role.DEPT_HEAD))

    asked = send(
        handler, handled, outcome="explained", reply=REPLY, citation_ids=[str(document.id)]
    )
    assert asked.status_code == 303
    db.session.rollback()
    proposal = office.ticket.proposals[-1]
    told = read(head.get(f"/tickets/{office.ticket_id}/proposals/{proposal.id}"))
    office.decide(Role.DEPT_HEAD)
    approve(office)

    assert document.title in told
    assert [one.id for one in office.ticket.replies[-1].citations] == [document.id]
    for role in (Role.DISPATCHER, Role.ENTERPRISE_USER):
        page = read(client_for(office.actor(role)).get(f"/tickets/{office.ticket_id}"))
        assert document.title in page
        assert document.doc_no in page


def test_only_what_is_the_townships_and_holds_today_can_be_cited(
    office: Office, handled: str, client_for: Browse
) -> None:
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant())
    with transaction():
        foreign = service.add(DocumentDraft("别镇的"), actor=stranger)
    ended = keep(office, "过期的", valid_to=clock.today() - timedelta(days=1))
    coming = keep(office, "没生效的", issued_on=clock.today() + timedelta(days=1))
    many = [str(keep(office, f"第 {n} 份").id) for n in range(6)]
    browser = client_for(office.actor(Role.HANDLER))

    for ids in ([foreign.id], [ended.id], [coming.id], ["99999"], ["x"], many):
        answer = send(browser, handled, outcome="resolved", reply=REPLY, citation_ids=ids)
        assert answer.status_code == 422, ids
        assert REPLY in read(answer)
    assert office.ticket.proposals == []


def test_what_ended_since_it_was_proposed_is_refused_at_sign_off(
    office: Office, handled: str
) -> None:
    document = keep(office)
    assert handled
    office.propose(Event.SUBMIT_REPLY, Role.HANDLER, citation_ids=(document.id,))
    with transaction():
        service.withdraw(document, reason="过时", version=None, actor=office.actor(Role.DISPATCHER))

    with pytest.raises(Invalid) as refused:
        office.decide(Role.DEPT_HEAD)

    assert refused.value.field == "citation_ids"


def test_without_a_citation_the_basis_must_be_written(office: Office, handled: str) -> None:
    assert handled
    with pytest.raises(Invalid) as refused:
        office.propose(Event.SUBMIT_REPLY, Role.HANDLER, outcome=Outcome.EXPLAINED)

    assert refused.value.field == "basis"


def test_what_a_browser_does_to_the_ends_of_lines_is_no_change(
    office: Office, client_for: Browse
) -> None:
    document = keep(office, summary="第一行\n第二行")
    browser = client_for(office.actor(Role.DISPATCHER))
    typed = {"title": document.title, "summary": "第一行\r\n第二行", "doc_no": "新文号"}

    send(browser, f"/library/documents/{document.id}", **typed, reason="文号写错了")

    shown = read(browser.get("/admin/trail/library"))
    assert "新文号" in shown
    assert "文号写错了" in shown
    assert shown.count("第一行") == 1  # when it was kept, and no more
