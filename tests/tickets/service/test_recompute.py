from datetime import date

import pytest
import time_machine

from app.accounts import roles
from app.accounts.models import Tenant
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import jobs, service
from app.tickets.workflow.states import Clock, DueReason, Event, Note, Status
from app.workdays import service as workdays
from app.workdays.models import DayKind
from tests.office import Office, moment, open_office, reply

HOLIDAYS = [date(2027, 1, 1), date(2027, 1, 4)]


@pytest.fixture
def office(app: object, frozen_clock: time_machine.Traveller) -> Office:
    """Dispatch a ticket on 28 December 2026: five working days reach into 2027."""
    del app
    office = open_office()
    frozen_clock.move_to(moment("2026-12-28T09:00"))
    office.walk_to(Status.PENDING_SIGN)
    return office


def publish(office: Office, holidays: list[date]) -> None:
    """Enter the official calendar of 2027, as the administrator does."""
    admin = office.people[roles.Role.SYS_ADMIN]
    for day in holidays:
        with transaction():
            workdays.set_day(day, DayKind.HOLIDAY, "元旦", reason="通知", version=None, actor=admin)
    with transaction():
        version = db.session.get_one(Tenant, office.tenant_id).version
        workdays.confirm_year(2027, source="国办发明电", version=version, actor=admin)


def beside(office: Office, which: Clock) -> list[tuple[DueReason, bool]]:
    """Return the rows of a clock that is kept beside the ticket."""
    return [(c.reason, c.confirmed) for c in office.ticket.due_history if c.clock is which]


def newest(office: Office) -> tuple[DueReason, bool]:
    found = [c for c in office.ticket.due_history if c.clock is Clock.HANDLE][-1]
    return found.reason, found.confirmed


def test_a_deadline_in_a_year_without_a_calendar_is_marked_unconfirmed(office: Office) -> None:
    assert office.ticket.due_at == moment("2027-01-04T17:30")
    assert newest(office) == (DueReason.STARTED, False)


def test_when_the_calendar_comes_the_deadline_is_counted_again_once(office: Office) -> None:
    publish(office, HOLIDAYS)

    jobs.recompute_due()
    jobs.recompute_due()

    assert office.ticket.due_at == moment("2027-01-06T17:30")
    assert newest(office) == (DueReason.CALENDAR, True)
    assert [e.kind for e in office.ticket.events].count(Note.DUE_RECOMPUTED) == 1


def test_a_deadline_is_never_moved_earlier(office: Office) -> None:
    admin = office.people[roles.Role.SYS_ADMIN]
    with transaction():
        workdays.set_day(
            date(2027, 1, 2), DayKind.MAKEUP, "调休", reason="通知", version=None, actor=admin
        )
    publish(office, [])

    jobs.recompute_due()

    assert office.ticket.due_at == moment("2027-01-04T17:30")
    assert newest(office) == (DueReason.CALENDAR, True)


def test_while_the_year_is_unknown_nothing_moves(office: Office) -> None:
    jobs.recompute_due()

    assert newest(office) == (DueReason.STARTED, False)


def test_the_limits_of_co_units_and_notes_are_counted_again_once_too(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    with transaction():
        heads = office.actor(roles.Role.DEPT_HEAD)
        service.add_co_unit(office.ticket, office.other_unit_id, "请一起看", actor=heads)
    frozen_clock.move_to(moment("2026-12-29T09:00"))
    with transaction():
        third = office.more["vertical head"].unit_id
        service.add_co_unit(office.ticket, third, "请一起看", actor=heads)
    (sooner, later) = office.ticket.co_tasks
    assert (sooner.due_at, later.due_at) == (
        moment("2026-12-31T17:30"),
        moment("2027-01-01T17:30"),  # nobody knows yet that it is a holiday
    )
    frozen_clock.move_to(moment("2026-12-31T09:00"))
    publish(office, HOLIDAYS)

    jobs.recompute_due()
    jobs.recompute_due()

    (sooner, later) = office.ticket.co_tasks
    assert sooner.due_at == moment("2026-12-31T17:30")
    assert later.due_at == moment("2027-01-05T17:30")
    assert beside(office, Clock.CO_TASK) == [
        (DueReason.STARTED, True),
        (DueReason.STARTED, False),
        (DueReason.CALENDAR, True),
    ]


def test_the_answer_to_a_note_is_counted_again(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.take(Event.SIGN, roles.Role.HANDLER)
    frozen_clock.move_to(moment("2027-01-06T09:00"))
    with transaction():
        service.climb(office.ticket_id)
    (note,) = office.ticket.supervision_notes
    assert note.answer_due_at == moment("2027-01-08T17:30")
    publish(office, [date(2027, 1, 8)])

    jobs.recompute_due()
    jobs.recompute_due()

    (note,) = office.ticket.supervision_notes
    assert note.answer_due_at == moment("2027-01-11T17:30")
    assert beside(office, Clock.SUPERVISION) == [
        (DueReason.STARTED, False),
        (DueReason.CALENDAR, True),
    ]


def test_the_review_of_a_suspension_is_a_day_and_stays(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.take(Event.SIGN, roles.Role.HANDLER)
    office.propose(Event.APPROVE_SUSPENSION, roles.Role.DEPT_HEAD, next_review_on=date(2027, 1, 4))
    office.decide(roles.Role.OFFICE_DIRECTOR)
    office.decide(roles.Role.CHIEF)
    frozen_clock.move_to(moment("2026-12-30T09:00"))
    publish(office, HOLIDAYS)

    jobs.recompute_due()

    assert office.ticket.next_review_on == date(2027, 1, 4)
    assert beside(office, Clock.SUSPENSION) == [(DueReason.STARTED, False)]


def test_what_is_over_or_was_counted_by_an_official_calendar_stays(
    office: Office, frozen_clock: time_machine.Traveller
) -> None:
    office.take(Event.CANCEL, roles.Role.OFFICE_DIRECTOR)
    over = office.ticket_id
    frozen_clock.move_to(moment("2026-12-21T09:00"))
    office.walk_to(Status.PENDING_SIGN)
    assert newest(office) == (DueReason.STARTED, True)  # due in the year that is known
    publish(office, HOLIDAYS)

    jobs.recompute_due()

    assert newest(office) == (DueReason.STARTED, True)
    office.ticket_id = over
    assert newest(office) == (DueReason.STARTED, False)
    assert office.ticket.due_at == moment("2027-01-04T17:30")


def test_a_deadline_is_counted_again_while_its_clock_stands_still(office: Office) -> None:
    office.take(Event.SIGN, roles.Role.HANDLER)
    office.take(Event.FIRST_CONTACT, roles.Role.HANDLER)
    reply(office)
    publish(office, HOLIDAYS)

    jobs.recompute_due()

    assert office.ticket.due_at == moment("2027-01-06T17:30")
    assert office.ticket.status is Status.PENDING_REVIEW
