"""What the clock does for visits: handovers, the tasks of a month, R1, what became overdue."""

from collections.abc import Iterator

from app.accounts import queries as people
from app.core import clock
from app.core.jobs import run_each
from app.core.transactions import transaction
from app.visits import queries, service
from app.visits.calendar import Month
from app.visits.queries import handover
from app.workdays import queries as workdays
from app.workdays.calendar import WorkCalendar


def generate_tasks() -> None:
    """Make the month's tasks from 06:00 of its first workday on, and those of later linkages."""
    for tenant_id, month, calendar in _months():
        if clock.now() >= month.generated_at(calendar):
            with transaction():
                service.generate_tasks(tenant_id, month.period)


def remind_r1() -> None:
    """From 08:35 of the first workday on, remind everybody who has somebody to visit.

    Each person is told once a month, however often this runs. A scheduler that was down makes
    it good until the middle of the month.
    """
    for tenant_id, month, calendar in _months():
        too_early = clock.now() < month.reminded_at(calendar)
        if too_early or not month.still_begins(clock.today(), calendar):
            continue

        def remind(user_id: int, period: str = month.period) -> None:
            service.remind_of_month(user_id, period)

        run_each(queries.remindable_ids(tenant_id, month.period), remind)


def carry_out_handovers() -> None:
    """Carry out the handovers whose day has come, each of them whole or not at all."""
    run_each(handover.due_handover_ids(clock.today()), service.carry_out_handover)


def close_overdue_tasks() -> None:
    """Note every task whose day has passed."""
    for tenant_id, _month, _calendar in _months():
        run_each(queries.overdue_ids(tenant_id, clock.today()), service.mark_overdue)


def _months() -> Iterator[tuple[int, Month, WorkCalendar]]:
    """Return the present month of every tenant, with the tenant's calendar."""
    month = Month.of(clock.today())
    for tenant_id in [tenant.id for tenant in people.tenants()]:
        yield tenant_id, month, workdays.calendar_of(tenant_id)
