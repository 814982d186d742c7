"""What each step does to the clocks and the ticket: the clock column of C2.3.

The office begins on Monday 21 September 2026, 09:00; the 25th to the 27th and the first seven
days of October are off, 10 October is worked.
"""

from datetime import datetime, timedelta

import pytest
import time_machine

from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import service
from app.tickets.models import CoTaskState, Ticket
from app.tickets.service.effects.closing import digest, snapshot_of
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import (
    Clock,
    Closing,
    Complexity,
    DueReason,
    Event,
    Note,
    Outcome,
    Solved,
    Status,
    Urgency,
)
from tests import make
from tests.office import REPLY, Office, approve, moment, open_office, reply
from tests.tickets.refusals import set_rules

pytestmark = pytest.mark.usefixtures("app")

Traveller = time_machine.Traveller


@pytest.fixture
def office() -> Office:
    return open_office()


def accepted(office: Office, *, urgency: Urgency = Urgency.NORMAL, **more: object) -> None:
    complexity = more.pop("complexity", Complexity.SIMPLE)
    office.open(**more)
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, urgency=urgency, complexity=complexity)


def dispatched(office: Office, **more: object) -> Ticket:
    accepted(office, **more)  # type: ignore[arg-type]
    office.take(Event.DISPATCH, Role.OFFICE_DIRECTOR)
    return office.ticket


def in_progress(office: Office, **more: object) -> Ticket:
    dispatched(office, **more)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    return office.ticket


def newest(office: Office, which: Clock = Clock.HANDLE) -> tuple[DueReason, datetime | None]:
    row = [c for c in office.ticket.due_history if c.clock is which][-1]
    return row.reason, row.due_at


# ---- T01 to T07, T11 ----


def test_handing_in_gives_a_number_a_code_and_who_looks_after_the_firm(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)

    ticket = office.ticket
    assert ticket.number == "QS20260921-0001"
    assert len(ticket.query_code) == 6
    assert ticket.query_code.isdigit()
    assert ticket.leader_id == office.actor(Role.LEADER).user_id
    assert ticket.liaison_id == office.actor(Role.LIAISON).user_id
    assert ticket.acceptance_due_at == moment("2026-09-22T17:30")
    assert ticket.move_due_at == ticket.acceptance_due_at


def test_what_was_sent_back_keeps_its_number_and_its_clock_starts_again(
    office: Office, frozen_clock: Traveller
) -> None:
    before = office.walk_to(Status.PENDING_ACCEPTANCE)
    number, code, first = before.number, before.query_code, before.submitted_at

    office.take(Event.REQUEST_SUPPLEMENT, Role.DISPATCHER)
    assert office.ticket.acceptance_due_at is None
    frozen_clock.move_to(moment("2026-09-24T10:00"))
    office.take(Event.SUBMIT, Role.LIAISON)

    ticket = office.ticket
    assert (ticket.number, ticket.query_code, ticket.submitted_at) == (number, code, first)
    assert ticket.acceptance_due_at == moment("2026-09-28T17:30")


def test_accepting_classifies_it_and_starts_the_dispatch_clock(office: Office) -> None:
    accepted(office, urgency=Urgency.URGENT, complexity=Complexity.COMPLEX)

    ticket = office.ticket
    assert ticket.accepted_at == clock.now()
    assert (ticket.urgency, ticket.complexity) == (Urgency.URGENT, Complexity.COMPLEX)
    assert ticket.dispatch_due_at == ticket.move_due_at == moment("2026-09-22T17:30")


