"""Letting a thread live on the demo's day, where there is a demo."""

from datetime import timedelta

from flask import current_app

from app.core import clock
from app.demo import queries

REAL = "a real township lives here"


def follow_clock() -> None:
    """Set the office's clock of this context: the demo's, or else the machine's.

    A demo is only ever loaded into an empty database. So once a process has seen a real
    township it asks no more; an empty database is asked again, as another process may load it.
    """
    if REAL in current_app.extensions:
        return
    shift = queries.shift()
    if shift is None and queries.is_real():
        current_app.extensions[REAL] = True
    clock.shift(shift or timedelta(0))


def leave_clock() -> None:
    """Give this context the machine's clock again."""
    clock.shift(timedelta(0))
