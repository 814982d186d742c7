"""What the clock does for service days: they are announced, and their end is told."""

from collections.abc import Sequence

from app.accounts import queries as people
from app.core import clock
from app.core.jobs import run_each
from app.servicedays import queries, service
from app.servicedays.service.letters import in_one_line
from app.visits import jobs as visits
from app.visits.calendar import Month
from app.workdays import queries as workdays


def announce() -> None:
    """From 08:35 of the third working day before a day on, announce it: once to each.

    A scheduler that was down makes it good until the day begins; nobody is told on a day off.
    """
    today = clock.today()
    for tenant_id in [tenant.id for tenant in people.tenants()]:
        working = workdays.calendar_of(tenant_id)
        if working.is_workday(today):
            workdays_before = people.tenant(tenant_id).parameters.service_day_notice
            until = working.add(today, workdays_before)
            run_each(queries.to_announce(tenant_id, today, until), service.announce)


def tell_finished() -> None:
    """Tell the host of a day, once, that everything that was received on it is closed.

    Visits of the day that were recorded late are taken in before.
    """
    run_each(queries.to_complete(), service.complete)
    run_each(queries.to_finish(), service.finish)


def remind_r1() -> None:
    """Send R1 with the service days of the month, which the visits below know nothing of."""
    visits.remind_r1(_of_month)


def _of_month(tenant_id: int, month: Month) -> Sequence[str]:
    return [in_one_line(day) for day in queries.still_in(tenant_id, month.first, month.last)]
