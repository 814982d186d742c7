"""Reading visits and the tasks of a month."""

from app.visits.queries.errands import (
    MONTHLY,
    Errand,
    Near,
    errand_of,
    errands,
    errands_to,
    neighbours,
    remindable_ids,
)
from app.visits.queries.history import (
    VisitFilter,
    get,
    newest,
    problems_of,
    search,
    visitors_of,
)
from app.visits.queries.tasks import (
    Share,
    asked_exemptions,
    completion,
    get_task,
    month_of,
    overdue_ids,
    own_open_tickets,
)

__all__ = [
    "MONTHLY",
    "Errand",
    "Near",
    "Share",
    "VisitFilter",
    "asked_exemptions",
    "completion",
    "errand_of",
    "errands",
    "errands_to",
    "get",
    "get_task",
    "month_of",
    "neighbours",
    "newest",
    "overdue_ids",
    "own_open_tickets",
    "problems_of",
    "remindable_ids",
    "search",
    "visitors_of",
]
