"""Reading visits and the tasks of a month."""

from app.visits.queries.errands import (
    Errand,
    Near,
    errand_of,
    errands,
    neighbours,
)
from app.visits.queries.history import (
    VisitFilter,
    get,
    newest,
    problems_of,
    search,
    visitors_of,
)
from app.visits.queries.many import (
    Outing,
    Visitor,
    outings,
    tasks_of,
    told_ids,
    visitor_ids,
    visitors,
)
from app.visits.queries.recaps import (
    Laggard,
    Lagging,
    Summary,
    goers,
    lagging,
    summary,
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
    "Errand",
    "Laggard",
    "Lagging",
    "Near",
    "Outing",
    "Share",
    "Summary",
    "VisitFilter",
    "Visitor",
    "asked_exemptions",
    "completion",
    "errand_of",
    "errands",
    "get",
    "get_task",
    "goers",
    "lagging",
    "month_of",
    "neighbours",
    "newest",
    "outings",
    "overdue_ids",
    "own_open_tickets",
    "problems_of",
    "search",
    "summary",
    "tasks_of",
    "told_ids",
    "visitor_ids",
    "visitors",
    "visitors_of",
]
