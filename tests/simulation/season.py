"""Three months of an office: what the people do and what the timetable does, in one order."""

import heapq
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

import time_machine
from sqlalchemy import select

from app import schedule
from app.accounts.models import Absence
from app.core import clock
from app.core.db import db
from app.schedule import Job
from app.tickets.models import Ticket
from tests.simulation.lives import Lives
from tests.simulation.town import Town, found

FROM, TO = date(2026, 9, 1), date(2026, 12, 1)
COMING_IN = 60  # days, from the first, in which problems are handed in
LADDER, COVER, SIGN = "climb-ladder", "cover-absences", "auto-sign"
SIGNS_AT = (10, 16)  # hours at which the timetable signs: every half hour would prove no more
#: What the timetable does that has to do with tickets; mail leaves no house in a test.
JOBS = frozenset(
    {
        LADDER,
        "turn-absences",
        COVER,
        "resume-due",
        "close-unanswered",
        "archive-old",
        "recompute-due",
        "remind-co-tasks",
        "mail-urges",
        SIGN,
        "anchor-audit",
    }
)


@dataclass
class Season:
    """What happened; `climbed` are the moments of the ladder's runs."""

    town: Town
    lives: Lives
    ticket_ids: list[int] = field(default_factory=list)
    climbed: list[datetime] = field(default_factory=list)
    ran_twice: list[str] = field(default_factory=list)
    with_the_absent: list[int] = field(default_factory=list)


def live(traveller: time_machine.Traveller, *, seed: int, tickets: int) -> Season:
    """Let the office live from the first of September to the first of December."""
    dice = Random(seed)  # noqa: S311 - the same dice in every run
    begins, ends = clock.at(FROM, time(7)), clock.at(TO, time(7))
    traveller.move_to(begins)
    town = found(dice)
    season = Season(town, Lives(town, dice))
    agenda: list[tuple[datetime, int, int | Job]] = [
        (moment, place, job)
        for place, (moment, job) in enumerate(_slots(begins, ends))
        if job.name in JOBS and (job.name != SIGN or _signs(moment))
    ]
    coming = sorted(
        _hour(dice, FROM + timedelta(days=dice.randrange(COMING_IN))) for _ in range(tickets)
    )
    agenda += [(moment, -n - 1, -n - 1) for n, moment in enumerate(coming)]
    heapq.heapify(agenda)
    places = 10**6
    while agenda and agenda[0][0] < ends:
        moment, _place, what = heapq.heappop(agenda)
        traveller.move_to(moment)
        if isinstance(what, Job):
            _run(season, what, moment)
            continue
        goes_on = True
        if what < 0:
            what = season.lives.hand_in(-what)
            season.ticket_ids.append(what)
        else:
            goes_on = season.lives.look(what)
        if goes_on:
            places += 1
            heapq.heappush(agenda, (_later(dice, moment), places, what))
    traveller.move_to(ends)
    return season


def _slots(begins: datetime, ends: datetime) -> list[tuple[datetime, Job]]:
    """Return what the timetable does in the season; the ladder is climbed every hour."""
    found = [slot for slot in schedule.slots_between(begins, ends) if slot[1].name != LADDER]
    (climbs,) = (job for job in schedule.TIMETABLE if job.name == LADDER)
    hourly = schedule.moments(climbs.trigger, begins, ends)
    return sorted([*found, *((moment, climbs) for moment in hourly)], key=lambda slot: slot[0])


def _run(season: Season, job: Job, moment: datetime) -> None:
    """Run a slot of the timetable, and sometimes a second scheduler with it."""
    if job.name == LADDER:
        season.climbed.append(moment)
    schedule.run_at(job, moment)
    if job.name == COVER:
        season.with_the_absent += _with_the_absent()
        if season.lives.chance(40):
            season.lives.go_away()
    again = season.lives.chance(20)
    if again and job.slot and schedule.run_at(job, moment):
        season.ran_twice.append(job.name)
    elif again and job.name == LADDER:
        job.run()  # as after a lease that ran out: nothing happens a second time


def _signs(moment: datetime) -> bool:
    here = clock.local(moment)
    return here.minute == 0 and here.hour in SIGNS_AT


def _with_the_absent() -> list[int]:
    """Return the open tickets that lie with somebody who is away today."""
    today = clock.today()
    away = select(Absence.user_id).where(
        Absence.from_on <= today, Absence.to_on >= today, Absence.ended_at.is_(None)
    )
    lying = select(Ticket.id).where(Ticket.is_open, Ticket.handler_id.in_(away))
    return list(db.session.scalars(lying))


def _hour(dice: Random, day: date) -> datetime:
    """Return some moment of a day, mostly of its work; none at which the timetable runs."""
    minute = dice.randrange(8 * 60 + 46, 17 * 60 + 29) if dice.randrange(20) else 19 * 60
    return clock.at(day, time(minute // 60, minute % 60, 13))


def _later(dice: Random, moment: datetime) -> datetime:
    """Return when somebody looks again: the same day, soon, or much too late."""
    days = dice.choice([0, 0, 0, 1, 1, 1, 2, 2, 3, 5, 8, 14])
    then = _hour(dice, clock.local(moment).date() + timedelta(days=days))
    return then if then > moment else moment + timedelta(minutes=37)
