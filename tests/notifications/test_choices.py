"""How a person is reminded: the few switches that the rules allow, and what they never touch."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, Stale
from app.core.transactions import transaction
from app.notifications import queries, service, wordings
from app.notifications.channels import worded
from app.notifications.models import Channel, Message, MessageState, ReminderChoice
from app.notifications.service import ChoiceDraft
from tests import make

Browse = Callable[[Actor], FlaskClient]
WEEKLY, DAILY = "R6", "R7"


@pytest.fixture(autouse=True)
def optional(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be two reminders that one may do without, whatever the office has."""
    del app
    for rule in [rule for rule, one in wordings.WORDINGS.items() if one.may_be_off]:
        monkeypatch.delitem(wordings.WORDINGS, rule)  # type: ignore[arg-type]
    for rule, label in ((WEEKLY, "每周工单摘要"), (DAILY, "每日到期")):
        one = replace(wordings.WORDINGS["urge-digest"], rule=rule, label=label, may_be_off=True)
        monkeypatch.setitem(wordings.WORDINGS, rule, one)  # type: ignore[arg-type]


def choose(actor: Actor, *off: str, by_sms: bool = False, version: int | None = None) -> None:
    with transaction():
        service.set_choices(ChoiceDraft(by_sms, frozenset(off)), version=version, actor=actor)


def remind(actor: Actor, rule: str, period: str = "2026-W39") -> bool:
    assert actor.user_id
    with transaction():
        return service.remind(
            actor.user_id,
            tenant_id=actor.tenant_id,
            rule=rule,
            period=period,
            subject="本周{n}件",
            context={"n": 3, "firm": "塑岭管业", "tenant": "霁川镇", "name": actor.name},
            inbox=("n",),
            link="/",
        )


def promised() -> dict[Channel, Message]:
    db.session.rollback()
    return {one.channel: one for one in db.session.scalars(select(Message))}


def test_without_a_choice_one_is_reminded_in_the_inbox_and_by_mail() -> None:
    person = make.actor(Role.HANDLER, email="a@example.com", phone="14200001234")

    assert remind(person, WEEKLY)

    assert {channel: one.state for channel, one in promised().items()} == {
        Channel.INBOX: MessageState.SENT,
        Channel.MAIL: MessageState.QUEUED,
    }


def test_a_mail_that_was_switched_off_stands_in_the_log_with_its_reason_and_is_not_sent() -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    choose(person, WEEKLY)

    assert remind(person, WEEKLY)
    assert not remind(person, WEEKLY)

    found = promised()
    assert found[Channel.INBOX].state is MessageState.SENT
    assert found[Channel.MAIL].state is MessageState.SKIPPED
    assert found[Channel.MAIL].last_error == "本人已关闭"
    assert list(queries.due_ids()) == []


@pytest.mark.parametrize("rule", [DAILY, "R1", "urge-digest"])
def test_switching_one_off_leaves_every_other(rule: str) -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    choose(person, WEEKLY)

    remind(person, rule)

    assert promised()[Channel.MAIL].state is MessageState.QUEUED


@pytest.mark.parametrize("rule", ["R1", "urge-digest", "no-such-rule", ""])
def test_a_duty_cannot_be_switched_off(rule: str) -> None:
    person = make.actor(Role.LIAISON, email="a@example.com")

    with pytest.raises(Invalid, match="关不掉"):
        choose(person, rule)

    db.session.rollback()
    assert db.session.scalars(select(ReminderChoice)).all() == []


def test_what_became_a_duty_is_sent_again_to_who_had_switched_it_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    choose(person, WEEKLY)
    duty = replace(wordings.WORDINGS[WEEKLY], may_be_off=False)
    monkeypatch.setitem(wordings.WORDINGS, WEEKLY, duty)  # type: ignore[arg-type]

    remind(person, WEEKLY)

    assert promised()[Channel.MAIL].state is MessageState.QUEUED


def test_the_office_does_not_send_what_its_reader_switched_off() -> None:
    person, clerk = make.actor(Role.HANDLER, email="a@example.com"), make.actor(Role.DISPATCHER)
    choose(person, WEEKLY)
    remind(person, WEEKLY)
    mail = promised()[Channel.MAIL]

    assert not mail.may_be_sent_again
    with pytest.raises(NotAllowed, match="本人关闭了"), transaction():
        service.send_again(mail.id, actor=clerk)

    assert promised()[Channel.MAIL].state is MessageState.SKIPPED


def test_a_text_message_says_only_to_look_and_names_no_firm() -> None:
    make.sms_gateway()
    person = make.actor(Role.HANDLER, email="a@example.com", phone="14200001234")
    choose(person, by_sms=True)

    remind(person, DAILY)

    sms = promised()[Channel.SMS]
    assert sms.state is MessageState.QUEUED
    assert worded(sms.subject, sms.context) == "每日到期：请登录系统查看"
    assert "塑岭管业" not in str(sms.context)


def test_what_is_off_is_off_by_text_message_too() -> None:
    person = make.actor(Role.HANDLER, email="a@example.com", phone="14200001234")
    choose(person, DAILY, by_sms=True)

    remind(person, DAILY)

    assert promised()[Channel.SMS].last_error == "本人已关闭"


