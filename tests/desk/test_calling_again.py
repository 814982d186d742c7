"""What was drawn by lot waits on the worklist of the office, for whoever may call again."""

from typing import Any

import pytest

from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.transactions import transaction
from app.desk.queries import worklist
from app.desk.queries.parts import Part
from app.tickets.models import SpotCheck
from app.tickets.queries import spot_checks as drawn
from app.tickets.service import StepInput, spot_checks
from app.tickets.workflow.codes import ContactChannel, Missed
from app.tickets.workflow.states import Solved, Status
from tests.office import Office, open_office
from tests.tickets.refusals import set_rules
from tests.tickets.test_fairness import let_a_co_unit_help, relations

FIRST = Role.DISPATCHER  # who made the first call


@pytest.fixture
def office(app: Any) -> Office:
    del app
    office = open_office()
    set_rules(office, spot_check_percent=100)
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit(FIRST)
    with transaction():
        spot_checks.draw(office.tenant_id)
    return office


def part(viewer: Actor) -> Part | None:
    db.session.rollback()
    return next((one for one in worklist.of(viewer).parts if one.key == "spot-checks"), None)


def call(office: Office, **more: Any) -> None:
    with transaction():
        check = db.session.query(SpotCheck).one()
        said = StepInput(channel=ContactChannel.PHONE, **more)
        spot_checks.record(check, said, actor=office.more["second dispatcher"])


def test_who_may_call_again_finds_it_on_the_worklist_and_in_the_menu(office: Office) -> None:
    for viewer in (office.more["second dispatcher"], office.actor(Role.OFFICE_DIRECTOR)):
        before = worklist.waiting(office.actor(FIRST)).moves

        found = part(viewer)

        assert found
        assert (found.count, found.is_mine) == (1, True)
        (row,) = found.rows
        assert row.go
        assert (row.go.endpoint, row.title) == ("tickets.spot_check", office.ticket.title)
        assert worklist.waiting(viewer).moves == before + 1


def test_who_made_the_first_call_does_not_find_it(office: Office) -> None:
    found = part(office.actor(FIRST))

    assert found is None or (found.count, found.rows) == (0, ())


def test_it_stays_until_somebody_answers(office: Office) -> None:
    call(office, reached=False, missed=Missed.NO_ANSWER)
    tried = part(office.more["second dispatcher"])
    call(office, solved=Solved.YES, result_score=5)
    answered = part(office.more["second dispatcher"])

    assert tried
    assert "没有打通" in tried.rows[0].why.text
    assert answered is None or answered.count == 0


def test_as_many_are_counted_as_are_listed_and_none_for_who_is_rated(office: Office) -> None:
    let_a_co_unit_help(office)
    office_people = {"first": office.actor(FIRST), "second": office.more["second dispatcher"]}
    differing = {}
    for relation, viewer in (relations(office) | office_people).items():
        if viewer.role is not Role.DISPATCHER:
            continue
        db.session.rollback()
        listed = len(db.session.scalars(drawn.to_call(viewer)).all())
        counted = db.session.scalar(db.select(drawn.to_call_count(viewer)))
        if (listed, counted) != ((1, 1) if relation == "second" else (0, 0)):
            differing[relation] = (listed, counted)

    assert differing == {}
