"""Who knows of which ticket: the roles × rights table, C2.6."""

from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import roles
from app.accounts.models import User
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import NotAllowed
from app.enterprises.models import Enterprise
from app.tickets import policy
from app.tickets.models import CoTask, Dispatch, Ticket
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")

EVERY = {
    "own unit",
    "a colleague's",
    "own unit, unassigned",
    "co-handled",
    "foreign unit",
    "own firm",
    "unit in charge",
    "escalated to me",
    "was linked to me",
    "sent back",
}
SEES: dict[Role, set[str]] = {
    Role.SYS_ADMIN: set(),
    Role.AUDIT_ADMIN: set(),
    Role.CHIEF: EVERY,
    Role.LEADER: {"own firm", "unit in charge", "escalated to me", "was linked to me"},
    Role.OFFICE_DIRECTOR: EVERY,
    Role.DISPATCHER: EVERY,
    Role.DEPT_HEAD: {"own unit", "a colleague's", "own unit, unassigned", "co-handled"},
    Role.HANDLER: {"own unit", "own unit, unassigned", "co-handled"},
    Role.LIAISON: {"own firm", "was linked to me"},
    Role.SUPERVISOR: EVERY,
    Role.VILLAGE_OFFICER: set(),
    Role.ENTERPRISE_USER: {"own firm"},
}


@pytest.fixture
def office() -> Office:
    return open_office()


@pytest.fixture
def tickets(office: Office) -> dict[str, int]:
    """Write one ticket of each kind; the twelve look at all of them."""
    in_charge = make.unit(in_charge_id=office.actor(Role.LEADER).user_id)
    lead = {"lead_unit_id": office.unit_id}
    colleague = office.more["colleague"].user_id
    kinds: dict[str, dict[str, Any]] = {
        "own unit": lead | {"handler_id": office.actor(Role.HANDLER).user_id},
        "a colleague's": lead | {"handler_id": colleague},
        "own unit, unassigned": lead,
        "co-handled": {"lead_unit_id": office.other_unit_id},
        "foreign unit": {"lead_unit_id": office.other_unit_id},
        "unit in charge": {"lead_unit_id": in_charge.id},
        "escalated to me": {"escalation_owner_id": office.actor(Role.LEADER).user_id},
        "was linked to me": {
            "leader_id": office.actor(Role.LEADER).user_id,
            "liaison_id": office.actor(Role.LIAISON).user_id,
        },
    }
    made = {name: make.ticket(**more).id for name, more in kinds.items()}
    own = own_firm(office)
    made["own firm"] = make.ticket(enterprise=own).id
    made["sent back"] = make.ticket(Status.DRAFT, number="QS20260921-9000").id
    made["a stranger's draft"] = make.ticket(Status.DRAFT, enterprise=own, number=None).id
    made["another township's"] = make.ticket(tenant=make.tenant()).id
    co_handle(made["co-handled"], office)
    return made


def own_firm(office: Office) -> Enterprise:
    return db.session.get_one(Enterprise, office.enterprise_id)


def co_handle(ticket_id: int, office: Office) -> None:
    now = clock.now()
    row = Dispatch(
        ticket_id=ticket_id,
        lead_unit_id=office.other_unit_id,
        dispatched_at=now,
        limit_workdays=5,
    )
    db.session.add(row)
    db.session.flush()
    task = CoTask(ticket_id=ticket_id, dispatch_id=row.id, unit_id=office.unit_id, due_at=now)
    db.session.add(task)
    db.session.commit()


def seen(viewer: Actor, tickets: dict[str, int], **more: bool) -> set[str]:
    found = db.session.scalars(select(Ticket.id).where(policy.visible_to(viewer, **more))).all()
    names = {id_: name for name, id_ in tickets.items()}
    return {names[id_] for id_ in found}


def test_each_role_sees_what_the_table_says_and_nothing_else(
    office: Office, tickets: dict[str, int]
) -> None:
    found = {role: seen(office.actor(role), tickets) for role in PEOPLE}

    assert found == SEES


def test_who_may_see_one_is_who_finds_it_in_a_list(office: Office, tickets: dict[str, int]) -> None:
    for role in (*PEOPLE, Role.SYSTEM):
        actor = office.actor(role)
        one_by_one = {
            name
            for name, id_ in tickets.items()
            if policy.may_see(actor, db.session.get_one(Ticket, id_))
        }
        assert one_by_one == seen(actor, tickets), role


