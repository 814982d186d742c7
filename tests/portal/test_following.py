"""An enterprise follows its problem without an account: what it is shown, and what it changes."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html.parser import HTMLParser
from threading import Barrier
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.attachments import service as attachments
from app.attachments.models import Attachment
from app.core import clock, links
from app.core.audit import AuditRow
from app.core.db import db
from app.core.links import PublicLink
from app.core.transactions import DoneOnce, transaction
from app.enterprises.models import Linkage
from app.notifications.models import Message
from app.portal.queries import following as queries
from app.tickets import jobs
from app.tickets import service as tickets
from app.tickets.models import Proposal, Reply, Revisit, SupervisionNote, Ticket, TicketEvent
from app.tickets.workflow.states import Event, Note, Solved, Status
from app.visits import service as visits
from app.visits.models import VisitTask
from tests import make
from tests.attachments.files import png
from tests.office import REPLY, Office
from tests.portal import town as portal
from tests.portal.town import (
    code_of,
    end,
    events,
    letters,
    link_of,
    minutes_pass,
    open_town,
    sent,
    token_of,
)
from tests.portal.visitor import carried
from tests.tickets.asking import answer_again, ask

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User | Actor], FlaskClient]
WORDS = "上周又有一车大件过不去"
WITHDRAWN = {"why": "solved", "words": "公路站已经改好了"}
MARK = "内部不可外泄"


@pytest.fixture
def office(app: Flask) -> Office:
    del app
    return open_town()


def rows() -> dict[str, int]:
    """Return how many rows there are of all that a page could change."""
    db.session.rollback()
    tables = (Ticket, TicketEvent, PublicLink, Message, DoneOnce, AuditRow, Attachment)
    counted = {
        one.__tablename__: db.session.scalar(select(func.count()).select_from(one)) or 0
        for one in tables
    }
    links_now = db.session.scalars(select(PublicLink.serial)).all()
    versions = db.session.scalars(select(Ticket.version)).all()
    return counted | {"serials": sum(links_now), "versions": sum(versions)}


def let_in(app: Flask, ticket_id: int) -> FlaskClient:
    """Return a browser that was let in by number and code."""
    client = app.test_client()
    number, code = code_of(ticket_id)
    data = {"number": number, "code": code, "idempotency_key": "b" * 32}
    assert client.post("/follow", data=data).status_code == 303
    return client


# ---- what each state shows ----

SHOWS = {
    Status.PENDING_ACCEPTANCE: ("收到了，正在看归谁办", "最迟 "),
    Status.PENDING_DISPATCH: ("受理了，正在交给承办单位", "最迟 "),
    Status.PENDING_SIGN: ("正在为您办理", "最迟 "),
    Status.IN_PROGRESS: ("正在为您办理", "最迟 "),
    Status.SUSPENDED: ("现在的条件还办不了，先挂着", "再看一次能不能办"),
    Status.PENDING_REVIEW: ("办好了，正在核对答复", "再请您评价"),
    Status.PENDING_REVISIT: ("有答复了，接下来请您评价", "评价的按钮会在这一页上出现"),
    Status.CLOSED: ("办结了", "以前打电话给营商办"),
    Status.ARCHIVED: ("办结了", "请重新告诉我们"),
    Status.REJECTED: ("这件事不归我们受理", "请向法院反映"),
    Status.MERGED: ("和您的另一件并在一起办", "那一件现在"),
    Status.CANCELLED: ("撤销了，不再办理", "请重新告诉我们"),
}


@pytest.mark.parametrize("status", SHOWS, ids=str)
def test_each_state_says_where_it_is_and_what_comes(
    app: Flask, office: Office, status: Status
) -> None:
    ticket_id = end(office, status)

    page = app.test_client().get(f"/follow/{token_of(ticket_id)}")

    assert page.status_code == 200
    heading, words = SHOWS[status]
    assert f"<h1>{heading}</h1>" in page.text
    assert words in page.text
    assert portal.PHONE in page.text


def test_it_asks_for_a_rating_only_where_there_is_a_button_to_give_one(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    path = f"/follow/{token_of(office.ticket_id)}"
    before = app.test_client().get(path).text
    assert "去评价" not in before
    assert "轮到您了" not in before

    jobs.ask_for_ratings()

    after = app.test_client().get(path).text
    assert "<h1>有答复了，请您评价</h1>" in after
    assert "轮到您了" in after
    assert "去评价" in after


def test_every_state_with_a_number_is_told() -> None:
    assert set(SHOWS) | {Status.DRAFT} == set(Status)


def test_what_was_sent_back_says_what_is_missing_and_whose_move_it_is(
    app: Flask, office: Office
) -> None:
    ticket_id = portal.send_back(office)

    page = app.test_client().get(f"/follow/{token_of(ticket_id)}")

    assert "轮到您了" in page.text
    assert "还差：现场照片" in page.text


def test_the_deadline_is_the_one_of_the_ticket_to_the_minute_and_a_missed_one_is_owned_up_to(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token = token_of(office.ticket_id)
    assert "最迟 9月29日（周二）17:30答复您" in app.test_client().get(f"/follow/{token}").text

    minutes_pass(frozen_clock, 60 * 24 * 10)

    assert "已经过了，我们在催" in app.test_client().get(f"/follow/{token}").text


def test_an_answer_is_shown_once_it_was_approved_and_not_before(app: Flask, office: Office) -> None:
    office.walk_to(Status.PENDING_REVIEW)
    address = f"/follow/{token_of(office.ticket_id)}"
    assert REPLY not in app.test_client().get(address).text

    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)

    assert REPLY in app.test_client().get(address).text


def test_what_the_answer_rests_on_is_shown_to_the_enterprise_and_to_the_office(
    app: Flask, office: Office, client_for: Callable[[User | Actor], FlaskClient]
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    with transaction():
        for reply in db.session.scalars(select(Reply)):
            reply.basis = "《公路安全保护条例》第三十四条"

    followed = app.test_client().get(f"/follow/{token_of(office.ticket_id)}").text
    shown = client_for(office.actor(Role.DISPATCHER)).get(f"/tickets/{office.ticket_id}").text

    assert "依据：《公路安全保护条例》第三十四条" in followed
    assert "依据：《公路安全保护条例》第三十四条" in shown


def test_the_link_to_the_last_word_is_shown_while_there_is_one(app: Flask, office: Office) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    token = ask()
    browser, address = app.test_client(), f"/follow/{token_of(office.ticket_id)}"
    assert f'href="/rate/{token}"' in browser.get(address).text

    office.revisit(solved=Solved.NO, result_score=1)  # by telephone
    assert "/rate/" not in browser.get(address).text
    answer_again(office)
    assert "/rate/" not in browser.get(address).text

    token = ask()
    assert f'href="/rate/{token}"' in browser.get(address).text
    office.revisit(solved=Solved.NO, result_score=1)
    assert office.ticket.status is Status.PENDING_REVISIT  # for the director to decide

    assert "/rate/" not in browser.get(address).text


# ---- files ----


def attach(office: Office, name: str, *, role: Role = Role.HANDLER, marked: bool) -> int:
    """Attach a file as somebody of the offices, for the enterprise or not; return its id."""
    prepared = attachments.prepare(name, io.BytesIO(png()))
    with transaction():
        return attachments.attach(
            prepared,
            actor=office.people[role],
            ticket_id=office.ticket_id,
            for_enterprise=marked,
        ).id


def test_the_enterprise_downloads_what_is_marked_for_it_and_nothing_else(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    meant, inside = (
        attach(office, "方案.png", marked=True),
        attach(office, "底稿.png", marked=False),
    )
    at = f"/follow/{token_of(office.ticket_id)}"
    browser = app.test_client()

    page = browser.get(at).text
    assert f"{at}/files/{meant}" in page
    assert "底稿" not in page
    with browser.get(f"{at}/files/{meant}") as served:
        assert served.status_code == 200
        assert served.headers["Content-Type"] == "image/png"
        assert served.headers["Content-Disposition"].startswith("attachment")
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in served.headers["Cache-Control"]
    assert browser.get(f"{at}/files/{inside}").status_code == 404
    office.walk_to(Status.PENDING_ACCEPTANCE)
    elsewhere = f"/follow/{token_of(office.ticket_id)}/files/{meant}"
    assert browser.get(elsewhere).status_code == 404


def test_the_enterprise_gets_back_what_it_sent(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    photo = (io.BytesIO(png()), "限高架.png")
    client.post(
        "/follow/t",
        data=sent(office.ticket_id) | {"words": WORDS, "files": [photo]},
        content_type="multipart/form-data",
    )

    page = client.get("/follow/t").text
    assert "您发来的" in page
    address = re.search(r"/follow/t/files/\d+", page)
    assert address
    with client.get(address[0]) as served:
        assert served.data.startswith(b"\x89PNG")
    assert app.test_client().get(address[0]).status_code == 303  # to others the door


def test_an_old_link_hands_out_no_file(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    file_id, link = attach(office, "方案.png", marked=True), link_of(office.ticket_id)
    token = links.token_of(link)
    with transaction():
        links.renew(db.session.get_one(PublicLink, link.id))

    answer = app.test_client().get(f"/follow/{token}/files/{file_id}")

    assert answer.status_code == 410
    assert "换新了" in answer.text


def test_of_a_confidential_problem_no_unit_and_nobody_is_named(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    names = [office.ticket.lead_unit.name, office.ticket.handler.name]
    with transaction():
        office.ticket.confidential = True

    page = app.test_client().get(f"/follow/{token_of(office.ticket_id)}").text

    assert "已经有专人在办" in page
    assert not [name for name in names if name in page]


def plant(office: Office) -> None:
    """Write a mark into every internal field of the ticket and of all that lies beside it."""
    planted: dict[str, dict[Any, str]] = {
        "payload": {"plan": MARK, "comment": MARK, "reason": MARK}
    }
    with transaction():
        ticket = office.ticket
        for name in ("done_on_site", "campaign", "external_system", "external_no"):
            setattr(ticket, name, MARK)
        ticket.unsatisfied_finding = MARK
        for reply in ticket.replies:
            if not reply.is_final:
                reply.text = reply.basis = MARK
        db.session.add(
            Reply(
                ticket_id=ticket.id,
                number=99,
                round=1,
                outcome="resolved",
                text=MARK,
                basis=MARK,
                submitted_at=clock.now(),
            )
        )
        db.session.add(
            Revisit(
                ticket_id=ticket.id,
                round=1,
                at=clock.now(),
                channel="phone",
                reached=False,
                words=MARK,
            )
        )
        db.session.add(
            SupervisionNote(
                ticket_id=ticket.id,
                level="blue",
                of_due_at=clock.now(),
                raised_at=clock.now(),
                answer_due_at=clock.now(),
                answer=MARK,
            )
        )
        db.session.add(
            Proposal(
                tenant_id=ticket.tenant_id,
                ticket_id=ticket.id,
                event=Event.REOPEN,
                payload=planted["payload"],
                comment=MARK,
                decision=MARK,
                asked_by_id=office.people[Role.DISPATCHER].user_id,
                asked_role=Role.DISPATCHER,
                asked_at=clock.now(),
            )
        )
        _plant_events(ticket, planted["payload"])
        unit_phone = {"phone": "13800009999"}
        for person in db.session.scalars(select(User)):
            person.phone = unit_phone["phone"]


SPOKEN = {Event.REJECT, Event.REQUEST_SUPPLEMENT}  # whose words are the enterprise's to read


def _plant_events(ticket: Ticket, payload: dict[Any, str]) -> None:
    for kind in (*Event, *Note):
        words = "" if kind in SPOKEN | {Note.SUPPLEMENTED, Note.WITHDRAWAL_ASKED} else MARK
        db.session.add(
            TicketEvent(
                ticket_id=ticket.id,
                kind=kind.value,
                source=ticket.status,
                target=ticket.status,
                actor_role=Role.DISPATCHER,
                at=clock.now(),
                comment=words,
                payload=payload,
                for_enterprise=kind not in (*Event,),
                ip=MARK,
            )
        )


@pytest.mark.parametrize("status", [*SHOWS, Status.DRAFT], ids=str)
def test_no_internal_word_is_shown_in_any_state(app: Flask, office: Office, status: Status) -> None:
    ticket_id = portal.send_back(office) if status is Status.DRAFT else end(office, status)
    plant(office)
    token = token_of(ticket_id)

    for address in (f"/follow/{token}", f"/follow/{token}/withdraw"):
        page = app.test_client().get(address).text
        assert MARK not in page
        assert "13800009999" not in page
        assert portal.CALLER not in page


def test_progress_is_shown_where_it_was_meant_for_the_enterprise_only(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(
        Event.PROGRESS_NOTE, Role.HANDLER, comment="给企业看的一条办理进展", for_enterprise=True
    )
    office.take(Event.PROGRESS_NOTE, Role.HANDLER, comment="只给内部看的一条办理进展")

    page = app.test_client().get(f"/follow/{token_of(office.ticket_id)}").text

    assert "给企业看的一条办理进展" in page
    assert "只给内部看的一条办理进展" not in page


def test_a_page_asks_as_much_of_the_database_however_long_the_history_is(
    app: Flask, office: Office, statements: list[str]
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    address = f"/follow/{token_of(office.ticket_id)}"

    def asked() -> int:
        db.session.remove()
        statements.clear()
        app.test_client().get(address)
        return len(statements)

    asked()  # the connection and the settings are read once
    few = asked()
    for _ in range(5):
        office.take(Event.PROGRESS_NOTE, Role.HANDLER, for_enterprise=True)

    assert asked() == few <= 9


# ---- links: forged, swapped, old ----


def test_a_link_opens_the_ticket_it_was_made_for_and_a_forged_one_opens_nothing(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    one = token_of(office.ticket_id)
    office.open(title="另一件，别人看不到")
    office.take(Event.SUBMIT, Role.LIAISON)
    other = token_of(office.ticket_id)
    id_, serial, signature = other.split("-", 2)
    forged = [
        f"{one.split('-', 1)[0]}-{serial}-{signature}",  # another's signature
        f"{id_}-{int(serial) + 1}-{signature}",
        f"{id_}-{serial}-{signature[:-1]}",
        f"{id_}-{serial}-",
        "none",
        "9" * 300,
        "1-1-x",
        "-1-1-x",
    ]

    assert "另一件" not in app.test_client().get(f"/follow/{one}").text
    assert "另一件" in app.test_client().get(f"/follow/{other}").text
    for token in forged:
        for path in (f"/follow/{token}", f"/follow/{token}/withdraw"):
            assert app.test_client().get(path).status_code == 404
            data = sent(office.ticket_id, words=WORDS, why="solved")
            assert app.test_client().post(path, data=data).status_code == 404


def test_who_makes_links_worthless_replaces_the_one_that_asks_for_a_rating(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    old, browser = ask(), app.test_client()
    with transaction():
        tickets.revoke_links(
            office.ticket,
            "邮箱登记错了",
            send_again=True,
            version=None,
            actor=office.people[Role.DISPATCHER],
        )

    page = browser.get(f"/rate/{old}")
    assert page.status_code == 410
    assert "已经不能用了" in page.text
    new = re.search(
        r'href="(/rate/[^"]+)"', browser.get(f"/follow/{token_of(office.ticket_id)}").text
    )
    assert new
    assert new[1] != f"/rate/{old}"
    assert browser.get(new[1]).status_code == 200


@pytest.mark.parametrize("purpose", ["rate", "visit", "tell"])
def test_a_link_for_another_purpose_opens_nothing_here(
    app: Flask, office: Office, purpose: str
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    with transaction():
        made = links.make(
            purpose,
            tickets.subject_of(office.ticket_id),
            tenant_id=office.tenant_id,
            lasts=timedelta(days=1),
        )
        token = links.token_of(made)

    assert app.test_client().get(f"/follow/{token}").status_code == 404


def test_an_expired_link_says_how_to_go_on(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token = token_of(office.ticket_id)
    minutes_pass(frozen_clock, 366 * 24 * 60)

    answer = app.test_client().get(f"/follow/{token}")

    assert answer.status_code == 410
    assert "这个链接过期了" in answer.text
    assert 'href="/follow"' in answer.text


def test_a_link_to_what_is_over_holds_half_a_year(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    token = token_of(end(office, Status.CLOSED))
    minutes_pass(frozen_clock, 179 * 24 * 60)
    assert app.test_client().get(f"/follow/{token}").status_code == 200

    minutes_pass(frozen_clock, 2 * 24 * 60)

    assert app.test_client().get(f"/follow/{token}").status_code == 410


def test_the_office_makes_links_and_code_worthless_with_a_reason(
    app: Flask, office: Office, client_for: ClientFor
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token, (number, code) = token_of(office.ticket_id), code_of(office.ticket_id)
    inside = let_in(app, office.ticket_id)
    written = len(letters())
    client = client_for(office.people[Role.DISPATCHER])
    address = f"/tickets/{office.ticket_id}/follow"
    assert address in client.get(f"/tickets/{office.ticket_id}").text
    page = client.get(address).text
    assert token not in page
    assert code not in page
    data = sent(office.ticket_id, reason="邮箱登记错了", then="again")

    assert client.post(address, data=data).status_code == 303
    assert client.post(address, data=data).status_code == 303  # a second click

    assert app.test_client().get(f"/follow/{token}").status_code == 410
    assert inside.get("/follow/t").status_code == 303
    wrong = {"number": number, "code": code, "idempotency_key": "d" * 32}
    assert app.test_client().post("/follow", data=wrong).status_code == 422
    new = letters()[written:]
    assert [one.rule for one in new] == ["firm-link"]
    assert app.test_client().get(f"/follow/{token_of(office.ticket_id)}").status_code == 200
    logged = select(AuditRow).where(AuditRow.action == "作废查进度的链接")
    assert db.session.scalars(logged).one().reason == "邮箱登记错了"


@pytest.mark.parametrize("role", [Role.HANDLER, Role.DEPT_HEAD, Role.LIAISON, Role.CHIEF])
def test_nobody_else_makes_them_worthless(
    office: Office, client_for: ClientFor, role: Role
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = client_for(office.people[role])
    address = f"/tickets/{office.ticket_id}/follow"
    data = sent(office.ticket_id, reason="邮箱登记错了", then="only")

    assert client.get(address).status_code == 403
    assert client.post(address, data=data).status_code == 403
    assert address not in client.get(f"/tickets/{office.ticket_id}").text


# ---- looking changes nothing ----


@pytest.mark.parametrize("status", [*SHOWS, Status.DRAFT], ids=str)
def test_looking_changes_nothing(app: Flask, office: Office, status: Status) -> None:
    ticket_id = portal.send_back(office) if status is Status.DRAFT else end(office, status)
    token = token_of(ticket_id)
    before = rows()

    for path in (f"/follow/{token}", f"/follow/{token}/withdraw", "/follow", "/follow/t"):
        app.test_client().get(path)
        app.test_client().head(path)

    assert rows() == before


class Forms(HTMLParser):
    """Every form of a page, with its fields as they are found."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
        elif tag in {"input", "textarea", "select"} and self.found and "name" in given:
            choice = given.get("type") in {"radio", "checkbox"}
            if not choice or "checked" in given:
                self.found[-1][1][given["name"]] = given.get("value", "")


