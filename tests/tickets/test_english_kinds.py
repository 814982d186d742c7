"""Who reads English reads the English names of categories, wherever one stands."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets.models import Category
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")
Browse = Callable[[User | Actor], FlaskClient]
GROUP, BELOW = "Roads and transport", "Access roads"
CHINESE_BELOW = "进厂道路"


@pytest.fixture
def office() -> Office:
    found = open_office()
    with transaction():
        db.session.get_one(Category, found.category_id).name_en = GROUP
    other = make.category("要素保障", name_en="Utilities", code="06")
    make.category(CHINESE_BELOW, name_en=BELOW, parent_id=other.id, code="06.1")
    return found


def chinese(office: Office) -> str:
    db.session.rollback()
    return db.session.get_one(Category, office.category_id).name


def read(browser: FlaskClient, path: str, language: str = "en") -> str:
    browser.set_cookie("bihuan-language", language)
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.text


PAGES = {
    "/": (Status.PENDING_DISPATCH, Role.DISPATCHER, False),
    "/tickets": (Status.PENDING_DISPATCH, Role.DISPATCHER, False),
    "/tickets/{id}": (Status.PENDING_DISPATCH, Role.DISPATCHER, False),
    "/tickets/{id}/steps/accept": (Status.PENDING_ACCEPTANCE, Role.DISPATCHER, True),
    "/tickets/new?enterprise={firm}": (Status.PENDING_ACCEPTANCE, Role.DISPATCHER, True),
    "/library": (Status.PENDING_ACCEPTANCE, Role.DISPATCHER, False),
    "/tickets/common/new": (Status.PENDING_ACCEPTANCE, Role.DISPATCHER, False),
    "/visits/new": (Status.PENDING_ACCEPTANCE, Role.LIAISON, False),
}


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_office_say_the_english_name_to_who_reads_english(
    path: str, office: Office, client_for: Browse
) -> None:
    status, role, both = PAGES[path]
    office.walk_to(status)
    browser = client_for(office.people[role])
    path = path.format(id=office.ticket_id, firm=office.enterprise_id)

    english, before = read(browser, path), read(browser, path, "zh")

    assert GROUP in english
    assert (BELOW in english) is both
    assert chinese(office) not in english
    assert CHINESE_BELOW not in english
    assert chinese(office) in before
    assert GROUP not in before


def test_a_row_that_was_printed_in_one_language_is_not_shown_in_the_other(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    browser = client_for(office.people[Role.DISPATCHER])

    pages = [read(browser, "/", language) for language in ("zh", "en", "zh", "en")]

    assert [GROUP in page for page in pages] == [False, True, False, True]
    assert [chinese(office) in page for page in pages] == [True, False, True, False]


def test_a_category_without_an_english_name_is_called_by_the_chinese_one(
    office: Office, client_for: Browse
) -> None:
    with transaction():
        db.session.get_one(Category, office.category_id).name_en = ""
    office.walk_to(Status.PENDING_DISPATCH)

    page = read(client_for(office.people[Role.DISPATCHER]), f"/tickets/{office.ticket_id}")

    assert chinese(office) in page


def test_what_the_history_says_of_a_category_is_in_the_readers_language(
    office: Office, client_for: Browse
) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    office.take(Event.ACCEPT, Role.DISPATCHER)

    page = read(client_for(office.people[Role.DISPATCHER]), f"/tickets/{office.ticket_id}")

    assert f"Category: {GROUP}" in page


def test_the_refusal_of_a_category_names_it_in_the_readers_language(
    office: Office, client_for: Browse
) -> None:
    turned = make.category("涉法涉诉", name_en="Lawsuits", rejects=True, guidance="法院")
    office.walk_to(Status.PENDING_ACCEPTANCE)
    browser = client_for(office.people[Role.DISPATCHER])
    browser.set_cookie("bihuan-language", "en")
    form = {
        "idempotency_key": "a" * 32,
        "version": str(office.ticket.version),
        "category_id": str(turned.id),
        "urgency": "normal",
        "complexity": "simple",
        "duplicates_checked": "y",
    }

    answer = browser.post(f"/tickets/{office.ticket_id}/steps/accept", data=form)

    assert answer.status_code == 422
    assert "“Lawsuits”" in answer.text
