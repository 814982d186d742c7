"""Reading tickets. Every read starts from what the viewer may see."""

from app.tickets.queries.asked import Colour, Sort, TicketFilter, View
from app.tickets.queries.choices import FilterLists, Need, Option, filter_lists, options, twins
from app.tickets.queries.detail import (
    Happened,
    Moved,
    Names,
    TicketPage,
    get,
    page,
    to_act_on,
)
from app.tickets.queries.files import one_of as file_of
from app.tickets.queries.parts import co_task, proposal, supervision_note
from app.tickets.queries.register import counts, search_page
from app.tickets.queries.rows import Reading, Row, status_label
from app.tickets.queries.siblings import Others

__all__ = [
    "Colour",
    "FilterLists",
    "Happened",
    "Moved",
    "Names",
    "Need",
    "Option",
    "Others",
    "Reading",
    "Row",
    "Sort",
    "TicketFilter",
    "TicketPage",
    "View",
    "co_task",
    "counts",
    "file_of",
    "filter_lists",
    "get",
    "options",
    "page",
    "proposal",
    "search_page",
    "status_label",
    "supervision_note",
    "to_act_on",
    "twins",
]
