"""What the clock does for service days: they are announced, and their end is told."""

from app.accounts import queries as people
from app.core import clock
from app.core.jobs import run_each
from app.servicedays import queries, service
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
