"""Letting a thread live on the demo's day, where there is a demo."""

from datetime import timedelta

from flask import current_app

from app.core import clock
from app.demo import queries
from app.demo.queries import State

REAL = "a real township lives here"


def follow_clock() -> bool:
    """Set the office's clock of this context: the demo's, or else the machine's.

    Tell whether the timetable may run: not while a township is being loaded, whose days are
    long past by the machine's clock.

    A demo is only ever loaded into an empty database. So once a process has seen a real
    township it asks no more; an empty database is asked again, as another process may load it.
    """
    if REAL in current_app.extensions:
        return True
    shift = queries.shift()
    clock.shift(shift or timedelta(0))
    if shift is not None:
        return True
    state = queries.state()
    if state is State.REAL:
        current_app.extensions[REAL] = True
    return state is not State.UNFINISHED


def leave_clock() -> None:
    """Give this context the machine's clock again."""
    clock.shift(timedelta(0))
