"""At the unit: what T08 to T10 and T12 to T18 refuse, and at which field."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, NotAllowed
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import SupervisionNote
from app.tickets.workflow.states import Event, NoteLevel, Outcome, Status
from tests import make
from tests.office import Office, moment, open_office
from tests.tickets.refusals import LET_IN, refusals, refused_at, set_rules
from tests.tickets.returning import meet

pytestmark = pytest.mark.usefixtures("app")
NOWHERE = 10**6
SECOND = timedelta(seconds=1)
NINE, TEN = "九个字说不清楚的事", "十个字刚好说清楚的事"

Clock = time_machine.Traveller
Cases = list[tuple[dict[str, Any], str]]


@pytest.fixture
def office() -> Office:
    return open_office()


@pytest.fixture
def handled(office: Office) -> Office:
    """Return the office with a ticket in progress, due on Tuesday 29 September."""
    office.walk_to(Status.IN_PROGRESS)
    return office


def taking(office: Office, event: Event, role: Role) -> Any:
    return lambda **given: office.take(event, role, **given)


def asking(office: Office, event: Event, role: Role) -> Any:
    """Return an act that asks for a step, and takes it back where it was let in."""

    def ask(**given: Any) -> None:
        proposal = office.propose(event, role, **given)
        with transaction():
            service.withdraw(proposal, actor=office.actor(role))

    return ask


def message(call: Any) -> str:
    with pytest.raises(DomainError) as refused:
        call()
    return str(refused.value)


# ---- T08, T09 ----


def test_whom_the_signer_names_belongs_to_the_unit(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    sign = taking(office, Event.SIGN, Role.DEPT_HEAD)
    cases: Cases = [
        ({"handler_id": office.more["other handler"].user_id}, "handler_id"),
        ({"handler_id": office.actor(Role.DISPATCHER).user_id}, "handler_id"),
        ({"handler_id": NOWHERE}, "handler_id"),
        ({"handler_id": office.more["colleague"].user_id}, LET_IN),
    ]

    assert refusals(sign, cases) == cases
    assert office.ticket.handler_id == office.more["colleague"].user_id


def test_it_signs_itself_only_after_the_deadline_and_without_an_open_return(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_SIGN)
    due = office.ticket.sign_due_at
    assert due == moment("2026-09-22T17:30")
    auto_sign = taking(office, Event.AUTO_SIGN, Role.SYSTEM)

    frozen_clock.move_to(due)
    assert "还没到" in message(auto_sign)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    frozen_clock.move_to(due + SECOND)
    assert "退单" in message(auto_sign)
    office.decide(Role.OFFICE_DIRECTOR, approve=False)

    auto_sign()
    assert office.ticket.signed_late


# ---- T10 ----


def test_a_return_needs_a_reason_and_the_unit_that_should_have_it(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    cases: Cases = [
        ({"comment": NINE}, "comment"),
        ({"suggested_unit_id": None}, "suggested_unit_id"),
        ({"suggested_unit_id": office.unit_id}, "suggested_unit_id"),
        ({"suggested_unit_id": NOWHERE}, "suggested_unit_id"),
        ({"suggested_unit_id": make.unit(tenant=make.tenant()).id}, "suggested_unit_id"),
        ({"suggested_unit_id": make.unit(is_active=False).id}, "suggested_unit_id"),
        ({"comment": TEN}, LET_IN),
    ]

    assert refusals(asking(office, Event.APPROVE_RETURN, Role.DEPT_HEAD), cases) == cases


@pytest.mark.parametrize(("workdays", "until"), [(1, "2026-09-22"), (3, "2026-09-24")])
def test_a_return_is_asked_for_within_the_window_and_may_be_ruled_on_later(
    workdays: int, until: str, office: Office, frozen_clock: Clock
) -> None:
    set_rules(office, return_window_workdays=workdays)
    office.walk_to(Status.PENDING_SIGN)
    last = moment(f"{until}T17:30")

    frozen_clock.move_to(last + SECOND)
    assert "已过" in message(lambda: office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD))
    frozen_clock.move_to(last)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    frozen_clock.shift(timedelta(hours=20))
    office.decide(Role.OFFICE_DIRECTOR)

    assert office.ticket.status is Status.PENDING_DISPATCH


def test_a_unit_returns_a_ticket_once_another_may_still(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)

    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=office.other_unit_id)
    with transaction():
        given = office.given(Event.APPROVE_RETURN, suggested_unit_id=office.unit_id)
        service.propose(office.ticket, Event.APPROVE_RETURN, given, actor=office.more["other head"])
    office.decide(Role.OFFICE_DIRECTOR)
    meet(office, lead_unit_id=office.unit_id)
    office.take(Event.DISPATCH, Role.DISPATCHER)

    assert office.ticket.return_count == 2
    assert "退过一次" in message(lambda: office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD))


# ---- T12, T13 ----


def test_the_first_contact_says_with_whom_when_and_how(handled: Office) -> None:
    now = clock.now()
    cases: Cases = [
        ({"channel": None}, "channel"),
        ({"person": " "}, "person"),
        ({"at": None}, "at"),
        ({"at": now + SECOND}, "at"),
        ({"at": now - timedelta(days=1, seconds=1)}, "at"),
        ({"comment": ""}, "comment"),
        ({"at": now}, LET_IN),
    ]

    assert refusals(taking(handled, Event.FIRST_CONTACT, Role.HANDLER), cases) == cases
    again = message(lambda: handled.take(Event.FIRST_CONTACT, Role.HANDLER))
    assert "已经登记过" in again


def test_progress_is_told_in_ten_characters_at_least(handled: Office) -> None:
    cases: Cases = [({"comment": NINE}, "comment"), ({"comment": TEN}, LET_IN)]

    assert refusals(taking(handled, Event.PROGRESS_NOTE, Role.HANDLER), cases) == cases


# ---- T14: due on Tuesday 29 September; National Day from the 1st to the 7th ----


def test_an_extension_needs_a_reason_a_day_within_ten_and_that_the_firm_knows(
    handled: Office,
) -> None:
    cases: Cases = [
        ({"comment": NINE}, "comment"),
        ({"new_due_on": None}, "new_due_on"),
        ({"new_due_on": date(2026, 9, 29)}, "new_due_on"),
        ({"new_due_on": date(2026, 10, 5)}, "new_due_on"),  # a holiday
        ({"new_due_on": date(2026, 10, 20)}, "new_due_on"),  # the eleventh working day
        ({"told_enterprise": False}, "told_enterprise"),
        ({"new_due_on": date(2026, 9, 30)}, LET_IN),
        ({"new_due_on": date(2026, 10, 10)}, LET_IN),  # a Saturday that is worked
        ({"new_due_on": date(2026, 10, 19)}, LET_IN),  # the tenth
    ]

    assert refusals(asking(handled, Event.APPROVE_EXTENSION, Role.DEPT_HEAD), cases) == cases


def test_how_far_an_extension_goes_is_a_parameter(handled: Office) -> None:
    set_rules(handled, extension_max_workdays=1)
    cases: Cases = [
        ({"new_due_on": date(2026, 10, 8)}, "new_due_on"),
        ({"new_due_on": date(2026, 9, 30)}, LET_IN),
    ]

    assert refusals(asking(handled, Event.APPROVE_EXTENSION, Role.DEPT_HEAD), cases) == cases


@pytest.mark.parametrize(
    ("lead", "last", "too_late"),
    [
        (0, "2026-09-29T17:30", "2026-09-29T17:31"),
        (1, "2026-09-28T17:00", "2026-09-29T08:30"),
        (3, "2026-09-23T17:00", "2026-09-24T08:30"),  # the 25th to the 27th are no workdays
    ],
)
def test_an_extension_is_asked_for_in_time_and_may_be_decided_later(
    lead: int, last: str, too_late: str, handled: Office, frozen_clock: Clock
) -> None:
    set_rules(handled, extension_lead_workdays=lead)

    frozen_clock.move_to(moment(too_late))
    assert "延期" in message(lambda: handled.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD))
    frozen_clock.move_to(moment(last))
    handled.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    frozen_clock.move_to(moment("2026-09-30T09:00"))
    handled.decide(Role.OFFICE_DIRECTOR)

    assert handled.ticket.extension_count == 1


def test_what_is_overdue_is_not_extended_any_more(handled: Office, frozen_clock: Clock) -> None:
    frozen_clock.move_to(moment("2026-09-29T17:31"))

    assert "超期" in message(lambda: handled.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD))


def test_the_second_extension_is_the_chiefs_and_there_is_no_third(handled: Office) -> None:
    handled.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    with pytest.raises(NotAllowed):
        handled.decide(Role.CHIEF)
    handled.decide(Role.OFFICE_DIRECTOR)

    handled.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    with pytest.raises(NotAllowed):
        handled.decide(Role.OFFICE_DIRECTOR)
    handled.decide(Role.CHIEF)

    assert "两次" in message(lambda: handled.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD))
    assert handled.ticket.extension_count == 2


# ---- T15 ----


def test_lifting_needs_a_reason_that_holds_a_level_and_a_leader(handled: Office) -> None:
    cases: Cases = [
        ({"reason": "no such code"}, "reason"),
        ({"reason": "two_rounds"}, "reason"),
        ({"reason": "red_unanswered"}, "reason"),
        ({"level": None}, "level"),
        ({"level": 0}, "level"),
        ({"level": 4}, "level"),
        ({"owner_id": None}, "owner_id"),
        ({"owner_id": NOWHERE}, "owner_id"),
        ({"owner_id": make.user(Role.LEADER, tenant=make.tenant()).id}, "owner_id"),
        ({"owner_id": make.user(Role.LEADER, is_active=False).id}, "owner_id"),
        ({"comment": NINE}, "comment"),
        ({"reason": "asked"}, LET_IN),
    ]

    assert refusals(asking(handled, Event.ESCALATE, Role.OFFICE_DIRECTOR), cases) == cases


def test_an_unanswered_red_note_is_a_reason_to_lift_an_answered_one_is_not(
    handled: Office,
) -> None:
    note = _note(handled, NoteLevel.RED)
    lift = asking(handled, Event.ESCALATE, Role.OFFICE_DIRECTOR)

    assert refused_at(lambda: lift(reason="red_unanswered")) == LET_IN
    with transaction():
        service.answer_supervision(
            db.session.get_one(SupervisionNote, note),
            "已经排好日程，本周内办完。",
            actor=handled.actor(Role.DEPT_HEAD),
        )
    assert refused_at(lambda: lift(reason="red_unanswered")) == "reason"


def _note(office: Office, level: NoteLevel) -> int:
    now = clock.now()
    note = SupervisionNote(level=level, of_due_at=now, raised_at=now, answer_due_at=now)
    ticket = office.ticket
    ticket.supervision_notes.append(note)
    db.session.commit()
    return note.id


def test_what_was_lifted_is_lifted_higher_only(handled: Office) -> None:
    handled.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR, level=2)
    handled.decide(Role.CHIEF)
    cases: Cases = [({"level": 1}, "level"), ({"level": 2}, "level"), ({"level": 3}, LET_IN)]

    assert refusals(asking(handled, Event.ESCALATE, Role.OFFICE_DIRECTOR), cases) == cases


# ---- T16, T17 ----


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def test_suspending_needs_cause_plan_review_day_and_the_opinion_of_the_firm(
    handled: Office,
) -> None:
    cases: Cases = [
        ({"reason": "no such code"}, "reason"),
        ({"plan": NINE}, "plan"),
        ({"next_review_on": None}, "next_review_on"),
        ({"next_review_on": in_days(0)}, "next_review_on"),
        ({"next_review_on": in_days(91)}, "next_review_on"),
        ({"told_enterprise": False}, "told_enterprise"),
        ({"opinion": ""}, "opinion"),
        ({"next_review_on": in_days(1)}, LET_IN),
        ({"next_review_on": in_days(90), "plan": TEN}, LET_IN),
    ]
    ask = asking(handled, Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)

    assert refusals(ask, cases) == cases
    set_rules(handled, suspension_days=10)
    assert refused_at(lambda: ask(next_review_on=in_days(11))) == "next_review_on"
    assert refused_at(lambda: ask(next_review_on=in_days(10))) == LET_IN


def test_what_is_overdue_is_suspended_only_once_it_was_lifted(
    handled: Office, frozen_clock: Clock
) -> None:
    ask = asking(handled, Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    frozen_clock.move_to(handled.ticket.due_at)
    assert refused_at(ask) == LET_IN
    frozen_clock.shift(SECOND)
    assert "超期" in message(ask)

    handled.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    handled.decide(Role.CHIEF)
    frozen_clock.move_to(handled.ticket.due_at + SECOND)

    assert refused_at(ask) == LET_IN


def test_it_is_overdue_or_not_when_it_is_asked_not_when_it_is_decided(
    handled: Office, frozen_clock: Clock
) -> None:
    frozen_clock.move_to(handled.ticket.due_at)
    handled.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD, next_review_on=in_days(90))
    frozen_clock.shift(timedelta(days=1))
    handled.decide(Role.OFFICE_DIRECTOR)
    handled.decide(Role.CHIEF)

    assert handled.ticket.status is Status.SUSPENDED


def test_going_on_needs_a_reason_and_the_review_day_not_before_it_has_come(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.SUSPENDED)
    day = office.ticket.next_review_on
    assert day is not None
    cases: Cases = [
        ({"reason": "no such code"}, "reason"),
        ({"comment": ""}, "comment"),
        ({"reason": "review_due"}, "reason"),
    ]
    resume = taking(office, Event.RESUME, Role.OFFICE_DIRECTOR)

    frozen_clock.move_to(_noon(day - timedelta(days=1)))
    assert refusals(resume, cases) == cases
    frozen_clock.move_to(_noon(day))
    assert refused_at(lambda: resume(reason="review_due")) == LET_IN


def _noon(day: date) -> datetime:
    return moment(f"{day}T12:00")


# ---- T18 ----


def test_an_answer_needs_an_outcome_twenty_characters_and_a_basis_unless_resolved(
    handled: Office,
) -> None:
    handled.take(Event.FIRST_CONTACT, Role.HANDLER)
    cases: Cases = [
        ({"outcome": None}, "outcome"),
        ({"reply": "字" * 19}, "reply"),
        ({"outcome": Outcome.PARTIAL}, "basis"),
        ({"outcome": Outcome.EXPLAINED, "basis": NINE}, "basis"),
        ({"outcome": Outcome.REFERRED_UP, "basis": TEN}, LET_IN),
        ({"reply": "字" * 20}, LET_IN),
    ]

    assert refusals(asking(handled, Event.SUBMIT_REPLY, Role.HANDLER), cases) == cases


def test_an_answer_waits_for_the_first_contact_and_for_every_co_unit(office: Office) -> None:
    answers, waived = make.unit(), make.unit()
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(answers.id, waived.id))
    office.take(Event.SIGN, Role.HANDLER)
    member = make.actor(Role.HANDLER, unit=answers)
    draft = asking(office, Event.SUBMIT_REPLY, Role.HANDLER)

    assert "先联系企业" in message(draft)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    assert answers.name in message(draft)
    with transaction():
        service.answer_co_task(office.ticket.co_tasks[0], "我们同意主办单位的办法。", actor=member)
    assert answers.name not in message(draft)
    with transaction():
        head = office.actor(Role.DEPT_HEAD)
        service.waive_co_task(office.ticket.co_tasks[1], "与它无关", actor=head)

    assert refused_at(draft) == LET_IN
