"""What opens every link of our mail, and sends every form that it finds, changes nothing."""

import re
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Tenant
from app.accounts.roles import system
from app.core import links
from app.core.db import db
from app.demo import jobs
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


def test_a_scanner_that_opens_every_link_and_sends_every_form_changes_nothing(
    app: Flask, travelled: list[EmailMessage]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    paths = sorted(set().union(letters_without_account(), *map(scanner.links, travelled)))
    before = scanner.holdings(TRACES)

    answers = {path: scanner.scan(app.test_client(), path) for path in paths}

    after = scanner.holdings(TRACES)
    assert {name for name in before if before[name] != after[name]} == set()
    refused = {
        found.group(1) for path in paths if (found := PUBLIC.match(path)) if 422 in answers[path]
    }
    assert refused >= {"follow", "rate"}  # their forms were sent, and asked for a person
