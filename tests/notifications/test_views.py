"""The inbox of a person, and the outbox of the office."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import queries, service
from app.notifications.models import Channel, Message, MessageState
from tests import make

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


def failed_mail() -> int:
    person = make.user(email="someone@example.com", name="阮怀青")
    with transaction():
        service.enqueue(
            person.id,
            tenant_id=person.tenant_id,
            rule="R1",
            period="2026-10",
            channel=Channel.MAIL,
            subject="给{name}",
            context={"name": "阮怀青"},
        )
        message = db.session.scalars(select(Message)).one()
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
