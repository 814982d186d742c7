"""A confidential ticket is there for its named few, and for nobody else: lists, counts, search."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.accounts.models import Tenant
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.desk.queries import worklist
from app.enterprises.models import Enterprise
from app.tickets import policy, queries
from app.tickets.models import Ticket, TicketReader
from app.tickets.queries import Reading, TicketFilter, View
from app.tickets.workflow.states import Event, Status
from app.workdays.queries import calendar_of
from tests import make
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")
Browse = Callable[[Actor], FlaskClient]
SEES_ALL = (Role.CHIEF, Role.OFFICE_DIRECTOR, Role.DISPATCHER, Role.SUPERVISOR)


@pytest.fixture
def office() -> Office:
    return open_office()


def name(ticket: Ticket, who: Actor, *, ended: bool = False) -> None:
    """Let somebody read a confidential ticket, or note that they once did."""
    at = datetime(2026, 9, 21, tzinfo=UTC)
    row = {
        "ticket_id": ticket.id,
        "user_id": who.user_id,
        "why": "经办",
        "added_at": at,
        "ended_at": at if ended else None,
    }
    db.session.execute(insert(TicketReader), [row])
    db.session.commit()


def secret(office: Office, status: Status = Status.IN_PROGRESS) -> Ticket:
    return make.ticket(
        status,
        enterprise=db.session.get_one(Enterprise, office.enterprise_id),
        lead_unit_id=office.unit_id,
        handler_id=office.people[Role.HANDLER].user_id,
        liaison_id=office.people[Role.LIAISON].user_id,
        confidential=True,
        title="某股室负责人作风问题",
    )


def reading(viewer: Actor) -> Reading:
    tenant = db.session.get_one(Tenant, viewer.tenant_id)
    return Reading(calendar_of(tenant.id), tenant.parameters, clock.now())


def found(viewer: Actor, **asked: object) -> list[int]:
    page = queries.search_page(
        TicketFilter(**asked),  # type: ignore[arg-type]
        viewer=viewer,
        reading=reading(viewer),
    )
    assert page.total == len(page.items)
    return [row.id for row in page.items]


@pytest.mark.parametrize("role", [*SEES_ALL, Role.DEPT_HEAD, Role.HANDLER, Role.LIAISON])
def test_only_the_named_few_know_of_it_whatever_their_role(office: Office, role: Role) -> None:
    ticket, viewer = secret(office), office.people[role]

    assert not policy.may_see(viewer, ticket)
    name(ticket, viewer, ended=True)
    assert not policy.may_see(viewer, ticket)
    name(ticket, viewer)

    assert policy.may_see(viewer, ticket)
    assert queries.get(ticket.id, viewer=viewer).id == ticket.id


@pytest.mark.parametrize("role", SEES_ALL)
def test_it_is_absent_from_lists_search_and_counts(office: Office, role: Role) -> None:
    ticket, viewer = secret(office), office.people[role]
    plain = make.ticket(enterprise=ticket.enterprise)

    assert found(viewer) == [plain.id]
    assert found(viewer, text="作风问题") == []
    assert found(viewer, enterprise_id=ticket.enterprise_id, view=View.ALL) == [plain.id]
    assert queries.counts(viewer=viewer, reading=reading(viewer))[View.OPEN] == 1
    name(ticket, viewer)
    assert set(found(viewer)) == {plain.id, ticket.id}
    assert found(viewer, text="作风问题") == [ticket.id]
    assert queries.counts(viewer=viewer, reading=reading(viewer))[View.OPEN] == 2


def test_a_page_tells_of_no_confidential_sibling(office: Office) -> None:
    ticket = secret(office)
    office.walk_to(Status.PENDING_ACCEPTANCE)
    viewer = office.people[Role.DISPATCHER]

    assert queries.page(office.ticket_id, viewer=viewer).others.count == 0
    assert queries.twins(office.ticket, viewer=viewer) == []
    with pytest.raises(NotFound):
        queries.page(ticket.id, viewer=viewer)


def test_a_reader_is_still_bound_by_their_role(office: Office) -> None:
    ticket = secret(office)
    stranger = office.more["other head"]

    name(ticket, stranger)

    assert not policy.may_see(stranger, ticket)


def test_the_enterprise_knows_its_own_and_no_other_does(office: Office) -> None:
    ticket = secret(office)
    other = make.actor(Role.ENTERPRISE_USER, enterprise_id=make.enterprise().id)

    assert policy.may_see(office.people[Role.ENTERPRISE_USER], ticket)
    assert not policy.may_see(other, ticket)


def test_nobody_acts_on_what_they_may_not_know_of(office: Office) -> None:
    ticket = secret(office)

    for who in office.people.values():
        own = who.role is Role.ENTERPRISE_USER
        assert policy.is_concerned(who, ticket, Event.FIRST_CONTACT) is own


def test_a_worklist_holds_none_that_is_not_ones_own_to_know(office: Office) -> None:
    ticket = secret(office, Status.PENDING_ACCEPTANCE)
    viewer = office.people[Role.DISPATCHER]

    def titles() -> list[str]:
        found = worklist.of(viewer)
        return [row.title for part in found.parts for row in part.rows]

    assert ticket.title not in titles()
    name(ticket, viewer)
    assert ticket.title in titles()


def test_the_page_says_that_it_is_confidential_and_who_knows(
    office: Office, client_for: Browse
) -> None:
    ticket, reader = secret(office), office.people[Role.OFFICE_DIRECTOR]
    name(ticket, reader)

    page = client_for(reader).get(f"/tickets/{ticket.id}").text
    own = client_for(office.people[Role.ENTERPRISE_USER]).get(f"/tickets/{ticket.id}").text

    assert "知情人" in page
    assert reader.name in page
    assert "知情人" not in own


def test_the_director_names_a_reader_by_a_form(office: Office, client_for: Browse) -> None:
    ticket, director = secret(office), office.people[Role.OFFICE_DIRECTOR]
    name(ticket, director)
    watcher, browser = office.people[Role.SUPERVISOR], client_for(director)
    address = f"/tickets/{ticket.id}/steps/reader_added"
    head = office.more["other head"].name

    asked = browser.get(address).text
    refused = browser.post(address, data={"reader_id": str(watcher.user_id), "comment": ""})
    done = browser.post(
        address,
        data={
            "reader_id": str(watcher.user_id),
            "comment": "请督查员跟踪",
            "version": str(ticket.version),
        },
    )

    assert watcher.name in asked
    assert head not in asked
    assert (refused.status_code, done.status_code) == (422, 303)
    db.session.rollback()
    assert policy.may_see(watcher, db.session.get_one(Ticket, ticket.id))


def test_the_director_is_asked_to_name_a_dispatcher_until_there_is_one(office: Office) -> None:
    ticket = secret(office, Status.PENDING_ACCEPTANCE)
    director, dispatcher = office.people[Role.OFFICE_DIRECTOR], office.people[Role.DISPATCHER]

    def waiting() -> list[str]:
        parts = worklist.of(director).parts
        return [row.title for part in parts if part.key == "named" for row in part.rows]

    assert waiting() == []  # who is no reader is not asked either
    name(ticket, director)
    assert waiting() == [ticket.title]
    name(ticket, dispatcher)
    assert waiting() == []


@pytest.mark.parametrize("path", ["/", "/tickets", "/tickets/supervision?watch=overdue"])
def test_whoever_may_see_it_is_told_in_every_list_that_only_a_few_do(
    office: Office, client_for: Browse, path: str
) -> None:
    ticket, director = (
        secret(office, Status.PENDING_ACCEPTANCE),
        office.people[Role.OFFICE_DIRECTOR],
    )
    late = secret(office)
    late.due_at = datetime(2026, 9, 1, tzinfo=UTC)
    late.is_running = True
    db.session.commit()
    name(ticket, director)
    name(late, director)
    tag, browser = '<span class="bh-tag"><i class="bi bi-eye-slash"', client_for(director)

    shown = browser.get(path).text

    assert tag in shown
    make.ticket(enterprise=ticket.enterprise)
    assert browser.get(path).text.count(tag) == shown.count(tag)
