"""An enterprise without an account is written when its problem moves for it, once each."""

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Role
from app.core import links
from app.core.db import db
from app.core.links import PublicLink
from app.core.transactions import transaction
from app.enterprises.models import Enterprise
from app.notifications import jobs as notifications
from app.notifications.channels import worded
from app.notifications.channels.letters import Letter
from app.notifications.channels.lines import for_phone
from app.notifications.models import Channel, Message, MessageState
from app.notifications.wordings import Wording, firms, ratings
from app.tickets import jobs
from app.tickets import service as tickets
from app.tickets.service.firms import LETTERS, SUBJECTS
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import REPLY, Office, approve, reply
from tests.portal import town as portal
from tests.portal.town import ENDED, code_of, letters, open_town, reach, token_of

MAIL = "song@example.com"
pytestmark = pytest.mark.usefixtures("app")
Sent = Callable[[], list[EmailMessage]]


@pytest.fixture
def office(app: Flask) -> Office:
    del app
    return open_town()


def rules() -> list[str]:
    return [one.rule for one in letters()]


def body(letter: EmailMessage) -> str:
    found = letter.get_body(("plain",))
    assert found
    return str(found.get_content())


def test_a_problem_on_its_way_brings_three_letters_beside_the_one_that_asks(office: Office) -> None:
    office.walk_to(Status.CLOSED)

    assert rules() == ["firm-received", "firm-accepted", "firm-closed"]


def test_of_steps_inside_nothing_is_written(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    before = rules()

    office.take(Event.DISPATCH, Role.DISPATCHER)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    office.take(Event.PROGRESS_NOTE, Role.HANDLER)
    reply(office)
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)

    assert rules() == before