@pytest.mark.parametrize(
    "status", [Status.DRAFT, Status.IN_PROGRESS, Status.PENDING_REVISIT], ids=str
)
def test_what_opens_every_link_and_posts_every_form_as_found_changes_nothing(
    app: Flask, office: Office, status: Status
) -> None:
    ticket_id = portal.send_back(office) if status is Status.DRAFT else end(office, status)
    if status is Status.IN_PROGRESS:
        let_in(app, ticket_id).post("/follow/t/withdraw", data=sent(ticket_id, **WITHDRAWN))
    token = token_of(ticket_id)
    scanner = app.test_client()
    before = rows()

    for path in (f"/follow/{token}", f"/follow/{token}/withdraw", "/follow"):
        for action, fields in Forms(scanner.get(path).text).found:
            if "/preferences" not in action:
                assert scanner.post(action or path, data=fields).status_code in {303, 422}

    assert rows() == before


# ---- changing ----


def test_a_supplement_is_told_to_the_handler_and_the_office_and_shown(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    data = sent(office.ticket_id, words=WORDS)

    answer = client.post("/follow/t", data=data)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/follow/t")
    assert WORDS in client.get("/follow/t").text
    assert portal.events(office.ticket_id)[-1] == Note.SUPPLEMENTED
    told = [
        one for one in portal.inboxes("ticket-event") if one.context["what_label"] == "企业补充"
    ]
    who = {office.people[role].user_id for role in (Role.HANDLER, Role.DISPATCHER)}
    assert who <= {one.recipient_id for one in told}


def test_files_come_along_and_are_named(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    data: dict[str, Any] = sent(office.ticket_id, words=WORDS)
    data["files"] = (io.BytesIO(png()), "现场.png")

    assert client.post("/follow/t", data=data).status_code == 303

    db.session.rollback()
    added = db.session.scalars(select(Attachment)).one()
    assert (added.ticket_id, added.added_by_id) == (office.ticket_id, None)
    assert "附件：现场.png" in client.get("/follow/t").text


def test_a_file_that_is_none_is_refused_and_what_was_written_is_kept(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    data: dict[str, Any] = sent(office.ticket_id, words=WORDS)
    data["files"] = (io.BytesIO(b"MZ"), "病毒.exe")

    answer = client.post("/follow/t", data=data)

    assert answer.status_code == 422
    assert WORDS in answer.text
    assert db.session.scalars(select(Attachment)).all() == []


def with_files(ticket_id: int, *names: str, **more: Any) -> dict[str, Any]:
    """Return a supplement as a browser sends it, with a picture of each name."""
    data: dict[str, Any] = sent(ticket_id, **{"words": WORDS, **more})
    return data | {"files": [(io.BytesIO(png()), name) for name in names]}


def attached() -> list[str]:
    """Return the names of all files that belong to a ticket."""
    db.session.rollback()
    return list(db.session.scalars(select(Attachment.name).order_by(Attachment.id)))


def test_files_stay_chosen_when_the_words_are_too_short(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    data = with_files(office.ticket_id, "一.png", "二.png", words="急")
    refused = client.post("/follow/t", data=data)
    assert refused.status_code == 422

    again = with_files(office.ticket_id, "三.png") | {"keep": carried(refused)}
    assert client.post("/follow/t", data=again).status_code == 303

    assert attached() == ["一.png", "二.png", "三.png"]
    assert "附件：一.png、二.png、三.png" in client.get("/follow/t").text


def test_a_file_whose_tick_was_taken_away_is_not_added(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    data = with_files(office.ticket_id, "一.png", "二.png", words="急")
    first, _second = carried(client.post("/follow/t", data=data))

    client.post("/follow/t", data=sent(office.ticket_id, words=WORDS) | {"keep": [first]})

    assert attached() == ["一.png"]


def test_files_stay_chosen_when_somebody_acted_meanwhile(app: Flask, office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    client = let_in(app, office.ticket_id)
    data = with_files(office.ticket_id, "一.png")
    office.take(Event.SIGN, Role.HANDLER)
    refused = client.post("/follow/t", data=data)
    assert refused.status_code == 409

    client.post("/follow/t", data=sent(office.ticket_id, words=WORDS) | {"keep": carried(refused)})

    assert attached() == ["一.png"]


def test_files_that_stayed_chosen_count_among_those_that_a_ticket_may_have(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    data = with_files(office.ticket_id, *(f"{n}.png" for n in range(9)), words="急")
    refused = client.post("/follow/t", data=data)

    again = with_files(office.ticket_id, "甲.png", "乙.png") | {"keep": carried(refused)}
    answer = client.post("/follow/t", data=again)

    assert answer.status_code == 422
    assert "最多 10 个附件" in answer.text
    assert len(carried(answer)) == 11
    assert attached() == []


def test_what_the_office_asked_for_hands_it_in_again_below_what_was_said_first(
    app: Flask, office: Office
) -> None:
    ticket_id = portal.send_back(office)
    number = code_of(ticket_id)
    submitted_by = office.ticket.submitted_by_id

    answer = app.test_client().post(
        f"/follow/{token_of(ticket_id)}", data=sent(ticket_id, words=WORDS)
    )

    assert answer.status_code == 303
    assert portal.events(ticket_id)[-2:] == [Note.SUPPLEMENTED, Event.SUBMIT]
    assert office.ticket.status is Status.PENDING_ACCEPTANCE
    assert office.ticket.description.endswith(f"补充（9月21日）：{WORDS}")
    assert office.ticket.description.startswith("园区东路北口的限高架")
    assert office.ticket.submitted_by_id == submitted_by
    assert code_of(ticket_id) == number


def test_a_link_that_changed_something_is_replaced_shown_and_mailed(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client, old = app.test_client(), token_of(office.ticket_id)
    written = len(letters())

    answer = client.post(f"/follow/{old}", data=sent(office.ticket_id, words=WORDS))

    assert answer.headers["Location"] == "/follow/t"
    new = token_of(office.ticket_id)
    assert new != old
    page = client.get("/follow/t").text
    assert "旧的不能用了" in page
    assert new in page
    gone = app.test_client().get(f"/follow/{old}")
    assert gone.status_code == 410
    assert "这个链接换新了" in gone.text
    assert [one.rule for one in letters()[written:]] == ["firm-link"]
    assert db.session.scalars(select(DoneOnce.location)).all().count("/follow/t") == 1


def test_a_link_that_was_never_sent_is_not_mailed_when_it_is_replaced(
    app: Flask, office: Office
) -> None:
    portal.reach(email="", phone="")
    with transaction():
        for one in db.session.scalars(select(Message).where(Message.rule.startswith("firm-"))):
            db.session.delete(one)
    office.walk_to(Status.IN_PROGRESS)
    with transaction():
        for one in db.session.scalars(select(Message).where(Message.rule.startswith("firm-"))):
            db.session.delete(one)

    app.test_client().post(
        f"/follow/{token_of(office.ticket_id)}", data=sent(office.ticket_id, words=WORDS)
    )

    assert letters() == []


def test_a_second_click_is_led_where_the_first_was_and_adds_nothing(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token = token_of(office.ticket_id)
    data = sent(office.ticket_id, words=WORDS)
    first, second = app.test_client(), app.test_client()
    first.post(f"/follow/{token}", data=data)
    before = rows()

    answer = second.post(f"/follow/{token}", data=data)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/follow/t")
    assert WORDS in second.get("/follow/t").text
    assert rows() == before
    minutes_pass(frozen_clock, 11)  # whoever finds it later replays nothing
    assert app.test_client().post(f"/follow/{token}", data=data).status_code == 410


def test_an_old_link_with_a_new_form_changes_nothing(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token = token_of(office.ticket_id)
    app.test_client().post(f"/follow/{token}", data=sent(office.ticket_id, words=WORDS))
    before = rows()

    for path in (f"/follow/{token}", f"/follow/{token}/withdraw"):
        data = sent(office.ticket_id, key="e" * 32, **WITHDRAWN)
        assert app.test_client().post(path, data=data).status_code == 410

    assert rows() == before


def test_the_same_form_sent_at_once_adds_one_supplement(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token, data = token_of(office.ticket_id), sent(office.ticket_id, words=WORDS)
    db.session.remove()
    together = Barrier(4)

    def post(_place: int) -> int:
        together.wait()
        return app.test_client().post(f"/follow/{token}", data=data).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(post, range(4)))

    assert answers == {303}
    assert portal.events(office.ticket_id).count(Note.SUPPLEMENTED) == 1


def test_two_forms_of_one_link_at_once_change_something_once(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token = token_of(office.ticket_id)
    forms = [sent(office.ticket_id, key=f"{n}" * 32, words=WORDS) for n in range(4)]
    db.session.remove()
    together = Barrier(4)

    def post(data: dict[str, str]) -> int:
        together.wait()
        return app.test_client().post(f"/follow/{token}", data=data).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(post, forms))

    assert answers == [303, 410, 410, 410]
    assert portal.events(office.ticket_id).count(Note.SUPPLEMENTED) == 1


def test_a_form_that_was_read_before_somebody_acted_is_shown_again_with_what_was_typed(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.PENDING_SIGN)
    client = let_in(app, office.ticket_id)
    data = sent(office.ticket_id, words=WORDS)
    office.take(Event.SIGN, Role.HANDLER)

    answer = client.post("/follow/t", data=data)

    assert answer.status_code == 409
    assert WORDS in answer.text
    assert Note.SUPPLEMENTED not in portal.events(office.ticket_id)


@pytest.mark.parametrize(
    ("status", "role"),
    [
        (Status.PENDING_ACCEPTANCE, Role.DISPATCHER),
        (Status.PENDING_DISPATCH, Role.DISPATCHER),
        (Status.PENDING_SIGN, Role.OFFICE_DIRECTOR),
        (Status.IN_PROGRESS, Role.OFFICE_DIRECTOR),
        (Status.SUSPENDED, Role.OFFICE_DIRECTOR),
    ],
)
def test_a_withdrawal_is_told_to_who_may_cancel_and_asked_for_once(
    app: Flask, office: Office, status: Status, role: Role
) -> None:
    office.walk_to(status)
    client = let_in(app, office.ticket_id)
    assert "/follow/t/withdraw" in client.get("/follow/t").text

    answer = client.post("/follow/t/withdraw", data=sent(office.ticket_id, **WITHDRAWN))

    assert answer.status_code == 303
    assert office.ticket.status is status
    told = portal.inboxes("ticket-event")
    asked = [one for one in told if one.context["what_label"] == "企业要求撤回"]
    assert office.people[role].user_id in {one.recipient_id for one in asked}
    page = client.get("/follow/t").text
    assert "您要求撤回，营商办正在办" in page
    assert "撤回这件事" not in page
    again = client.post(
        "/follow/t/withdraw", data=sent(office.ticket_id, key="f" * 32, **WITHDRAWN)
    )
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("status", "role"),
    [
        (Status.PENDING_DISPATCH, Role.DISPATCHER),
        (Status.IN_PROGRESS, Role.OFFICE_DIRECTOR),
        (Status.SUSPENDED, Role.OFFICE_DIRECTOR),
    ],
)
def test_while_nothing_was_decided_the_wish_can_be_dropped_and_who_was_told_is_told(
    app: Flask, office: Office, status: Status, role: Role, client_for: ClientFor
) -> None:
    office.walk_to(status)
    client = let_in(app, office.ticket_id)
    client.post("/follow/t/withdraw", data=sent(office.ticket_id, **WITHDRAWN))
    assert "不撤回了" in client.get("/follow/t").text
    assert 'action="/follow/t/go-on"' in client.get("/follow/t/withdraw").text

    answer = client.post("/follow/t/go-on", data=sent(office.ticket_id, "d" * 32, sure="y"))

    assert answer.status_code == 303
    assert events(office.ticket_id)[-1] == "withdrawal_dropped"
    told = [one for one in portal.inboxes("ticket-event") if "不撤回了" in one.subject]
    assert office.people[role].user_id in {one.recipient_id for one in told}
    page = client.get("/follow/t").text
    assert "营商办正在办" not in page
    assert "您说不撤回了" in page
    assert "撤回这件事" in page
    inside = client_for(office.people[role]).get(f"/tickets/{office.ticket_id}").text
    assert "企业不撤回了" in inside


def test_a_wish_that_was_carried_out_cannot_be_dropped(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    client.post("/follow/t/withdraw", data=sent(office.ticket_id, **WITHDRAWN))
    db.session.rollback()
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    answer = client.post("/follow/t/go-on", data=sent(office.ticket_id, "d" * 32, sure="y"))

    assert answer.status_code == 409
    assert office.ticket.status is Status.CANCELLED
    assert "没有等着撤回" in answer.text


def test_dropping_the_wish_wants_the_tick_and_renews_the_link(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    let_in(app, office.ticket_id).post(
        "/follow/t/withdraw", data=sent(office.ticket_id, **WITHDRAWN)
    )
    token, client = token_of(office.ticket_id), app.test_client()

    untouched = client.post(f"/follow/{token}/go-on", data=sent(office.ticket_id, "d" * 32))
    assert untouched.status_code == 422
    ticked = sent(office.ticket_id, "e" * 32, sure="y")
    assert client.post(f"/follow/{token}/go-on", data=ticked).status_code == 303

    assert client.get(f"/follow/{token}").status_code == 410


def test_a_step_that_follows_goes_on_with_it_and_then_it_may_be_asked_for_once_more(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.PENDING_SIGN)
    client = let_in(app, office.ticket_id)
    client.post("/follow/t/withdraw", data=sent(office.ticket_id, **WITHDRAWN))
    db.session.rollback()

    office.take(Event.SIGN, Role.HANDLER)

    page = client.get("/follow/t").text
    assert "营商办正在办" not in page
    assert "/follow/t/withdraw" in page
    again = sent(office.ticket_id, key="f" * 32, **WITHDRAWN)
    assert client.post("/follow/t/withdraw", data=again).status_code == 303


def test_an_error_is_logged_without_the_token(
    app: Flask, office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token = token_of(office.ticket_id)
    monkeypatch.setattr(queries, "followed", lambda _id: 1 / 0)
    app.config |= {"TESTING": False, "PROPAGATE_EXCEPTIONS": False}

    assert app.test_client().get(f"/follow/{token}").status_code == 500

    assert "/follow/" in caplog.text
    assert token not in caplog.text


def test_what_waits_for_the_enterprise_it_takes_back_at_once(app: Flask, office: Office) -> None:
    ticket_id = portal.send_back(office)
    client = let_in(app, ticket_id)
    assert "现在就生效" in client.get("/follow/t/withdraw").text

    client.post("/follow/t/withdraw", data=sent(ticket_id, **WITHDRAWN))

    db.session.rollback()
    assert office.ticket.status is Status.CANCELLED
    assert "撤销了" in client.get("/follow/t").text


@pytest.mark.parametrize("status", [Status.PENDING_REVIEW, Status.PENDING_REVISIT, Status.CLOSED])
def test_what_is_past_withdrawing_says_what_to_do(
    app: Flask, office: Office, status: Status
) -> None:
    office.walk_to(status)
    client = let_in(app, office.ticket_id)

    page = client.get("/follow/t/withdraw").text
    answer = client.post("/follow/t/withdraw", data=sent(office.ticket_id, **WITHDRAWN))

    assert "打电话" in page
    assert answer.status_code == 409
    assert Note.WITHDRAWAL_ASKED not in portal.events(office.ticket_id)


@pytest.mark.parametrize(
    "status", [Status.CLOSED, Status.ARCHIVED, Status.REJECTED, Status.MERGED, Status.CANCELLED]
)
def test_to_what_is_over_nothing_is_added(app: Flask, office: Office, status: Status) -> None:
    ticket_id = end(office, status)
    client = let_in(app, ticket_id)
    before = portal.events(ticket_id)
    assert "已经结束" in client.get("/follow/t").text

    answer = client.post("/follow/t", data=sent(ticket_id, words=WORDS))

    assert answer.status_code == 409
    assert portal.events(ticket_id) == before


def test_nothing_is_taken_back_without_a_reason_that_was_chosen_and_words(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    page = client.get("/follow/t/withdraw").text
    assert "checked" not in page

    for more in ({}, {"why": "solved"}, {"words": "改好了"}, {"why": "none", "words": "改好了"}):
        data = sent(office.ticket_id, **more)
        assert client.post("/follow/t/withdraw", data=data).status_code == 422


# ---- the entry by number and code ----


def test_an_entry_is_for_one_ticket_and_half_an_hour_and_ends_with_the_button(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)
    minutes_pass(frozen_clock, 29)
    assert client.get("/follow/t").status_code == 200
    minutes_pass(frozen_clock, 2)
    assert client.get("/follow/t").headers["Location"] == "/follow"
    assert client.post("/follow/t", data=sent(office.ticket_id, words=WORDS)).status_code == 303
    assert Note.SUPPLEMENTED not in portal.events(office.ticket_id)

    client = let_in(app, office.ticket_id)
    client.post("/follow/leave", data={"idempotency_key": "a" * 32})

    assert client.get("/follow/t").headers["Location"] == "/follow"


def test_an_entry_is_no_login(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    client = let_in(app, office.ticket_id)

    for path in ("/", "/tickets", f"/tickets/{office.ticket_id}", "/inbox"):
        assert "/login" in client.get(path).headers["Location"]


# ---- visits ----


def test_a_visit_that_the_enterprise_was_told_of_is_offered_to_be_answered(
    app: Flask, office: Office
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    linkage = db.session.scalars(select(Linkage)).first()
    task_id = make.task(linkage=linkage).id
    address = f"/follow/{token_of(office.ticket_id)}"
    assert "来走访您" not in app.test_client().get(address).text
    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        day = clock.today() + timedelta(days=1)
        visits.plan(task, day, version=None, actor=office.people[Role.LIAISON])

    page = app.test_client().get(address).text

    assert "来走访您" in page
    found = re.search(r'href="(/v/[^"]+)"', page)
    assert found
    assert app.test_client().get(found.group(1)).status_code == 200


# ---- what stands around ----


def test_pages_are_kept_nowhere_and_no_token_or_number_stands_in_a_title_or_a_log(
    app: Flask, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    token, (number, code) = token_of(office.ticket_id), code_of(office.ticket_id)
    client = let_in(app, office.ticket_id)

    for answer in (
        client.get("/follow"),
        client.get("/follow/t"),
        client.get(f"/follow/{token}"),
        client.get(f"/follow/{token}/withdraw"),
        client.post(f"/follow/{token}", data=sent(office.ticket_id)),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        title = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        assert title
        assert not [one for one in (token, number, code) if one in title.group(1)]
        assert 'name="robots" content="noindex"' in answer.text
    assert token not in caplog.text
    assert link_of(office.ticket_id).token_hash not in token
    kept = select(func.count()).select_from(Message).where(Message.link.contains(token))
    assert db.session.scalar(kept) == 0


def test_a_form_from_elsewhere_changes_nothing(app: Flask, office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    app.config["WTF_CSRF_ENABLED"] = True
    token = token_of(office.ticket_id)
    before = portal.events(office.ticket_id)

    for path in (f"/follow/{token}", f"/follow/{token}/withdraw"):
        data = sent(office.ticket_id, **WITHDRAWN)
        assert app.test_client().post(path, data=data).status_code == 422

    assert portal.events(office.ticket_id) == before
