"""Appointments: by whom, for whom, and never more than there is room for."""

from datetime import time

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.servicedays import queries, service
from app.servicedays.models import Appointment
from app.servicedays.service import AppointmentDraft
from app.servicedays.workflow import Booking, IllegalStep, Origin
from tests import make
from tests.servicedays.town import Town, at_once, go_to, open_town, standing

pytestmark = pytest.mark.usefixtures("app")
NINE, HALF_PAST = time(9), time(9, 30)


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town(slot_minutes=30, capacity=1)


def enterprise_of(town: Town, firm_id: int = 0) -> Actor:
    return Actor(town.tenant_id, None, Role.ENTERPRISE_USER, enterprise_id=firm_id or town.firm_id)


# ---- room ----


def test_a_slot_takes_as_many_as_it_has_places(town: Town) -> None:
    town.book(slot=NINE)

    with pytest.raises(Invalid) as refused:
        town.book(town.other_firm_id, slot=NINE)

    assert refused.value.field == "slot"
    assert town.book(town.other_firm_id, slot=HALF_PAST)


def test_a_day_that_is_not_divided_takes_as_many_as_it_has_places() -> None:
    town = open_town(capacity=1)
    town.book()

    with pytest.raises(Invalid):
        town.book(town.other_firm_id)


def test_without_a_number_there_is_room_for_all() -> None:
    town = open_town()
    for _ in range(12):
        town.book(make.enterprise().id)

    assert len(standing(town.day_id)) == 12


@pytest.mark.parametrize("at", [None, time(8), time(9, 10), time(11, 30)])
def test_a_divided_day_asks_for_one_of_its_slots(town: Town, at: time | None) -> None:
    with pytest.raises(Invalid) as refused:
        town.book(slot=at)

    assert refused.value.field == "slot"


def test_of_four_who_want_the_last_slot_at_once_one_gets_it(app: Flask, town: Town) -> None:
    firms = [make.enterprise().id for _ in range(4)]
    day_id, clerk = town.day_id, town.clerk

    def book(number: int) -> int:
        draft = AppointmentDraft(enterprise_id=firms[number], slot=NINE)
        return service.book(town.day, draft, actor=clerk).id

    got = at_once(app, book, times=4)

    assert sum(isinstance(one, int) for one in got) == 1
    assert all(isinstance(one, int | DomainError) for one in got)
    assert len(standing(day_id)) == 1


def test_of_two_who_move_to_the_last_slot_at_once_one_gets_it(app: Flask, town: Town) -> None:
    mine = [town.book(slot=NINE), town.book(town.other_firm_id, slot=HALF_PAST)]
    clerk = town.clerk

    def move(number: int) -> None:
        found = db.session.get_one(Appointment, mine[number])
        service.move(found, AppointmentDraft(slot=time(10)), actor=clerk)

    got = at_once(app, move)

    assert sum(one is None for one in got) == 1
    assert sorted(one.slot == time(10) for one in standing(town.day_id)) == [False, True]


def test_an_enterprise_that_books_twice_at_once_is_booked_once(app: Flask, town: Town) -> None:
    def book(number: int) -> int:
        at = (NINE, HALF_PAST)[number]
        draft = AppointmentDraft(enterprise_id=town.firm_id, slot=at)
        return service.book(town.day, draft, actor=enterprise_of(town)).id

    got = at_once(app, book)

    assert sum(isinstance(one, int) for one in got) == 1
    assert len(standing(town.day_id)) == 1


def test_a_place_that_was_given_back_can_be_booked_again(town: Town) -> None:
    mine = town.book(slot=NINE)
    with transaction():
        service.release(db.session.get_one(Appointment, mine), actor=town.clerk)

    assert town.book(town.other_firm_id, slot=NINE)
    assert town.appointment(mine).state is Booking.RELEASED


def test_moving_frees_the_place_that_was_held(town: Town) -> None:
    mine = town.book(slot=NINE)
    with transaction():
        service.move(
            db.session.get_one(Appointment, mine),
            AppointmentDraft(slot=HALF_PAST, topic="改谈用电"),
            actor=town.clerk,
        )

    places = {place.at: place.left for place in queries.places_of(town.day)}
    assert (places[NINE], places[HALF_PAST]) == (1, 0)
    moved = town.appointment(mine)
    assert (moved.topic, moved.contact_phone) == ("改谈用电", "14200001234")  # kept


def test_two_who_move_one_appointment_the_second_is_told(town: Town) -> None:
    mine = town.book(slot=NINE)
    version = town.appointment(mine).version
    with transaction():
        found = db.session.get_one(Appointment, mine)
        service.move(found, AppointmentDraft(slot=HALF_PAST), version=version, actor=town.clerk)

    found = db.session.get_one(Appointment, mine)
    with pytest.raises(Stale), transaction():
        service.move(found, AppointmentDraft(slot=time(10)), version=version, actor=town.clerk)


# ---- by whom, for whom ----


def test_it_says_who_made_it(town: Town) -> None:
    by_office = town.book(town.other_firm_id, slot=NINE)
    by_liaison = town.book(slot=HALF_PAST, actor=town.liaison)
    third = make.enterprise()
    by_itself = town.book(third.id, slot=time(10), actor=enterprise_of(town, third.id))

    made = [town.appointment(one).origin for one in (by_office, by_liaison, by_itself)]
    assert made == [Origin.OFFICE, Origin.LIAISON, Origin.ENTERPRISE]


