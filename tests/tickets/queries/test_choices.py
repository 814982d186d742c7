"""What the forms of a ticket offer to choose from."""

import pytest
from flask import Flask

from app.accounts.models import UnitKind
from app.accounts.roles import Role
from app.core.transactions import transaction
from app.tickets import queries
from app.tickets.models import CoTaskState
from app.tickets.queries import Need
from app.tickets.workflow.states import Event, Status
from tests import make
from tests.office import Office, open_office


@pytest.fixture
def office(app: Flask) -> Office:
    del app  # the database must be there
    return open_office()


def offered(office: Office, need: Need, role: Role = Role.DISPATCHER) -> list[int]:
    lists = queries.options([need], office.ticket, viewer=office.actor(role))
    return [id_ for id_, _label in lists[need]]


def test_a_problem_about_a_unit_is_not_offered_to_it(office: Office) -> None:
    office.open(complained_unit_id=office.unit_id)

    units = offered(office, Need.UNITS)

    assert office.other_unit_id in units
    assert office.unit_id not in units


def test_units_that_ended_and_those_of_another_township_are_not_offered(office: Office) -> None:
    ended, foreign = make.unit(is_active=False), make.unit(tenant=make.tenant())
    office.open()

    assert not {ended.id, foreign.id} & set(offered(office, Need.UNITS))


def test_a_ticket_is_merged_into_another_of_the_same_firm(office: Office) -> None:
    master = office.walk_to(Status.IN_PROGRESS).id
    make.ticket()
    office.walk_to(Status.PENDING_DISPATCH)

    assert offered(office, Need.TWINS) == [master]


def test_the_unit_chooses_among_its_own_people(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    people = offered(office, Need.PEOPLE, Role.DEPT_HEAD)

    assert office.actor(Role.HANDLER).user_id in people
    assert office.more["colleague"].user_id in people
    assert office.more["other handler"].user_id not in people


def test_a_lifted_ticket_is_given_to_a_leader(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)

    assert set(offered(office, Need.LEADERS)) == {
        office.actor(Role.LEADER).user_id,
        office.actor(Role.CHIEF).user_id,
    }


def test_a_co_unit_answers_its_own_task_and_the_lead_unit_waives_any(office: Office) -> None:
    third = make.unit()
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(office.other_unit_id, third.id))
    tasks = {task.unit_id: task.id for task in office.ticket.co_tasks}
    other = office.more["other head"]

    lists = queries.options([Need.CO_TASKS], office.ticket, viewer=other)
    assert [id_ for id_, _ in lists[Need.CO_TASKS]] == [tasks[office.other_unit_id]]
    assert set(offered(office, Need.CO_TASKS, Role.DEPT_HEAD)) == set(tasks.values())

    with transaction():
        office.ticket.co_tasks[0].state = CoTaskState.WAIVED
    assert len(offered(office, Need.CO_TASKS, Role.DEPT_HEAD)) == 1


def test_the_register_is_narrowed_by_what_the_township_has(office: Office) -> None:
    village = make.unit("霁川社区", kind=UnitKind.VILLAGE)
    below = make.category("限行", parent_id=office.category_id, code="07.1")
    make.category("废类", is_active=False)

    lists = queries.filter_lists(viewer=office.actor(Role.DISPATCHER))

    assert lists.categories == [(office.category_id, "07 交通物流")]
    assert (village.id, "霁川社区") in lists.units
    assert lists.villages == [(village.id, "霁川社区")]
    second = queries.options(
        [Need.SUBCATEGORIES], office.walk_to(Status.DRAFT), viewer=office.actor(Role.LIAISON)
    )
    assert second[Need.SUBCATEGORIES] == [(below.id, "07 交通物流 · 限行")]
