"""Pages about tickets: the register, a ticket, its steps, drafts and files."""

from app.tickets.views import catalogue, detail, drafts, files, proposals, register, steps
from app.tickets.views.blueprint import bp

__all__ = ["bp", "catalogue", "detail", "drafts", "files", "proposals", "register", "steps"]
