"""Loading the invented township: a year of work through the real services, in order.

Every act is held at its moment and committed on its own, and the timetable runs as the clock
goes by. The clock of the demo is set going last of all: a load that was killed is told by it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial

from flask import current_app

from app import schedule
from app.core import clock
from app.core.transactions import transaction
from app.demo import service
from app.demo.service import (
    Act,
    Cast,
    Pace,
    beside,
    files,
    reading,
    shelves,
    stories,
    township,
    visiting,
)
from app.schedule import Job
from app.workdays.queries import calendar_of

FOUNDED = date(2025, 12, 30)
BEGINNING = clock.at(date(2026, 1, 1), time(0))
ANCHOR = clock.at(date(2026, 9, 30), time(9))
PROJECTS_LINKED = clock.at(date(2026, 9, 28), time(15, 20))
ALL_READ = clock.at(date(2026, 9, 29), time(8, 45))  # what is newer is still unread
SEED = 2026
BEAT = 20  # acts after which the load shows that it lives
#: Nothing of theirs is seen later: they tidy, or mend what does not happen in the year told.
NO_HISTORY = frozenset(
    {
        "tidy-accounts",
        "tidy-tickets",
        "anchor-audit",
        "forget-forms",
        "forget-runs",
        "sweep-files",
        "read-bounces",
        "vacate-seats",
        "recompute-due",
        "hand-on-readers",
        "carry-out-handovers",
    }
)
SELDOM = "0 9,12,15,18 * * *"  # how often that is enough which else runs at every tick
PAST = tuple(
    job if job.slot else replace(job, travel=SELDOM)
    for job in schedule.TIMETABLE
    if job.name not in NO_HISTORY
)

Tell = Callable[[str], None]


def load(password_hash: str, *, tell: Tell) -> None:
    """Tell the whole year, and set the demo's clock going. `tell` hears how far it is.

    Its mail goes to the folder, whatever server is set: nobody lives at those addresses.
    """
    server = current_app.config["SMTP_HOST"]
    current_app.config["SMTP_HOST"] = ""
    try:
        _tell_year(password_hash, tell)
    finally:
        current_app.config["SMTP_HOST"] = server


def _tell_year(password_hash: str, tell: Tell) -> None:
    cast = Cast()
    for act in _founding(cast, password_hash):
        _do(act)
    agenda = _agenda(cast)
    coming, month = deque(schedule.slots_between(BEGINNING, ANCHOR, PAST)), 1
    for done, act in enumerate(agenda):
        _pass_time(coming, act.moment)
        _do(act)
        if done % BEAT == 0:
            _show_life(cast)
        if clock.local(act.moment).month > month:
            tell(f"  {month} of 9 months, {done} of {len(agenda)} steps")
            month += 1
    _pass_time(coming, ANCHOR)
    with transaction():
        service.set_going(cast.tenant_id, ANCHOR)
    tell(f"  9 of 9 months, {len(agenda)} of {len(agenda)} steps")


def _show_life(cast: Cast) -> None:
    with transaction():
        service.beat(cast.tenant_id)


def _founding(cast: Cast, password_hash: str) -> Iterator[Act]:
    """Return what is done before the year begins."""
    told = files.read()
    steps: tuple[Callable[[], None], ...] = (
        partial(township.open_house, cast, told),
        partial(township.hire, cast, told, password_hash),
        partial(township.put_in_charge, cast, told),
        partial(shelves.fill, cast),
        partial(township.open_files, cast, told),
        partial(township.welcome_customers, cast, told, password_hash),
        partial(township.begin_projects, cast, told),
        partial(beside.begin, cast),
    )
    for hour, step in zip((8, 9, 10, 11, 14, 15, 16, 17), steps, strict=True):
        yield Act(clock.at(FOUNDED, time(hour)), step)


def _agenda(cast: Cast) -> list[Act]:
    """Return all that people do in the year, in order."""
    calendar = calendar_of(cast.tenant_id)
    told = files.read()
    acts, heard = stories.tell(told.tickets, cast, Pace(calendar, SEED))
    acts += visiting.plan(cast, Pace(calendar, SEED + 1), heard)
    acts += reading.plan(cast, Pace(calendar, SEED + 2))
    acts.append(Act(PROJECTS_LINKED, partial(township.link_projects, cast, told)))
    acts.append(Act(ALL_READ, partial(township.read_messages, cast)))
    return sorted(acts, key=lambda act: act.moment)


def _do(act: Act) -> None:
    with clock.held(act.moment), transaction():
        act.run()


def _pass_time(coming: deque[tuple[datetime, Job]], until: datetime) -> None:
    """Run what of the timetable comes until a moment, and take it from what is coming."""
    while coming and coming[0][0] <= until:
        moment, job = coming.popleft()
        with clock.held(moment):
            _run(job, moment)


def _run(job: Job, moment: datetime) -> None:
    """Run a job; the slots of the last days are claimed, so that no scheduler works them again."""
    if moment > ANCHOR - schedule.STILL_MATTERS:
        schedule.run_at(job, moment)
    else:
        job.run()
