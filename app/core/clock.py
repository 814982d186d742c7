"""The one place that reads the system clock.

There are two times. `now()` is the office's: what deadlines, histories and messages are
written in; a demo township may live on another day. `machine_now()` is the machine's: what
sessions, locks and leases are measured in, so that a moved demo signs nobody out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")

_held: ContextVar[datetime | None] = ContextVar("held moment", default=None)
_shift: ContextVar[timedelta] = ContextVar("shift", default=timedelta(0))


def machine_now() -> datetime:
    """Return the machine's moment, aware and in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the office's moment, aware and in UTC."""
    return _held.get() or machine_now() + _shift.get()


def today() -> date:
    """Return the present day as the office sees it."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """Return `moment` in the office's time zone."""
    return moment.astimezone(LOCAL)


def at(day: date, hour: time) -> datetime:
    """Return the moment at which the office's clock shows `hour` on `day`, in UTC."""
    return datetime.combine(day, hour, tzinfo=LOCAL).astimezone(UTC)


def shift(by: timedelta) -> None:
    """Let the office's clock run `by` ahead of the machine's, in this context."""
    _shift.set(by)


@contextmanager
def held(moment: datetime) -> Iterator[None]:
    """Let the office's clock stand still at `moment`, in this context."""
    token = _held.set(moment)
    try:
        yield
    finally:
        _held.reset(token)
