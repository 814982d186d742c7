"""The timetable: everything the product does by itself, on one screen.

Nothing is remembered here. A tick wakes what is due; each run first claims its slot, and the
work looks at the database for what is to be done and not yet done. So a scheduler that slept,
one that was killed, a second one and a clock that was set back are all the same case.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.cron import CronTrigger
from flask import Flask

from app.accounts import jobs as accounts
from app.attachments import jobs as attachments
from app.core import beats, clock, jobs
from app.notifications import jobs as notifications
from app.portal import jobs as portal
from app.reports import jobs as reports
from app.servicedays import jobs as servicedays
from app.tickets import jobs as tickets
from app.visits import jobs as visits

log = logging.getLogger(__name__)

DAILY = "%Y-%m-%d"
HOURLY = "%Y-%m-%d %H"
MINUTES = "%Y-%m-%d %H:%M"
TICK = 20.0  # seconds
STILL_MATTERS = timedelta(days=3)  # a slot that was slept through longer ago is not made up
LOOK_BACK = (timedelta(hours=1), timedelta(days=1), STILL_MATTERS)
INSTANT = timedelta(microseconds=1)
TENTHS = "%Y-%m-%d %H:%M"
EACH_TICK = ""
OFTEN = "* * * * *"
OFFICE_HOURS = "*/30 8-18 * * *"
TEN_BY_TEN = "*/10 8-17 * * *"


@dataclass(frozen=True, slots=True)
class Job:
    """A function and when it runs, in the crontab notation, office time.

    `slot` names one run of it, in the notation of `strftime`; a slot is worked once. Work
    without a slot claims each of its items itself, and runs at every tick: so a clock that is
    set back does not silence it. `travel` says how often it runs while a demo clock is moved.
    """

    name: str
    run: Callable[[], None]
    when: str
    slot: str = DAILY
    travel: str = ""
    trigger: CronTrigger = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        trigger = CronTrigger.from_crontab(self.when, timezone=clock.LOCAL)
        object.__setattr__(self, "trigger", trigger)


# fmt: off
TIMETABLE = (
    #   name                   what                         when (name weekdays)
    Job("turn-absences",       accounts.turn_absences,      "0 0 * * *"),
    Job("cover-absences",      tickets.cover_absences,      "0 0 * * *"),
    Job("hand-on-readers",     tickets.hand_on_readers,     "0 0 * * *"),
    Job("carry-out-handovers", visits.carry_out_handovers,  "0 * * * *", HOURLY, "0 0 * * *"),
    Job("generate-tasks",      visits.generate_tasks,       "0 6 * * *"),
    Job("close-overdue-tasks", visits.close_overdue_tasks,  "10 6 * * *"),
    Job("resume-due",          tickets.resume_due,          "20 6 * * *"),
    Job("close-unanswered",    tickets.close_unanswered,    "30 6 * * *"),
    Job("draw-spot-checks",    tickets.draw_spot_checks,    "35 6 * * *"),
    Job("ask-for-ratings",     tickets.ask_for_ratings,     TEN_BY_TEN, MINUTES, "40 8 * * *"),
    Job("tell-unreached",      tickets.tell_unreached,      TEN_BY_TEN, MINUTES, "50 8 * * *"),
    Job("archive-old",         tickets.archive_old,         "40 6 * * *"),
    Job("end-common",          tickets.end_common,          "42 6 * * *"),
    Job("tidy-accounts",       accounts.tidy,               "45 6 * * *"),
    Job("tidy-tickets",        tickets.tidy,                "45 6 * * *"),
    Job("tidy-guesses",        portal.tidy,                 "45 6 * * *"),
    Job("empty-letters",       portal.empty_letters,        "48 6 * * *"),
    Job("forget-forms",        accounts.forget_forms,       "15 3 * * *"),
    Job("forget-runs",         accounts.forget_runs,        "20 3 * * *"),
    Job("sweep-files",         attachments.sweep,           "25 3 * * *"),
    Job("anchor-audit",        accounts.anchor_audit,       "50 6 * * *"),
    Job("vacate-seats",        tickets.vacate_seats,        "2 * * * *", HOURLY, "2 7 * * *"),
    Job("recompute-due",       tickets.recompute_due,       "5 * * * *", HOURLY, "5 7 * * *"),
    Job("remind-co-tasks",     tickets.remind_co_tasks,     "20 8 * * *"),
    Job("climb-ladder",        tickets.climb_ladder,        "45 8-16 * * *", HOURLY, "45 8 * * *"),
    Job("mail-urges",          tickets.mail_urges,          "50 8-16 * * *", HOURLY, "50 8 * * *"),
    Job("remind-r1",           servicedays.remind_r1,       "35 8 * * *"),
    Job("freeze-month",        reports.freeze_month,        "0 6 * * *"),
    Job("send-weekly",         reports.send_weekly,         "35 8 * * *"),
    Job("send-monthly",        reports.send_monthly,        "35 8 * * *"),
    Job("send-r10",            reports.send_r10,            "35 8 * * *"),
    Job("remind-unread",       reports.remind_unread,       "35 8 * * *"),
    Job("remind-unfinished",   visits.remind_unfinished,    "35 8 * * *"),
    Job("remind-integrity",    visits.remind_integrity,     "35 8 * * *"),
    Job("remind-week",         tickets.remind_week,         "35 8 * * *"),
    Job("remind-due",          tickets.remind_due,          "35 8 * * *"),
    Job("remind-calls",        tickets.remind_calls,        "35 8 * * *"),
    Job("remind-reviews",      tickets.remind_reviews,      "35 8 * * *"),
    Job("invite-firms",        visits.invite_firms,         "40 8 * * *"),
    Job("announce-service-days", servicedays.announce,   "35 8 * * *"),
    Job("finish-service-days", servicedays.tell_finished, "55 8-17 * * *", HOURLY, "55 8 * * *"),
    Job("read-bounces",        notifications.read_bounces,  "*/10 * * * *", MINUTES, "20 8 * * *"),
    Job("auto-sign",           tickets.auto_sign,           OFTEN, EACH_TICK, OFFICE_HOURS),
    Job("deliver-messages",    notifications.deliver_due,   OFTEN, EACH_TICK, OFFICE_HOURS),
)
# fmt: on


def moments(when: CronTrigger, after: datetime, through: datetime) -> Iterator[datetime]:
    """Return the moments at which a trigger fires, later than `after` and not after `through`."""
    moment = when.get_next_fire_time(None, clock.local(after) + INSTANT)
    while moment is not None and moment <= through:
        yield moment.astimezone(UTC)
        moment = when.get_next_fire_time(moment, moment + INSTANT)


def next_moment(job: Job, now: datetime) -> datetime | None:
    """Return when `job` comes next, as its line says; None if never."""
    moment = job.trigger.get_next_fire_time(None, clock.local(now) + INSTANT)
    return moment.astimezone(UTC) if moment else None


def due_slot(job: Job, now: datetime) -> str | None:
    """Return the newest slot of `job` that has come, if it still matters and was never finished.

    Earlier slots that were slept through are not worked one by one: what they would have
    done is found in the database by the newest.
    """
    for back in LOOK_BACK:
        come = list(moments(job.trigger, now - back, now))
        if come:
            slot = slot_name(job, come[-1])
            return None if jobs.is_finished(job.name, slot) else slot
    return None


def slot_name(job: Job, moment: datetime) -> str:
    """Return what the run of `job` at `moment` is claimed under."""
    return clock.local(moment).strftime(job.slot)


def run_due() -> list[str]:
    """Run all that is due at the office's moment, in order, each slot once.

    Return the names of the jobs that ran. One that fails stops no other.
    """
    return [job.name for job in TIMETABLE if _run(job)]


def _run(job: Job) -> bool:
    if not job.slot:
        return _attempt(job)
    slot = due_slot(job, clock.now())
    return slot is not None and jobs.run_slot(job.name, slot, job.run)


def run_at(job: Job, moment: datetime) -> bool:
    """Run the slot of `job` at `moment`, while the office's clock is held there by the caller."""
    if not job.slot:
        return _attempt(job)
    return jobs.run_slot(job.name, slot_name(job, moment), job.run)


