"""Pages."""

from flask import Blueprint

bp = Blueprint("demo", __name__)


def init_app(app) -> None:
    """Placeholder."""
