"""The lock on number and query code: a few wrong codes, and nobody tries for a while."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.roles import Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError
from app.core.guesses import CodeGuesses
from app.core.transactions import transaction
from app.portal import jobs
from app.portal.service import guessing
from app.portal.service.guessing import Opened
from app.tickets.workflow.states import Status
from tests.office import Office
from tests.portal.town import code_of, inboxes, minutes_pass, open_town

pytestmark = pytest.mark.usefixtures("app")
LOCKED = "在 09:15 以后再试"
NOBODY = "QS20200101-0001"


@pytest.fixture
def office(app: Flask) -> Office:
    del app
    town = open_town()
    town.walk_to(Status.IN_PROGRESS)
    return town


def ask(
    app: Flask,
    number: str,
    code: str,
    *,
    ip: str = "203.0.113.7",
    client: FlaskClient | None = None,
) -> TestResponse:
    browser = client or app.test_client()
    return browser.post(
        "/follow",
        data={"number": number, "code": code, "idempotency_key": "a" * 32},
        environ_overrides={"REMOTE_ADDR": ip},
    )


def wrong_for(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_the_right_code_opens_the_page_without_the_number_in_its_address(
    app: Flask, office: Office
) -> None:
    number, code = code_of(office.ticket_id)
    client = app.test_client()

    answer = ask(app, f" {number.lower()} ", f"{code[:3]} {code[3:]}", client=client)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/follow/t"
    assert "限高架" in client.get("/follow/t").text


def test_the_fifth_wrong_code_locks_the_sixth_is_not_heard_and_fifteen_minutes_later_it_is(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    number, code = code_of(office.ticket_id)
    for tried in range(1, 5):
        answer = ask(app, number, wrong_for(code), ip=f"203.0.113.{tried}")
        assert answer.status_code == 422
        assert f"还可以试 {5 - tried} 次" in answer.text
    fifth = ask(app, number, wrong_for(code), ip="203.0.113.5")
    assert fifth.status_code == 429
    assert LOCKED in fifth.text

    assert ask(app, number, code, ip="203.0.113.6").status_code == 429
    minutes_pass(frozen_clock, 14.9)
    assert ask(app, number, code, ip="203.0.113.6").status_code == 429
    minutes_pass(frozen_clock, 0.2)
    assert ask(app, number, code, ip="203.0.113.6").status_code == 303


def test_after_the_lock_one_has_five_tries_again(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    number, code = code_of(office.ticket_id)
    for tried in range(5):
        ask(app, number, wrong_for(code), ip=f"203.0.113.{tried}")
    minutes_pass(frozen_clock, 15.1)

    answer = ask(app, number, wrong_for(code), ip="203.0.113.99")

    assert answer.status_code == 422
    assert "还可以试 4 次" in answer.text


def test_wrong_codes_of_many_numbers_lock_the_address_and_a_right_one_between_frees_nothing(
    app: Flask, office: Office
) -> None:
    number, code = code_of(office.ticket_id)
    for place in range(4):
        ask(app, f"QS20260101-{place:04}", "123456")
    assert ask(app, number, code).status_code == 303

    assert ask(app, "QS20260101-0009", "123456").status_code == 429
    assert ask(app, number, code).status_code == 429
    assert ask(app, number, code, ip="203.0.113.8").status_code == 303  # the number is not locked


def test_one_network_of_the_longer_addresses_is_one_address(app: Flask, office: Office) -> None:
    number, code = code_of(office.ticket_id)
    for place in range(5):
        ask(app, f"QS20260101-{place:04}", "123456", ip=f"2001:db8::{place + 1}")

    assert ask(app, number, code, ip="2001:db8::ffff").status_code == 429
    assert ask(app, number, code, ip="2001:db8:0:1::1").status_code == 303


def test_an_answer_does_not_tell_whether_the_number_exists(app: Flask, office: Office) -> None:
    number, code = code_of(office.ticket_id)

    def answers(asked: str, house: str) -> list[tuple[int, str]]:
        found = []
        for place in range(7):
            answer = ask(app, asked, wrong_for(code), ip=f"{house}{place}")
            found.append((answer.status_code, answer.text.replace(asked, "N")))
        return found

    known, unknown = answers(number, "203.0.113."), answers(NOBODY, "198.51.100.")

    def plain(said: list[tuple[int, str]]) -> list[tuple[int, str]]:
        return [(status, re.sub(r'value="[^"]*"', "", text)) for status, text in said]

    assert plain(known) == plain(unknown)


@pytest.mark.parametrize("code", ["", "      ", "00000", "１２３４５６", "abcdef", "1234567"])
def test_what_is_no_code_opens_nothing_not_even_a_ticket_without_one(
    app: Flask, office: Office, code: str
) -> None:
    with transaction():
        office.ticket.query_code = ""
    number, _code = code_of(office.ticket_id)

    assert ask(app, number, code).status_code == 422


def test_ten_thousand_guesses_in_a_loop_are_locked_out_and_the_office_is_told_once(
    office: Office,
) -> None:
    number, code = code_of(office.ticket_id)
    opened = []
    for guess in range(10_000):
        if f"{guess:06}" == code:
            continue
        if guess >= 30 and guess % 500:
            continue  # they are all one case: what is locked compares nothing, and writes nothing
        with transaction():
            found = guessing.open_by_code(number, f"{guess:06}", ip="203.0.113.7")
        opened.append(found)

    assert not [one for one in opened if isinstance(one, Opened)]
    assert all(isinstance(one, DomainError) for one in opened)
    with transaction():
        assert not isinstance(guessing.open_by_code(number, code, ip="198.51.100.1"), Opened)
    told = inboxes(guessing.RULE)
    who = {office.people[role].user_id for role in (Role.DISPATCHER, Role.OFFICE_DIRECTOR)}
    assert who <= {one.recipient_id for one in told}
    assert len(told) == len({one.recipient_id for one in told})
    logged = (
        select(func.count()).select_from(AuditRow).where(AuditRow.action.like("%查询码连续输错%"))
    )
    assert db.session.scalar(logged) == 1


def test_the_office_is_told_again_on_another_day(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    number, code = code_of(office.ticket_id)

    def lock() -> None:
        for _tried in range(5):
            ask(app, number, wrong_for(code))

    lock()
    once = len(inboxes(guessing.RULE))
    minutes_pass(frozen_clock, 20)
    lock()
    assert len(inboxes(guessing.RULE)) == once
    minutes_pass(frozen_clock, 24 * 60)
    lock()
    assert len(inboxes(guessing.RULE)) == 2 * once


def test_who_guesses_at_once_has_no_more_tries_than_one_after_the_other(
    app: Flask, office: Office
) -> None:
    number, code = code_of(office.ticket_id)
    db.session.remove()
    together = Barrier(8)

    def guess(place: int) -> int:
        together.wait()
        return ask(app, number, wrong_for(code), ip=f"203.0.113.{place}").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(8)))

    assert sorted(answers) == [422] * 4 + [429] * 4


def test_what_was_counted_is_forgotten_after_a_day(
    app: Flask, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    number, code = code_of(office.ticket_id)
    ask(app, number, wrong_for(code))
    jobs.tidy()
    assert db.session.scalar(select(func.count()).select_from(CodeGuesses)) == 2

    minutes_pass(frozen_clock, 25 * 60)
    jobs.tidy()

    assert db.session.scalar(select(func.count()).select_from(CodeGuesses)) == 0