def slots_between(
    start: datetime, end: datetime, timetable: tuple[Job, ...] = ()
) -> list[tuple[datetime, Job]]:
    """Return what a clock comes by that is moved from `start` to `end`, in order.

    Later than `start`, not after `end`; jobs of one moment in the order of the timetable,
    which is ours if no other is given.
    """
    found = [
        (moment, place, job)
        for place, job in enumerate(timetable or TIMETABLE)
        for moment in moments(_while_travelling(job), start, end)
    ]
    return [(moment, job) for moment, _place, job in sorted(found, key=lambda slot: slot[:2])]


def _while_travelling(job: Job) -> CronTrigger:
    if not job.travel:
        return job.trigger
    return CronTrigger.from_crontab(job.travel, timezone=clock.LOCAL)


def _attempt(job: Job) -> bool:
    """Do work that claims its own items; a failure is noted, and tried again next time."""
    began, error = clock.machine_now(), ""
    try:
        job.run()
    except Exception as failure:
        log.exception("The job %s failed", job.name)
        error = jobs.described(failure)
    jobs.note_run(job.name, began, error=error)
    return not error


class Scheduler:
    """Wakes the timetable again and again, in a thread of its own.

    It waits by a clock that cannot be set, so that a machine's clock that is set back
    silences nothing. Several of them do no harm. `before` is asked ahead of each tick: there
    a demo sets the office's clock, or says that nothing may run yet.
    """

    def __init__(
        self, app: Flask, *, before: Callable[[], bool] | None = None, every: float = TICK
    ) -> None:
        self._app = app
        self._before = before
        self._every = every
        self._stopped = threading.Event()
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._thread = threading.Thread(target=self.run, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin in the background. What was slept through runs first."""
        self._thread.start()

    def run(self) -> None:
        """Wake the timetable until `shutdown`; for a process that does nothing else."""
        while not self._stopped.is_set():
            self.tick()
            self._stopped.wait(self._every)

    def tick(self) -> None:
        """Say that it lives, and run what is due, once. No failure ends the scheduler."""
        try:
            with self._app.app_context():
                beats.beat(self._name)
                if self._before is None or self._before():
                    run_due()
        except Exception:
            log.exception("The timetable could not be run; it is tried again")

    def shutdown(self, *, wait: float = 30.0) -> None:
        """Run nothing more; wait for what is running."""
        self._stopped.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(wait)


def build_scheduler(app: Flask, *, before: Callable[[], bool] | None = None) -> Scheduler:
    """Return a scheduler for the timetable, not yet started."""
    return Scheduler(app, before=before)