def test_a_merged_ticket_names_its_master_and_stops(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    master = office.merge_master()

    office.take(Event.MERGE, Role.DISPATCHER, master_id=master, same_matter=True)

    ticket = office.ticket
    assert ticket.master_id == master
    assert ticket.move_due_at is None
    assert not ticket.is_open
    assert ticket.events[-1].payload["master_number"] == "QS20260921-0002"


def test_what_is_closed_on_the_spot_has_no_deadline_and_is_marked(office: Office) -> None:
    accepted(office, complexity=Complexity.CONSULT)

    office.take(Event.CLOSE_ON_SITE, Role.DISPATCHER, outcome=Outcome.EXPLAINED)

    ticket = office.ticket
    assert ticket.direct_handled
    assert ticket.due_at is None
    assert ticket.on_time is None  # not in the on-time figure
    assert ticket.first_contact_at == ticket.replied_at == clock.now()
    assert (ticket.outcome, ticket.reply_text) == (Outcome.EXPLAINED, REPLY)
    assert ticket.revisit_due_at == moment("2026-09-23T17:30")


@pytest.mark.parametrize(
    ("complexity", "due", "warn_on"),
    [
        (Complexity.CONSULT, "2026-09-22", "2026-09-21"),
        (Complexity.SIMPLE, "2026-09-29", "2026-09-28"),
        (Complexity.COMPLEX, "2026-10-19", "2026-10-15"),
        (Complexity.HARD, "2026-11-09", "2026-11-04"),
    ],
)
def test_the_deadline_follows_the_complexity(
    complexity: Complexity, due: str, warn_on: str, office: Office
) -> None:
    ticket = dispatched(office, complexity=complexity)

    assert ticket.due_at == ticket.original_due_at == moment(f"{due}T17:30")
    assert ticket.warn_on is not None
    assert ticket.warn_on.isoformat() == warn_on
    assert newest(office)[0] is DueReason.STARTED
    interim = moment("2026-10-12T17:30") if complexity is Complexity.HARD else None
    assert ticket.interim_due_at == interim


@pytest.mark.parametrize(
    ("urgency", "sign", "contact"),
    [
        (Urgency.NORMAL, "2026-09-22T17:30", "2026-09-22T17:30"),
        (Urgency.URGENT, "2026-09-21T15:30", "2026-09-21T17:30"),
        (Urgency.CRITICAL, "2026-09-21T10:00", "2026-09-21T11:00"),
    ],
)
def test_how_soon_it_is_signed_and_the_firm_called_follows_the_urgency(
    urgency: Urgency, sign: str, contact: str, office: Office
) -> None:
    ticket = dispatched(office, urgency=urgency)

    assert ticket.sign_due_at == ticket.move_due_at == moment(sign)
    assert ticket.contact_due_at == moment(contact)


@pytest.mark.parametrize(
    ("external", "due", "reason"),
    [
        ("2026-09-24T12:00", "2026-09-24T12:00", DueReason.EXTERNAL),
        ("2026-10-30T12:00", "2026-09-29T17:30", DueReason.STARTED),
    ],
)
def test_of_two_deadlines_the_stricter_holds(
    external: str, due: str, reason: DueReason, office: Office
) -> None:
    ticket = dispatched(office, external_due_at=moment(external))

    assert ticket.due_at == ticket.original_due_at == moment(due)
    assert newest(office) == (reason, moment(due))
    assert newest(office, Clock.SIGN) == (DueReason.STARTED, moment("2026-09-22T17:30"))


def test_each_co_unit_owes_its_opinion_in_three_working_days(office: Office) -> None:
    helpers = (make.unit().id, make.unit().id)
    office.walk_to(Status.PENDING_DISPATCH)

    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=helpers)

    assert [task.unit_id for task in office.ticket.co_tasks] == list(helpers)
    assert {task.due_at for task in office.ticket.co_tasks} == {moment("2026-09-24T17:30")}


def test_reassigning_begins_a_new_dispatch_with_new_clocks(
    office: Office, frozen_clock: Traveller
) -> None:
    helper = make.unit().id
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(helper,))
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    frozen_clock.move_to(moment("2026-09-28T10:00"))

    office.take(Event.REASSIGN, Role.OFFICE_DIRECTOR)

    ticket = office.ticket
    assert [d.lead_unit_id for d in ticket.dispatches] == [office.unit_id, office.other_unit_id]
    assert ticket.dispatches[0].ended_at == clock.now()
    assert not ticket.dispatches[0].returned
    assert ticket.co_tasks[0].state is CoTaskState.WAIVED
    assert ticket.due_at == ticket.original_due_at == moment("2026-10-10T17:30")
    assert newest(office)[0] is DueReason.REASSIGNED
    assert ticket.handler_id is ticket.signed_at is ticket.first_contact_at is None


# ---- T08 to T10 ----


def test_who_signs_handles_it_and_the_clock_has_run_since_the_dispatch(
    office: Office, frozen_clock: Traveller
) -> None:
    due = office.walk_to(Status.PENDING_SIGN).due_at
    frozen_clock.move_to(office.ticket.sign_due_at)

    office.take(Event.SIGN, Role.HANDLER)

    ticket = office.ticket
    assert ticket.handler_id == office.actor(Role.HANDLER).user_id
    assert ticket.signed_at == clock.now()
    assert not ticket.signed_late
    assert ticket.due_at == due


