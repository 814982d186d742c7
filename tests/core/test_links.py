"""What a link without an account opens, for how long, and that nobody writes one of their own."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.core import links
from app.core.db import db
from app.core.links import PublicLink, Standing
from app.core.transactions import transaction
from tests import make

pytestmark = pytest.mark.usefixtures("app")

DAY = timedelta(days=1)


def a_link(purpose: str = "follow", subject: str = "ticket:7") -> PublicLink:
    tenant_id = make.the_tenant().id
    with transaction():
        return links.make(purpose, subject, tenant_id=tenant_id, lasts=DAY)


def standing(token: str, purpose: str = "follow") -> Standing | None:
    found = links.find(token, purpose)
    return found.standing if found else None


def test_a_link_opens_what_it_was_made_for_and_nothing_else() -> None:
    token = links.token_of(a_link())

    found = links.find(token, "follow")

    assert found
    assert found.is_good
    assert (found.link.subject, found.link.subject_id) == ("ticket:7", 7)
    assert links.find(token, "rate") is None


def test_the_token_is_not_in_the_database() -> None:
    link = a_link()
    token = links.token_of(link)

    columns = PublicLink.__mapper__.columns
    assert all(token not in str(getattr(link, column.key)) for column in columns)


def test_a_link_runs_out(frozen_clock: time_machine.Traveller) -> None:
    token = links.token_of(a_link())

    frozen_clock.shift(DAY - timedelta(seconds=1))
    assert standing(token) is Standing.GOOD

    frozen_clock.shift(timedelta(seconds=1))
    assert standing(token) is Standing.EXPIRED


def test_all_links_to_a_subject_are_revoked_at_once_and_no_others() -> None:
    token, other = links.token_of(a_link()), links.token_of(a_link(subject="ticket:8"))
    with transaction():
        links.revoke(tenant_id=make.the_tenant().id, purpose="follow", subject="ticket:7")

    assert standing(token) is Standing.REVOKED
    assert standing(other) is Standing.GOOD


def test_a_used_link_and_one_that_was_renewed_say_that_they_were_used() -> None:
    link = a_link()
    before = links.token_of(link)
    with transaction():
        after = links.renew(db.session.merge(link))

    assert standing(before) is Standing.USED
    assert standing(after) is Standing.GOOD

    with transaction():
        links.use(db.session.get_one(PublicLink, link.id))
    assert standing(after) is Standing.USED


def test_the_newest_good_link_is_found_again() -> None:
    a_link()
    newest = a_link()
    tenant_id = make.the_tenant().id

    found = links.good(tenant_id=tenant_id, purpose="follow", subject="ticket:7")

    assert found
    assert found.id == newest.id
    assert links.good(tenant_id=tenant_id, purpose="rate", subject="ticket:7") is None


def test_another_installation_s_token_is_none_of_ours(app: Flask) -> None:
    link = a_link()
    app.config["SECRET_KEY"] = "another"
    theirs = links.token_of(link)
    app.config["SECRET_KEY"] = "test"

    assert theirs != links.token_of(link)
    assert links.find(theirs, "follow") is None


@pytest.mark.parametrize("place", range(0, 40, 7))
def test_a_token_with_one_letter_changed_is_none_of_ours(place: int) -> None:
    token = links.token_of(a_link())
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]

    assert links.find(changed, "follow") is None


def test_whatever_is_guessed_opens_nothing(app: Flask) -> None:
    token = links.token_of(a_link())

    @given(st.text(max_size=80) | st.from_regex(r"[0-9]{1,12}-[0-9]{1,12}-[\w-]{0,43}"))
    def guessed(guess: str) -> None:
        with app.app_context():
            assert guess == token or links.find(guess, "follow") is None

    guessed()
