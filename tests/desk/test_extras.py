"""What the page of an enterprise shows besides its file: its problems and its visits."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.desk.queries.extras import SHOWN, enterprise_extras
from app.tickets.workflow.states import Status
from tests import make
from tests.desk import rows

pytestmark = pytest.mark.usefixtures("app")


def test_open_problems_come_first_by_their_deadline(
    client_for: Callable[[User | Actor], FlaskClient],
) -> None:
    link = make.linkage()
    make.contact(enterprise=link.enterprise)
    closed = rows.ticket(Status.CLOSED, enterprise=link.enterprise, title="早就办好的事")
    later = rows.ticket(
        Status.IN_PROGRESS, enterprise=link.enterprise, due=timedelta(days=3), unit=make.unit()
    )
    sooner = rows.ticket(enterprise=link.enterprise, title="最急的一件")
    rows.ticket(title="别家的事")
    visit = make.visit(linkage=link, promises="下周三前答复")
    clerk = make.actor(Role.DISPATCHER)

    found = enterprise_extras(link.enterprise_id or 0, clerk)
    page = client_for(clerk).get(f"/enterprises/{link.enterprise_id}").text

    assert [row.id for row in found.tickets] == [sooner.id, later.id, closed.id]
    assert (found.open_count, found.ticket_count) == (2, 3)
    assert found.urgent is found.tickets[0]
    assert [one.id for one in found.visits] == [visit.id]
    assert "在办 2 件：最急的一件" in page
    assert "早就办好的事" in page
    assert "下周三前答复" in page
    assert "别家的事" not in page


def test_no_more_than_a_few_are_shown_and_all_are_counted() -> None:
    link = make.linkage()
    for _ in range(SHOWN + 2):
        rows.ticket(enterprise=link.enterprise)
        make.visit(linkage=link)

    found = enterprise_extras(link.enterprise_id or 0, make.actor(Role.DISPATCHER))

    assert (len(found.tickets), len(found.visits)) == (SHOWN, SHOWN)
    assert found.ticket_count == found.open_count == SHOWN + 2


def test_each_sees_only_what_they_may_know_of() -> None:
    link = make.linkage()
    rows.ticket(enterprise=link.enterprise)
    make.visit(linkage=link)

    for role in (Role.LIAISON, Role.VILLAGE_OFFICER, Role.SYS_ADMIN, Role.HANDLER):
        found = enterprise_extras(link.enterprise_id or 0, make.actor(role))
        assert (list(found.tickets), list(found.visits), found.urgent) == ([], [], None), role


def test_buttons_are_offered_to_those_who_may() -> None:
    enterprise_id = make.enterprise().id

    def offered(role: Role) -> tuple[bool, bool]:
        found = enterprise_extras(enterprise_id, make.actor(role))
        return found.may_visit, found.may_open

    assert offered(Role.DISPATCHER) == (True, True)
    assert offered(Role.LIAISON) == (True, True)
    assert offered(Role.SUPERVISOR) == (False, False)
    assert offered(Role.ENTERPRISE_USER) == (False, False)