def test_who_signs_after_the_deadline_signs_late(office: Office, frozen_clock: Traveller) -> None:
    due = office.walk_to(Status.PENDING_SIGN).sign_due_at
    assert due is not None
    frozen_clock.move_to(due + timedelta(seconds=1))

    office.take(Event.SIGN, Role.DEPT_HEAD)

    assert office.ticket.signed_late
    assert office.ticket.handler_id is None  # the head signed, and named nobody yet


def test_a_return_voids_the_clocks_and_the_next_dispatch_starts_them(
    office: Office, frozen_clock: Traveller
) -> None:
    office.walk_to(Status.IN_PROGRESS)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)

    ticket = office.ticket
    assert (ticket.return_count, ticket.lead_unit_id, ticket.handler_id) == (1, None, None)
    voided = (ticket.sign_due_at, ticket.contact_due_at, ticket.due_at, ticket.original_due_at)
    assert voided == (None, None, None, None)
    assert newest(office) == (DueReason.VOID, None)
    assert ticket.dispatches[0].returned
    assert ticket.dispatch_due_at == moment("2026-09-22T17:30")

    frozen_clock.move_to(moment("2026-09-22T10:00"))
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=office.other_unit_id)
    assert office.ticket.due_at == moment("2026-09-30T17:30")


# ---- T12 to T18 ----


def test_the_first_contact_ends_the_response_clock(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    assert office.ticket.move_due_at == moment("2026-09-22T17:30")
    earlier = clock.now() - timedelta(hours=1)

    office.take(Event.FIRST_CONTACT, Role.HANDLER, at=earlier)

    assert office.ticket.first_contact_at == earlier
    assert office.ticket.move_due_at == office.ticket.due_at


def test_an_interim_answer_moves_the_next_one_of_hard_and_lifted_tickets_only(
    office: Office, frozen_clock: Traveller
) -> None:
    in_progress(office, complexity=Complexity.HARD)
    frozen_clock.move_to(moment("2026-09-22T10:00"))
    office.take(Event.PROGRESS_NOTE, Role.HANDLER)
    assert office.ticket.interim_due_at == moment("2026-10-13T17:30")

    in_progress(office)
    office.take(Event.PROGRESS_NOTE, Role.HANDLER)
    assert office.ticket.interim_due_at is None


def test_an_extension_moves_the_deadline_and_keeps_the_first(office: Office) -> None:
    first = in_progress(office).due_at
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)

    ticket = office.ticket
    assert newest(office) == (DueReason.EXTENDED, moment("2026-09-30T17:30"))
    assert ticket.due_at == moment("2026-09-30T17:30")
    assert ticket.original_due_at == first
    assert ticket.extension_count == 1
    assert ticket.warn_on is not None
    assert ticket.warn_on.isoformat() == "2026-09-29"


def test_lifting_gives_ten_working_days_and_an_answer_every_five(office: Office) -> None:
    in_progress(office)
    office.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)

    ticket = office.ticket
    assert ticket.escalation_level == 1
    assert ticket.escalation_owner_id == office.actor(Role.LEADER).user_id
    assert newest(office) == (DueReason.ESCALATED, moment("2026-10-12T17:30"))
    assert ticket.interim_due_at == moment("2026-09-29T17:30")


def suspend(office: Office) -> None:
    office.propose(Event.APPROVE_SUSPENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)


@pytest.mark.parametrize(
    ("complexity", "saved", "due"),
    [
        (Complexity.SIMPLE, 4, "2026-10-27"),  # five at least
        (Complexity.COMPLEX, 14, "2026-11-09"),
    ],
)
def test_what_was_left_is_saved_and_given_back_but_five_working_days_at_least(
    complexity: Complexity, saved: int, due: str, office: Office, frozen_clock: Traveller
) -> None:
    in_progress(office, complexity=complexity)
    frozen_clock.move_to(moment("2026-09-22T10:00"))
    suspend(office)
    assert office.ticket.saved_workdays == saved
    assert not office.ticket.is_running
    assert office.ticket.move_due_at == moment("2026-11-21T17:30")  # the review day

    frozen_clock.move_to(moment("2026-10-20T10:00"))
    office.take(Event.RESUME, Role.OFFICE_DIRECTOR)

    ticket = office.ticket
    assert newest(office) == (DueReason.RESUMED, moment(f"{due}T17:30"))
    assert ticket.saved_workdays is ticket.next_review_on is ticket.suspended_at is None


