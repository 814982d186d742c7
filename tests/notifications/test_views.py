"""The inbox of a person, and the outbox of the office."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import jobs, queries, service
from app.notifications.channels import robots, smtp
from app.notifications.models import Channel, Delivery, Message, MessageState
from tests import make
from tests.notifications import servers
from tests.notifications.servers import HOST, Postman

ClientFor = Callable[[User | Actor], FlaskClient]


def told(actor: Actor, *, period: str = "1", link: str = "/visits/mine") -> int:
    with transaction():
        service.tell(
            [actor.user_id],
            tenant_id=actor.tenant_id,
            rule="ticket-event",
            period=period,
            subject="{number}：{title}，{due_on}前",
            context={"number": "QS-1", "title": "<b>路灯</b>{坏}", "due_on": "2026-10-09"},
            link=link,
        )
    return db.session.scalars(select(Message.id).order_by(Message.id.desc())).first() or 0


def test_a_person_finds_what_they_were_told(client_for: ClientFor) -> None:
    person = make.actor(Role.LIAISON)
    told(person)

    page = client_for(person).get("/inbox").text

    assert "QS-1：&lt;b&gt;路灯&lt;/b&gt;{坏}，10月9日（周五）前" in page
    assert "未读" in page


def test_opening_a_message_reads_it_and_leads_to_its_page(client_for: ClientFor) -> None:
    person = make.actor(Role.LIAISON)
    message_id = told(person)
    browser = client_for(person)

    assert browser.get(f"/inbox/{message_id}").status_code == 405
    answer = browser.post(f"/inbox/{message_id}")

    assert answer.status_code == 303
    assert answer.location == "/visits/mine"
    db.session.rollback()
    assert queries.unread_count(person) == 0


def test_a_link_never_leads_away_from_the_site(client_for: ClientFor) -> None:
    person = make.actor(Role.LIAISON)
    message_id = told(person, link="https://elsewhere.example.com/")

    answer = client_for(person).post(f"/inbox/{message_id}")

    assert answer.location == "/inbox"


def test_the_message_of_another_is_not_found(client_for: ClientFor) -> None:
    message_id = told(make.actor(Role.LIAISON))

    answer = client_for(make.actor(Role.DISPATCHER)).post(f"/inbox/{message_id}")

    assert answer.status_code == 404


def test_everything_is_marked_read_at_once(client_for: ClientFor) -> None:
    person = make.actor(Role.LIAISON)
    told(person, period="1")
    told(person, period="2")

    assert client_for(person).post("/inbox").status_code == 303

    db.session.rollback()
    assert queries.unread_count(person) == 0


def test_an_empty_inbox_says_what_will_stand_there(client_for: ClientFor) -> None:
    assert "还没有消息" in client_for(make.actor(Role.LIAISON)).get("/inbox").text


def failed_mail(name: str = "阮怀青", *, rule: str = "R1", period: str = "2026-10") -> int:
    person = make.user(email="someone@example.com", name=name)
    with transaction():
        service.enqueue(
            person.id,
            tenant_id=person.tenant_id,
            rule=rule,
            period=period,
            channel=Channel.MAIL,
            subject="给{name}",
            context={"name": name},
        )
        message = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert message
        message.state, message.attempts = MessageState.FAILED, 4
        message.next_try_at, message.last_error = None, "550 No such user"
        return message.id


def test_the_office_sees_what_could_not_be_sent_and_sends_it_again(client_for: ClientFor) -> None:
    message_id = failed_mail()
    browser = client_for(make.actor(Role.DISPATCHER))

    page = browser.get("/outbox").text
    assert "阮怀青" in page
    assert "550 No such user" in page
    answer = browser.post(f"/outbox/{message_id}")

    assert answer.status_code == 303
    db.session.rollback()
    assert db.session.get_one(Message, message_id).state is MessageState.QUEUED


@pytest.mark.parametrize("state", ["sent", "queued", "skipped", "nonsense"])
def test_every_state_of_the_outbox_has_its_list(client_for: ClientFor, state: str) -> None:
    answer = client_for(make.actor(Role.OFFICE_DIRECTOR)).get(f"/outbox?state={state}")

    assert answer.status_code == 200


@pytest.mark.parametrize("role", [Role.LIAISON, Role.CHIEF, Role.HANDLER, Role.AUDIT_ADMIN])
def test_the_outbox_is_the_office_s(client_for: ClientFor, role: Role) -> None:
    message_id = failed_mail()
    browser = client_for(make.actor(role))

    assert browser.get("/outbox").status_code == 403
    assert browser.post(f"/outbox/{message_id}").status_code == 403


# ---- the office's further pages ----


def clerk_s(client_for: ClientFor) -> FlaskClient:
    return client_for(make.actor(Role.DISPATCHER))


def key() -> dict[str, str]:
    return {"idempotency_key": uuid4().hex}


def test_every_attempt_stands_there_with_its_time_and_the_other_side_s_answer(
    client_for: ClientFor,
) -> None:
    message_id = failed_mail()
    with transaction():
        for attempt, said in ((1, "RCPT 450 4.2.0 <later>"), (2, "RCPT 550 5.1.1 no such user")):
            db.session.add(
                Delivery(
                    message_id=message_id,
                    attempt=attempt,
                    at=clock.machine_now(),
                    is_sent=False,
                    reason="对方暂时不收，会自动再试",
                    answer=said,
                )
            )

    page = clerk_s(client_for).get("/outbox").text

    assert "经过：试过 2 次" in page
    assert "RCPT 450 4.2.0 &lt;later&gt;" in page
    assert "RCPT 550 5.1.1 no such user" in page


def test_a_page_of_the_outbox_costs_the_same_however_much_stands_on_it(
    client_for: ClientFor, statements: list[str]
) -> None:
    browser = clerk_s(client_for)
    failed_mail()
    browser.get("/outbox")
    statements.clear()
    browser.get("/outbox")
    few = len(statements)
    for number in range(12):
        failed_mail(period=str(number))
    statements.clear()

    browser.get("/outbox")

    assert len(statements) <= few


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"阮怀青", "鹿鸣谦"}),
        ("recipient=阮", {"阮怀青"}),
        ("rule=urge-digest", {"鹿鸣谦"}),
        ("channel=mail", {"阮怀青", "鹿鸣谦"}),
        ("channel=sms", set()),
        ("rule=nonsense&channel=nonsense", {"阮怀青", "鹿鸣谦"}),
        ("state=sent", set()),
    ],
)
def test_the_office_finds_by_rule_channel_state_and_recipient(
    client_for: ClientFor, query: str, found: set[str]
) -> None:
    failed_mail("阮怀青")
    failed_mail("鹿鸣谦", rule="urge-digest")

    page = clerk_s(client_for).get(f"/outbox?{query}").text

    assert {name for name in ("阮怀青", "鹿鸣谦") if f"给{name}" in page} == found


def test_all_that_failed_of_what_is_asked_for_is_sent_again_after_a_confirmation(
    client_for: ClientFor,
) -> None:
    for number in range(3):
        failed_mail(period=str(number))
    other = failed_mail("鹿鸣谦", rule="urge-digest")
    browser = clerk_s(client_for)

    page = browser.get("/outbox/again?rule=R1").text
    assert "重发 3 条没有送到的消息" in page
    form = key()
    answer = browser.post("/outbox/again?rule=R1", data=form)
    again = browser.post("/outbox/again?rule=R1", data=form)

    assert answer.status_code == 303
    assert again.location == answer.location
    db.session.rollback()
    assert db.session.get_one(Message, other).state is MessageState.FAILED
    progress = browser.get(answer.location).text
    assert "还有 3 条在排队" in progress
    jobs.deliver_due()
    assert "都处理完了" in browser.get(answer.location).text
    assert "没有可以重发的消息" in browser.get("/outbox/again?rule=R1").text


def test_the_progress_of_another_office_is_not_found(client_for: ClientFor) -> None:
    failed_mail()
    location = clerk_s(client_for).post("/outbox/again", data=key()).location
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant("别的镇"))

    assert client_for(stranger).get(location).status_code == 404


def test_who_has_no_address_is_listed_with_a_way_to_mend_it(client_for: ClientFor) -> None:
    person = make.user(Role.LIAISON, name="没邮箱的人", email="")
    make.user(Role.LIAISON, name="离职的人", email="", is_active=False)
    contact = make.contact(enterprise=make.enterprise("塑岭管业"), name="柳经理", phone=None)
    with transaction():
        service.enqueue(
            service.Outsider(f"contact:{contact.id}", "柳经理", ""),
            tenant_id=person.tenant_id,
            rule="R13",
            period="1",
            channel=Channel.MAIL,
            subject="请评价",
        )

    of_admin = client_for(make.actor(Role.SYS_ADMIN)).get("/outbox/unreached").text
    of_office = clerk_s(client_for).get("/outbox/unreached").text

    assert f"/admin/users/{person.id}" in of_admin
    assert f"/admin/users/{person.id}" not in of_office
    for page in (of_admin, of_office):
        assert "没邮箱的人" in page
        assert "柳经理" in page
        assert "离职的人" not in page


def test_a_way_out_that_takes_nothing_is_said_on_top(client_for: ClientFor) -> None:
    with transaction():
        service.note_outage(Channel.MAIL, smtp.NO_LOGIN, "535 5.7.8 bad credentials")
    browser = clerk_s(client_for)

    assert "邮件现在发不出去" in browser.get("/outbox").text
    page = browser.get("/outbox/settings").text
    assert "请核对用户名和密码" in page
    assert "535 5.7.8 bad credentials" in page


def test_the_settings_show_no_secret(app: Flask, client_for: ClientFor) -> None:
    app.config.update(
        SMTP_HOST="mail.example.com",
        SMTP_USER="office",
        SMTP_PASSWORD="very secret",
        IMAP_HOST="imap.example.com",
        IMAP_PASSWORD="also secret",
    )
    make.sms_gateway(url="https://sms.example.com/?key=hidden-key")
    robot = make.robot(key="693a91f6-0000-4bc4-97a0-0ec2abfa5aaa")
    browser = clerk_s(client_for)

    for path in ("settings", "sms", "robots", f"robots/{robot.id}"):
        page = browser.get(f"/outbox/{path}").text
        for secret in ("very secret", "also secret", "hidden-key", "693a91f6", "sesame"):
            assert secret not in page, (path, secret)
    assert "mail.example.com" in browser.get("/outbox/settings").text
    assert "sms.example.com" in browser.get("/outbox/sms").text


def test_a_mail_to_oneself_shows_the_whole_answer(app: Flask, client_for: ClientFor) -> None:
    postman = Postman()
    clerk = make.user(Role.DISPATCHER, email="me@example.com")
    browser = client_for(clerk)
    with servers.mail_server(postman) as running:
        app.config.update(SMTP_HOST=HOST, SMTP_PORT=running.port, SMTP_SECURITY="none")
        form = key()
        browser.post("/outbox/settings/mail", data=form)
        browser.post("/outbox/settings/mail", data=form)
        page = browser.get("/outbox/settings").text
        postman.answers["me@example.com"] = "550 5.1.1 unknown here"
        browser.post("/outbox/settings/mail", data=key())
        refused = browser.get("/outbox/settings").text

    assert len(postman.taken) == 1
    assert "DATA 250 2.0.0 Ok: queued as 000001" in page
    assert "550 5.1.1 unknown here" in refused
    db.session.rollback()
    assert {m.state for m in db.session.scalars(select(Message))} == {
        MessageState.SENT,
        MessageState.FAILED,
    }


def test_who_has_no_address_is_told_so_instead(client_for: ClientFor) -> None:
    browser = client_for(make.user(Role.DISPATCHER, email=""))

    answer = browser.post("/outbox/settings/mail", data=key())

    assert answer.status_code == 422
    assert "您还没有邮箱" in answer.text


def test_a_robot_is_entered_tried_and_changed_on_its_pages(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = clerk_s(client_for)
    assert "还没有机器人" in browser.get("/outbox/robots").text
    form = {
        "name": "营商办工作群",
        "platform": "wecom",
        "key": "693a91f6-0000-4bc4-97a0-0ec2abfa5aaa",
        "rules": ["R1"],
        "is_active": "y",
    }
    wrong = browser.post("/outbox/robots", data={**form, "key": "x", **key()})
    assert wrong.status_code == 422
    assert "这不像企业微信机器人的密钥" in wrong.text
    location = browser.post("/outbox/robots", data={**form, **key()}).location

    def answer(_url: str, **_given: object) -> SimpleNamespace:
        return SimpleNamespace(status_code=200, text='{"errcode": 93000, "errmsg": "invalid"}')

    monkeypatch.setattr(robots, "post", answer)
    browser.post(f"{location}/test", data=key())
    page = browser.get(location).text
    assert "平台不认这个机器人" in page
    assert "93000" in page

    changed = {**form, "key": "", "name": "新群", "reason": "改名", "version": "1"}
    assert browser.post(location, data={**changed, **key()}).status_code == 303
    late = browser.post(location, data={**changed, "name": "更新的群", **key()})
    assert late.status_code == 409
    assert "有人改过这个机器人" in late.text
    assert "新群" in browser.get("/outbox/robots").text


def test_the_text_message_service_is_entered_and_tried_on_its_page(
    app: Flask, client_for: ClientFor
) -> None:
    browser = clerk_s(client_for)
    assert "还没有允许任何短信服务商" in browser.get("/outbox/sms").text
    app.config.update(SMS_HOSTS=HOST, SMS_ALLOW_PRIVATE=True)
    with servers.web_server() as web:
        form = {
            "url": f"{web.url}/send",
            "method": "POST",
            "headers": "X-Key: sesame",
            "body_kind": "json",
            "body": '{"to": "{{phone}}", "text": "{{text}}"}',
            "success_path": "errcode",
            "success_value": "0",
            "is_active": "y",
            "reason": "签了合同",
        }
        broken = browser.post("/outbox/sms", data={**form, "body": "{", **key()})
        assert broken.status_code == 422
        assert browser.post("/outbox/sms", data={**form, **key()}).status_code == 303
        assert (
            "手机号只写数字"
            in browser.post("/outbox/sms/test", data={"phone": "abc", **key()}).text
        )
        browser.post("/outbox/sms/test", data={"phone": "14200001234", **key()})
        page = browser.get("/outbox/sms").text

    assert "HTTP 200" in page
    assert len(web.asked) == 1
    assert "14200001234" in web.asked[0][2].decode()
    assert "sesame" not in page


@pytest.mark.parametrize(
    "path", ["again", "unreached", "settings", "robots", "robots/new", "robots/1", "sms"]
)
def test_these_pages_are_the_office_s(client_for: ClientFor, path: str) -> None:
    make.robot()

    assert client_for(make.actor(Role.CHIEF)).get(f"/outbox/{path}").status_code == 403
