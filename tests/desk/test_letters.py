"""Letters that are held stand on the worklist of those who clear them, and in their menu."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.desk.queries import letters, worklist
from app.desk.queries.parts import Part
from app.portal.models import TellingState
from tests import make

Browse = Callable[[User | Actor], FlaskClient]
pytestmark = pytest.mark.usefixtures("app")
IN_MENU = re.compile(r'href="/tellings"[^>]*>(?:(?!</a>).)*?bh-count">(\d+\+?)', re.DOTALL)


def part(viewer: Actor) -> Part:
    return next(each for each in worklist.of(viewer).parts if each.key == letters.KEY)


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.OFFICE_DIRECTOR])
def test_those_who_clear_them_see_what_waits_longest_first_and_go_to_it(role: Role) -> None:
    first, second = make.telling(), make.telling()
    make.telling(TellingState.DISCARDED)
    make.telling(tenant=make.tenant())

    held = part(make.actor(role))

    assert (held.count, held.is_mine) == (2, True)
    assert [row.title for row in held.rows] == [first.title, second.title]
    assert [row.go and row.go.values for row in held.rows] == [
        {"telling_id": first.id},
        {"telling_id": second.id},
    ]


def test_a_letter_has_the_deadline_of_acceptance_from_when_it_was_told() -> None:
    told = make.telling(told_at=clock.now()).told_at

    (row,) = part(make.actor(Role.DISPATCHER)).rows

    assert row.due_at is not None
    assert clock.local(row.due_at).date() == clock.local(told).date() + timedelta(days=1)
    assert row.light is not None
    assert row.light.colour == "yellow"


def test_what_is_most_late_comes_first_and_is_counted_among_what_is_late() -> None:
    in_time = make.telling()
    late = make.telling(told_at=clock.now() - timedelta(days=9))
    later = make.telling(told_at=clock.now() - timedelta(days=5))

    viewer = make.actor(Role.DISPATCHER)
    rows = part(viewer).rows
    now = worklist.of(viewer).now

    assert [row.title for row in rows] == [late.title, later.title, in_time.title]
    assert [row.light and row.light.colour for row in rows] == ["red", "red", "yellow"]
    assert now.tone == "red"
    assert [words.values for words in now.more] == [{"n": 2}]


@pytest.mark.parametrize("role", [Role.CHIEF, Role.HANDLER, Role.LIAISON])
def test_nobody_else_is_told_of_them(role: Role, client_for: Browse) -> None:
    letter = make.telling()
    viewer = make.actor(role)

    page = client_for(viewer).get("/").text

    assert all(each.key != letters.KEY for each in worklist.of(viewer).parts)
    assert worklist.waiting(viewer).letters == 0
    assert letter.title not in page


def test_the_menu_says_how_many_on_every_page(client_for: Browse) -> None:
    browser = client_for(make.actor(Role.DISPATCHER))
    assert not IN_MENU.search(browser.get("/tickets").text)
    make.telling()
    make.telling()

    page = browser.get("/tickets").text

    assert set(IN_MENU.findall(page)) == {"2"}


def test_letters_are_moves_and_counted_in_the_one_statement_of_the_shell(
    statements: list[str],
) -> None:
    viewer = make.actor(Role.DISPATCHER)
    make.telling()
    worklist.waiting(viewer)
    statements.clear()

    waits = worklist.waiting(viewer)

    assert (waits.moves, waits.letters) == (1, 1)
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_a_letter_about_officials_is_for_the_director_and_marked_so(client_for: Browse) -> None:
    kind = make.category("作风", code="19", confidential=True)
    letter = make.telling(category_id=kind.id)
    director, dispatcher = make.actor(Role.OFFICE_DIRECTOR), make.actor(Role.DISPATCHER)

    (row,) = part(director).rows

    assert row.is_for_few
    assert worklist.waiting(dispatcher).letters == 0
    assert letter.title not in client_for(dispatcher).get("/").text


def test_a_worklist_with_letters_alone_begins_with_the_first_of_them(client_for: Browse) -> None:
    letter = make.telling()

    page = client_for(make.actor(Role.DISPATCHER)).get("/").text

    assert f"先核实“{letter.title}”" in page


def test_many_letters_are_said_to_be_many_and_a_page_shows_the_first(app: Flask) -> None:
    del app
    for _n in range(letters.SHOWN + 2):
        make.telling()

    held = part(make.actor(Role.DISPATCHER))

    assert (held.count, len(held.rows)) == (letters.SHOWN + 2, letters.SHOWN)
