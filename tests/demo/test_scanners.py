"""What opens every link of our mail, and sends every form that it finds, changes nothing."""

import re
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from app.accounts import queries as people
from app.accounts.models import RoleHolding, Tenant, User
from app.accounts.roles import Actor, system
from app.core import links
from app.core.db import db
from app.core.transactions import transaction
from app.demo import jobs
from app.desk import service as desk
from app.notifications.models import Message
from tests import scanner

#: What a visit of a page leaves although nothing of the office changed: that a sign-in was tried.
TRACES = frozenset({"sign_in_attempts"})
PUBLIC = re.compile(r"/(v|b|follow|rate)/")


@pytest.fixture
def travelled(sent: Callable[[], list[EmailMessage]]) -> list[EmailMessage]:
    """Let the township live on for nine days, and return the mail that left it."""
    jobs.travel(date(2026, 10, 9), actor=system(db.session.scalars(select(Tenant.id)).one()))
    return sent()


def letters_without_account() -> set[str]:
    """Return where the letters and text messages to enterprises lead, sent or still waiting."""
    asked = select(Message).where(Message.public_link_id.is_not(None))
    return {
        one.link.replace(links.PLACE, links.token_of(one.public_link))
        for one in db.session.scalars(asked)
        if one.public_link
    }


def feeds() -> dict[str, set[str]]:
    """Give everybody the address of their calendar; return where each of them leads."""
    found = {}
    browser = current_app.test_client()
    for person in db.session.scalars(select(User).where(User.is_active)).all():
        for held in people.holdings_of(person.id)[:1]:
            with transaction():
                token = desk.give_calendar(actor=actor_of(person, held))
            address = f"/calendar/{token}.ics"
            found[address] = scanner.of_calendar(browser.get(address).data)
    db.session.rollback()
    return found


def actor_of(person: User, held: RoleHolding) -> Actor:
    return Actor(
        tenant_id=held.tenant_id,
        user_id=person.id,
        role=held.role,
        name=person.name,
        unit_id=held.unit_id,
        enterprise_id=held.enterprise_id,
    )


def test_a_scanner_that_opens_every_link_and_sends_every_form_changes_nothing(
    app: Flask, travelled: list[EmailMessage]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    calendars = feeds()
    inside = set().union(*calendars.values())
    letters = set().union(letters_without_account(), *map(scanner.links, travelled))
    paths = sorted(letters | inside | set(calendars))
    before = scanner.holdings(TRACES)

    answers = {path: scanner.scan(app.test_client(), path) for path in paths}

    after = scanner.holdings(TRACES)
    assert {name for name in before if before[name] != after[name]} == set()
    assert {path.split("/")[1] for path in inside} >= {"tickets", "visits"}
    refused = {
        found.group(1) for path in paths if (found := PUBLIC.match(path)) if 422 in answers[path]
    }
    assert refused >= {"follow", "rate"}  # their forms were sent, and asked for a person