def test_what_was_lifted_and_suspended_still_answers_every_five_days(
    office: Office, frozen_clock: Traveller
) -> None:
    in_progress(office)
    office.propose(Event.ESCALATE, Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)
    suspend(office)
    frozen_clock.move_to(moment("2026-10-20T10:00"))

    office.take(Event.RESUME, Role.OFFICE_DIRECTOR)

    assert office.ticket.interim_due_at == moment("2026-10-27T17:30")


# ---- T18 to T26 ----


def test_each_answer_is_a_version_by_two_persons_and_starts_the_review(office: Office) -> None:
    in_progress(office)
    reply(office)
    office.take(Event.RETURN_REPLY, Role.DISPATCHER)
    reply(office)

    ticket = office.ticket
    assert [(r.number, r.is_final) for r in ticket.replies] == [(1, False), (2, False)]
    assert ticket.replies[0].drafted_by_id == office.actor(Role.HANDLER).user_id
    assert ticket.replies[0].signed_off_by_id == office.actor(Role.DEPT_HEAD).user_id
    assert ticket.review_due_at == ticket.move_due_at == moment("2026-09-22T17:30")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-09-22T10:00", "2026-09-29"),  # enough time is left
        ("2026-09-29T10:00", "2026-09-30"),  # it ends today
        ("2026-10-08T10:00", "2026-10-09"),  # it is over
    ],
)
def test_a_returned_answer_leaves_the_unit_a_working_day_at_least(
    now: str, due: str, office: Office, frozen_clock: Traveller
) -> None:
    in_progress(office)
    reply(office)
    frozen_clock.move_to(moment(now))

    office.take(Event.RETURN_REPLY, Role.DISPATCHER)

    ticket = office.ticket
    assert ticket.due_at == moment(f"{due}T17:30")
    assert (ticket.review_reject_count, ticket.round) == (1, 1)  # no rework


@pytest.mark.parametrize(
    ("submitted", "on_time"), [("2026-09-29T17:30", True), ("2026-09-29T17:31", False)]
)
def test_when_the_answer_was_submitted_decides_whether_it_was_on_time(
    submitted: str,
    on_time: bool,  # noqa: FBT001 - what is expected
    office: Office,
    frozen_clock: Traveller,
) -> None:
    in_progress(office)
    frozen_clock.move_to(moment(submitted))
    reply(office)
    frozen_clock.move_to(moment("2026-10-08T10:00"))  # the review comes late

    approve(office)

    ticket = office.ticket
    assert ticket.on_time is on_time
    assert ticket.replied_at == moment(submitted)
    assert ticket.revisit_due_at == moment("2026-10-10T17:30")
    assert ticket.replies[-1].is_final
    assert ticket.reply_text == REPLY


