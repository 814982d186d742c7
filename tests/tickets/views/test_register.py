"""The page of the register: filters that stay, sentences for what cannot be read, fixed cost."""

import html
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.accounts.roles import PEOPLE, Actor, Role
from app.tickets.workflow.states import Status
from tests import make

pytestmark = pytest.mark.usefixtures("app")

Browse = Callable[[Actor], FlaskClient]


@pytest.fixture
def reader(client_for: Browse) -> FlaskClient:
    return client_for(make.actor(Role.DISPATCHER))


def text(reader: FlaskClient, address: str) -> str:
    answer = reader.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.text)


def test_it_shows_open_tickets_with_their_light_and_counts(reader: FlaskClient) -> None:
    make.ticket(title="限高架挡住大件")
    make.ticket(Status.CLOSED, title="已经办好的")

    page = text(reader, "/tickets")

    assert "限高架挡住大件" in page
    assert "已经办好的" not in page
    assert "剩 3 个工作日" in page
    assert "在办和挂账 <b>1</b>" in page
    assert "全部 <b>2</b>" in page


@pytest.mark.parametrize(
    "asked",
    [
        "status=nonsense",
        "unit=4711",
        "unit=abc",
        "category=-3",
        "village=99999999999999999999",
        "enterprise=0",
        "source=x",
        "light=blue",
        "since=2026-02-30",
        "until=0001-01-01",
        "view=mine",
        "sort=random",
        "mine=perhaps",
        f"q={'长' * 41}",
    ],
)
def test_what_cannot_be_read_asks_nothing_and_says_so(reader: FlaskClient, asked: str) -> None:
    make.ticket(title="限高架挡住大件")

    page = text(reader, f"/tickets?{asked}")

    assert "这些条件看不懂" in page
    assert "限高架挡住大件" in page


@pytest.mark.parametrize("page", ["0", "-1", "abc", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_another_one(reader: FlaskClient, page: str) -> None:
    make.ticket(title="限高架挡住大件")

    assert "限高架挡住大件" in text(reader, f"/tickets?page={page}")


def test_what_was_asked_stays_in_every_link(reader: FlaskClient) -> None:
    unit = make.unit()
    for _ in range(30):
        make.ticket(lead_unit_id=unit.id)

    page = text(reader, f"/tickets?unit={unit.id}&view=open")

    assert f"/tickets?unit={unit.id}&view=red" in page
    assert f"?unit={unit.id}&view=open&page=2" in page
    assert "清空条件" in page


def test_nothing_found_is_said_with_a_way_out(reader: FlaskClient) -> None:
    assert "没有在办的问题" in text(reader, "/tickets")
    assert "没有符合条件的问题" in text(reader, "/tickets?q=限高")


def test_one_firms_tickets_name_the_firm(reader: FlaskClient) -> None:
    ticket = make.ticket(Status.CLOSED, enterprise=make.enterprise("拾光精密机械"))

    page = text(reader, f"/tickets?enterprise={ticket.enterprise_id}&view=all")

    assert "拾光精密机械" in page
    assert ticket.title in page


@pytest.mark.parametrize("role", PEOPLE)
def test_everybody_may_open_the_register(role: Role, client_for: Browse) -> None:
    make.ticket(title="别人的问题")
    actor = make.actor(role, enterprise_id=make.enterprise().id)

    page = text(client_for(actor), "/tickets?view=all")

    sees_all = {Role.CHIEF, Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.SUPERVISOR}
    assert ("别人的问题" in page) == (role in sees_all)
    opens = {Role.DISPATCHER, Role.LEADER, Role.LIAISON, Role.ENTERPRISE_USER}
    assert ("登记企业问题" in page) == (role in opens)


@pytest.mark.parametrize(
    "address", ["/tickets", "/tickets?q=问题", "/tickets?view=all&status=in_progress"]
)
def test_the_page_takes_as_many_statements_for_fifty_rows_as_for_five(
    reader: FlaskClient, statements: list[str], address: str
) -> None:
    reader.application.config["PAGE_SIZE"] = 50
    reader.get(address)
    taken = []
    for more in (5, 45):
        for _ in range(more):
            make.ticket()
        statements.clear()
        rows = text(reader, address).count("bh-row-title")
        taken.append((rows, len(statements)))

    assert [rows for rows, _ in taken] == [5, 50]
    assert taken[0][1] == taken[1][1]
