"""Splitting: each part becomes a ticket of its own by the same rules; all or none."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.accounts.roles import PEOPLE, Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import Ticket
from app.tickets.service import Part
from app.tickets.workflow.states import Complexity, Event, Note, Status
from tests import make
from tests.office import Office, approve, moment, open_office, reply
from tests.tickets.refusals import LET_IN, refused_at

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def office() -> Office:
    made = open_office()
    made.walk_to(Status.PENDING_DISPATCH)
    return made


def part(office: Office, **more: Any) -> Part:
    values: dict[str, Any] = {
        "title": "东路路面破损",
        "description": "园区东路三百米路面破损，雨天积水。",
        "lead_unit_id": office.other_unit_id,
    }
    return Part(**(values | more))


def split(office: Office, *parts: Part, actor: Actor | None = None) -> str:
    def run() -> None:
        with transaction():
            service.split(office.ticket, parts, actor=actor or office.actor(Role.DISPATCHER))

    return refused_at(run)


def children(office: Office) -> list[Ticket]:
    found = select(Ticket).where(Ticket.split_from_id == office.ticket_id).order_by(Ticket.id)
    return list(db.session.scalars(found))


def test_each_part_is_a_ticket_of_its_own_with_the_classification_of_the_whole(
    office: Office,
) -> None:
    helper = make.unit()
    second = part(office, title="路灯不亮", lead_unit_id=office.unit_id, co_unit_ids=(helper.id,))

    assert split(office, part(office), second) == LET_IN

    whole, (one, two) = office.ticket, children(office)
    assert whole.status is Status.PENDING_DISPATCH
    assert {one.status, two.status} == {Status.PENDING_SIGN}
    assert len({whole.number, one.number, two.number}) == 3
    for child in (one, two):
        same = ("enterprise_id", "category_id", "urgency", "complexity", "source", "visit_id")
        assert [getattr(child, n) for n in same] == [getattr(whole, n) for n in same]
        assert child.contact_phone == whole.contact_phone
        assert child.due_at == moment("2026-09-29T17:30")
        assert [event.kind for event in child.events] == [
            Event.SUBMIT,
            Note.SPLIT_OFF,
            Event.ACCEPT,
            Event.DISPATCH,
        ]
    assert (one.lead_unit_id, two.lead_unit_id) == (office.other_unit_id, office.unit_id)
    assert [task.unit_id for task in two.co_tasks] == [helper.id]
    assert whole.events[-1].kind == Note.SPLIT
    assert whole.events[-1].payload == {"children": [one.number, two.number]}


def test_the_whole_and_each_part_are_revisited_on_their_own(office: Office) -> None:
    split(office, part(office, lead_unit_id=office.unit_id))
    whole, child = office.ticket_id, children(office)[0].id

    for ticket_id in (child, whole):
        office.ticket_id = ticket_id
        if office.ticket.status is Status.PENDING_DISPATCH:
            office.take(Event.DISPATCH, Role.DISPATCHER)
        office.take(Event.SIGN, Role.HANDLER)
        office.take(Event.FIRST_CONTACT, Role.HANDLER)
        reply(office)
        approve(office)
        assert office.ticket.status is Status.PENDING_REVISIT
        office.revisit()
        assert office.ticket.status is Status.CLOSED

    assert {len(db.session.get_one(Ticket, i).revisits) for i in (whole, child)} == {1}


def test_the_dispatcher_and_the_director_split_and_nobody_else(office: Office) -> None:
    may = {Role.DISPATCHER, Role.OFFICE_DIRECTOR}
    others = [office.actor(role) for role in PEOPLE if role not in may]

    assert {split(office, part(office), actor=one) for one in others} == {""}
    assert children(office) == []
    assert split(office, part(office), actor=office.actor(Role.OFFICE_DIRECTOR)) == LET_IN


def test_a_part_for_a_vertical_unit_is_the_directors(office: Office) -> None:
    far = office.more["vertical head"].unit_id
    parts = (part(office), part(office, title="供电不稳", lead_unit_id=far))

    assert split(office, *parts) == "lead_unit_id_2"
    assert children(office) == []
    assert split(office, *parts, actor=office.actor(Role.OFFICE_DIRECTOR)) == LET_IN


def test_the_parts_of_a_hard_matter_are_the_directors() -> None:
    office = open_office()
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.HARD)

    assert split(office, part(office)) == "lead_unit_id_1"
    assert split(office, part(office), actor=office.actor(Role.OFFICE_DIRECTOR)) == LET_IN


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title_2"),
        ({"title": "长" * 51}, "title_2"),
        ({"description": "太短"}, "description_2"),
        ({"lead_unit_id": None}, "lead_unit_id_2"),
        ({"lead_unit_id": 4711}, "lead_unit_id_2"),
        ({"co_unit_ids": (4711,)}, "co_unit_ids_2"),
    ],
)
def test_what_is_wrong_with_one_part_stops_all_and_is_named(
    office: Office, wrong: dict[str, Any], field: str
) -> None:
    before = db.session.scalar(select(func.count()).select_from(Ticket))

    assert split(office, part(office), part(office, **wrong)) == field

    assert db.session.scalar(select(func.count()).select_from(Ticket)) == before
    assert office.ticket.events[-1].kind == Event.ACCEPT


def test_a_unit_that_helps_is_not_the_one_that_leads(office: Office) -> None:
    both = part(office, co_unit_ids=(office.other_unit_id,))

    assert split(office, both) == "co_unit_ids_1"


def test_nothing_too_much_and_too_late_are_refused(office: Office) -> None:
    assert split(office) == "title_1"
    assert split(office, *[part(office)] * 6) == ""
    office.take(Event.DISPATCH, Role.DISPATCHER)
    assert split(office, part(office)) == ""
    assert children(office) == []


def test_the_unit_that_is_complained_about_gets_no_part() -> None:
    office = open_office()
    office.open(complained_unit_id=office.other_unit_id)
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER)

    assert split(office, part(office)) == "lead_unit_id_1"
