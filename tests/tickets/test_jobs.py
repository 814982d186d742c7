"""What the timetable does by itself: T09, T17, T24, T26 and the ladder."""

from datetime import timedelta

import pytest
import time_machine

from app.accounts.roles import Role
from app.core.transactions import transaction
from app.tickets import jobs, service
from app.tickets.models import TicketEvent
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Closing, Event, Note, Solved, Status
from tests.office import Office, moment, open_office
from tests.tickets.refusals import set_rules

pytestmark = pytest.mark.usefixtures("app")
SECOND = timedelta(seconds=1)

Clock = time_machine.Traveller


@pytest.fixture
def office() -> Office:
    return open_office()


def last(office: Office) -> TicketEvent:
    return office.ticket.events[-1]


def test_what_nobody_signed_in_time_signs_itself_once(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.PENDING_SIGN)
    frozen_clock.move_to(office.ticket.sign_due_at)
    jobs.auto_sign()
    assert office.ticket.status is Status.PENDING_SIGN

    frozen_clock.shift(SECOND)
    jobs.auto_sign()
    jobs.auto_sign()

    ticket = office.ticket
    assert (ticket.status, ticket.signed_late) == (Status.IN_PROGRESS, True)
    assert (last(office).actor_id, last(office).actor_role) == (None, Role.SYSTEM)
    assert [e.kind for e in ticket.events].count(Event.AUTO_SIGN) == 1


def test_an_open_return_stops_the_signing_until_it_is_decided(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_SIGN)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    frozen_clock.move_to(moment("2026-09-23T09:00"))
    jobs.auto_sign()
    assert office.ticket.status is Status.PENDING_SIGN

    office.decide(Role.OFFICE_DIRECTOR, approve=False)
    jobs.auto_sign()

    assert office.ticket.status is Status.IN_PROGRESS


def test_a_return_that_was_taken_back_stops_nothing(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.PENDING_SIGN)
    proposal = office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    with transaction():
        service.withdraw(proposal, actor=office.actor(Role.DEPT_HEAD))
    frozen_clock.move_to(moment("2026-09-23T09:00"))

    jobs.auto_sign()

    assert office.ticket.status is Status.IN_PROGRESS


def test_a_suspended_ticket_goes_on_upon_its_review_day(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.SUSPENDED)  # until 20 November, sixty days on
    frozen_clock.move_to(moment("2026-11-19T23:59"))
    jobs.resume_due()
    assert office.ticket.status is Status.SUSPENDED

    frozen_clock.move_to(moment("2026-11-20T06:00"))
    jobs.resume_due()
    jobs.resume_due()

    assert office.ticket.status is Status.IN_PROGRESS
    assert office.ticket.due_at == moment("2026-11-27T17:30")
    assert [e.kind for e in office.ticket.events].count(Event.RESUME) == 1


def test_what_was_renewed_stays_suspended(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.SUSPENDED)
    frozen_clock.move_to(moment("2026-11-19T10:00"))
    with transaction():
        service.renew_suspension(
            office.ticket,
            moment("2026-12-20T00:00").date(),
            "规划还没有批复",
            actor=office.actor(Role.OFFICE_DIRECTOR),
        )
    frozen_clock.move_to(moment("2026-11-20T06:00"))

    jobs.resume_due()

    assert office.ticket.status is Status.SUSPENDED


def test_what_is_closed_is_archived_after_thirty_days(office: Office, frozen_clock: Clock) -> None:
    closed_at = office.walk_to(Status.CLOSED).closed_at
    assert closed_at is not None
    frozen_clock.move_to(closed_at + timedelta(days=30))
    jobs.archive_old()
    assert office.ticket.status is Status.CLOSED

    frozen_clock.shift(SECOND)
    jobs.archive_old()
    jobs.archive_old()

    assert office.ticket.status is Status.ARCHIVED
    assert len(office.ticket.snapshot_hash) == 64


def test_a_link_unanswered_for_ten_working_days_closes_the_ticket(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    link = ContactChannel.LINK
    office.revisit(reached=False, channel=link, solved=None, result_score=None)
    frozen_clock.move_to(moment("2026-10-12T17:30"))
    jobs.close_unanswered()
    assert office.ticket.status is Status.PENDING_REVISIT

    frozen_clock.shift(SECOND)
    jobs.close_unanswered()

    assert (office.ticket.status, office.ticket.closing) == (Status.CLOSED, Closing.UNREACHABLE)


def test_who_answered_or_was_only_called_is_not_closed_by_the_timetable(
    office: Office, frozen_clock: Clock
) -> None:
    set_rules(office, max_round=1)
    office.walk_to(Status.PENDING_REVISIT)
    office.revisit(reached=False, solved=None, result_score=None)
    called = office.ticket_id
    office.walk_to(Status.PENDING_REVISIT)
    link = ContactChannel.LINK
    office.revisit(reached=False, channel=link, solved=None, result_score=None)
    office.revisit(channel=link, solved=Solved.NO, result_score=1)
    frozen_clock.move_to(moment("2026-11-20T09:00"))

    jobs.close_unanswered()

    assert office.ticket.status is Status.PENDING_REVISIT
    office.ticket_id = called
    assert office.ticket.status is Status.PENDING_REVISIT


def test_the_ladder_is_climbed_on_working_days_only_and_each_step_once(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.IN_PROGRESS)  # due on 29 September; yellow on the 28th
    told = {Note.URGED, Note.OVERDUE_NOTICE, Note.SUPERVISED}
    climbed: list[tuple[str, str]] = []
    day = moment("2026-09-21T08:45")
    while day < moment("2026-10-16T08:45"):
        frozen_clock.move_to(day)
        before = len(office.ticket.events)
        jobs.climb_ladder()
        jobs.climb_ladder()
        new = office.ticket.events[before:]
        climbed += [(f"{day:%m-%d}", e.kind + e.payload.get("level", "")) for e in new]
        assert {Note(e.kind) for e in new} <= told
        day += timedelta(days=1)

    assert climbed == [
        ("09-28", "urged"),
        ("09-30", "overdue_notice"),
        ("10-08", "supervisedblue"),
        ("10-10", "supervisedorange"),  # a Saturday that is worked
        ("10-13", "supervisedred"),
    ]


def test_a_ticket_whose_reopening_is_undecided_is_not_archived(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.CLOSED)
    office.propose(Event.REOPEN, Role.DISPATCHER)
    frozen_clock.shift(timedelta(days=31))

    jobs.archive_old()

    assert office.ticket.status is Status.CLOSED


def test_a_ticket_is_archived_only_when_it_can_no_longer_be_reopened(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.CLOSED)
    set_rules(office, reopen_days=60)
    frozen_clock.shift(timedelta(days=59))
    jobs.archive_old()
    assert office.ticket.status is Status.CLOSED

    frozen_clock.shift(timedelta(days=2))
    jobs.archive_old()

    assert office.ticket.status is Status.ARCHIVED
