"""What the clock does for leaders: digests, the reminder of them, and the figures of a month."""

from collections.abc import Iterator
from datetime import datetime, time

from app.accounts import queries as people
from app.accounts.roles import Role
from app.core import clock
from app.core.jobs import run_each
from app.reports import calendar, service
from app.reports.calendar import FROZEN_AT, SENT_AT, Week
from app.reports.queries import digests
from app.reports.workflow import Rule
from app.visits.calendar import Month
from app.workdays import queries as workdays
from app.workdays.calendar import WorkCalendar


def send_weekly() -> None:
    """From 08:35 of a week's first workday on, tell each leader what waits for them, once.

    A scheduler that was down makes it good until the week is over.
    """
    week = Week.of(clock.today())
    for tenant_id, working in _calendars():
        sends_at = week.sends_at(working)
        if sends_at is not None and _has_come(sends_at, working):
            _promise(tenant_id, Rule.WEEKLY, week.period, week.ends_at)


def send_monthly() -> None:
    """From 08:35 of the third workday on, tell each leader what waits for them, once a month."""
    for tenant_id, month, comes in _reported(SENT_AT):
        if comes:
            until = clock.at(month.following.following.first, time())
            _promise(tenant_id, Rule.MONTHLY, month.period, until)


def _promise(tenant_id: int, rule: Rule, period: str, until: datetime) -> None:
    def promise(user_id: int) -> None:
        service.promise(user_id, rule, period, until)

    run_each(digests.to_promise(tenant_id, rule, period), promise)


def remind_unread() -> None:
    """Remind, once and in the inbox, who has not confirmed a digest after two workdays."""
    now = clock.now()
    for tenant_id, working in _calendars():
        if not working.is_workday(clock.today()):
            continue
        due = [
            digest.id
            for digest in digests.unread(tenant_id, now)
            if now >= calendar.unread_by(digest.promised_at, working)
        ]
        run_each(due, service.remind)


def freeze_month() -> None:
    """From 06:00 of the third workday on, freeze the figures of the month before."""
    for tenant_id, month, comes in _reported(FROZEN_AT):
        if comes:

            def freeze(of: int, period: str = month.period) -> None:
                service.freeze(of, period)

            run_each([tenant_id], freeze)


def send_r10() -> None:
    """From 08:35 of the third workday on, tell the office's director that the draft is there."""
    for tenant_id, month, comes in _reported(SENT_AT):
        if not comes:
            continue

        def announce(user_id: int, period: str = month.period) -> None:
            service.announce(user_id, period)

        directors = people.users_with_role(tenant_id, [Role.OFFICE_DIRECTOR])
        run_each([one.id for one in directors], announce)


def _reported(hour: time) -> Iterator[tuple[int, Month, bool]]:
    """Return the month before the present one of each tenant, and whether it is time for it."""
    month = Month.of(clock.today()).preceding
    for tenant_id, working in _calendars():
        at = clock.at(calendar.reported_on(month, working), hour)
        yield tenant_id, month, _has_come(at, working)


def _has_come(at: datetime, working: WorkCalendar) -> bool:
    """Tell whether a moment has come, on a day that is worked: nobody is written to on a holiday.

    What was slept through is made good on the next workday, and not before the hour of the day.
    """
    now, today = clock.now(), clock.today()
    hour = clock.local(at).time()
    return working.is_workday(today) and now >= max(at, clock.at(today, hour))


def _calendars() -> Iterator[tuple[int, WorkCalendar]]:
    for tenant_id in [tenant.id for tenant in people.tenants()]:
        yield tenant_id, workdays.calendar_of(tenant_id)
