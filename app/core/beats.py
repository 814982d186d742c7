"""Which schedulers live: each says so about once a minute. Times are the machine's."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, db, inserting
from app.core.transactions import transaction

EVERY = timedelta(minutes=1)
FRESH = EVERY + timedelta(seconds=30)  # a beat, and the tick that comes a little later
KEPT = timedelta(days=1)
LONGEST_NAME = 120


class SchedulerBeat(Base):
    """One scheduler, by machine and process: since when it runs, and when it last said so."""

    __tablename__ = "scheduler_beats"

    scheduler: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    begun_at: Mapped[datetime]
    beat_at: Mapped[datetime]

    def is_fresh(self, now: datetime) -> bool:
        """Whether it lives, as far as can be known."""
        return now - self.beat_at <= FRESH


def beat(scheduler: str) -> None:
    """Say that a scheduler lives; nothing is written if it said so less than a minute ago."""
    now, name = clock.machine_now(), scheduler[:LONGEST_NAME]
    last = db.session.scalar(select(SchedulerBeat.beat_at).where(SchedulerBeat.scheduler == name))
    if last is not None and timedelta(0) <= now - last < EVERY:
        return
    with transaction():
        db.session.execute(
            inserting(SchedulerBeat)
            .values(scheduler=name, begun_at=now, beat_at=now)
            .on_conflict_do_update(index_elements=["scheduler"], set_={"beat_at": now})
        )


def all_beats() -> Sequence[SchedulerBeat]:
    """Return the schedulers that are known of, the last one heard of first."""
    found = select(SchedulerBeat).order_by(SchedulerBeat.beat_at.desc(), SchedulerBeat.scheduler)
    return db.session.scalars(found).all()


def forget_beats(now: datetime) -> None:
    """Forget the schedulers that have been silent for a day."""
    with transaction():
        db.session.execute(delete(SchedulerBeat).where(SchedulerBeat.beat_at < now - KEPT))
