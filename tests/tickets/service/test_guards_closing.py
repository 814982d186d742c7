"""From the review to the archive: what T19 to T26 refuse, and at which field."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Event, Outcome, Solved, Status
from tests import make
from tests.office import Office, approve, moment, open_office, reply
from tests.tickets.refusals import LET_IN, refusals, refused_at, set_rules

pytestmark = pytest.mark.usefixtures("app")
SECOND = timedelta(seconds=1)
NINE, TEN = "九个字说不清楚的事", "十个字刚好说清楚的事"

Clock = time_machine.Traveller
Cases = list[tuple[dict[str, Any], str]]


@pytest.fixture
def office() -> Office:
    return open_office()


@pytest.fixture
def answered(office: Office) -> Office:
    office.walk_to(Status.PENDING_REVISIT)
    return office


def taking(office: Office, event: Event, role: Role) -> Any:
    return lambda **given: office.take(event, role, **given)


def asking(office: Office, event: Event, role: Role) -> Any:
    def ask(**given: Any) -> None:
        proposal = office.propose(event, role, **given)
        with transaction():
            service.withdraw(proposal, actor=office.actor(role))

    return ask


def message(call: Any) -> str:
    with pytest.raises(DomainError) as refused:
        call()
    return str(refused.value)


def another_round(office: Office) -> None:
    office.revisit(solved=Solved.NO, result_score=1)
    reply(office)
    approve(office)


# ---- T19, T20 ----


def test_sending_an_answer_back_needs_a_code_and_a_text(office: Office) -> None:
    office.walk_to(Status.PENDING_REVIEW)
    cases: Cases = [
        ({"reason": ""}, "reason"),
        ({"reason": "no such code"}, "reason"),
        ({"comment": " "}, "comment"),
        ({"reason": "not_contacted"}, LET_IN),
    ]

    assert refusals(taking(office, Event.RETURN_REPLY, Role.DISPATCHER), cases) == cases


def test_who_handled_it_does_not_review_it_in_another_role(office: Office) -> None:
    office.walk_to(Status.PENDING_REVIEW)
    handler = office.actor(Role.HANDLER).user_id
    make.holding(db.session.get_one(User, handler), Role.DISPATCHER)
    office.people[Role.DISPATCHER] = _as(office, handler, Role.DISPATCHER)

    with pytest.raises(NotAllowed):
        office.take(Event.APPROVE_REPLY, Role.DISPATCHER)
    office.people[Role.DISPATCHER] = office.more["second dispatcher"]
    office.take(Event.APPROVE_REPLY, Role.DISPATCHER)


def _as(office: Office, user_id: int | None, role: Role, unit_id: int | None = None) -> Actor:
    return Actor(office.tenant_id, user_id, role, unit_id=unit_id)


# ---- T21, T22 ----


def test_a_revisit_says_how_it_was_done_and_whether_it_is_solved(answered: Office) -> None:
    close = taking(answered, Event.REVISIT_CLOSE, Role.LIAISON)
    cases: Cases = [
        ({"reached": False}, "reached"),
        ({"channel": None}, "channel"),
        ({"solved": None}, "solved"),
        ({"result_score": 0}, "result_score"),
        ({"result_score": 6}, "result_score"),
        ({"attitude_score": 0}, "attitude_score"),
        ({"attitude_score": 6}, "attitude_score"),
        ({"result_score": 2}, ""),
        ({"solved": Solved.NO}, ""),
        ({"result_score": 3, "attitude_score": 1}, LET_IN),
    ]

    assert refusals(close, cases) == cases


@pytest.mark.parametrize(
    ("outcome", "solved", "score", "status"),
    [
        (Outcome.RESOLVED, Solved.YES, 3, Status.CLOSED),
        (Outcome.RESOLVED, Solved.PARTIAL, None, Status.CLOSED),
        (Outcome.RESOLVED, Solved.YES, 2, Status.IN_PROGRESS),
        (Outcome.RESOLVED, Solved.NO, 5, Status.IN_PROGRESS),
        (Outcome.PARTIAL, Solved.NO, None, Status.IN_PROGRESS),
        (Outcome.EXPLAINED, Solved.NO, None, Status.CLOSED),
        (Outcome.EXPLAINED, Solved.NO, 3, Status.CLOSED),
        (Outcome.EXPLAINED, Solved.NO, 2, Status.IN_PROGRESS),
        (Outcome.REFERRED_UP, Solved.NO, 5, Status.CLOSED),
    ],
)
def test_what_the_firm_says_decides_between_closing_and_rework(
    outcome: Outcome, solved: Solved, score: int | None, status: Status, answered: Office
) -> None:
    with transaction():
        answered.ticket.outcome = outcome
    said: dict[str, Any] = {"solved": solved, "result_score": score}

    close = refused_at(lambda: answered.take(Event.REVISIT_CLOSE, Role.LIAISON, **said))
    rework = refused_at(lambda: answered.take(Event.REVISIT_REWORK, Role.LIAISON, **said))

    assert [close, rework].count(LET_IN) == 1
    assert answered.ticket.status is status


def test_rework_needs_a_no_and_a_reason(answered: Office) -> None:
    cases: Cases = [
        ({"solved": Solved.YES, "result_score": 3}, ""),
        ({"comment": ""}, "comment"),
        ({"solved": Solved.YES, "result_score": 2}, LET_IN),
    ]

    assert refusals(taking(answered, Event.REVISIT_REWORK, Role.LIAISON), cases) == cases


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_after_the_last_round_it_is_not_reworked_by_the_revisitor(
    rounds: int, answered: Office
) -> None:
    set_rules(answered, max_round=rounds)
    for _ in range(rounds - 1):
        another_round(answered)

    assert answered.ticket.round == rounds
    assert f"已经办了 {rounds} 轮" in message(
        lambda: answered.take(Event.REVISIT_REWORK, Role.LIAISON)
    )


def test_nobody_of_the_handling_unit_revisits(answered: Office) -> None:
    unit = db.session.get_one(OrgUnit, answered.unit_id)
    colleague = answered.more["colleague"].user_id
    answered.people[Role.DISPATCHER] = _as(answered, colleague, Role.DISPATCHER)
    own = make.linkage(
        enterprise=answered.ticket.enterprise,
        liaison=make.user(Role.LIAISON, unit=unit),
        leader=make.user(Role.LEADER, unit=unit),
    )
    answered.people[Role.LIAISON] = _as(answered, own.liaison_id, Role.LIAISON, unit.id)
    answered.people[Role.LEADER] = _as(answered, own.leader_id, Role.LEADER, unit.id)

    for role in (Role.DISPATCHER, Role.LIAISON, Role.LEADER):
        with pytest.raises(NotAllowed):
            answered.take(Event.REVISIT_CLOSE, role)
    answered.people[Role.DISPATCHER] = answered.more["second dispatcher"]
    answered.take(Event.REVISIT_CLOSE, Role.DISPATCHER)


def test_a_co_unit_does_not_revisit_either(office: Office) -> None:
    helper = make.unit()
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(helper.id,))
    member = make.actor(Role.HANDLER, unit=helper)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    with transaction():
        service.answer_co_task(office.ticket.co_tasks[0], "我们同意主办单位的办法。", actor=member)
    reply(office)
    approve(office)
    office.people[Role.DISPATCHER] = _as(office, member.user_id, Role.DISPATCHER)

    with pytest.raises(NotAllowed):
        office.revisit(Role.DISPATCHER)


# ---- T23 ----


def test_closing_against_the_firm_needs_two_rounds_its_no_a_code_and_evidence(
    answered: Office,
) -> None:
    ask = asking(answered, Event.CLOSE_UNSATISFIED, Role.OFFICE_DIRECTOR)
    assert "第二轮" in message(ask)
    another_round(answered)
    assert "回访结果" in message(ask)
    answered.revisit(reached=False, solved=None, result_score=None)
    assert "回访结果" in message(ask)
    answered.revisit(solved=Solved.NO, result_score=1)
    cases: Cases = [
        ({"reason": "no such code"}, "reason"),
        ({"evidence": NINE}, "evidence"),
        ({"evidence": TEN}, LET_IN),
    ]

    assert refusals(ask, cases) == cases


# ---- T24 ----


def try_once(office: Office, channel: ContactChannel = ContactChannel.PHONE) -> None:
    office.revisit(reached=False, channel=channel, solved=None, result_score=None)


def test_it_is_unreachable_after_three_tries_on_two_days_one_by_link(
    answered: Office, frozen_clock: Clock
) -> None:
    def give_up() -> str:
        return refused_at(lambda: answered.take(Event.CLOSE_UNREACHABLE, Role.LIAISON))

    assert give_up() == ""
    try_once(answered)
    try_once(answered)
    try_once(answered)
    assert give_up() == ""  # one day, no link
    frozen_clock.shift(timedelta(days=1))
    try_once(answered)
    assert give_up() == ""  # no link
    set_rules(answered, revisit_attempts=6)
    try_once(answered, ContactChannel.LINK)
    assert give_up() == ""  # five of six
    set_rules(answered, revisit_days=3)
    assert give_up() == ""  # two of three days
    set_rules(answered)
    assert give_up() == LET_IN


def test_tries_on_one_day_are_not_enough(answered: Office, frozen_clock: Clock) -> None:
    for channel in (ContactChannel.PHONE, ContactChannel.PHONE, ContactChannel.LINK):
        try_once(answered, channel)
        frozen_clock.shift(timedelta(hours=2))

    assert "2 天" in message(lambda: answered.take(Event.CLOSE_UNREACHABLE, Role.LIAISON))


def test_two_tries_are_not_enough(answered: Office, frozen_clock: Clock) -> None:
    try_once(answered)
    frozen_clock.shift(timedelta(days=1))
    try_once(answered, ContactChannel.LINK)

    assert "至少联系 3 次" in message(lambda: answered.take(Event.CLOSE_UNREACHABLE, Role.LIAISON))


def test_a_link_that_nobody_answers_for_ten_working_days_is_enough(
    answered: Office, frozen_clock: Clock
) -> None:
    try_once(answered, ContactChannel.LINK)
    tenth = moment("2026-10-12T17:30")  # both holidays lie between
    give_up = taking(answered, Event.CLOSE_UNREACHABLE, Role.SYSTEM)

    frozen_clock.move_to(tenth)
    assert refused_at(give_up) == ""
    frozen_clock.move_to(tenth + SECOND)
    give_up()

    assert answered.ticket.status is Status.CLOSED


def test_who_was_reached_in_this_round_is_not_unreachable(
    answered: Office, frozen_clock: Clock
) -> None:
    another_round(answered)
    for channel in (ContactChannel.LINK, ContactChannel.PHONE, ContactChannel.PHONE):
        try_once(answered, channel)
        frozen_clock.shift(timedelta(days=1))
    answered.revisit(solved=Solved.NO, result_score=1)

    assert "已经联系上" in message(lambda: answered.take(Event.CLOSE_UNREACHABLE, Role.LIAISON))


# ---- T25, T26 ----


@pytest.mark.parametrize("days", [30, 10])
def test_it_is_reopened_within_so_many_days_and_may_be_decided_later(
    days: int, office: Office, frozen_clock: Clock
) -> None:
    set_rules(office, reopen_days=days)
    closed_at = office.walk_to(Status.CLOSED).closed_at
    assert closed_at is not None

    frozen_clock.move_to(closed_at + timedelta(days=days) + SECOND)
    assert f"{days} 天" in message(lambda: office.propose(Event.REOPEN, Role.DISPATCHER))
    frozen_clock.move_to(closed_at + timedelta(days=days))
    short = refused_at(lambda: office.propose(Event.REOPEN, Role.DISPATCHER, statement=NINE))
    office.propose(Event.REOPEN, Role.DISPATCHER, statement=TEN)
    frozen_clock.shift(timedelta(days=2))
    office.decide(Role.OFFICE_DIRECTOR)

    assert short == "statement"
    assert office.ticket.status is Status.IN_PROGRESS


def test_it_archives_itself_after_thirty_days_and_by_hand_at_any_time(
    office: Office, frozen_clock: Clock
) -> None:
    closed_at = office.walk_to(Status.CLOSED).closed_at
    assert closed_at is not None
    frozen_clock.move_to(closed_at + timedelta(days=30))

    assert "30 天" in message(lambda: office.take(Event.ARCHIVE, Role.SYSTEM))
    office.take(Event.ARCHIVE, Role.DISPATCHER)

    assert office.ticket.status is Status.ARCHIVED
