"""What is told of ratings: to a unit sums that lead to nobody, also where the office has a seat."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import OrgUnit, RoleHolding, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.spans import Span
from app.core.transactions import transaction
from app.notifications.models import Message
from app.reports import service
from app.reports.queries import months
from app.reports.queries import ratings as queries
from app.reports.service.months import R10
from app.tickets import service as tickets
from app.tickets.models import CoTask, SpotDraw
from app.tickets.queries import spot_checks as drawn
from app.tickets.service import spot_checks
from app.tickets.workflow.codes import Discontent
from app.tickets.workflow.states import Event, Solved, Status
from tests import make
from tests.office import Office, open_office
from tests.tickets.refusals import set_rules

pytestmark = pytest.mark.usefixtures("app")
Browse = Callable[[Actor], FlaskClient]
Clock = time_machine.Traveller
WORDS = "门口的限高架还立着，我们绕了三里地"
THIS_MONTH, NEXT_MONTH = "2026-09", "2026-10-09"


@pytest.fixture
def office() -> Office:
    return open_office()


def firms(office: Office, count: int) -> list[int]:
    """Return that many enterprises, each looked after by the leader and the liaison."""
    leader, liaison = (
        db.session.get_one(User, office.people[role].user_id)
        for role in (Role.LEADER, Role.LIAISON)
    )
    found = [make.enterprise() for _each in range(count)]
    for one in found:
        make.linkage(enterprise=one, leader=leader, liaison=liaison)
    return [one.id for one in found]


def rated(office: Office, firm_id: int, **said: Any) -> int:
    """Let a problem of an enterprise be handled by the unit, and rated; return its id."""
    office.enterprise_id = firm_id
    office.ticket_id = office._walk(Status.PENDING_REVISIT)  # noqa: SLF001 - walk_to gives the same one again
    office.revisit(**said)
    return office.ticket_id


def rated_by(office: Office, count: int, **said: Any) -> list[int]:
    return [rated(office, firm_id, **said) for firm_id in firms(office, count)]


def of_other_unit(office: Office) -> Office:
    """Return the office with its two units and their people in each other's place."""
    people = {
        **office.people,
        Role.DEPT_HEAD: office.more["other head"],
        Role.HANDLER: office.more["other handler"],
    }
    return Office(
        office.tenant_id,
        office.other_unit_id,
        office.unit_id,
        office.enterprise_id,
        office.category_id,
        people,
        office.more,
    )


def seated(office: Office, role: Role = Role.DISPATCHER) -> Actor:
    """Return somebody of the office who also heads the unit that is rated."""
    actor = make.actor(role)
    with transaction():
        db.session.add(
            RoleHolding(
                tenant_id=office.tenant_id,
                user_id=actor.user_id,
                role=Role.DEPT_HEAD,
                unit_id=office.unit_id,
            )
        )
    return actor


def go_to(traveller: Clock, day: str) -> None:
    db.session.rollback()
    traveller.move_to(clock.at(date.fromisoformat(day), time(9)))


def head(office: Office) -> Actor:
    return office.actor(Role.DEPT_HEAD)


# ---- five are five firms ----


def test_five_answers_of_fewer_firms_are_shown_to_no_unit(
    office: Office, frozen_clock: Clock
) -> None:
    four = firms(office, 4)
    for firm_id in (*four, four[0], four[1]):
        rated(office, firm_id)

    go_to(frozen_clock, NEXT_MONTH)

    assert queries.of_unit(head(office)) == []


def test_a_reason_that_five_firms_did_not_name_is_not_told_by_itself(
    office: Office, frozen_clock: Clock
) -> None:
    no = {"solved": Solved.NO, "result_score": 1, "comment": "没拆"}
    four = firms(office, 4)
    for firm_id in (*four, *four[:2]):
        rated(office, firm_id, reasons=("slow",), **no)
    rated_by(office, 5, reasons=("unclear",), **no)

    go_to(frozen_clock, NEXT_MONTH)
    (block,) = queries.of_unit(head(office))

    assert [(one.label, one.n) for one in block.reasons] == [("", 11)]


def test_a_unit_is_shown_no_words_whoever_said_them(
    office: Office, frozen_clock: Clock, client_for: Browse
) -> None:
    rated_by(office, 5, words=WORDS)

    go_to(frozen_clock, NEXT_MONTH)
    page = client_for(head(office)).get("/reports/ratings").text

    assert "5 / 5" in page
    assert WORDS not in page


