"""What the clock does for visits: handovers, a month's tasks, reminders, what became overdue."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from app.accounts import queries as people
from app.core import clock
from app.core.jobs import run_each, run_pages, work_once
from app.core.transactions import transaction
from app.visits import queries, service
from app.visits.calendar import R1, R5, R12, TOLD_AHEAD, Month
from app.visits.queries import handover
from app.workdays import queries as workdays
from app.workdays.calendar import Occasion, WorkCalendar, may_remind, occasion_on


def generate_tasks() -> None:
    """Make the month's tasks from 06:00 of its first workday on, and those of later linkages."""
    for tenant_id, month, calendar in _months():
        if clock.now() >= month.generated_at(calendar):
            with transaction():
                service.generate_tasks(tenant_id, month.period)


#: What a letter of the month says of its service days, given the township and the month.
ServiceDays = Callable[[int, Month], Sequence[str]]


def no_service_days(_tenant_id: int, _month: Month) -> Sequence[str]:
    """Say nothing of service days: what keeps them stands above the visits."""
    return ()


def remind_r1(service_days: ServiceDays = no_service_days) -> None:
    """From the first workday on, remind everybody who has somebody to visit; look back once.

    Each person is told once a month, however often this runs. A scheduler that was down makes
    it good until the next reminder's day; who gets a target meanwhile is told too.
    """
    for tenant_id, month, calendar in _to_remind():
        if month.reminder_on(clock.today(), calendar) != R1:
            continue
        days = service_days(tenant_id, month)
        begin = partial(_begin_month, tenant_id, month.period, days)
        work_once(R5, _slot(tenant_id, month.preceding.period), partial(begin, look_back=True))
        begin(look_back=False)


def _begin_month(
    tenant_id: int, period: str, service_days: Sequence[str], *, look_back: bool
) -> bool:
    begun = service.begin_month(tenant_id, period, service_days, look_back=look_back)
    return run_pages(begun.user_ids, partial(service.remind_of_month, begun=begun))


def remind_unfinished() -> None:
    """In the middle and at the end of a month, remind of what has not been visited: R2 to R4.

    Each once; of those that were slept through only the last.
    """
    for tenant_id, month, calendar in _to_remind():
        rule = month.reminder_on(clock.today(), calendar)
        if rule in {None, R1}:
            continue
        count_down = partial(_count_down, tenant_id, month.period, str(rule))
        work_once(str(rule), _slot(tenant_id, month.period), count_down)


def _count_down(tenant_id: int, period: str, rule: str) -> bool:
    found = service.begin_countdown(tenant_id, period, rule)
    return run_pages(found.user_ids, partial(service.remind_of_unfinished, found=found))


def remind_integrity() -> None:
    """Two workdays before a holiday, remind everybody who visits of integrity (R12)."""
    for tenant_id, _month, calendar in _to_remind():
        occasion = occasion_on(calendar, clock.today())
        if occasion is None:
            continue
        slot = _slot(tenant_id, occasion.period)
        work_once(R12, slot, partial(_warn, tenant_id, occasion))


def _warn(tenant_id: int, occasion: Occasion) -> bool:
    found = service.begin_integrity(tenant_id, occasion)
    return run_pages(found.user_ids, partial(service.remind_of_integrity, found=found))


def invite_firms() -> None:
    """Tell enterprises of the visits that are planned for the next workdays, each plan once."""
    today = clock.today()
    for tenant_id, _month, calendar in _months():
        last = calendar.add(today, TOLD_AHEAD)
        run_each(queries.to_tell_ids(tenant_id, first=today, last=last), service.invite)


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


def _to_remind() -> Iterator[tuple[int, Month, WorkCalendar]]:
    """Return the present month of every tenant in which mail may go out now."""
    for tenant_id, month, calendar in _months():
        if may_remind(calendar, clock.now()):
            yield tenant_id, month, calendar


def _slot(tenant_id: int, period: str) -> str:
    return f"{tenant_id}/{period}"
