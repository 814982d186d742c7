"""The revisit: what the enterprise says decides what happens next (T21, T22)."""

from typing import Any

import pytest

from app.accounts.roles import PEOPLE, Role
from app.core.errors import NotAllowed
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Complexity, Event, Note, Outcome, Solved, Status
from tests.office import Office, approve, open_office, reply
from tests.tickets.refusals import LET_IN, refusals, refused_at, set_rules

pytestmark = pytest.mark.usefixtures("app")
UNREACHED: dict[str, Any] = {"reached": False, "solved": None, "result_score": None}


@pytest.fixture
def office() -> Office:
    office = open_office()
    office.walk_to(Status.PENDING_REVISIT)
    return office


@pytest.mark.parametrize(
    ("solved", "score", "status"),
    [
        (Solved.YES, 3, Status.CLOSED),
        (Solved.PARTIAL, None, Status.CLOSED),
        (Solved.YES, 2, Status.IN_PROGRESS),
        (Solved.NO, 5, Status.IN_PROGRESS),
    ],
)
def test_content_it_is_closed_not_content_it_is_handled_again(
    solved: Solved, score: int | None, status: Status, office: Office
) -> None:
    office.revisit(solved=solved, result_score=score)

    assert office.ticket.status is status
    assert [r.solved for r in office.ticket.revisits] == [solved]


def test_whom_nobody_reached_was_tried_and_the_ticket_waits(office: Office) -> None:
    office.revisit(**UNREACHED, comment="", words="电话没有人接")

    ticket = office.ticket
    assert ticket.status is Status.PENDING_REVISIT
    assert (ticket.events[-1].kind, ticket.events[-1].comment) == (Note.ATTEMPT, "电话没有人接")
    (tried,) = ticket.revisits
    assert (tried.reached, tried.solved, tried.result_score) == (False, None, None)


def test_a_ticket_knows_the_last_round_in_which_its_enterprise_was_heard(office: Office) -> None:
    office.revisit(**UNREACHED, comment="", words="电话没有人接")
    assert office.ticket.heard_in is None

    office.revisit(solved=Solved.NO)
    assert (office.ticket.round, office.ticket.heard_in) == (2, 1)

    reply(office)
    approve(office)
    office.revisit(solved=Solved.YES, result_score=4)
    assert (office.ticket.round, office.ticket.heard_in) == (2, 2)


def test_what_a_revisit_must_say(office: Office) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        (UNREACHED | {"channel": None}, "channel"),
        (UNREACHED | {"solved": Solved.YES}, "reached"),
        (UNREACHED | {"result_score": 3}, "reached"),
        (UNREACHED | {"attitude_score": 3}, "reached"),
        ({"channel": None}, "channel"),
        ({"solved": None}, "solved"),
        ({"result_score": 6}, "result_score"),
        ({"attitude_score": 0}, "attitude_score"),
        ({"solved": Solved.NO, "comment": ""}, "comment"),
        ({"result_score": None, "attitude_score": 5}, LET_IN),
    ]

    assert refusals(office.revisit, cases) == cases


def test_after_the_last_round_a_no_is_recorded_and_the_director_goes_on(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1)
    reply(office)
    approve(office)

    office.revisit(solved=Solved.NO, result_score=1)

    ticket = office.ticket
    assert (ticket.status, ticket.round) == (Status.PENDING_REVISIT, 2)
    assert ticket.events[-1].kind == Note.REVISITED
    assert [r.round for r in ticket.revisits] == [1, 2]
    assert refused_at(lambda: office.propose(Event.CLOSE_UNSATISFIED, Role.OFFICE_DIRECTOR)) == (
        LET_IN
    )


def test_how_many_rounds_there_are_is_a_parameter(office: Office) -> None:
    set_rules(office, max_round=1)

    office.revisit(solved=Solved.NO, result_score=1)

    assert (office.ticket.status, office.ticket.round) == (Status.PENDING_REVISIT, 1)


def test_only_the_office_and_who_looks_after_the_firm_revisit(office: Office) -> None:
    let_in = []
    for role in PEOPLE:
        try:
            office.revisit(role, **UNREACHED, channel=ContactChannel.PHONE)
        except NotAllowed:
            continue
        let_in.append(role)

    assert set(let_in) == {Role.DISPATCHER, Role.LIAISON, Role.LEADER}


def test_what_was_explained_on_the_spot_is_closed_though_it_is_not_solved(office: Office) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.CONSULT)
    office.take(Event.CLOSE_ON_SITE, Role.DISPATCHER, outcome=Outcome.EXPLAINED)

    office.revisit(solved=Solved.NO, result_score=3)

    assert office.ticket.status is Status.CLOSED
