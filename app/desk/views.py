"""Pages."""

from flask import Blueprint

bp = Blueprint("desk", __name__)


def init_app(app) -> None:
    """Placeholder."""
