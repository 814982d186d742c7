"""Nothing lies with somebody who has left: the unit has it again, and is told."""

import pytest
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import RoleHolding, User
from app.accounts.roles import Role
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Message
from app.tickets import jobs, policy, service
from app.tickets.models import CoTask, Ticket
from app.tickets.workflow.states import Event, Note, Status
from tests.office import Office, open_office

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def office() -> Office:
    return open_office()


def leaves(office: Office, name: Role | str) -> None:
    """Close the account of one of the people."""
    actor = office.people[name] if isinstance(name, Role) else office.more[name]
    with transaction():
        user = db.session.get_one(User, actor.user_id)
        accounts.deactivate(user, reason="调离", version=None, actor=office.actor(Role.SYS_ADMIN))


def moves_on(office: Office) -> None:
    """End the role of the handler, who stays in the township."""
    held = select(RoleHolding).where(RoleHolding.user_id == office.actor(Role.HANDLER).user_id)
    with transaction():
        one = db.session.scalars(held).one()
        accounts.end_role(one, reason="分工调整", actor=office.actor(Role.SYS_ADMIN))


@pytest.mark.parametrize("how", ["the account is closed", "the role has ended"])
def test_a_ticket_of_a_handler_who_left_goes_back_to_the_unit(office: Office, how: str) -> None:
    office.walk_to(Status.IN_PROGRESS)
    colleague = office.more["colleague"]
    assert not policy.may_see(colleague, office.ticket)

    if how == "the account is closed":
        leaves(office, Role.HANDLER)
    else:
        moves_on(office)
    jobs.vacate_seats()
    jobs.vacate_seats()

    assert office.ticket.handler_id is None
    assert policy.may_see(colleague, office.ticket)
    kinds = [event.kind for event in office.ticket.events]
    assert kinds.count(Note.VACATED) == 1
    assert office.ticket.events[-1].payload["was"]
    told = select(Message.recipient_id).where(
        Message.context["what_label"].as_string() == Note.VACATED.label
    )
    assert set(db.session.scalars(told)) == {
        colleague.user_id,
        office.actor(Role.DEPT_HEAD).user_id,
    }


def test_what_is_closed_stays_as_it_was_until_it_is_opened_again(office: Office) -> None:
    office.walk_to(Status.CLOSED)
    leaves(office, Role.HANDLER)

    jobs.vacate_seats()
    assert office.ticket.handler_id == office.actor(Role.HANDLER).user_id

    office.propose(Event.REOPEN, Role.DISPATCHER)
    office.decide(Role.OFFICE_DIRECTOR)
    jobs.vacate_seats()
    assert office.ticket.handler_id is None


def test_whoever_is_there_keeps_what_they_have(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    jobs.vacate_seats()

    assert office.ticket.handler_id == office.actor(Role.HANDLER).user_id


def test_an_opinion_that_is_owed_by_somebody_who_left_is_the_units_again(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id,))
    task_id = office.ticket.co_tasks[0].id
    with transaction():
        service.assign_co_handler(
            db.session.get_one(CoTask, task_id),
            office.more["other handler"].user_id,
            "",
            actor=office.more["other head"],
        )
    leaves(office, "other handler")

    jobs.vacate_seats()

    assert db.session.get_one(CoTask, task_id).handler_id is None
    assert db.session.get_one(Ticket, office.ticket_id).events[-1].kind == Note.VACATED
    with transaction():
        service.assign_co_handler(
            db.session.get_one(CoTask, task_id),
            office.more["other head"].user_id,
            "",
            actor=office.more["other head"],
        )
