"""What the letters of the timetable tell of problems: read for a whole township at once."""

from app.tickets.queries.digests.lines import (
    Called,
    Line,
    Suspended,
    due,
    suspended,
    to_call,
    with_units,
)
from app.tickets.queries.digests.people import (
    Revisitors,
    active,
    holders_by_unit,
    office,
    readers,
    revisitors,
)
from app.tickets.queries.digests.urges import RULE, Near, near, urged_ids

__all__ = [
    "RULE",
    "Called",
    "Line",
    "Near",
    "Revisitors",
    "Suspended",
    "active",
    "due",
    "holders_by_unit",
    "near",
    "office",
    "readers",
    "revisitors",
    "suspended",
    "to_call",
    "urged_ids",
    "with_units",
]