def test_text_messages_need_a_number() -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")

    with pytest.raises(Invalid, match="没有登记您的手机号") as refused:
        choose(person, by_sms=True)

    assert refused.value.field == "by_sms"


def test_one_chooses_for_oneself_alone() -> None:
    one, other = (make.actor(Role.HANDLER, email=f"{n}@example.com") for n in "ab")
    choose(one, WEEKLY)

    remind(other, WEEKLY)

    assert promised()[Channel.MAIL].state is MessageState.QUEUED


def test_a_choice_is_logged_and_one_that_changes_nothing_is_not() -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    choose(person)
    choose(person, WEEKLY)
    choose(person, WEEKLY)

    row = db.session.scalars(select(AuditRow)).one()
    assert (row.action, row.subject_id) == ("修改提醒方式", person.user_id)
    assert (row.before, row.after) == ({"off": []}, {"off": ["每周工单摘要"]})


def test_a_choice_made_elsewhere_meanwhile_is_not_overwritten() -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    choose(person, WEEKLY, version=0)

    with pytest.raises(Stale):
        choose(person, DAILY, version=0)
    choose(person, DAILY, version=1)

    assert queries.choices_of(person.user_id or 0).off == {DAILY}


def test_a_reminder_costs_a_fixed_number_of_statements(statements: list[str]) -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    remind(person, WEEKLY, "1")
    statements.clear()
    remind(person, WEEKLY, "2")
    without = len(statements)
    choose(person, WEEKLY)
    remind(person, WEEKLY, "3")
    statements.clear()

    remind(person, WEEKLY, "4")

    assert len(statements) <= without <= 5


# ---- the page ----


def form_of(browser: FlaskClient, *mail: str, **given: str) -> dict[str, str | list[str]]:
    page = browser.get("/settings").text
    hidden = dict(
        re.findall(r'name="(reminders-(?:version|idempotency_key))" value="([^"]*)"', page)
    )
    return {**hidden, "reminders-mail": list(mail), **given}


def test_the_settings_say_what_can_be_switched_off_and_why_the_rest_cannot(
    client_for: Browse,
) -> None:
    page = client_for(make.actor(Role.HANDLER, email="a@example.com")).get("/settings").text

    optional_part, _, duties = page.partition("别的提醒为什么关不掉")
    assert "每周工单摘要" in optional_part
    assert "站内消息一直有，关不掉" in optional_part
    assert "月初任务提醒" not in optional_part
    assert "月初任务提醒" in duties
    assert "误了企业的事" in duties
    assert "没有登记您的手机号" in page
    assert "reminders-by_sms" not in page


def test_a_person_switches_a_mail_off_and_on_again(client_for: Browse) -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    browser = client_for(person)

    answer = browser.post("/settings/reminders", data=form_of(browser, DAILY))

    assert (answer.status_code, answer.location) == (303, "/settings")
    assert queries.choices_of(person.user_id or 0).off == {WEEKLY}
    ticked = re.findall(r'<input checked[^>]*value="(R\d)"', browser.get("/settings").text)
    assert ticked == [DAILY]
    browser.post("/settings/reminders", data=form_of(browser, WEEKLY, DAILY))
    db.session.rollback()
    assert queries.choices_of(person.user_id or 0).off == frozenset()


def test_a_duty_is_not_switched_off_by_a_form_of_one_s_own_making(client_for: Browse) -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    browser = client_for(person)

    answer = browser.post("/settings/reminders", data=form_of(browser, WEEKLY, DAILY, "R1"))

    assert answer.status_code == 422
    assert queries.choices_of(person.user_id or 0).off == frozenset()


def test_who_has_a_number_may_choose_text_messages(client_for: Browse) -> None:
    person = make.actor(Role.HANDLER, email="a@example.com", phone="14200001234")
    browser = client_for(person)

    browser.post(
        "/settings/reminders", data=form_of(browser, WEEKLY, DAILY, **{"reminders-by_sms": "y"})
    )

    assert queries.choices_of(person.user_id or 0).by_sms


def test_two_forms_on_one_page_keep_out_of_each_other_s_way(client_for: Browse) -> None:
    person = make.actor(Role.HANDLER, email="a@example.com")
    browser = client_for(person)
    reminders = form_of(browser, DAILY)
    card = dict(
        re.findall(
            r'name="(version|idempotency_key)" value="([^"]*)"', browser.get("/settings").text
        )
    )

    assert browser.post("/settings/reminders", data=reminders).status_code == 303
    given = {**card, "post": "干事", "email": "b@example.com"}
    assert browser.post("/settings", data=given).status_code == 303

    db.session.rollback()
    assert db.session.get_one(User, person.user_id).email == "b@example.com"
    assert queries.choices_of(person.user_id or 0).off == {WEEKLY}


def test_who_has_no_address_is_told_that_reminders_stay_inside(client_for: Browse) -> None:
    page = client_for(make.actor(Role.HANDLER, email="")).get("/settings").text

    assert "您还没有填邮箱，提醒只在站内" in page
