"""A word to the colleagues: who may say it, who is told, and that the enterprise never is."""

import html
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import Invalid, NotAllowed
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import service
from app.tickets.queries import colleagues
from app.tickets.workflow.states import Note, Status
from tests import make
from tests.office import Office, open_office

Browse = Callable[[Actor], FlaskClient]
KEY = "0123456789abcdef0123456789abcdef"
TEXT = "先和村里通个气，再去企业"


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    made = open_office()
    made.walk_to(Status.IN_PROGRESS)
    return made


def name(actor: Actor, words: str) -> Actor:
    """Give somebody a name that people have."""
    with transaction():
        db.session.get_one(User, actor.user_id).name = words
    return actor


def say(browser: FlaskClient, office: Office, text: str, **more: object) -> TestResponse:
    data = {"comment": text, "idempotency_key": KEY} | more
    return browser.post(f"/tickets/{office.ticket_id}/steps/commented", data=data)


def page(browser: FlaskClient, office: Office) -> str:
    return html.unescape(browser.get(f"/tickets/{office.ticket_id}").text)


def told() -> set[int]:
    """Return who was told of being mentioned."""
    db.session.rollback()
    subject = Message.subject.contains("内部备注里提到您")
    return set(db.session.scalars(select(Message.recipient_id).where(subject)))


SPEAKERS = {
    Role.DISPATCHER,
    Role.OFFICE_DIRECTOR,
    Role.DEPT_HEAD,
    Role.HANDLER,
    Role.LEADER,
    Role.CHIEF,
    Role.SUPERVISOR,
    Role.LIAISON,
}


@pytest.mark.parametrize("role", sorted(SPEAKERS))
def test_whoever_sees_it_inside_may_leave_a_note(
    role: Role, office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(role))
    assert "写备注" in page(browser, office)

    answer = say(browser, office, TEXT)

    assert answer.status_code == 303
    assert TEXT in page(browser, office)


@pytest.mark.parametrize("role", [Role.ENTERPRISE_USER, Role.VILLAGE_OFFICER, Role.SYS_ADMIN])
def test_nobody_else_may(role: Role, office: Office) -> None:
    with pytest.raises(NotAllowed), transaction():
        service.comment(office.ticket, TEXT, actor=office.actor(role))


def test_another_unit_neither_reads_nor_writes_one(office: Office, client_for: Browse) -> None:
    assert say(client_for(office.more["other head"]), office, TEXT).status_code == 404


def test_the_enterprise_is_never_shown_a_note(office: Office, client_for: Browse) -> None:
    say(client_for(office.actor(Role.DISPATCHER)), office, TEXT)

    outside = page(client_for(office.actor(Role.ENTERPRISE_USER)), office)

    assert office.ticket.title in outside
    assert TEXT not in outside
    assert "内部备注" not in outside
    enterprise = office.actor(Role.ENTERPRISE_USER).user_id
    db.session.rollback()
    about = select(Message.recipient_id).where(Message.context["what_label"].as_string() == "备注")
    assert enterprise not in set(db.session.scalars(about))


def test_who_was_chosen_is_told(office: Office, client_for: Browse) -> None:
    head = office.actor(Role.DEPT_HEAD).user_id

    say(client_for(office.actor(Role.DISPATCHER)), office, TEXT, mentions=head)

    assert told() == {head}


@pytest.mark.parametrize(
    "text", ["请@余景蓝看一下", "＠余景蓝，请看", "@余景蓝请看一下这一件事情吧"]
)
def test_a_typed_name_is_recognised_even_where_it_runs_on(
    text: str, office: Office, client_for: Browse
) -> None:
    director = name(office.actor(Role.OFFICE_DIRECTOR), "余景蓝")

    answer = say(client_for(office.actor(Role.DISPATCHER)), office, text)

    assert answer.status_code == 303
    assert told() == {director.user_id}


