"""From ticket to ticket in the order of the list one came from."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.tickets.models import Ticket
from app.tickets.workflow.states import Status
from tests import make


@pytest.fixture
def reader(app: Flask, client_for: Callable[..., FlaskClient]) -> FlaskClient:
    del app  # the database must be there
    return client_for(make.actor(Role.DISPATCHER))


def in_order(n: int) -> list[int]:
    now = clock.now()
    return [make.ticket(move_due_at=now + timedelta(hours=hour)).id for hour in range(1, n + 1)]


def page(reader: FlaskClient, address: str) -> str:
    answer = reader.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def step(words: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', words)
    return found.group(1) if found else ""


def test_the_next_and_the_previous_follow_the_list(reader: FlaskClient) -> None:
    ids = in_order(4)
    first = re.findall(r'href="(/tickets/\d+\?[^"]*)"', page(reader, "/tickets?view=open"))[0]

    walked, address = [], first
    while address:
        walked.append(int(address.split("/")[2].split("?")[0]))
        words = page(reader, address)
        address, before = step(words, "next"), step(words, "prev")

    assert walked == ids
    assert before.startswith(f"/tickets/{ids[-2]}?")
    assert "/tickets?view=open" in words


def test_of_a_ticket_that_moved_on_the_next_one_takes_its_place(reader: FlaskClient) -> None:
    ids = in_order(4)
    gone = db.session.get_one(Ticket, ids[1])
    gone.status, gone.is_open, gone.move_due_at = Status.CLOSED, False, None
    db.session.commit()

    words = page(reader, f"/tickets/{ids[1]}?list=view%3Dopen&at=1")

    assert step(words, "next").startswith(f"/tickets/{ids[2]}?")
    assert step(words, "prev").startswith(f"/tickets/{ids[0]}?")


@pytest.mark.parametrize(
    "asked", ["", "?at=x&list=", "?at=-1", "?at=99999999999999999999", "?list=view%3Dopen"]
)
def test_without_a_list_there_is_no_next(reader: FlaskClient, asked: str) -> None:
    ids = in_order(2)

    words = page(reader, f"/tickets/{ids[0]}{asked}")

    assert step(words, "next") == ""


def test_nonsense_in_the_list_asks_nothing(reader: FlaskClient) -> None:
    ids = in_order(2)

    words = page(reader, f"/tickets/{ids[0]}?at=0&list=" + "%26unit%3Dabc" * 200)

    assert step(words, "next").startswith(f"/tickets/{ids[1]}?")
