"""A stretch of time in which figures are counted. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core import clock


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: `begins` belongs to it, `ends` does not (C4.1)."""

    begins: datetime
    ends: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Tell whether `moment` lies in it; nothing lies nowhere."""
        return moment is not None and self.begins <= moment < self.ends

    @property
    def first_on(self) -> date:
        """Its first day."""
        return clock.local(self.begins).date()

    @property
    def last_on(self) -> date:
        """The last day of which any part belongs to it."""
        return clock.local(self.ends - timedelta(microseconds=1)).date()