def test_a_name_that_nobody_has_is_just_a_word(office: Office, client_for: Browse) -> None:
    assert (
        say(client_for(office.actor(Role.DISPATCHER)), office, "@没有这人 你好").status_code == 303
    )
    assert told() == set()


def test_who_may_not_see_it_cannot_be_mentioned(office: Office, client_for: Browse) -> None:
    stranger = name(office.more["other head"], "沈外人")
    browser = client_for(office.actor(Role.DISPATCHER))

    typed = say(browser, office, "请@沈外人看")
    chosen = say(browser, office, TEXT, mentions=stranger.user_id)

    assert (typed.status_code, chosen.status_code) == (422, 422)
    assert "沈外人看不到这件企业问题" in html.unescape(typed.text)
    assert "请@沈外人看" in html.unescape(typed.text)
    assert told() == set()
    assert all(event.kind != Note.COMMENTED for event in office.ticket.events)


def test_only_those_who_see_it_are_offered(office: Office) -> None:
    offered = {user.id for user in colleagues.who_may_see(office.ticket)}

    assert {office.actor(role).user_id for role in SPEAKERS} <= offered
    for role in (Role.ENTERPRISE_USER, Role.VILLAGE_OFFICER, Role.SYS_ADMIN, Role.AUDIT_ADMIN):
        assert office.actor(role).user_id not in offered
    assert office.more["other head"].user_id not in offered


def test_asking_who_sees_it_takes_few_statements_however_many_they_are(
    office: Office, statements: list[str]
) -> None:
    ticket = office.ticket
    taken = []
    for more in (0, 20):
        for _ in range(more):
            make.actor(Role.DISPATCHER)
        ticket = office.ticket
        assert ticket.tenant_id
        statements.clear()
        colleagues.who_may_see(ticket)
        taken.append(len(statements))

    assert taken[0] == taken[1] <= 3


def test_a_note_says_at_least_something_and_is_written_once(
    office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))

    assert say(browser, office, " 嗯 ").status_code == 422
    assert say(browser, office, TEXT).status_code == 303
    assert say(browser, office, TEXT).status_code == 303

    db.session.rollback()
    assert [event.kind for event in office.ticket.events].count(Note.COMMENTED) == 1


def test_nothing_is_noted_on_what_is_over(office: Office) -> None:
    draft = make.ticket(Status.ARCHIVED)
    with pytest.raises(NotAllowed), transaction():
        service.comment(draft, TEXT, actor=office.actor(Role.DISPATCHER))


def test_a_mention_of_nobody_is_refused_at_its_field(office: Office) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        service.comment(office.ticket, TEXT, [987654], actor=office.actor(Role.DISPATCHER))

    assert refused.value.field == "mentions"


def test_after_signing_in_again_the_note_is_there_and_not_yet_written(
    office: Office, client_for: Browse
) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))

    shown = say(browser, office, TEXT, returning="1")

    assert shown.status_code == 200
    assert TEXT in html.unescape(shown.text)
    db.session.rollback()
    assert all(event.kind != Note.COMMENTED for event in office.ticket.events)


def test_a_note_is_words_and_never_a_script(office: Office, client_for: Browse) -> None:
    browser = client_for(office.actor(Role.DISPATCHER))

    say(browser, office, "<script>alert(1)</script><img src=x onerror=alert(2)>")

    source = browser.get(f"/tickets/{office.ticket_id}").text
    assert "<script>alert" not in source
    assert "<img src=x" not in source
    assert "&lt;script&gt;alert(1)" in source


def test_a_long_name_with_a_dot_in_it_is_a_name(office: Office, client_for: Browse) -> None:
    head = name(office.actor(Role.DEPT_HEAD), "古丽米热·阿布都热合曼")

    say(client_for(office.actor(Role.DISPATCHER)), office, "请@古丽米热·阿布都热合曼 看看")

    assert told() == {head.user_id}
