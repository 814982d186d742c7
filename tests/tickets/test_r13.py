"""Asking an enterprise whether an answer solved it: when, how often, and no more (R13)."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core import links
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from app.notifications import jobs as notifications
from app.notifications import service as outbox
from app.notifications.models import Channel, MessageState
from app.tickets import jobs
from app.tickets.queries import rating as queries
from app.tickets.service import inviting
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Closing, Complexity, Event, Note, Solved, Status
from tests import make
from tests.office import REPLY, Office, open_office
from tests.portal import town
from tests.tickets.asking import (
    NOT_CONTENT,
    answer_again,
    ask,
    asked_office,
    go_to,
    letters,
    phone,
    rate,
    read_back,
    requests,
    set_rules,
    token,
    told,
)

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User | Actor], FlaskClient]
Sent = Callable[[], list[EmailMessage]]


@pytest.fixture
def office() -> Office:
    return asked_office()  # answered on Monday, 21 September


# ---- the first time ----


def test_it_is_asked_once_when_the_answer_is_approved(office: Office) -> None:
    jobs.ask_for_ratings()
    jobs.ask_for_ratings()

    (letter,) = letters()
    assert (letter.rule, letter.channel) == ("rating", Channel.MAIL)
    assert letter.link == "/rate/{token}"
    assert [(one.round, one.number) for one in requests()] == [(1, 1)]
    assert office.ticket.events[-1].kind == Note.RATING_ASKED


def test_the_letter_says_which_problem_and_leads_to_the_page(
    office: Office, app: Flask, sent: Sent
) -> None:
    jobs.ask_for_ratings()
    notifications.deliver_due()

    (letter,) = sent()
    body = letter.get_body(("plain",))
    assert body
    text = body.get_content()
    assert office.ticket.title in str(letter["Subject"])
    assert office.ticket.query_code in text
    assert "不回答不会当作满意" in text
    found = re.search(r"http://[^/]+(/rate/\S+)", text)
    assert found
    page = app.test_client().get(found.group(1))
    assert page.status_code == 200
    assert office.ticket.replies[-1].text in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert token() not in re.sub(r"<form.*", "", page.text, flags=re.DOTALL)


def test_people_of_the_enterprise_with_an_account_find_it_in_their_inbox(office: Office) -> None:
    jobs.ask_for_ratings()

    last = told(office.people[Role.ENTERPRISE_USER].user_id)[-1]
    assert last.rule == "rating"
    assert last.link == f"/rate/mine/{office.ticket_id}"


@pytest.mark.parametrize(
    ("contact", "gateway", "on_the_way"),
    [
        ({"email": ""}, True, [(Channel.SMS, MessageState.QUEUED)]),
        ({"email": ""}, False, [(Channel.SMS, MessageState.SKIPPED)]),  # on the office's list
        ({"email": "", "phone": ""}, True, []),  # only in the inbox
    ],
)
def test_who_has_no_mail_gets_a_text_message(
    contact: dict[str, str], *, gateway: bool, on_the_way: list[tuple[Channel, MessageState]]
) -> None:
    office = asked_office(**contact)
    if gateway:
        make.sms_gateway()

    jobs.ask_for_ratings()

    assert [(one.channel, one.state) for one in letters()] == on_the_way
    assert len(requests()) == 1
    tried = [(one.channel, one.counts) for one in office.ticket.revisits]
    assert tried == [(ContactChannel.LINK, False)] * len(on_the_way)


def test_a_delay_of_a_working_day_holds_it_back_until_then(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    set_rules(office, rating_delay_workdays=1)
    jobs.ask_for_ratings()
    assert letters() == []

    go_to(frozen_clock, "2026-09-22")
    jobs.ask_for_ratings()

    assert len(letters()) == 1


@pytest.mark.parametrize(
    "moment",
    [("2026-09-22", "08:34"), ("2026-09-22", "18:01"), ("2026-09-26", "10:00")],
)
def test_nobody_is_asked_at_night_or_on_a_day_off(
    moment: tuple[str, str], office: Office, frozen_clock: time_machine.Traveller
) -> None:
    del office
    go_to(frozen_clock, *moment)

    jobs.ask_for_ratings()

    assert letters() == []


def test_of_what_is_confidential_the_letter_names_neither_title_nor_number(
    office: Office, app: Flask
) -> None:
    with transaction():
        office.ticket.confidential = True
    jobs.ask_for_ratings()

    (letter,) = letters()
    ticket = office.ticket
    said = f"{letter.subject} {letter.context}"
    for secret in (ticket.title, ticket.number or "", ticket.query_code):
        assert secret not in said
    assert ticket.title in app.test_client().get(f"/rate/{token()}").text  # its own to read


def test_a_whole_is_not_asked_about_while_a_part_is_open(office: Office) -> None:
    with transaction():
        office.ticket.revisit_due_at = None

    jobs.ask_for_ratings()

    assert letters() == []


def test_what_nobody_approved_is_not_asked_about() -> None:
    office = open_office()
    office.walk_to(Status.PENDING_REVIEW)

    jobs.ask_for_ratings()

    assert letters() == []


# ---- again ----


@pytest.mark.parametrize(
    ("day", "rules"),
    [
        ("2026-09-23", ["rating"]),  # the second day
        ("2026-09-24", ["rating", "R13"]),  # the third
        ("2026-09-28", ["rating", "R13"]),  # later, after the holidays
    ],
)
def test_without_a_rating_it_is_asked_again_after_three_days(
    day: str, rules: list[str], office: Office, frozen_clock: time_machine.Traveller
) -> None:
    del office
    jobs.ask_for_ratings()
    go_to(frozen_clock, day)

    jobs.ask_for_ratings()
    jobs.ask_for_ratings()

    assert [one.rule for one in letters()] == rules
    assert len({one.link_id for one in requests()}) == 1  # by the same link


def test_where_the_third_day_is_a_day_off_it_waits_for_the_next_workday(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    set_rules(office, rating_delay_workdays=1)
    go_to(frozen_clock, "2026-09-22")
    jobs.ask_for_ratings()
    for day in ("2026-09-25", "2026-09-26", "2026-09-27"):  # the Mid-Autumn holidays
        go_to(frozen_clock, day)
        jobs.ask_for_ratings()
    assert len(letters()) == 1

    go_to(frozen_clock, "2026-09-28")
    jobs.ask_for_ratings()

    assert len(letters()) == 2


@pytest.mark.parametrize(("repeats", "most"), [(0, 1), (1, 2), (2, 3)])
def test_it_is_asked_as_often_as_the_rules_say_and_never_more(
    repeats: int, most: int, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    set_rules(office, rating_repeats=repeats)
    for day in ("2026-09-21", "2026-09-24", "2026-09-28", "2026-09-29", "2026-09-30"):
        go_to(frozen_clock, day)
        jobs.ask_for_ratings()

    assert len(letters()) <= most
    go_to(frozen_clock, "2026-10-12")
    jobs.ask_for_ratings()
    go_to(frozen_clock, "2026-10-16")
    jobs.ask_for_ratings()

    assert len(letters()) == most


def test_a_job_that_was_killed_between_writes_nothing_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: Any, **_more: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(inviting, "_note", die)
        with pytest.raises(SystemExit):
            jobs.ask_for_ratings()
    assert (letters(), requests()) == ([], [])

    jobs.ask_for_ratings()
    jobs.ask_for_ratings()

    assert len(letters()) == len(requests()) == 1
    assert [one.kind for one in office.ticket.events].count(Note.RATING_ASKED) == 1


def test_a_clock_that_was_set_back_asks_nothing_twice(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    del office
    go_to(frozen_clock, "2026-09-22")
    jobs.ask_for_ratings()
    go_to(frozen_clock, "2026-09-21", "10:00")
    jobs.ask_for_ratings()

    assert len(letters()) == 1


def test_who_has_answered_is_not_asked_again(
    office: Office, app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    with transaction():
        ticket = office.ticket
        ticket.round = ticket.replies[-1].round = 2  # a no leaves it waiting for the director
    rate(app.test_client(), ask(), **NOT_CONTENT)
    go_to(frozen_clock, "2026-09-24")

    jobs.ask_for_ratings()

    assert len(letters()) == 1


def test_whom_the_revisitor_has_reached_is_not_asked_again(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    jobs.ask_for_ratings()
    phone(office, Solved.YES, 5)
    go_to(frozen_clock, "2026-09-24")

    jobs.ask_for_ratings()

    assert len(letters()) == 1


def test_what_was_not_sent_when_the_firm_was_reached_is_sent_no_more(office: Office) -> None:
    jobs.ask_for_ratings()
    phone(office, Solved.YES, 5)

    assert [one.state for one in letters()] == [MessageState.SKIPPED]


def test_after_a_rework_it_is_asked_anew_by_another_link(
    office: Office, app: Flask, frozen_clock: time_machine.Traveller
) -> None:
    first = ask()
    go_to(frozen_clock, "2026-09-22")
    rate(app.test_client(), first, **NOT_CONTENT)
    jobs.ask_for_ratings()
    assert len(letters()) == 1  # while it is handled, nobody asks

    answer_again(office)
    second = ask()
    go_to(frozen_clock, "2026-09-28")
    jobs.ask_for_ratings()

    assert first != second
    assert [(one.round, one.number) for one in requests()] == [(1, 1), (2, 1), (2, 2)]
    assert [one.rule for one in letters()] == ["rating", "rating", "R13"]


# ---- silence ----


def call_in_vain(office: Office, frozen_clock: time_machine.Traveller, *days: str) -> None:
    for day in days:
        go_to(frozen_clock, day, "10:00")
        office.revisit(reached=False, solved=None, result_score=None, words="没有人接", comment="")


def test_what_was_sent_counts_as_one_attempt_by_link_towards_an_end_without_an_answer(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    jobs.ask_for_ratings()
    notifications.deliver_due()
    call_in_vain(office, frozen_clock, "2026-09-21", "2026-09-22")

    office.take(Event.CLOSE_UNREACHABLE, Role.LIAISON)

    assert office.ticket.closing is Closing.UNREACHABLE


def test_silence_for_ten_working_days_ends_it_unanswered_and_never_as_satisfied(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    jobs.ask_for_ratings()
    notifications.deliver_due()
    go_to(frozen_clock, "2026-10-12")
    jobs.close_unanswered()
    assert office.ticket.status is Status.PENDING_REVISIT

    go_to(frozen_clock, "2026-10-14")
    jobs.close_unanswered()

    ticket = office.ticket
    assert (ticket.status, ticket.closing) == (Status.CLOSED, Closing.UNREACHABLE)
    assert [one.result_score for one in ticket.revisits] == [None] * len(ticket.revisits)


# ---- what asks, and does not arrive ----


def lose(how: str) -> None:
    """Let the newest letter be lost: on its way, or after it went out."""
    letter = letters()[-1]
    if how == "came back":
        notifications.deliver_due()
        with transaction():
            outbox.note_bounce(letter.message_id, notice="1", reason="550 no such user")
        return
    with transaction():
        letter.state = MessageState(how)


LOST = ("came back", "failed", "skipped", "queued")


@pytest.mark.parametrize("how", LOST)
def test_an_enterprise_that_was_never_reached_is_not_ended_by_its_silence(
    how: str, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    jobs.ask_for_ratings()
    lose(how)
    go_to(frozen_clock, "2026-11-16")

    jobs.close_unanswered()

    assert office.ticket.status is Status.PENDING_REVISIT


@pytest.mark.parametrize("how", LOST)
def test_a_letter_that_did_not_arrive_is_no_attempt_beside_calls(
    how: str, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    jobs.ask_for_ratings()
    lose(how)
    call_in_vain(office, frozen_clock, "2026-09-21", "2026-09-22", "2026-09-23")

    with pytest.raises(DomainError, match="回访未果"):
        office.take(Event.CLOSE_UNREACHABLE, Role.LIAISON)


def test_the_ten_days_count_from_the_day_on_which_the_letter_went_out(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    jobs.ask_for_ratings()
    go_to(frozen_clock, "2026-10-13")  # the mail server was away that long
    notifications.deliver_due()
    go_to(frozen_clock, "2026-10-27")
    jobs.close_unanswered()
    assert office.ticket.status is Status.PENDING_REVISIT

    go_to(frozen_clock, "2026-10-28")
    jobs.close_unanswered()

    assert office.ticket.closing is Closing.UNREACHABLE


def told_to_call(office: Office) -> list[int]:
    """Return how often the liaison and the office were told to call."""
    people = (Role.LIAISON, Role.DISPATCHER)
    found = [told(office.people[role].user_id) for role in people]
    return [sum(one.rule == "rating-unreached" for one in inbox) for inbox in found]


@pytest.mark.parametrize("how", ["came back", "failed", "skipped"])
def test_where_the_letter_is_lost_the_liaison_and_the_office_are_told_to_call_once(
    how: str, office: Office, client_for: ClientFor
) -> None:
    jobs.ask_for_ratings()
    lose(how)

    jobs.tell_unreached()
    jobs.tell_unreached()

    assert told_to_call(office) == [1, 1]
    page = client_for(office.people[Role.LIAISON]).get("/tickets/revisits").text
    assert "信没有送到，要打电话" in page


def test_nobody_is_told_to_call_while_a_letter_waits_or_once_one_has_arrived(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    jobs.ask_for_ratings()
    jobs.tell_unreached()
    lose("failed")
    go_to(frozen_clock, "2026-09-24")
    jobs.ask_for_ratings()
    notifications.deliver_due()

    jobs.tell_unreached()

    assert told_to_call(office) == [0, 0]


def test_where_nothing_can_be_written_to_the_liaison_is_told_to_call() -> None:
    office = asked_office(email="", phone="")
    with transaction():
        db.session.execute(
            update(RoleHolding)
            .where(RoleHolding.enterprise_id == office.enterprise_id)
            .values(is_active=False)
        )

    jobs.ask_for_ratings()
    jobs.ask_for_ratings()

    assert (letters(), requests()) == ([], [])
    assert told_to_call(office) == [1, 1]


# ---- what was answered on the spot ----


def answer_on_the_spot(office: Office) -> None:
    """Walk a question through the door and answer it there (T06)."""
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.CONSULT)
    office.take(Event.CLOSE_ON_SITE, Role.DISPATCHER)


def test_what_was_answered_on_the_spot_is_asked_about_like_every_answer(app: Flask) -> None:
    office = asked_office()
    answer_on_the_spot(office)

    at = ask()

    assert requests()[-1].ticket_id == office.ticket_id
    page = app.test_client().get(f"/rate/{at}")
    assert page.status_code == 200
    assert REPLY in page.text
    assert rate(app.test_client(), at).status_code == 303
    assert office.ticket.closing is Closing.REVISITED


def test_a_no_to_what_was_answered_on_the_spot_goes_to_the_director_for_a_unit(
    app: Flask,
) -> None:
    office = asked_office()
    answer_on_the_spot(office)

    at = ask()
    rate(app.test_client(), at, **NOT_CONTENT)

    assert (office.ticket.status, office.ticket.round) == (Status.IN_PROGRESS, 2)
    assert "why" in told(office.people[Role.OFFICE_DIRECTOR].user_id)[-1].context
    page = app.test_client().get(f"/rate/{at}").text
    assert "定承办单位" in page
    assert "退回承办单位" not in page


def test_where_the_asking_follows_at_once_no_other_letter_tells_of_the_answer() -> None:
    office = town.open_town()
    answer_on_the_spot(office)
    assert "firm-answered" not in [one.rule for one in town.letters()]

    set_rules(office, rating_delay_workdays=1)
    answer_on_the_spot(office)

    assert "firm-answered" in [one.rule for one in town.letters()]


# ---- whatever happens in which order ----

DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("rate"), st.sampled_from(["yes", "partial", "no"]), st.integers(1, 5)),
        st.tuples(st.just("phone"), st.sampled_from(list(Solved)), st.integers(1, 5)),
        st.tuples(st.just("miss")),
        st.tuples(st.just("ask")),
        st.tuples(st.just("deliver")),
        st.tuples(st.just("end")),
        st.tuples(st.just("answer")),
        st.tuples(st.just("days"), st.integers(1, 6)),
    ),
    max_size=12,
)


def rate_if_asked(office: Office, app: Flask, solved: str, score: int) -> None:
    """Answer by the link of this round, if there is one that still asks."""
    link = queries.current(office.ticket_id)
    if link is None:
        return
    firm, at = app.test_client(), links.token_of(link)
    answers = {
        "solved": solved,
        "result_score": str(score),
        "attitude_score": "3",
        "reasons": "slow",
    }
    if 'name="answers"' in read_back(firm, at, **answers).text:
        rate(firm, at, **answers)


def handle_again(office: Office) -> None:
    if office.ticket.status is Status.IN_PROGRESS:
        answer_again(office)


def do(office: Office, app: Flask, clock: time_machine.Traveller, doing: tuple[Any, ...]) -> None:
    """Do one thing; what is not possible now is refused, and that is all right."""
    ways: dict[str, Callable[..., object]] = {
        "rate": lambda solved, score: rate_if_asked(office, app, solved, score),
        "phone": lambda solved, score: office.revisit(solved=solved, result_score=score),
        "miss": lambda: office.revisit(
            reached=False, solved=None, result_score=None, words="没人接"
        ),
        "ask": jobs.ask_for_ratings,
        "deliver": notifications.deliver_due,
        "end": jobs.close_unanswered,
        "answer": lambda: handle_again(office),
        "days": lambda days: clock.shift(86400 * days),
    }
    kind, *more = doing
    try:
        ways[kind](*more)
    except DomainError:
        db.session.rollback()


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(doings=DOINGS)
def test_nothing_is_ever_closed_as_satisfied_without_an_answer_that_says_so(
    doings: list[tuple[Any, ...]],
    office: Office,
    app: Flask,
    frozen_clock: time_machine.Traveller,
) -> None:
    go_to(frozen_clock, "2026-09-21")
    office._walk(Status.PENDING_REVISIT)  # noqa: SLF001 - afresh, not as it was remembered
    for doing in doings:
        do(office, app, frozen_clock, doing)
        db.session.rollback()
        ticket = office.ticket
        heard = [one for one in ticket.revisits if one.reached]
        if ticket.closing is Closing.REVISITED:
            last = heard[-1]
            assert last.closes
            assert last.solved is not Solved.NO
            assert last.result_score is None or last.result_score >= 3
            assert last.round == ticket.round
        if ticket.closing is Closing.UNREACHABLE:
            assert any(one.counts for one in ticket.revisits)
        if not heard:
            assert ticket.closing in {None, Closing.UNREACHABLE}
            assert ticket.round == 1
        asked = [one for one in requests() if one.ticket_id == ticket.id]
        for round_ in {one.round for one in asked}:
            assert sum(one.round == round_ for one in asked) <= 2