def test_rework_is_another_round_of_five_working_days(
    office: Office, frozen_clock: Traveller
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    frozen_clock.move_to(moment("2026-09-23T10:00"))

    office.revisit(solved=Solved.NO, result_score=1)

    ticket = office.ticket
    assert ticket.round == 2
    assert newest(office) == (DueReason.REWORK, moment("2026-10-08T17:30"))
    assert ticket.due_at == ticket.rework_due_at == moment("2026-10-08T17:30")
    assert ticket.original_due_at == moment("2026-09-29T17:30")
    assert ticket.on_time is ticket.replied_at is None


def test_what_the_firm_confirms_is_closed_by_the_revisitor(office: Office) -> None:
    office.walk_to(Status.CLOSED)

    ticket = office.ticket
    assert (ticket.closing, ticket.closed_at) == (Closing.REVISITED, clock.now())
    assert ticket.closed_by_id == office.actor(Role.LIAISON).user_id
    assert ticket.move_due_at is None
    said = ticket.revisits[-1]
    assert (said.solved, said.result_score, said.channel) == (Solved.YES, 5, ContactChannel.PHONE)


def test_what_ends_against_the_firm_or_unheard_says_so(
    office: Office, frozen_clock: Traveller
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    set_rules(office, revisit_attempts=1, revisit_days=1, max_round=2)
    office.revisit(solved=Solved.NO, result_score=1)
    reply(office)
    approve(office)
    office.revisit(solved=Solved.NO, result_score=1)
    office.propose(Event.CLOSE_UNSATISFIED, Role.OFFICE_DIRECTOR)
    office.decide(Role.CHIEF)
    assert office.ticket.closing is Closing.UNSATISFIED
    assert office.ticket.unsatisfied_finding == "beyond_policy"

    office.walk_to(Status.PENDING_REVISIT)
    link = ContactChannel.LINK
    office.revisit(reached=False, channel=link, solved=None, result_score=None)
    frozen_clock.shift(timedelta(hours=1))
    office.take(Event.CLOSE_UNREACHABLE, Role.LIAISON)
    assert office.ticket.closing is Closing.UNREACHABLE


def test_reopening_is_another_round_and_is_counted(office: Office) -> None:
    office.walk_to(Status.CLOSED)
    office.propose(Event.REOPEN, Role.DISPATCHER)
    office.decide(Role.OFFICE_DIRECTOR)

    ticket = office.ticket
    assert (ticket.round, ticket.reopened_count) == (2, 1)
    assert ticket.closing is ticket.closed_at is ticket.closed_by_id is None
    assert newest(office) == (DueReason.REOPENED, moment("2026-09-29T17:30"))


def test_what_is_archived_can_be_checked_against_its_hash(office: Office) -> None:
    office.walk_to(Status.CLOSED)
    office.take(Event.ARCHIVE, Role.DISPATCHER)

    kept = office.ticket.events[-1].payload
    assert kept["sha256"] == office.ticket.snapshot_hash == digest(kept["snapshot"])
    assert kept["snapshot"]["number"] == office.ticket.number
    assert digest(snapshot_of(office.ticket)) != office.ticket.snapshot_hash  # it has gone on


def test_cancelling_ends_the_dispatch_and_what_co_units_owe(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.DISPATCH, Role.DISPATCHER, co_unit_ids=(make.unit().id,))

    office.take(Event.CANCEL, Role.OFFICE_DIRECTOR)

    ticket = office.ticket
    assert ticket.dispatches[0].ended_at == clock.now()
    assert ticket.co_tasks[0].state is CoTaskState.WAIVED
    assert (ticket.is_open, ticket.is_running, ticket.move_due_at) == (False, False, None)


def test_a_lifted_rework_takes_the_recorded_no_and_answers_every_five_days(
    office: Office,
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    set_rules(office, max_round=1, rework_workdays=10)
    office.revisit(solved=Solved.NO, result_score=1)
    with transaction():
        given = service.StepInput(
            comment="请领导小组牵头", level=2, owner_id=office.actor(Role.LEADER).user_id
        )
        service.propose(
            office.ticket, Event.REVISIT_REWORK, given, actor=office.actor(Role.OFFICE_DIRECTOR)
        )
    office.decide(Role.CHIEF)

    ticket = office.ticket
    assert (ticket.round, ticket.escalation_level) == (2, 2)
    assert ticket.due_at == ticket.rework_due_at == moment("2026-10-12T17:30")
    assert ticket.interim_due_at == moment("2026-09-29T17:30")
    assert len(ticket.revisits) == 1


def test_a_master_s_history_says_what_it_took_in_and_whom_else_to_call(office: Office) -> None:
    office.walk_to(Status.PENDING_ACCEPTANCE)
    master_id = office.merge_master()

    office.take(Event.MERGE, Role.DISPATCHER, master_id=master_id, same_matter=True)

    master = db.session.get_one(Ticket, master_id)
    taken = master.events[-1]
    assert taken.kind == Note.TOOK_IN
    assert taken.payload == {"number": office.ticket.number, "contact": "宋主任"}
    assert master.status is Status.PENDING_ACCEPTANCE


def test_a_hard_ticket_that_is_handled_again_gets_a_new_interim_date(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.open()
    office.take(Event.SUBMIT, Role.LIAISON)
    office.take(Event.ACCEPT, Role.DISPATCHER, complexity=Complexity.HARD)
    office.take(Event.DISPATCH, Role.OFFICE_DIRECTOR)
    office.take(Event.SIGN, Role.HANDLER)
    office.take(Event.FIRST_CONTACT, Role.HANDLER)
    frozen_clock.shift(timedelta(days=30))
    reply(office)
    approve(office)

    office.revisit(solved=Solved.NO, result_score=1)

    assert office.ticket.interim_due_at is not None
    assert office.ticket.interim_due_at > clock.now()
