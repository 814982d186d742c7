"""One ticket: who may open it, what its page is given, and at what cost."""

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.core.db import db
from app.core.errors import Invalid, NotFound
from app.core.transactions import transaction
from app.tickets import queries, service
from app.tickets.models import TicketEvent
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import Office, open_office


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


def test_a_ticket_of_another_township_does_not_exist(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    with pytest.raises(NotFound):
        queries.get(office.ticket_id, viewer=make.actor(Role.CHIEF, tenant=make.tenant()))
    with pytest.raises(NotFound):
        queries.page(office.ticket_id, viewer=make.actor(Role.CHIEF, tenant=make.tenant()))


def test_a_draft_does_not_exist_for_others(office: Office) -> None:
    office.open()

    assert queries.get(office.ticket_id, viewer=office.actor(Role.LIAISON))
    with pytest.raises(NotFound):
        queries.get(office.ticket_id, viewer=office.actor(Role.DISPATCHER))


def test_a_page_tells_the_history_with_the_names_behind_its_ids(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)

    page = queries.page(office.ticket_id, viewer=office.actor(Role.DISPATCHER))

    assert [event.kind for event in page.events] == [
        "drafted",
        "submit",
        "accept",
        "dispatch",
        "sign",
        "proposed",
    ]
    assert page.events[-1].who == office.actor(Role.DEPT_HEAD).name
    assert page.names.units[office.other_unit_id].startswith("第")
    assert page.names.users[office.actor(Role.DEPT_HEAD).user_id or 0]
    assert page.names.categories[office.category_id] == "交通物流"
    assert {move.clock.value for move in page.moves} == {
        "acceptance",
        "dispatch",
        "sign",
        "contact",
        "handle",
    }


def test_the_other_problems_of_the_firm_are_those_that_count(office: Office) -> None:
    office.walk_to(Status.CLOSED)
    office.open()
    office.walk_to(Status.PENDING_ACCEPTANCE)
    walked = office.walk_to(Status.PENDING_DISPATCH).id

    page = queries.page(walked, viewer=office.actor(Role.DISPATCHER))

    assert (page.others.count, page.others.solved) == (1, 1)


def test_parts_of_another_ticket_are_not_found(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    proposal = office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    other = office.walk_to(Status.IN_PROGRESS)

    with pytest.raises(NotFound):
        queries.proposal(other, proposal.id, viewer=office.actor(Role.DISPATCHER))
    with pytest.raises(Invalid):
        queries.co_task(other, 1)
    with pytest.raises(Invalid):
        queries.supervision_note(other, None)


def test_the_enterprise_is_told_what_concerns_it_and_not_what_the_offices_say(
    office: Office,
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    firm = office.actor(Role.ENTERPRISE_USER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    office.take(Event.PROGRESS_NOTE, Role.HANDLER, comment="内部先商量一下，还没有定下来。")
    office.take(
        Event.PROGRESS_NOTE,
        Role.HANDLER,
        comment="已经到现场看过，明天给您回话。",
        for_enterprise=True,
    )
    drafted = office.propose(Event.SUBMIT_REPLY, Role.HANDLER)
    office.decide(Role.DEPT_HEAD)

    page = queries.page(office.ticket_id, viewer=firm)

    kinds = [event.kind for event in page.events]
    assert kinds == ["submit", "accept", "dispatch", "sign", "first_contact", "progress_note"]
    assert [event.comment for event in page.events if event.comment] == [
        "已经到现场看过，明天给您回话。"
    ]
    assert page.ticket.replies == page.ticket.proposals == []
    with pytest.raises(NotFound):
        queries.proposal(page.ticket, drafted.id, viewer=firm)


def test_a_page_takes_as_many_statements_for_fifty_events_as_for_ten(
    office: Office, statements: list[str]
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    viewer = office.actor(Role.DISPATCHER)
    taken = []
    for more in (0, 40):
        for n in range(more):
            with transaction():
                event = TicketEvent(
                    ticket_id=office.ticket_id,
                    kind=Event.PROGRESS_NOTE.value,
                    source=Status.IN_PROGRESS,
                    target=Status.IN_PROGRESS,
                    actor_id=make.user().id if n % 10 == 0 else office.actor(Role.HANDLER).user_id,
                    actor_role=Role.HANDLER,
                    at=office.ticket.created_at,
                    payload={},
                )
                db.session.add(event)
        db.session.rollback()
        db.session.expunge_all()
        tenant = make.the_tenant()  # a page keeps it at hand
        statements.clear()
        page = queries.page(office.ticket_id, viewer=viewer)
        service.offers(page.ticket, actor=viewer)
        taken.append((len(page.events), len(statements)))
        del tenant

    assert taken[1][0] == taken[0][0] + 40
    assert taken[0][1] == taken[1][1]
