"""Commands: what an operator does by hand."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    del app