# ---- what was shown does not change ----


def test_what_becomes_of_a_problem_later_changes_no_block(
    office: Office, frozen_clock: Clock
) -> None:
    closed, again, *_others = rated_by(office, 6)
    rated(office, firms(office, 1)[0], solved=Solved.NO, result_score=1, comment="没拆")
    reworked = office.ticket_id
    go_to(frozen_clock, NEXT_MONTH)
    before = queries.of_unit(head(office))

    office.ticket_id = reworked
    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)
    office.ticket_id = closed
    with transaction():
        tickets.make_confidential(
            office.ticket,
            "涉及商业秘密",
            office.actor(Role.DISPATCHER).user_id,
            actor=office.actor(Role.OFFICE_DIRECTOR),
        )
    rated(office, db.session.get_one(type(office.ticket), again).enterprise_id)

    assert [one.answered for one in before] == [7]
    assert queries.of_unit(head(office)) == before


def test_what_was_confidential_when_the_month_ended_stands_in_no_block(
    office: Office, frozen_clock: Clock
) -> None:
    hidden, *_others = rated_by(office, 6)
    office.ticket_id = hidden
    director = office.actor(Role.OFFICE_DIRECTOR)
    with transaction():
        tickets.make_confidential(
            office.ticket, "涉及商业秘密", office.actor(Role.DISPATCHER).user_id, actor=director
        )
    go_to(frozen_clock, NEXT_MONTH)
    before = queries.of_unit(head(office))
    with transaction():
        tickets.make_open(office.ticket, "不再需要", actor=director)

    assert [one.answered for one in before] == [5]
    assert queries.of_unit(head(office)) == before


# ---- the office with a seat in the unit ----


def test_who_has_a_seat_in_the_unit_reads_of_it_in_no_sum_of_the_office(office: Office) -> None:
    rated(office, firms(office, 1)[0], solved=Solved.NO, result_score=1, comment="没拆")
    other = of_other_unit(office)
    rated(other, firms(office, 1)[0], result_score=5)
    viewer, free = seated(office), office.more["second dispatcher"]
    names = {
        one.id: one.name
        for one in db.session.scalars(
            select(OrgUnit).where(OrgUnit.id.in_([office.unit_id, office.other_unit_id]))
        )
    }

    theirs, ours = queries.overall(viewer), queries.overall(free)

    assert [one.name for one in queries.by_unit(viewer)] == [names[office.other_unit_id]]
    assert {one.name for one in queries.by_unit(free)} == set(names.values())
    assert theirs.is_partial
    assert not ours.is_partial
    assert (theirs.rates["K11"].n, theirs.rates["K11"].d) == (1, 1)
    assert (ours.rates["K11"].n, ours.rates["K11"].d) == (1, 2)
    assert (theirs.stars.total, theirs.stars.n) == (5, 1)


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.OFFICE_DIRECTOR, Role.CHIEF])
def test_of_their_own_unit_they_read_what_the_unit_reads(
    office: Office, frozen_clock: Clock, client_for: Browse, role: Role
) -> None:
    no = {"solved": Solved.NO, "result_score": 1, "comment": "没拆", "words": WORDS}
    rated_by(office, 5, reasons=("slow",), **no)
    go_to(frozen_clock, NEXT_MONTH)
    rated_by(office, 1, reasons=("promise",), **no)
    viewer = seated(office, role)

    (own,) = queries.own_units(viewer)
    page = client_for(viewer).get("/reports/ratings").text

    assert list(own.blocks) == queries.of_unit(head(office))
    assert "0 / 5" in page
    assert "0/6" not in page
    assert Discontent.SLOW.label in page
    assert Discontent.PROMISE.label not in page
    assert "您在承办单位有岗位" in page


def test_a_deputy_of_the_unit_reads_as_it_does_while_it_lasts_and_not_before(
    office: Office,
) -> None:
    rated(office, firms(office, 1)[0])
    deputy = make.actor(Role.DISPATCHER)
    assert len(queries.by_unit(deputy)) == 1

    make.absence(
        db.session.get_one(User, head(office).user_id), db.session.get_one(User, deputy.user_id)
    )

    assert queries.by_unit(deputy) == []


