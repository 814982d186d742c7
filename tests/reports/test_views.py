"""The pages of leaders, and of whoever looks after what they were sent."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import jobs as notifications
from app.reports import jobs, service
from app.reports.models import DigestMark, ReportSnapshot
from app.reports.queries import months
from app.tickets.models import LeaderDirective
from app.tickets.workflow.states import Event, NoteLevel, Status
from tests import make
from tests.guarded import unguarded
from tests.office import Office
from tests.reports.house import (
    SECRET,
    digests,
    go_to,
    open_house,
    put_in_charge,
    raise_note,
    send,
    walk_in_confidence,
)

pytestmark = pytest.mark.usefixtures("app")
Browse = Callable[[User | Actor], FlaskClient]
Clock = time_machine.Traveller
DAY = timedelta(days=1)
KEY = "0123456789abcdef0123456789abcdef"
WORDS = "请本周内给企业一个说法"
LATE = "2026-09-30T09:00"
THIRD = "2026-10-10T09:00"


@pytest.fixture
def office(frozen_clock: Clock) -> Office:
    """Let an overdue ticket wait for the leader, and a proposal on it for the chief."""
    made = open_house()
    made.walk_to(Status.IN_PROGRESS)
    made.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    go_to(frozen_clock, LATE)
    return made


def directives() -> list[LeaderDirective]:
    db.session.rollback()
    return list(db.session.scalars(select(LeaderDirective)))


def marks() -> list[DigestMark]:
    db.session.rollback()
    return list(db.session.scalars(select(DigestMark).order_by(DigestMark.id)))


def typed(office: Office, **more: Any) -> dict[str, Any]:
    prefix = f"t{office.ticket_id}-"
    sent = {"comment": WORDS, "version": office.ticket.version, "idempotency_key": KEY}
    return {f"{prefix}{name}": value for name, value in (sent | more).items()}


def direct(browser: FlaskClient, office: Office, **more: Any) -> Any:
    return browser.post(f"/digest/tickets/{office.ticket_id}", data=typed(office, **more))


def freeze(office: Office, period: str) -> None:
    with transaction():
        service.freeze(office.tenant_id, period)


# ---- reading ----


def test_the_link_of_the_mail_opens_this_very_page_after_signing_in(
    app: Flask, office: Office
) -> None:
    del office
    make.user(Role.CHIEF, username="zhen", password="Jichuan-2026")
    browser = app.test_client()

    first = browser.get("/digest")
    assert "/login?next=/digest" in (first.location or "")
    form = {"username": "zhen", "password": "Jichuan-2026", "next": "/digest"}
    second = browser.post("/login", data=form)

    assert second.location == "/digest"
    assert "本周要您定的" in browser.get("/digest").text


def test_each_item_has_a_link_to_read_and_a_form_for_one_instruction(
    office: Office, client_for: Browse
) -> None:
    page = client_for(office.actor(Role.LEADER)).get("/digest").text

    assert "1 件要您定" in page
    assert office.ticket.title in page
    assert f'href="/tickets/{office.ticket_id}"' in page
    assert f'action="/digest/tickets/{office.ticket_id}"' in page
    assert f'id="t{office.ticket_id}-comment"' in page
    assert "超期" in page


def test_a_proposal_leads_to_the_page_on_which_it_is_decided(
    office: Office, client_for: Browse
) -> None:
    page = client_for(office.actor(Role.CHIEF)).get("/digest").text

    assert "其中 1 件等您批准" in page
    assert f'href="/tickets/{office.ticket_id}/proposals/{office.proposal.id}"' in page


def test_whoever_is_chief_and_leader_goes_through_the_change_of_roles_to_the_page(
    office: Office, client_for: Browse
) -> None:
    person = db.session.get_one(User, office.actor(Role.LEADER).user_id)
    held = make.holding(person, Role.CHIEF)
    browser = client_for(office.actor(Role.LEADER))
    url = f"/tickets/{office.ticket_id}/proposals/{office.proposal.id}"

    page = browser.get("/digest").text
    assert f'name="role" value="{held.id}"' in page
    assert f'name="onward" value="{url}"' in page
    answer = browser.post("/act-as", data={"role": held.id, "onward": url})

    assert answer.location == url
    assert "同意" in browser.get(url).text


def test_a_change_of_roles_leads_nowhere_but_to_our_own_pages(
    office: Office, client_for: Browse
) -> None:
    person = db.session.get_one(User, office.actor(Role.LEADER).user_id)
    held = make.holding(person, Role.CHIEF)
    browser = client_for(office.actor(Role.LEADER))

    answer = browser.post("/act-as", data={"role": held.id, "onward": "//evil.example.com/"})

    assert answer.location == "/"


def test_a_leader_for_whom_nothing_waits_reads_when_they_are_written_next(
    office: Office, client_for: Browse
) -> None:
    del office
    page = client_for(make.actor(Role.LEADER)).get("/digest").text

    assert "现在没有要您定的事" in page
    assert "10月8日（周四）再发邮件给您" in page
    assert "我已阅" not in page


def test_the_page_says_nothing_confidential_to_who_is_none_of_the_few(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    frozen_clock.shift(-9 * 86400)
    walk_in_confidence(office)
    go_to(frozen_clock, LATE)
    put_in_charge(office, office.actor(Role.LEADER))
    raise_note(office, NoteLevel.RED)

    assert SECRET in client_for(office.actor(Role.CHIEF)).get("/digest").text
    for actor in (office.actor(Role.LEADER), make.actor(Role.CHIEF)):
        browser = client_for(actor)
        assert SECRET not in browser.get("/digest").text
        assert direct(browser, office).status_code == 404
    assert directives() == []


def test_the_page_costs_the_same_however_much_waits(
    office: Office, client_for: Browse, statements: list[str]
) -> None:
    person = db.session.get_one(User, office.actor(Role.LEADER).user_id)
    browser = client_for(office.actor(Role.LEADER))

    def counted(more: int) -> int:
        for _ in range(more):
            firm = make.enterprise()
            make.linkage(enterprise=firm, leader=person)
            late = make.ticket(enterprise=firm, due_at=clock.now() - DAY)
            with transaction():
                service.direct(late.id, WORDS, None, actor=office.actor(Role.LEADER))
            firm = make.enterprise()
            make.linkage(enterprise=firm, leader=person)
            make.ticket(enterprise=firm, due_at=clock.now() - DAY)
        browser.get("/digest")
        statements.clear()
        assert browser.get("/digest").text.count("<textarea") >= more
        return len(statements)

    few = counted(2)

    assert counted(10) <= few


# ---- confirming ----


def test_looking_confirms_nothing_and_a_click_does_once(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    send(frozen_clock, LATE)
    (digest,) = [one for one in digests() if one.user_id == office.actor(Role.CHIEF).user_id]
    browser = client_for(office.actor(Role.CHIEF))
    page = browser.get("/digest").text
    assert f'name="seen" value="{digest.id}"' in page
    browser.get("/inbox")
    assert marks() == []

    form = {"seen": digest.id, "idempotency_key": KEY}
    answers = [browser.post("/digest/read", data=form) for _ in range(2)]  # a double click

    assert [(one.status_code, one.location) for one in answers] == [(303, "/digest")] * 2
    (mark,) = marks()
    assert (mark.digest_id, mark.by_id) == (digest.id, office.actor(Role.CHIEF).user_id)
    after = browser.get("/digest").text
    assert "已确认" in after
    assert 'action="/digest/read"' not in after


@pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999"])
def test_nonsense_confirms_nothing(
    office: Office, client_for: Browse, frozen_clock: Clock, seen: str
) -> None:
    send(frozen_clock, LATE)

    answer = client_for(office.actor(Role.CHIEF)).post(
        "/digest/read", data={"seen": seen, "idempotency_key": KEY}
    )

    assert answer.status_code in {303, 422}
    assert marks() == []


# ---- one instruction ----


def test_an_instruction_is_written_right_there_and_waits_for_its_answer(
    office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.LEADER))

    answers = [direct(browser, office) for _ in range(2)]  # a double click

    assert [(one.status_code, one.location) for one in answers] == [(303, "/digest")] * 2
    (given,) = directives()
    assert given.text == WORDS
    page = browser.get("/digest").text
    assert "批示已发出" in page
    assert "您已批示，等答复的" in page
    assert WORDS in page
    assert "现在没有要您定的事" in page


def test_an_instruction_without_words_is_shown_again_where_it_was_written(
    office: Office, client_for: Browse
) -> None:
    answer = direct(client_for(office.actor(Role.LEADER)), office, comment="")

    assert answer.status_code == 422
    assert re.search(r'<details class="bh-why" open>', answer.text)
    assert "请填写。" in answer.text
    assert directives() == []


def test_what_was_written_is_not_lost_where_somebody_was_faster(
    office: Office, client_for: Browse
) -> None:
    answer = direct(client_for(office.actor(Role.LEADER)), office, version=1)

    assert answer.status_code == 409
    assert WORDS in answer.text
    assert directives() == []


def test_what_was_written_is_kept_even_where_the_item_is_gone(
    office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.LEADER))
    old = typed(office)
    office.decide(Role.CHIEF, approve=False, comment="先由单位办")
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    answer = browser.post(f"/digest/tickets/{office.ticket_id}", data=old)

    assert answer.status_code == 409
    assert "您写的批示还没有发出" in answer.text
    assert WORDS in answer.text


# ---- what the office sees ----


def test_the_office_sees_of_each_digest_what_was_promised_sent_read_and_written(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    send(frozen_clock, LATE)
    notifications.deliver_due()
    with transaction():
        service.confirm(2**31 - 1, actor=office.actor(Role.CHIEF))
        service.direct(office.ticket_id, WORDS, None, actor=office.actor(Role.LEADER))

    page = client_for(office.actor(Role.DISPATCHER)).get("/digests?period=2026-W40").text
    rows = {
        re.sub(r"<.*?>", " ", row).split()[0]: re.sub(r"\s+", " ", re.sub(r"<.*?>", " ", row))
        for row in page.split('<tr role="row">')[2:]
    }

    assert "已发送" in rows["阮怀青"]
    assert "阮怀青 今天 09:00" in rows["阮怀青"]
    assert "还没有" in rows["栾亦辰"]
    assert re.search(r" 1 $", rows["栾亦辰"])  # one instruction
    assert "没有送：没有要定的事" in rows["虞景澜"]


def test_the_overview_costs_the_same_however_many_digests_there_are(
    office: Office, client_for: Browse, frozen_clock: Clock, statements: list[str]
) -> None:
    browser = client_for(office.actor(Role.OFFICE_DIRECTOR))

    def counted(when: str) -> int:
        send(frozen_clock, when)
        with transaction():
            service.confirm(2**31 - 1, actor=office.actor(Role.CHIEF))
        browser.get("/digests")
        statements.clear()
        browser.get("/digests")
        return len(statements)

    few = counted(LATE)
    for _ in range(4):
        make.holding(make.user(None, email="x@example.com"), Role.CHIEF)

    assert counted("2026-10-08T08:35") <= few
    assert len(digests()) == 10


def test_an_office_that_has_sent_nothing_reads_when_it_will(
    office: Office, client_for: Browse
) -> None:
    page = client_for(office.actor(Role.SUPERVISOR)).get("/digests").text

    assert "还没有送过" in page


# ---- the month ----


def test_the_month_is_a_draft_with_its_sums_rates_and_paragraph(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    go_to(frozen_clock, THIRD)
    freeze(office, "2026-08")
    freeze(office, "2026-09")

    page = client_for(office.actor(Role.OFFICE_DIRECTOR)).get("/reports/2026-09").text

    for words in (
        "2026年9月企业问题办理和联系走访情况",
        "草稿",
        "截至2026年9月30日",
        "0 / 1 · 样本不足",
        "上月 0",
        "截至2026年9月30日，已收集各类问题1个，已解决0个，正在解决中1个。",
        "限知件只计入总数",
    ):
        assert words in page, words
    assert "—" in page  # the satisfaction of nobody
    assert "100.0%" not in page.split("满意率")[1][:80]


def test_a_paragraph_that_does_not_add_up_is_refused_on_the_page(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    go_to(frozen_clock, THIRD)
    freeze(office, "2026-09")
    with unguarded("report_snapshots"), transaction():
        kept = db.session.scalars(select(ReportSnapshot)).one()
        told = kept.content["told"] | {"solved": 5}
        kept.content = kept.content | {"told": told}
        kept.sha256 = months.digest(kept.content)

    page = client_for(office.actor(Role.CHIEF)).get("/reports/2026-09").text

    assert "问题数对不上：已收集 1 个" in page
    assert "已收集各类问题" not in page


@pytest.mark.parametrize("period", ["2026-07", "2026-13", "nonsense", "2026-9"])
def test_a_month_that_was_not_frozen_is_not_there(
    office: Office, client_for: Browse, period: str
) -> None:
    browser = client_for(office.actor(Role.CHIEF))

    assert browser.get(f"/reports/{period}").status_code == 404


def test_the_list_of_months_says_when_the_next_one_comes(
    office: Office, client_for: Browse, frozen_clock: Clock
) -> None:
    browser = client_for(office.actor(Role.SUPERVISOR))
    empty = browser.get("/reports").text
    assert "还没有月报" in empty
    assert "2026年9月的数据在10月10日（周六） 06:00" in empty
    go_to(frozen_clock, THIRD)
    jobs.freeze_month()

    browser = client_for(office.actor(Role.SUPERVISOR))  # the session before is long over
    page = browser.get("/reports").text

    assert 'href="/reports/2026-09"' in page
    assert "受理 1 件" in page
    assert "送阅情况" in page
    assert "2026年10月的数据在11月4日（周三） 06:00" in page
