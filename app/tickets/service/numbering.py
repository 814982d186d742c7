"""The number of a problem, and the code with which its enterprise asks after it."""

import secrets
from datetime import datetime

from app.core import clock, counters

SERIES = "QS"


def next_number(tenant_id: int, at: datetime) -> tuple[str, str]:
    """Return the next number of the day and a query code.

    The series stays locked until the caller commits.
    """
    day = clock.local(at).strftime("%Y%m%d")
    count = counters.following(tenant_id, f"{SERIES}{day}")
    return f"{SERIES}{day}-{count:04}", query_code()


def query_code() -> str:
    """Return a new query code: six digits that follow from nothing."""
    return f"{secrets.randbelow(10**6):06}"
