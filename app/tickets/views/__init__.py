"""Pages about tickets: the register, a ticket, its steps, drafts and files."""

from app.tickets.views import (
    beside_page,
    bulk,
    catalogue,
    common,
    detail,
    drafts,
    export,
    files,
    following,
    library,
    note,
    presence,
    proposals,
    register,
    saved,
    steps,
    supervision,
)
from app.tickets.views.blueprint import bp

__all__ = [
    "beside_page",
    "bp",
    "bulk",
    "catalogue",
    "common",
    "detail",
    "drafts",
    "export",
    "files",
    "following",
    "library",
    "note",
    "presence",
    "proposals",
    "register",
    "saved",
    "steps",
    "supervision",
]
