"""Whatever is set, of a township or of a unit: its answer is asked about, revisited and counted."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import Field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Boolean, Column, Enum, Integer, String

from app.accounts.models import OrgUnit, Tenant
from app.accounts.parameters import described
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.reports.queries import ratings
from app.tickets import service
from app.tickets.queries import rating, revisits
from app.tickets.service import StepInput, inviting
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Event, Solved, Status
from tests.office import Office
from tests.tickets.asking import asked_office

Value = Any
#: Of a unit, what is no switch: what it is called by, and how often it was changed.
NAMES = {"id", "tenant_id", "version"}
LATER = timedelta(days=45)  # than any delay that may be set


class Undone(Exception):
    """Ends a trial: nothing of it stays."""


@pytest.fixture
def office(app: Any) -> Office:
    del app
    return asked_office(status=Status.PENDING_REVIEW)


def extremes(field: Field[Any]) -> list[Value]:
    """Return the least and the most that a parameter may be set to."""
    if "choices" in field.metadata:
        return [(), tuple(code for code, _label in field.metadata["choices"])]
    return [field.metadata["low"], field.metadata["high"]]


def values(column: Column[Any], office: Office) -> list[Value]:
    """Return what may stand in a column of a unit; of a number and a text, the ends."""
    if column.foreign_keys:
        return [None, office.actor(Role.LEADER).user_id]
    if isinstance(column.type, Enum):
        return list(column.type.enum_class or ())
    ends: dict[type, list[Value]] = {Boolean: [False, True], Integer: [0, 10**6]}
    if isinstance(column.type, String):
        return ["甲", "甲" * (column.type.length or 99)]
    return ends[type(column.type)]  # a new kind of switch is to be thought about here


@contextmanager
def trial() -> Iterator[None]:
    """Try something, and leave everything as it was."""
    with suppress(Undone), transaction():
        yield
        _end()
    db.session.rollback()


def _end() -> None:
    raise Undone


def outcome(office: Office, traveller: time_machine.Traveller) -> dict[str, Any]:
    """Approve the answer of the unit, and return what becomes of it."""
    dispatcher, begun = office.actor(Role.DISPATCHER), clock.now()
    ticket = office.ticket
    service.take(ticket, Event.APPROVE_REPLY, StepInput(), actor=dispatcher)
    waits = ticket.status
    traveller.move_to(begun + LATER)
    inviting.ask(ticket.id)
    db.session.flush()
    asked = [one.number for one in rating.requests_of(ticket.id, ticket.round)]
    to_call = [one.id for one in db.session.scalars(revisits.to_call(dispatcher))]
    said = StepInput(
        channel=ContactChannel.PHONE, solved=Solved.NO, result_score=1, comment="还没有拆"
    )
    service.revisit(ticket, said, actor=dispatcher)
    db.session.flush()
    units = [
        (one.asked, one.answered, one.satisfaction.n, one.satisfaction.d)
        for one in ratings.by_unit(dispatcher)
    ]
    overall = ratings.overall(dispatcher).rates["K13"]
    traveller.move_to(begun)
    return {
        "waits": waits,
        "asked": asked,
        "to call": to_call == [ticket.id],
        "units": units,
        "overall": (overall.n, overall.d),
    }


EXPECTED = {
    "waits": Status.PENDING_REVISIT,
    "asked": [1],
    "to call": True,
    "units": [(1, 1, 0, 1)],
    "overall": (0, 1),
}


def test_whatever_a_parameter_is_set_to_the_enterprise_has_the_last_word(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    found = {}
    for field in described():
        for value in extremes(field):
            with trial():
                db.session.get_one(Tenant, office.tenant_id).settings = {field.name: value}
                db.session.flush()
                found[field.name, value] = outcome(office, frozen_clock)

    assert {name for name, _value in found} == {field.name for field in described()}
    assert {case: got for case, got in found.items() if got != EXPECTED} == {}


@pytest.mark.parametrize("end", [0, 1])
def test_all_parameters_at_one_end_together_let_nobody_out(
    end: int, office: Office, frozen_clock: time_machine.Traveller
) -> None:
    with trial():
        settings = {field.name: extremes(field)[end] for field in described()}
        db.session.get_one(Tenant, office.tenant_id).settings = settings
        db.session.flush()
        found = outcome(office, frozen_clock)

    assert found == EXPECTED


def test_whatever_is_kept_of_a_unit_its_answers_are_rated(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    found = {}
    for column in OrgUnit.__table__.columns:
        for value in values(column, office) if column.name not in NAMES else ():
            with trial():
                setattr(db.session.get_one(OrgUnit, office.unit_id), column.name, value)
                db.session.flush()
                found[column.name, value] = outcome(office, frozen_clock)

    assert {name for name, _value in found} == set(OrgUnit.__table__.columns.keys()) - NAMES
    assert {case: got for case, got in found.items() if got != EXPECTED} == {}
