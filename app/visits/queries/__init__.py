"""Reading visits and the tasks of a month."""

from app.visits.queries.board import Board, Line, Order, Part, Standing, board, people_of_board
from app.visits.queries.coverage import (
    KEYS,
    CoverageFilter,
    Group,
    completion,
    coverage,
    coverage_by,
    cut_off,
)
from app.visits.queries.errands import (
    MONTHLY,
    Errand,
    Near,
    errand_of,
    errands,
    neighbours,
    remindable_ids,
)
from app.visits.queries.figures import Coverage, PerTen, Share
from app.visits.queries.history import (
    VisitFilter,
    get,
    newest,
    problems_of,
    search,
    visitors_of,
)
from app.visits.queries.tasks import (
    asked_exemptions,
    get_task,
    month_of,
    overdue_ids,
    own_open_tickets,
)

__all__ = [
    "KEYS",
    "MONTHLY",
    "Board",
    "Coverage",
    "CoverageFilter",
    "Errand",
    "Group",
    "Line",
    "Near",
    "Order",
    "Part",
    "PerTen",
    "Share",
    "Standing",
    "VisitFilter",
    "asked_exemptions",
    "board",
    "completion",
    "coverage",
    "coverage_by",
    "cut_off",
    "errand_of",
    "errands",
    "get",
    "get_task",
    "month_of",
    "neighbours",
    "newest",
    "overdue_ids",
    "own_open_tickets",
    "people_of_board",
    "problems_of",
    "remindable_ids",
    "search",
    "visitors_of",
]
