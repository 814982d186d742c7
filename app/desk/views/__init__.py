"""Pages of the desk: the worklist, settings, help; and the shell of every page."""

from typing import Any

from flask import Flask, has_request_context

from app.desk.queries import extras, handing
from app.desk.views import absences, calendar, pages, shell
from app.desk.views.blueprint import bp

__all__ = ["absences", "bp", "calendar", "init_app", "pages"]


def init_app(app: Flask) -> None:
    """Give every page its shell, and pages of lower packages what they show of higher ones."""
    app.context_processor(_shell)
    app.jinja_env.globals["enterprise_extras"] = extras.enterprise_extras
    app.jinja_env.globals["portfolio_of"] = handing.portfolio_of


def _shell() -> dict[str, Any]:
    """Return the shell to pages; what is rendered for mail has none."""
    return {"shell": shell.of_page()} if has_request_context() else {}
