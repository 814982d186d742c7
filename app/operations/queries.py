"""How the timetable stands: what ran, what comes next, what waits, who runs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from app import schedule
from app.accounts import policy
from app.accounts import queries as accounts
from app.accounts.roles import Actor, Permission
from app.core import beats, clock, jobs
from app.core.beats import SchedulerBeat
from app.core.db import db
from app.core.i18n import N_
from app.core.jobs import JobRun
from app.notifications.models import Message, MessageState
from app.operations import wordings
from app.schedule import Job
from app.tickets.queries import supervision
from app.visits.queries import handover

#: Before a slot that has come is late: the scheduler ticks, and one job follows the other.
GRACE = timedelta(minutes=5)
RUNNING, FAILED, LATE, NEVER, FINE = "running", "failed", "late", "never", "fine"
STANDINGS = {
    RUNNING: N_("正在运行"),
    FAILED: N_("上次没有办成，会再试"),
    LATE: N_("到点了还没有运行"),
    NEVER: N_("还没有运行过"),
    FINE: N_("正常"),
}


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job: when it last ran, how long that took, when it comes next, and how it stands.

    Runs are told by the machine's clock, what comes next by the office's.
    """

    job: Job
    run: JobRun | None
    next_at: datetime | None
    standing: str

    @property
    def label(self) -> str:
        """What it does, marked for translation; its own name where nobody has said."""
        return wordings.JOBS.get(self.job.name, self.job.name)

    @property
    def seconds(self) -> float | None:
        """How long the last run took; None while it runs, and where it failed."""
        if self.run is None or self.run.finished_at is None:
            return None
        return (self.run.finished_at - self.run.started_at).total_seconds()

    @property
    def failure(self) -> str:
        """The sort of failure alone: what it says further may name what is nobody's business."""
        return self.run.error.partition(":")[0] if self.run else ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has come and is not done: messages, steps of the ladder, handovers, slots."""

    due_messages: int
    queued_messages: int
    failed_messages: int
    ladder: int
    handovers: int
    slots: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the timetable stands at one moment of the machine."""

    at: datetime
    jobs: Sequence[JobStatus]
    waiting: Waiting
    schedulers: Sequence[SchedulerBeat]
    is_alive: bool

    @property
    def last_beat_at(self) -> datetime | None:
        """When a scheduler was last heard of."""
        return self.schedulers[0].beat_at if self.schedulers else None


def status(tenant_id: int | None = None) -> Status:
    """Return how the timetable stands; what waits is counted for one township, or for all."""
    now, office_now = clock.machine_now(), clock.now()
    runs = jobs.last_runs()
    done = _finished()
    found = [_of_job(job, runs.get(job.name), done, now, office_now) for job in schedule.TIMETABLE]
    known = beats.all_beats()
    working = any(one.standing == RUNNING for one in found)
    late = sum(one.standing == LATE for one in found)
    return Status(
        at=now,
        jobs=found,
        waiting=_waiting(tenant_id, now, office_now, late),
        schedulers=known,
        is_alive=working or any(one.is_fresh(now) for one in known),
    )


def status_for(viewer: Actor) -> Status:
    """Return how the timetable stands, to whoever looks after it; NotAllowed to others."""
    policy.require(viewer, Permission.TIMETABLE_SEE)
    return status(viewer.tenant_id)


def _finished() -> set[tuple[str, str]]:
    """Return the slots that were worked lately."""
    since = clock.machine_now() - 2 * schedule.STILL_MATTERS
    found = select(JobRun.job, JobRun.slot).where(
        JobRun.started_at >= since, JobRun.finished_at.is_not(None)
    )
    return {(job, slot) for job, slot in db.session.execute(found)}


def _of_job(
    job: Job, run: JobRun | None, done: set[tuple[str, str]], now: datetime, office_now: datetime
) -> JobStatus:
    return JobStatus(
        job=job,
        run=run,
        next_at=schedule.next_moment(job, office_now) if job.slot else None,
        standing=_standing(job, run, done, now, office_now),
    )


def _standing(
    job: Job, run: JobRun | None, done: set[tuple[str, str]], now: datetime, office_now: datetime
) -> str:
    if run is not None and run.finished_at is None and not run.error and run.leased_until > now:
        return RUNNING
    if run is not None and run.error:
        return FAILED
    if _is_late(job, run, done, now, office_now):
        return LATE
    return FINE if run is not None else NEVER


def _is_late(
    job: Job, run: JobRun | None, done: set[tuple[str, str]], now: datetime, office_now: datetime
) -> bool:
    """Tell whether a slot came a while ago and was not worked, or a tick is long ago."""
    if not job.slot:
        return run is not None and now - run.started_at > GRACE
    until = office_now - GRACE
    for back in schedule.LOOK_BACK:
        come = list(schedule.moments(job.trigger, until - back, until))
        if come:  # or a newer one, which does what this one would have done
            since = [come[-1], *schedule.moments(job.trigger, come[-1], office_now)]
            return not any((job.name, schedule.slot_name(job, at)) in done for at in since)
    return False


def _waiting(tenant_id: int | None, now: datetime, office_now: datetime, late: int) -> Waiting:
    queued, failed = _messages(tenant_id, MessageState.QUEUED), MessageState.FAILED
    houses = [house.id for house in accounts.tenants() if tenant_id in {None, house.id}]
    return Waiting(
        due_messages=db.session.scalar(queued.where(Message.next_try_at <= now)) or 0,
        queued_messages=db.session.scalar(queued) or 0,
        failed_messages=db.session.scalar(_messages(tenant_id, failed)) or 0,
        ladder=sum(_count(supervision.to_climb(one, office_now)) for one in houses),
        handovers=len(handover.due_handover_ids(clock.local(office_now).date(), houses)),
        slots=late,
    )


def _count(found: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _messages(tenant_id: int | None, state: MessageState) -> Select[int]:
    found = select(func.count(Message.id)).where(Message.state == state)
    return found if tenant_id is None else found.where(Message.tenant_id == tenant_id)
