"""The edge of a month: until when a visit is recorded and a waiver asked for, and what is owed."""

from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import Tenant
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import Invalid
from app.core.transactions import transaction
from app.visits import jobs, queries, service
from app.visits.calendar import Month
from app.visits.models import ExemptGround, TaskState, VisitTask
from app.workdays.calendar import WorkCalendar
from tests import make
from tests.visits.town import Town, go_to, open_town

D = date.fromisoformat
MONTHS = st.builds(Month, st.integers(2024, 2030), st.integers(1, 12))
DAY = timedelta(days=1)


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


@given(MONTHS, st.integers(0, 15))
def test_late_entries_are_taken_for_as_many_working_days_as_the_parameter_says(
    month: Month, workdays: int
) -> None:
    calendar = WorkCalendar()

    until = month.late_entry_until(calendar, workdays)

    days = (month.last + n * DAY for n in range(1, (until - month.last).days + 1))
    assert sum(calendar.is_workday(day) for day in days) == workdays
    assert workdays == 0 or calendar.is_workday(until)
    assert until >= month.last


@given(MONTHS)
def test_what_is_due_in_a_month_is_due_on_its_last_working_day(month: Month) -> None:
    calendar = WorkCalendar()

    due = month.due_on(calendar)

    assert Month.of(due) == month
    assert calendar.is_workday(due)
    after = [due + n * DAY for n in range(1, (month.last - due).days + 1)]
    assert not any(calendar.is_workday(day) for day in after)
    assert due < month.late_entry_until(calendar, 5)


def ask(actor: Actor) -> None:
    with transaction():
        task = db.session.scalars(select(VisitTask)).one()
        service.ask_exemption(task, ExemptGround.STOPPED, "停产检修", version=None, actor=actor)


@pytest.mark.parametrize(
    ("today", "by", "taken"),
    [
        ("2026-09-30", "visitor", True),
        ("2026-10-08", "visitor", True),  # the first working day of October
        ("2026-10-13", "visitor", True),  # the fifth
        ("2026-10-14", "visitor", False),
        ("2026-10-14", "office", True),
        ("2027-01-04", "office", True),
    ],
)
def test_a_waiver_is_asked_for_as_long_as_a_visit_may_be_recorded(
    town: Town, frozen_clock: time_machine.Traveller, today: str, by: str, *, taken: bool
) -> None:
    town.generate("2026-09")
    go_to(frozen_clock, today)
    jobs.close_overdue_tasks()
    actor = town.liaison if by == "visitor" else town.clerk

    if not taken:
        with pytest.raises(Invalid, match="10月13日"):
            ask(actor)
        assert not town.task().awaits_decision
        return
    ask(actor)

    assert town.task().awaits_decision


@pytest.mark.parametrize("workdays", [0, 1, 15])
def test_how_long_is_the_tenant_s_to_say(
    town: Town, frozen_clock: time_machine.Traveller, workdays: int
) -> None:
    with transaction():
        db.session.get_one(Tenant, town.tenant_id).settings = {"late_entry_workdays": workdays}
    town.generate("2026-09")
    last = {0: "2026-09-30", 1: "2026-10-08", 15: "2026-10-27"}[workdays]

    go_to(frozen_clock, (D(last) + DAY).isoformat())
    with pytest.raises(Invalid):
        town.record(visited_on=D("2026-09-29"))
    go_to(frozen_clock, last)
    visit = town.record(visited_on=D("2026-09-29"))

    assert visit.late_entry == (workdays > 0)
    assert town.task().is_done


@pytest.mark.parametrize(
    ("ended", "state"),
    [
        ("2026-09-29", TaskState.CANCELLED),
        ("2026-09-30", TaskState.OVERDUE),  # it held to the last working day, and owed its visit
        ("2026-10-08", TaskState.OVERDUE),
    ],
)
def test_a_linkage_that_held_to_the_end_of_the_month_owed_its_visit(
    town: Town, frozen_clock: time_machine.Traveller, ended: str, state: TaskState
) -> None:
    town.generate("2026-09")
    with transaction():
        town.linkage.valid_to = D(ended)
    go_to(frozen_clock, "2026-10-09")

    jobs.generate_tasks()
    jobs.close_overdue_tasks()

    assert town.task("2026-09").state is state


def test_a_visit_on_the_last_day_of_a_month_counts_for_it_and_for_no_other(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-31")  # a Saturday, after the last working day
    town.generate("2026-10")
    jobs.close_overdue_tasks()
    assert town.task("2026-10").state is TaskState.OVERDUE

    visit = town.record()

    assert not visit.late_entry
    assert town.task("2026-10").is_done
    go_to(frozen_clock, "2026-11-02")
    town.generate("2026-11")
    assert town.task("2026-11").is_owed


def test_a_visit_that_comes_while_a_waiver_waits_completes_the_task_and_ends_the_request(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.generate("2026-09")
    ask(town.liaison)
    go_to(frozen_clock, "2026-10-09")

    town.record(visited_on=D("2026-09-30"))

    assert town.task("2026-09").is_done
    assert not queries.asked_exemptions(town.clerk)
    with pytest.raises(Invalid), transaction():
        service.decide_exemption(
            town.task("2026-09"), approve=True, answer="", version=None, actor=town.clerk
        )


def test_a_refusal_after_the_month_is_closed_leaves_it_overdue(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.generate("2026-09")
    ask(town.liaison)
    go_to(frozen_clock, "2026-10-20")
    jobs.close_overdue_tasks()

    with transaction():
        task = db.session.scalars(select(VisitTask)).one()
        service.decide_exemption(
            task, approve=False, answer="仍在生产", version=None, actor=town.clerk
        )

    assert town.task("2026-09").state is TaskState.OVERDUE
    assert queries.completion("2026-09", viewer=town.clerk).d == 1
    assert make.the_tenant().id == town.tenant_id