def test_a_draft_is_its_creators_alone_until_it_has_a_number(office: Office) -> None:
    office.open()
    draft = {"draft": office.ticket_id}

    readers = {role for role in PEOPLE if seen(office.actor(role), draft)}

    assert readers == {Role.LIAISON}


def test_where_only_numbered_tickets_are_asked_for_the_scope_is_the_same(
    office: Office, tickets: dict[str, int]
) -> None:
    for role in PEOPLE:
        numbered = seen(office.actor(role), tickets, numbered=True)
        assert numbered - {"a stranger's draft"} == SEES[role], role


def test_a_missing_scope_sees_nothing(office: Office, tickets: dict[str, int]) -> None:
    for role in (Role.DEPT_HEAD, Role.HANDLER, Role.ENTERPRISE_USER):
        nobody = Actor(office.tenant_id, office.actor(role).user_id, role)
        assert seen(nobody, tickets) == set(), role
    assert seen(roles.system(office.tenant_id), tickets) == set()


def test_the_same_person_sees_nothing_in_another_township(office: Office) -> None:
    office.open()
    elsewhere = make.tenant()
    for role in PEOPLE:
        actor = office.actor(role)
        moved = Actor(elsewhere.id, actor.user_id, role, "", actor.unit_id, actor.enterprise_id)
        assert not policy.may_see(moved, office.ticket)
        assert not any(policy.is_concerned(moved, office.ticket, event) for event in Event)


def test_a_linkage_shows_its_tickets_only_while_it_holds(office: Office) -> None:
    leader, liaison = make.actor(Role.LEADER), make.actor(Role.LIAISON)
    ticket = make.ticket(enterprise=own_firm(office))
    over = make.linkage(
        enterprise=own_firm(office),
        leader=db.session.get_one(User, leader.user_id),
        liaison=db.session.get_one(User, liaison.user_id),
        valid_to=clock.today(),
    )
    assert policy.may_see(leader, ticket)
    assert policy.may_see(liaison, ticket)

    over.valid_to = clock.today().replace(day=clock.today().day - 1)
    db.session.commit()

    assert not policy.may_see(leader, ticket)
    assert not policy.may_see(liaison, ticket)


def test_of_a_unit_only_who_handles_it_is_concerned(
    office: Office, tickets: dict[str, int]
) -> None:
    def concerned(actor: Actor, event: Event) -> set[str]:
        found = {name: db.session.get_one(Ticket, id_) for name, id_ in tickets.items()}
        return {n for n, t in found.items() if policy.is_concerned(actor, t, event)}

    unit = {"own unit", "a colleague's", "own unit, unassigned"}
    handler, head = office.actor(Role.HANDLER), office.actor(Role.DEPT_HEAD)
    assert concerned(head, Event.SIGN) == unit
    assert concerned(handler, Event.SIGN) == unit - {"a colleague's"}
    assert concerned(handler, Event.PROGRESS_NOTE) == unit - {"a colleague's"} | {"co-handled"}
    assert concerned(office.more["other handler"], Event.SIGN) == {"co-handled", "foreign unit"}


def test_a_draft_is_handed_in_or_thrown_away_by_its_creator_alone(office: Office) -> None:
    office.open()

    for event in (Event.SUBMIT, Event.DISCARD):
        may = {r for r in PEOPLE if policy.is_concerned(office.actor(r), office.ticket, event)}
        assert may == {Role.LIAISON}


def test_files_are_added_by_who_reported_it_or_works_on_it_until_it_is_over(
    office: Office,
) -> None:
    office.walk_to(Status.PENDING_SIGN)
    may = {role for role in PEOPLE if policy.may_attach(office.actor(role), office.ticket)}
    assert may == {
        Role.LIAISON,
        Role.OFFICE_DIRECTOR,
        Role.DISPATCHER,
        Role.DEPT_HEAD,
        Role.HANDLER,
    }

    with pytest.raises(NotAllowed):
        policy.check_may_attach(office.more["other head"], office.ticket)  # cannot even see it
    policy.check_may_attach(office.actor(Role.HANDLER), office.ticket)
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    assert not any(policy.may_attach(office.actor(role), office.ticket) for role in PEOPLE)
