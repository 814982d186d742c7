"""Moving the demo's clock forward, day by day through the timetable. It never goes back."""

import time as machine
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app import schedule
from app.accounts.roles import Actor
from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import N_
from app.core.transactions import transaction
from app.demo import service
from app.demo.jobs.following import follow_clock

LIMIT = 400  # days at once
ARRIVAL = time(9)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trip:
    """From when to when the clock was moved, and how many days are still to go."""

    since: datetime
    until: datetime
    days: int
    left: int


def travel(
    to: date,
    *,
    actor: Actor,
    tell: Callable[[date], None] | None = None,
    seconds: float | None = None,
) -> Trip:
    """Move the office's clock to 09:00 of the day `to`; each day is committed on its own.

    On that day or after it, nothing happens. Stops at the end of a day once `seconds` are
    over. Raises Invalid for a day that is too far off, NotAllowed for whoever may not.
    """
    since, today = clock.now(), clock.today()
    if (to - today).days > LIMIT:
        raise Invalid(N_("一次最多拨 {n} 天，请选近一些的日子。"), field="to", n=LIMIT)
    begun, days = machine.monotonic(), 0
    while clock.today() < to:
        if seconds is not None and machine.monotonic() - begun > seconds:
            break
        _one_day(actor)
        days += 1
        if tell:
            tell(clock.today())
    return Trip(since, clock.now(), days, max(0, (to - clock.today()).days))


def _one_day(actor: Actor) -> None:
    """Run what the timetable has until the next morning, and arrive there."""
    now = clock.now()
    morning = clock.at(clock.today() + DAY, ARRIVAL)
    for moment, job in schedule.slots_between(now, morning):
        with clock.held(moment):
            schedule.run_at(job, moment)
    with transaction():
        service.move(morning, actor=actor)
    follow_clock()