def test_a_helper_of_another_units_problem_reads_of_it_in_no_row(office: Office) -> None:
    other = of_other_unit(office)
    rated(other, firms(office, 1)[0])
    viewer = seated(office)
    assert len(queries.by_unit(viewer)) == 1

    with transaction():
        db.session.add(
            CoTask(
                ticket_id=other.ticket_id,
                dispatch_id=other.ticket.dispatches[-1].id,
                unit_id=office.unit_id,
                due_at=other.ticket.submitted_at,
            )
        )

    assert queries.by_unit(viewer) == []


def test_the_difference_of_second_calls_is_of_others_alone(
    office: Office, client_for: Browse
) -> None:
    set_rules(office, spot_check_percent=100)
    rated(office, firms(office, 1)[0])
    with transaction():
        spot_checks.draw(office.tenant_id)
    (draw,) = db.session.scalars(select(SpotDraw))
    viewer, free, day = seated(office), office.more["second dispatcher"], timedelta(days=1)
    span = (clock.now() - day, clock.now() + day)

    assert drawn.figures(*span, viewer=free).total.chosen == 1
    assert drawn.figures(*span, viewer=viewer).total.chosen == 0
    address = f"/tickets/spot-checks/draws/{draw.id}"
    assert address in client_for(free).get("/tickets/spot-checks").text
    assert address not in client_for(viewer).get("/tickets/spot-checks").text
    assert client_for(viewer).get(address).status_code == 404  # its seed tells what was drawn
    assert client_for(free).get(address).status_code == 200


def test_the_report_of_a_month_tells_them_nothing_that_can_be_subtracted(
    office: Office, frozen_clock: Clock, client_for: Browse
) -> None:
    rated(office, firms(office, 1)[0], solved=Solved.NO, result_score=1, comment="没拆")
    rated(of_other_unit(office), firms(office, 1)[0])
    go_to(frozen_clock, NEXT_MONTH)
    with transaction():
        service.freeze(office.tenant_id, THIS_MONTH)
    viewer, free = seated(office), office.more["second dispatcher"]

    theirs, ours = (months.get(THIS_MONTH, viewer=who) for who in (viewer, free))

    for name in ("K11", "K13", "K14"):
        assert (theirs.rates[name].d, ours.rates[name].d) == (0, 2), name
    assert (theirs.told.satisfaction.d, ours.told.satisfaction.d) == (0, 2)
    assert {one.resolution.d for one in theirs.units} == {0}
    assert {one.satisfaction.d for one in theirs.units} == {0}
    assert theirs.counts == ours.counts
    assert theirs.rates["K09"] == ours.rates["K09"]
    page = client_for(viewer).get(f"/reports/{THIS_MONTH}").text
    assert "企业评价的各数不给您显示" in page
    assert "企业满意率" not in page
    assert "企业满意率" in client_for(free).get(f"/reports/{THIS_MONTH}").text


def test_a_month_in_which_nobody_rated_them_is_whole(office: Office, frozen_clock: Clock) -> None:
    rated(of_other_unit(office), firms(office, 1)[0])
    viewer = seated(office)
    go_to(frozen_clock, NEXT_MONTH)
    with transaction():
        service.freeze(office.tenant_id, THIS_MONTH)

    assert not months.get(THIS_MONTH, viewer=viewer).is_partial
    assert not queries.rates_in(viewer, Span(clock.now() - timedelta(days=60), clock.now()))


def test_the_mail_about_the_month_tells_a_director_with_a_seat_no_rating(
    office: Office, frozen_clock: Clock
) -> None:
    rated(office, firms(office, 1)[0])
    directors = [seated(office, Role.OFFICE_DIRECTOR), office.actor(Role.OFFICE_DIRECTOR)]
    go_to(frozen_clock, NEXT_MONTH)
    for one in directors:
        with transaction():
            service.announce(one.user_id or 0, THIS_MONTH)

    rows = {
        message.recipient_id: {row["label"]: row["value"] for row in message.context["rows"]}
        for message in db.session.scalars(select(Message).where(Message.rule == R10))
        if "rows" in message.context
    }

    assert [rows[one.user_id]["解决率"] for one in directors] == ["—", "100.0%"]
    assert [rows[one.user_id]["满意率"] for one in directors] == ["—", "100.0%"]
