"""What every scheduled job needs: slots claimed once, and failures that stop nothing else."""

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Index, Select, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from app.core import clock
from app.core.db import Base, db, inserting
from app.core.transactions import transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
PAGE = 500  # ids that are read at once
AT_ONCE = 100  # ids that are worked in one transaction
RUNS_KEPT = timedelta(days=90)
NOTED_EVERY = timedelta(minutes=1)
NO_SLOT = ""  # under which the last run is kept of work that claims no slot


class JobRun(Base):
    """One run of a job for one slot of its timetable; a unique claim with a lease.

    A run that was killed leaves a lease that runs out, and the slot is claimed again. Of work
    that claims no slot, one row keeps its last run.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        UniqueConstraint("job", "slot"),
        Index("ix_job_runs_started_at", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(60))
    slot: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    token: Mapped[str] = mapped_column(String(32))
    error: Mapped[str] = mapped_column(String(500), default="")


def run_slot(job: str, slot: str, work: Callable[[], None]) -> bool:
    """Do `work` unless this slot was done, or is being done, by anyone; tell whether it ran.

    A work that fails leaves its error and lets the slot be claimed again at once.
    """
    token = _claim(job, slot)
    if token is None:
        return False
    try:
        work()
    except Exception as failure:
        log.exception("The job %s failed for %s", job, slot)
        _finish(job, slot, token, error=described(failure))
        return False
    _finish(job, slot, token)
    return True


def is_finished(job: str, slot: str) -> bool:
    """Tell whether this slot was worked, without claiming it."""
    found = select(JobRun.id).where(JobRun.job == job, JobRun.slot == slot)
    return db.session.scalar(found.where(JobRun.finished_at.is_not(None))) is not None


def _claim(job: str, slot: str) -> str | None:
    """Take the slot for the length of a lease; return its token, or None where it is taken."""
    now, token = clock.machine_now(), secrets.token_hex(16)
    with transaction():
        db.session.execute(
            inserting(JobRun)
            .values(job=job, slot=slot, started_at=now, leased_until=now, token="", error="")
            .on_conflict_do_nothing(index_elements=["job", "slot"])
        )
        taken = db.session.execute(
            update(JobRun)
            .where(JobRun.job == job, JobRun.slot == slot)
            .where(JobRun.finished_at.is_(None), JobRun.leased_until <= now)
            .values(started_at=now, leased_until=now + LEASE, token=token)
            .returning(JobRun.id)
        ).first()
    return token if taken else None


def _finish(job: str, slot: str, token: str, *, error: str = "") -> None:
    """Close the run that holds `token`; a failed one may be claimed again."""
    now = clock.machine_now()
    ended = {"leased_until": now, "error": error} if error else {"finished_at": now, "error": ""}
    with transaction():
        db.session.execute(
            update(JobRun)
            .where(JobRun.job == job, JobRun.slot == slot, JobRun.token == token)
            .values(ended)
        )


def run_each(ids: Iterable[int], work: Callable[[int], None]) -> int:
    """Do `work` for each id in a transaction of its own; return how many worked."""
    done = 0
    for id_ in ids:
        try:
            with transaction():
                work(id_)
            done += 1
        except Exception:
            log.exception("%s failed for %s", work.__qualname__, id_)
    return done


def run_pages(
    ids: Sequence[int], work: Callable[[Sequence[int]], None], *, size: int = AT_ONCE
) -> bool:
    """Do `work` for the ids, a page of them in one transaction; tell whether all worked.

    A page that fails is worked once more, one id after the other, so that what fails stops
    nothing else.
    """
    whole = True
    for first in range(0, len(ids), size):
        page = ids[first : first + size]
        try:
            with transaction():
                work(page)
        except Exception:
            log.exception("%s failed for a page of %s", work, len(page))
            whole &= run_each(page, lambda id_: work((id_,))) == len(page)
    return whole


def work_once(job: str, slot: str, work: Callable[[], bool]) -> None:
    """Do `work` unless it was finished under this slot; it is, once `work` says so.

    For a part of a run whose own slot is held: it claims nothing, and a run that is killed
    leaves it to be done.
    """
    if is_finished(job, slot) or not work():
        return
    now = clock.machine_now()
    done = {"started_at": now, "leased_until": now, "finished_at": now, "token": "", "error": ""}
    with transaction():
        db.session.execute(
            inserting(JobRun)
            .values(job=job, slot=slot, **done)
            .on_conflict_do_nothing(index_elements=["job", "slot"])
        )


def last_finished(job: str, prefix: str) -> str:
    """Return the last of the finished slots of a job that begin so, as text sorts; or nothing."""
    found = select(func.max(JobRun.slot)).where(
        JobRun.job == job, JobRun.finished_at.is_not(None), JobRun.slot.startswith(prefix)
    )
    return db.session.scalar(found) or ""


def each_id(found: Select[int], key: InstrumentedAttribute[int]) -> Iterator[int]:
    """Return what a statement finds of a `key`, read page by page while the work goes on.

    However much there is, no more than a page of it is held; what the work itself changes
    is neither skipped nor met twice.
    """
    last: int | None = None
    while True:
        rest = found if last is None else found.where(key > last)
        ids = db.session.scalars(rest.order_by(key).limit(PAGE)).all()
        db.session.rollback()  # what is read by the work is read anew
        yield from ids
        if len(ids) < PAGE:
            return
        last = ids[-1]


def note_run(job: str, started_at: datetime, *, error: str = "") -> None:
    """Keep when work without a slot last ran, and how it ended, in the one row of the job.

    Work that runs several times a minute is noted once, but what changed is noted at once.
    """
    now = clock.machine_now()
    last = db.session.execute(
        select(JobRun.started_at, JobRun.error).where(JobRun.job == job, JobRun.slot == NO_SLOT)
    ).first()
    if last is not None and last.error == error and now - last.started_at < NOTED_EVERY:
        return
    run = {"started_at": started_at, "finished_at": None if error else now, "error": error}
    with transaction():
        db.session.execute(
            inserting(JobRun)
            .values(job=job, slot=NO_SLOT, leased_until=now, token="", **run)
            .on_conflict_do_update(index_elements=["job", "slot"], set_=run)
        )


def last_runs() -> dict[str, JobRun]:
    """Return the newest run of each job."""
    place = func.row_number().over(
        partition_by=JobRun.job, order_by=(JobRun.started_at.desc(), JobRun.id.desc())
    )
    newest = select(JobRun.id, place.label("place")).subquery()
    runs = db.session.scalars(
        select(JobRun).join(newest, newest.c.id == JobRun.id).where(newest.c.place == 1)
    )
    return {run.job: run for run in runs}


def forget_runs(now: datetime) -> None:
    """Forget the runs of slots that nobody can ask for any more."""
    with transaction():
        db.session.execute(delete(JobRun).where(JobRun.started_at < now - RUNS_KEPT))


def described(failure: Exception) -> str:
    """Return what is kept of a failure."""
    return f"{type(failure).__name__}: {failure}"[:500]