def test_a_liaison_officer_books_for_their_own_enterprises_only(town: Town) -> None:
    town.book(slot=NINE, actor=town.liaison)

    with pytest.raises(NotFound):
        town.book(town.other_firm_id, slot=HALF_PAST, actor=town.liaison)


def test_an_enterprise_books_for_itself_only(town: Town) -> None:
    with pytest.raises(NotFound):
        town.book(town.other_firm_id, slot=NINE, actor=enterprise_of(town))
    with pytest.raises(Invalid):
        town.book(enterprise_id=None, firm_name="别家", slot=NINE, actor=enterprise_of(town))


@pytest.mark.parametrize("role", [Role.CHIEF, Role.SUPERVISOR, Role.HANDLER, Role.SYS_ADMIN])
def test_whoever_only_looks_does_not_book(town: Town, role: Role) -> None:
    with pytest.raises(NotAllowed):
        town.book(slot=NINE, actor=make.actor(role))


def test_the_host_does_not_book_either(town: Town) -> None:
    with pytest.raises(NotAllowed):
        town.book(slot=NINE, actor=town.host)


def test_an_enterprise_without_a_file_is_booked_by_its_name(town: Town) -> None:
    mine = town.book(enterprise_id=None, firm_name="路边新店", slot=NINE)

    found = town.appointment(mine)
    assert (found.called, found.full_name, found.enterprise) == ("路边新店", "路边新店", None)
    with pytest.raises(Invalid):
        town.book(enterprise_id=None, firm_name=" ", slot=HALF_PAST)


def test_one_enterprise_has_one_appointment(town: Town) -> None:
    town.book(slot=NINE)

    with pytest.raises(Invalid) as refused:
        town.book(slot=HALF_PAST)

    assert "09:00" in str(refused.value)


def test_once_it_has_begun_only_the_office_books(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-15", "09:00")

    with pytest.raises(Invalid):
        town.book(slot=HALF_PAST, actor=town.liaison)
    with pytest.raises(Invalid):
        town.book(slot=HALF_PAST, actor=enterprise_of(town))
    assert town.book(slot=HALF_PAST)


def test_nobody_books_for_a_day_that_is_off(town: Town) -> None:
    town.cancel()

    with pytest.raises(IllegalStep):
        town.book(slot=NINE)


def test_another_townships_day_is_not_theirs(town: Town) -> None:
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant("别处镇"))

    with pytest.raises(NotAllowed):
        town.book(slot=NINE, actor=stranger)
    with pytest.raises(NotFound):
        queries.get(town.day_id, viewer=stranger)


# ---- who sees what ----


def test_each_sees_their_days_and_their_appointments(town: Town) -> None:
    town.book(slot=NINE)
    town.book(town.other_firm_id, slot=HALF_PAST)
    outsider, other_unit = make.actor(Role.LEADER), make.actor(Role.HANDLER)
    chief, admin = make.actor(Role.CHIEF), make.actor(Role.SYS_ADMIN)

    def seen(viewer: Actor) -> int:
        if not queries.coming(viewer=viewer):
            return -1
        return len(queries.appointments_of(town.day, viewer=viewer))

    people = (town.clerk, town.director, town.host, town.in_charge, town.head, chief)
    assert [seen(one) for one in people] == [2] * 6
    assert seen(town.liaison) == 1
    assert [seen(one) for one in (outsider, other_unit, admin)] == [-1] * 3


# ---- the telephone ----


def test_the_number_lies_encrypted_and_whoever_asks_for_it_is_logged(town: Town) -> None:
    mine = town.book(slot=NINE)
    stored = db.session.execute(
        text("SELECT contact_phone FROM service_day_appointments")
    ).scalar_one()
    assert b"14200001234" not in bytes(stored)
    assert town.appointment(mine).phone == "142****1234"

    with transaction():
        found = db.session.get_one(Appointment, mine)
        number = service.reveal_phone(found, actor=town.liaison)

    assert number == "14200001234"
    row = db.session.scalars(db.select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert row
    assert (row.action, row.subject, row.subject_id) == ("查看联系电话", "appointment", mine)
    assert "14200001234" not in str(row.after)
    with pytest.raises(NotAllowed):
        service.reveal_phone(found, actor=town.host)


# ---- a day that changes under those who booked ----


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slot_minutes": 40}, "slot_minutes"),  # 9:00, 9:40: nobody can come at 9:30
        ({"begins_at": time(10)}, "slot_minutes"),
        ({"slot_minutes": None, "capacity": 1}, "slot_minutes"),
    ],
)
def test_a_slot_that_is_booked_cannot_be_planned_away(
    town: Town, change: dict[str, object], field: str
) -> None:
    town.book(slot=NINE)
    town.book(town.other_firm_id, slot=HALF_PAST)

    with pytest.raises(Invalid) as refused:
        town.change(**({"slot_minutes": 30, "capacity": 1} | change))

    assert refused.value.field == field


def test_there_cannot_be_less_room_than_is_booked() -> None:
    town = open_town(capacity=2)
    town.book()
    town.book(town.other_firm_id)

    with pytest.raises(Invalid) as refused:
        town.change(capacity=1)

    assert refused.value.field == "capacity"
