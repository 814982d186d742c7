"""An enterprise hears of a planned visit, and answers by its link, without an account."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from email.message import EmailMessage
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Tenant, User
from app.accounts.roles import Actor
from app.core import clock, links
from app.core.audit import AuditRow
from app.core.db import db
from app.core.links import PublicLink
from app.core.transactions import DoneOnce, transaction
from app.enterprises.models import EnterpriseContact, Linkage
from app.notifications import jobs as notifications
from app.notifications.channels import Letter, composed
from app.notifications.models import Channel, Message, MessageState
from app.notifications.wordings import WORDINGS
from app.visits import jobs, queries, service
from app.visits.models import Answer, ExemptGround, TaskState, VisitPlan, VisitTask
from tests import make
from tests.visits.test_plans import Two, told
from tests.visits.town import Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User | Actor], FlaskClient]
Sent = Callable[[], list[EmailMessage]]
D = date.fromisoformat
KEY = "c" * 32


@pytest.fixture
def town(app: Flask) -> Town:
    del app
    made = open_town()
    reach(email="song@example.com")
    made.generate()
    return made


def reach(**more: str) -> None:
    """Let the enterprise have mail or a telephone, or neither."""
    with transaction():
        contact = db.session.scalars(select(EnterpriseContact).limit(1)).one()
        for name, value in more.items():
            setattr(contact, name, value)


def plan(town: Town, day: str) -> None:
    task_id = town.task().id
    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        service.plan(task, D(day), version=None, actor=town.liaison)


def cancel(town: Town) -> None:
    task_id = town.task().id
    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        service.cancel_plan(task, version=None, actor=town.liaison)


def plans() -> list[VisitPlan]:
    db.session.rollback()
    return list(db.session.scalars(select(VisitPlan).order_by(VisitPlan.id)))


def letters(rule: str = "visit-planned") -> list[Message]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Message)
            .where(Message.rule == rule, Message.channel != Channel.INBOX)
            .order_by(Message.id)
        )
    )


def token(place: int = -1) -> str:
    db.session.rollback()
    return links.token_of(
        db.session.scalars(select(PublicLink).order_by(PublicLink.id)).all()[place]
    )


def sent_form(version: int = 0, **more: str) -> dict[str, str]:
    """Return what a browser would send from the page as it is now."""
    told = [one.version for one in plans() if one.link_id and one.is_open]
    return {"idempotency_key": KEY, "version": str(version or (told or [1])[-1]), **more}


# ---- when it is told ----


def test_it_is_told_at_once_where_the_day_is_within_three_workdays(town: Town) -> None:
    plan(town, "2026-09-24")

    (letter,) = letters()
    assert letter.channel is Channel.MAIL
    assert letter.recipient_key.startswith("contact:")
    assert plans()[0].told_at is not None


def test_it_is_told_three_workdays_ahead_where_the_day_is_later_and_only_once(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    plan(town, "2026-09-29")  # the 25th to the 27th are holidays
    for day in ("2026-09-21", "2026-09-22"):
        go_to(frozen_clock, day)
        jobs.invite_firms()
    assert letters() == []

    go_to(frozen_clock, "2026-09-23")
    jobs.invite_firms()
    jobs.invite_firms()

    assert len(letters()) == 1


def test_who_has_no_mail_gets_a_text_message_and_who_has_neither_is_told_nothing(
    town: Town,
) -> None:
    reach(email="")
    plan(town, "2026-09-22")
    assert [letter.channel for letter in letters()] == [Channel.SMS]

    reach(phone="")
    plan(town, "2026-09-23")
    assert len(letters()) == 1
    assert plans()[-1].told_at is None


def test_the_letter_says_who_comes_when_and_leads_to_the_page(
    town: Town, app: Flask, sent: Sent
) -> None:
    plan(town, "2026-09-24")
    notifications.deliver_due()

    (letter,) = sent()
    body = letter.get_body(("plain",))
    assert body
    text = body.get_content()
    assert "9月24日（周四）来走访速岭物流" in str(letter["Subject"])
    assert town.liaison.name in text
    found = re.search(r"http://[^/]+(/v/\S+)", text)
    assert found
    page = app.test_client().get(found.group(1))
    assert page.status_code == 200
    assert "速岭物流" in page.text


def test_a_changed_day_is_told_once_more_and_the_link_before_opens_nothing(
    town: Town, app: Flask
) -> None:
    plan(town, "2026-09-24")
    old = token()

    plan(town, "2026-09-30")  # later than three workdays: told all the same

    assert len(letters()) == 2
    assert letters()[0].state is MessageState.SKIPPED  # it had not been sent
    assert "9月24日" in letters()[1].context["before"]
    answer = app.test_client().get(f"/v/{old}")
    assert answer.status_code == 410
    assert "走访的日子改了" in answer.text
    assert app.test_client().get(f"/v/{token()}").status_code == 200


def test_the_same_day_planned_again_is_not_told_again(town: Town) -> None:
    plan(town, "2026-09-24")
    plan(town, "2026-09-24")

    assert len(letters()) == 1
    assert len(plans()) == 1


def test_a_cancelled_plan_is_told_if_the_first_letter_was_sent(
    town: Town, app: Flask, sent: Sent
) -> None:
    plan(town, "2026-09-24")
    notifications.deliver_due()
    cancel(town)
    notifications.deliver_due()

    assert ["不来走访" in str(letter["Subject"]) for letter in sent()] in (
        [False, True],
        [True, False],
    )
    page = app.test_client().get(f"/v/{token()}")
    assert page.status_code == 410
    assert "取消了" in page.text


def test_what_was_never_sent_is_cancelled_without_a_word(town: Town) -> None:
    plan(town, "2026-09-24")

    cancel(town)

    assert [letter.state for letter in letters()] == [MessageState.SKIPPED]
    assert letters("visit-called-off") == []


def test_a_recorded_visit_ends_the_link(
    town: Town, app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    plan(town, "2026-09-22")
    go_to(frozen_clock, "2026-09-22", "15:00")
    town.record()

    page = app.test_client().get(f"/v/{token()}")

    assert page.status_code == 410
    assert "已经结束" in page.text


def test_an_agreed_waiver_ends_the_plan_and_the_enterprise_hears_of_it(
    town: Town, app: Flask
) -> None:
    plan(town, "2026-09-24")
    notifications.deliver_due()
    task_id = town.task().id
    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        service.ask_exemption(task, ExemptGround.MOVED, "已搬走", version=None, actor=town.liaison)
    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        service.decide_exemption(task, approve=True, answer="", version=None, actor=town.clerk)

    assert not plans()[0].is_open
    assert len(letters("visit-called-off")) == 1
    assert app.test_client().get(f"/v/{token()}").status_code == 410


def test_the_day_after_the_link_says_that_the_day_has_passed(
    town: Town, app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    plan(town, "2026-09-22")
    go_to(frozen_clock, "2026-09-23", "00:00")

    page = app.test_client().get(f"/v/{token()}")

    assert page.status_code == 410
    assert "这一天已经过了" in page.text


@pytest.mark.parametrize("rule", ["visit-planned", "visit-called-off", "visit-answered"])
def test_each_letter_can_be_read_as_its_sample_fills_it_in(town: Town, rule: str) -> None:
    del town
    wording = WORDINGS[rule]
    letter = Letter(
        id=1,
        attempt=1,
        message_id="x",
        name="宋主任",
        address="song@example.com",
        rule=rule,
        subject="",
        context={"tenant": "霁川镇", **wording.sample},
        link="/v/x",
        written_at=clock.now(),
        needs_sign_in=rule == "visit-answered",
    )

    message = composed(letter)

    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body
        assert "塑岭管业" in body.get_content()
        assert "{" not in body.get_content().partition("<body")[2]
    assert "塑岭管业" in str(message["Subject"])


# ---- what it answers ----


def test_it_sees_who_comes_when_and_whom_to_call(town: Town, app: Flask) -> None:
    with transaction():
        tenant = db.session.get_one(Tenant, town.tenant_id)
        tenant.settings = {**tenant.settings, "office_phone": "0563-1234567"}
    plan(town, "2026-09-24")

    page = app.test_client().get(f"/v/{token()}").text

    for words in (
        "9月24日（周四）",
        town.leader.name,
        town.liaison.name,
        "tel:0563-1234567",
        "霁川镇",
    ):
        assert words in page
    assert "checked" not in page.split("<form", 1)[1].split('name="answer"')[-1]


def test_it_confirms_and_the_visitors_are_told_by_mail_and_in_the_inbox(
    town: Town, app: Flask, client_for: ClientFor
) -> None:
    plan(town, "2026-09-24")
    browser = app.test_client()

    answer = browser.post(f"/v/{token()}", data=sent_form(answer="confirmed"))

    assert answer.status_code == 303
    assert browser.get(f"/v/{token()}").status_code == 200
    assert plans()[0].answer is Answer.CONFIRMED
    assert town.task().planned_on == D("2026-09-24")
    told = select(Message).where(Message.rule == "visit-answered")
    assert {(one.recipient_id, one.channel) for one in db.session.scalars(told)} == {
        (who, channel)
        for who in (town.leader_id, town.liaison_id)
        for channel in (Channel.INBOX, Channel.MAIL)
    }
    assert "说这天可以" in client_for(town.liaison).get("/visits/mine").text
    assert "说9月24日（周四）可以去走访" in client_for(town.liaison).get("/inbox").text


def test_it_asks_for_another_day_and_the_day_changes(
    town: Town, app: Flask, client_for: ClientFor
) -> None:
    plan(town, "2026-09-24")
    old = token()
    browser = app.test_client()

    sent = sent_form(answer="other_day", day="2026-09-29", words="检修")
    assert browser.post(f"/v/{old}", data=sent).status_code == 303

    assert town.task().planned_on == D("2026-09-29")
    first, second = plans()
    assert (first.answer, first.answer_on, first.answer_words) == (
        Answer.OTHER_DAY,
        D("2026-09-29"),
        "检修",
    )
    assert second.made_by_id is None
    assert len(letters()) == 2
    thanks = browser.get(f"/v/{old}")
    assert thanks.status_code == 200
    assert "改到9月29日" in thanks.text
    assert browser.get(f"/v/{token()}").status_code == 200
    assert "这一天是企业请您换的" in client_for(town.liaison).get("/visits/mine").text


@pytest.mark.parametrize(
    "day",
    ["2026-09-21", "2026-09-24", "2026-09-25", "2026-09-26", "2026-11-02", "", "nonsense"],
    ids=["today", "the same", "a holiday", "a weekend", "two months on", "none", "nonsense"],
)
def test_no_day_but_a_workday_of_this_month_or_the_next_is_taken(
    town: Town, app: Flask, day: str
) -> None:
    plan(town, "2026-09-24")

    answer = app.test_client().post(f"/v/{token()}", data=sent_form(answer="other_day", day=day))

    assert answer.status_code == 422
    assert town.task().planned_on == D("2026-09-24")


def test_a_day_of_the_next_month_is_taken(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")

    sent = sent_form(answer="other_day", day="2026-10-30")
    assert app.test_client().post(f"/v/{token()}", data=sent).status_code == 303

    assert town.task().planned_on == D("2026-10-30")
    mails = select(Message).where(Message.rule == "visit-answered", Message.channel == Channel.MAIL)
    assert all(one.context["is_late"] for one in db.session.scalars(mails))


def test_it_declines_and_that_is_grounds_for_a_waiver_but_no_waiver(
    town: Town, app: Flask, client_for: ClientFor
) -> None:
    plan(town, "2026-09-24")
    browser = app.test_client()

    sent = sent_form(answer="declined", words="本月盘点，没有困难。")
    assert browser.post(f"/v/{token()}", data=sent).status_code == 303

    task = town.task()
    assert (task.planned_on, task.state) == (None, TaskState.PLANNED)
    thanks = browser.get(f"/v/{token()}")
    assert thanks.status_code == 200
    assert "已记下：这次不用来" in thanks.text
    mine = client_for(town.liaison).get("/visits/mine").text
    assert "说这次不用来：本月盘点，没有困难。" in mine
    assert f"/visits/tasks/{task.id}/exemption" in mine
    form = client_for(town.liaison).get(f"/visits/tasks/{task.id}/exemption").text
    assert re.search(r'checked[^>]*value="asked"|value="asked"[^>]*checked', form)
    assert "书面提出无需走访：本月盘点，没有困难。" in form


def test_the_office_reads_the_enterprise_s_own_words_where_it_decides(
    town: Town, app: Flask, client_for: ClientFor
) -> None:
    plan(town, "2026-09-24")
    sent = sent_form(answer="declined", words="本月盘点")
    app.test_client().post(f"/v/{token()}", data=sent)
    page = f"/visits/tasks/{town.task().id}/exemption"
    asked = {"idempotency_key": "d" * 32, "version": str(town.task().version)}
    client_for(town.liaison).post(page, data=asked | {"ground": "asked", "reason": "企业提出"})

    assert "本月盘点" in client_for(town.clerk).get(page).text


def test_what_it_said_is_in_the_audit_log(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    app.test_client().post(f"/v/{token()}", data=sent_form(answer="declined", words="盘点"))

    db.session.rollback()
    row = db.session.scalars(select(AuditRow).where(AuditRow.action == "企业回复走访")).one()
    assert (row.role, row.user_id) == ("enterprise_user", None)
    assert row.after["words"] == "盘点"


def test_those_who_go_together_are_shown_together_and_declined_together(
    app: Flask,
) -> None:
    two = Two(open_town())
    reach(email="song@example.com")
    two.plan("2026-09-24", other=True)
    two.join()
    assert len(letters()) == 1  # the host's

    page = app.test_client().get(f"/v/{token()}").text
    assert "虞景澜" in page
    assert two.town.leader.name in page
    app.test_client().post(f"/v/{token()}", data=sent_form(answer="declined"))

    assert (two.mine.planned_on, two.theirs.planned_on) == (None, None)
    assert two.errand().planned.declined
    assert two.errand(other=True).planned.declined
    assert len(letters()) == 1


def test_those_who_go_together_go_together_on_the_day_that_it_asks_for(app: Flask) -> None:
    two = Two(open_town())
    reach(email="song@example.com")
    two.plan("2026-09-24", other=True)
    two.join()

    sent = sent_form(answer="other_day", day="2026-09-29")
    app.test_client().post(f"/v/{token()}", data=sent)

    assert two.mine.planned_on == two.theirs.planned_on == D("2026-09-29")
    assert two.errand().planned.is_guest
    assert told("visit-moved") == []  # they heard of it from the enterprise


def test_who_comes_for_two_targets_is_named_once(app: Flask) -> None:
    two = Two(open_town())
    reach(email="song@example.com")
    with transaction():
        db.session.get_one(Linkage, two.other_link_id).liaison_id = two.town.liaison_id
    two.plan("2026-09-24", other=True)
    two.join()

    page = app.test_client().get(f"/v/{token()}").text

    assert page.count(f"<li>{two.town.liaison.name} ") == 1


def test_who_joins_another_plan_calls_off_what_was_told(app: Flask, sent: Sent) -> None:
    del app
    two = Two(open_town())
    reach(email="song@example.com")
    two.plan("2026-09-22")
    notifications.deliver_due()
    two.plan("2026-09-24", other=True, reason="约好了")

    two.join()
    notifications.deliver_due()

    (called_off,) = letters("visit-called-off")
    assert "9月24日" in called_off.context["instead"]
    assert len(sent()) == 3


# ---- links that open nothing, scanners, two at once ----


@pytest.mark.parametrize("wrong", ["none", "1-1-" + "a" * 43, "999-1-x", "%00", "1"])
def test_a_token_that_is_not_ours_is_answered_kindly(app: Flask, wrong: str) -> None:
    browser = app.test_client()
    page = browser.get(f"/v/{wrong}")

    assert page.status_code == 404
    assert "没有找到这次走访" in page.text
    assert browser.post(f"/v/{wrong}", data=sent_form(answer="declined")).status_code == 404


def test_a_link_for_another_purpose_opens_no_visit(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    with transaction():
        lasts = db.session.scalars(select(PublicLink)).one()
        other = links.make(
            "rate", lasts.subject, tenant_id=town.tenant_id, lasts=lasts.expires_at - lasts.made_at
        )
        foreign = links.token_of(other)

    assert app.test_client().get(f"/v/{foreign}").status_code == 404


def test_a_revoked_link_answers_nothing(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    old = token()
    plan(town, "2026-09-23")

    answer = app.test_client().post(f"/v/{old}", data=sent_form(answer="declined"))

    assert answer.status_code == 410
    assert town.task().planned_on == D("2026-09-23")


def test_what_opens_every_link_and_sends_every_form_changes_nothing(town: Town, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    plan(town, "2026-09-24")
    scanner = app.test_client()
    before = [(one.answer, one.version) for one in plans()]

    page = scanner.get(f"/v/{token()}").text
    scanner.head(f"/v/{token()}")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = scanner.post(f"/v/{token()}", data=fields | {"day": "", "words": ""})

    assert answer.status_code == 422
    assert [(one.answer, one.version) for one in plans()] == before
    assert town.task().planned_on == D("2026-09-24")
    assert letters("visit-answered") == []


def test_a_form_without_our_token_is_shown_again_with_what_was_typed(
    town: Town, app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    plan(town, "2026-09-24")

    answer = app.test_client().post(
        f"/v/{token()}", data=sent_form(answer="declined", words="本月盘点")
    )

    assert answer.status_code == 422
    assert "本月盘点" in answer.text
    assert plans()[0].answer is None


def test_no_token_is_kept_where_forms_that_were_carried_out_are(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    secret = token()
    app.test_client().post(f"/v/{secret}", data=sent_form(answer="confirmed"))

    db.session.rollback()
    assert all(secret not in one.location for one in db.session.scalars(select(DoneOnce)))


def test_an_answer_sent_twice_is_one_answer(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    browser = app.test_client()

    sent = sent_form(answer="confirmed")
    for _ in range(2):
        answer = browser.post(f"/v/{token()}", data=sent)
        assert answer.status_code == 303

    assert len(letters("visit-answered")) == 2  # a mail to each of the two visitors


def test_of_two_who_answer_from_the_same_letter_the_second_is_told(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    app.test_client().post(f"/v/{token()}", data=sent_form(answer="confirmed"))

    second = sent_form(2, answer="declined") | {"idempotency_key": "e" * 32}
    answer = app.test_client().post(f"/v/{token()}", data=second)

    assert answer.status_code == 409
    assert "有人改过" in answer.text
    assert plans()[0].answer is Answer.CONFIRMED


def test_of_two_browsers_that_answer_at_the_same_moment_one_counts(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    secret = token()
    db.session.remove()
    start = Barrier(2)

    def attempt(said: str) -> int:
        browser = app.test_client()
        start.wait()
        sent = {"idempotency_key": said[0] * 32, "version": "2", "answer": said}
        return browser.post(f"/v/{secret}", data=sent).status_code

    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(attempt, ("confirmed", "declined")))

    assert codes in ([303, 409], [303, 410], [200, 303])
    answers = [one.answer for one in plans()]
    assert len(answers) == 1
    assert answers[0] in {Answer.CONFIRMED, Answer.DECLINED}
    assert len(letters("visit-answered")) == 2


def test_an_answer_to_a_plan_that_just_changed_is_refused(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")
    secret = token()
    found = queries.invitation(secret)
    assert found
    plan(town, "2026-09-23")

    answer = app.test_client().post(f"/v/{secret}", data=sent_form(answer="confirmed"))

    assert answer.status_code == 410
    assert all(one.answer is None for one in plans())


# ---- the page ----


def test_the_page_speaks_english_to_who_reads_english(town: Town, app: Flask) -> None:
    plan(town, "2026-09-24")

    page = app.test_client().get(f"/v/{token()}", headers={"Accept-Language": "en-GB,en;q=0.9"})

    assert '<html lang="en"' in page.text
    assert "Thu 24 Sept" in page.text or "Thu 24 Sep" in page.text


def test_whoever_is_signed_in_sees_the_same_page_without_a_menu(
    town: Town, client_for: ClientFor
) -> None:
    plan(town, "2026-09-24")

    page = client_for(town.clerk).get(f"/v/{token()}").text

    assert 'class="bh-portal"' in page
    assert 'class="bh-side"' not in page


def test_the_page_takes_as_many_statements_however_many_go_together(
    app: Flask, statements: list[str]
) -> None:
    two = Two(open_town())
    reach(email="song@example.com")
    two.plan("2026-09-24", other=True)
    secret = token()
    browser = app.test_client()

    def asked() -> int:
        browser.get(f"/v/{secret}")
        statements.clear()
        assert browser.get(f"/v/{secret}").status_code == 200
        return len(statements)

    alone = asked()
    two.join()

    assert asked() == alone


def test_the_telephone_outlives_a_change_of_the_parameters(
    town: Town, client_for: ClientFor
) -> None:
    del town
    admin = client_for(make.actor("sys_admin"))  # type: ignore[arg-type]
    sent = {"idempotency_key": "f" * 32, "version": "2", "phone": "0563-1234567"}
    tenant = make.the_tenant()
    sent["version"] = str(tenant.version)

    assert admin.post("/admin/parameters/phone", data=sent).status_code == 303

    db.session.rollback()
    assert make.the_tenant().office_phone == "0563-1234567"
    bad = sent | {"idempotency_key": "e" * 32, "phone": "打总机", "version": str(tenant.version)}
    assert admin.post("/admin/parameters/phone", data=bad).status_code == 422
