from datetime import date

import pytest
import time_machine

from app.accounts import roles
from app.accounts.models import Tenant
from app.core.db import db
from app.core.transactions import transaction
from app.tickets import jobs
from app.tickets.workflow.states import Clock, DueReason, Note, Status
from app.workdays import service as workdays
from app.workdays.models import DayKind
from tests.office import Office, moment, open_office

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