def test_the_first_letter_says_number_and_code_and_its_link_opens_the_page(
    app: Flask, office: Office, sent: Sent
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    number, code = code_of(office.ticket_id)

    notifications.deliver_due()

    (letter,) = [one for one in sent() if "song@example.com" in str(one["To"])]
    text = body(letter)
    assert number in str(letter["Subject"])
    assert code not in str(letter["Subject"])
    assert number in text
    assert f"查询码：{code}" in text
    assert portal.PHONE in text
    assert "需登录" not in text
    found = re.search(r"http://[^/]+(/follow/\S+)", text)
    assert found
    assert "限高架" in app.test_client().get(found.group(1)).text


ON_THE_WAY = {
    Status.REJECTED: ("firm-rejected", "请向法院反映"),
    Status.MERGED: ("firm-news", "一起办"),
    Status.CANCELLED: ("firm-news", "撤回了"),
}


@pytest.mark.parametrize("status", ENDED, ids=str)
def test_what_ends_on_the_way_is_written_with_what_to_do(
    office: Office, status: Status, sent: Sent
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    ENDED[status](office)

    rule, words = ON_THE_WAY[status]
    assert rules()[-1] == rule
    notifications.deliver_due()
    assert words in " ".join(body(one) for one in sent())


def test_what_is_missing_is_written_with_what_is_missing(office: Office, sent: Sent) -> None:
    portal.send_back(office)

    assert rules()[-1] == "firm-supplement"
    notifications.deliver_due()
    assert "现场照片" in " ".join(body(one) for one in sent())


def test_progress_is_written_where_it_is_for_the_enterprise(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.take(Event.PROGRESS_NOTE, Role.HANDLER, comment="只给内部看的一条办理进展")
    assert "firm-news" not in rules()

    office.take(
        Event.PROGRESS_NOTE, Role.HANDLER, comment="给企业看的一条办理进展", for_enterprise=True
    )

    assert "给企业看的一条办理进展" in letters("firm-news")[0].context["news"]


def test_a_longer_deadline_is_written_with_the_day(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)

    assert "最迟9月30日（周三）17:30" in letters("firm-news")[0].context["news"]


def test_no_letter_holds_the_answer_or_a_telephone_of_a_person(office: Office, sent: Sent) -> None:
    office.walk_to(Status.CLOSED)
    notifications.deliver_due()

    for letter in sent():
        assert REPLY not in body(letter)
        assert portal.CALLER not in body(letter)


MOVES = ("轮到您", "您不用做什么", "不用再做什么", "这里不再办了")


@pytest.mark.parametrize(
    "wording",
    [one for one in (*firms.ALL, *ratings.ALL) if one.rule not in {"firm-news", "firm-link"}],
    ids=lambda one: one.rule,
)
def test_each_letter_says_in_plain_words_whose_move_it_is(wording: Wording) -> None:
    assert any(words in wording.opening for words in MOVES)


def test_news_of_a_wait_says_that_the_enterprise_need_do_nothing(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)

    news = [one.context["news"] for one in letters("firm-news")]
    assert len(news) == 2
    assert all(one.endswith("您不用做什么。") for one in news)


def test_no_letter_names_anybody_of_the_offices(office: Office, sent: Sent) -> None:
    office.walk_to(Status.CLOSED)
    portal.send_back(office)
    office.walk_to(Status.PENDING_REVISIT)
    jobs.ask_for_ratings()
    notifications.deliver_due()

    names = {
        db.session.get_one(User, one.user_id).name
        for one in (*office.people.values(), *office.more.values())
    }
    written = [f"{one['Subject']} {body(one)}" for one in sent() if MAIL in str(one["To"])]
    assert len(written) >= 5
    assert not [name for name in names if any(name in text for text in written)]


def test_who_has_an_account_reads_it_in_the_inbox_and_is_not_written(office: Office) -> None:
    with transaction():
        held = select(RoleHolding).where(RoleHolding.enterprise_id == office.enterprise_id)
        db.session.scalars(held).one().is_active = True

    office.walk_to(Status.CLOSED)

    assert letters() == []


def test_an_enterprise_that_wants_no_letters_gets_none_and_the_log_says_why(
    office: Office, sent: Sent
) -> None:
    with transaction():
        db.session.get_one(Enterprise, office.enterprise_id).quiet = True

    office.walk_to(Status.CLOSED)
    notifications.deliver_due()

    assert {(one.state, one.last_error) for one in letters()} == {
        (MessageState.SKIPPED, "企业说不用发进度")
    }
    assert not [one for one in sent() if "song@example.com" in str(one["To"])]


def test_without_mail_it_is_a_text_message_that_says_the_code_to_its_reader_only(
    office: Office,
) -> None:
    make.sms_gateway()
    reach(email="")

    office.walk_to(Status.PENDING_ACCEPTANCE)

    number, code = code_of(office.ticket_id)
    (message,) = letters()
    assert (message.channel, message.state) == (Channel.SMS, MessageState.QUEUED)
    shown = worded(message.subject, message.context)
    assert number in shown
    assert code not in shown
    text = for_phone(_letter(message))
    assert f"查询码 {code}" in text
    assert f"/follow/{token_of(office.ticket_id)}" in text


def _letter(message: Message) -> Letter:
    assert message.public_link
    token = links.token_of(message.public_link)
    return Letter(
        id=message.id,
        attempt=1,
        message_id="x",
        name="宋主任",
        address="14200001234",
        rule=message.rule,
        subject=message.subject,
        context=message.context,
        link=message.link.replace(links.PLACE, token),
        written_at=message.created_at,
        needs_sign_in=False,
        channel=Channel.SMS,
    )


def test_a_firm_without_contact_in_its_file_is_told_where_the_caller_left_a_number(
    office: Office,
) -> None:
    make.sms_gateway()
    with transaction():
        firm = db.session.get_one(Enterprise, office.enterprise_id)
        firm.contacts.clear()

    office.walk_to(Status.PENDING_ACCEPTANCE)

    (message,) = letters()
    assert (message.channel, message.outsider_address) == (Channel.SMS, portal.CALLER)


def test_where_nobody_can_be_reached_no_link_is_made(office: Office) -> None:
    reach(email="", phone="")
    office.open(contact_phone="")
    office.take(Event.SUBMIT, Role.LIAISON)

    assert letters() == []
    assert db.session.scalars(select(PublicLink)).all() == []


def test_all_letters_of_a_problem_carry_one_link(office: Office) -> None:
    office.walk_to(Status.CLOSED)

    assert len({one.public_link_id for one in letters()}) == 1


def test_a_letter_that_waits_carries_the_link_as_it_is_when_it_goes(
    app: Flask, office: Office, sent: Sent
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    old = token_of(office.ticket_id)
    data = portal.sent(office.ticket_id, words="再补充一句")
    app.test_client().post(f"/follow/{old}", data=data)

    notifications.deliver_due()

    for letter in sent():
        assert old not in body(letter)
    assert any(token_of(office.ticket_id) in body(letter) for letter in sent())


def test_what_is_given_up_in_its_transaction_is_not_told(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    before = rules()

    def fail() -> None:
        with transaction():
            actor = office.people[Role.DISPATCHER]
            tickets.take(office.ticket, Event.ACCEPT, office.given(Event.ACCEPT), actor=actor)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert rules() == before


def test_handing_in_again_does_not_say_once_more_that_it_was_received(office: Office) -> None:
    portal.send_back(office)

    office.take(Event.SUBMIT, Role.LIAISON)

    assert rules() == ["firm-received", "firm-supplement"]


def test_a_letter_is_not_sent_a_week_later(
    office: Office, frozen_clock: time_machine.Traveller, sent: Sent
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    portal.minutes_pass(frozen_clock, 60 * 24 * 7 + 1)

    notifications.deliver_due()

    assert not [one for one in sent() if "song@example.com" in str(one["To"])]
    assert letters()[0].state is MessageState.SKIPPED


def test_of_a_confidential_problem_letters_say_only_that_there_is_news_also_those_before(
    office: Office, sent: Sent
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    number, code = code_of(office.ticket_id)
    with transaction():
        tickets.make_confidential(
            office.ticket,
            "反映的是工作人员",
            office.people[Role.DISPATCHER].user_id,
            actor=office.people[Role.OFFICE_DIRECTOR],
        )
    office.take(Event.ACCEPT, Role.DISPATCHER)

    notifications.deliver_due()

    secret = (number, code, "限高架")
    written = [one for one in sent() if "song@example.com" in str(one["To"])]
    told = [str(one["Subject"]) + body(one) for one in written]
    told += [worded(one.subject, one.context) + str(one.context) for one in letters()]
    assert len(written) == 2
    assert not [(word, text) for word in secret for text in told if word in text]
    assert all("/follow/" in body(one) for one in written)


def test_each_letter_has_words_and_what_a_text_message_says() -> None:
    assert set(LETTERS.values()) | {"firm-link"} == set(SUBJECTS)


@pytest.mark.parametrize(("days", "is_told"), [(0, False), (1, True)])
def test_the_answer_is_told_once_it_was_reviewed_where_the_question_comes_only_later(
    office: Office, days: int, *, is_told: bool
) -> None:
    with transaction():
        make.the_tenant().settings = {"rating_delay_workdays": days}
    office.walk_to(Status.PENDING_REVIEW)
    assert "firm-answered" not in rules()

    approve(office)

    assert ("firm-answered" in rules()) == is_told
