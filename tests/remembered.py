"""What many tests begin with: made once by each worker, and brought back for the others.

What comes back is what the makers made, row by row, and only ever in place of the same makers at
the same moment on a database that held the same; once a test wrote anything else, they work.
"""

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, event

from app.core import clock
from app.core.db import db
from tests.databases import KIND, MIGRATED, Databases

T = TypeVar("T")
Key = tuple[str, str, datetime, datetime]
READS = ("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")
MOST = 80  # that a worker keeps: a megabyte each


@dataclass
class Memory:
    """What this worker keeps. `holds` says what the database holds; empty once it was written to.

    What is asked for a second time is kept: most of what only one test begins with is not.
    """

    source: Databases | None = None
    holds: str = ""
    asked: Counter[Key] = field(default_factory=Counter)
    kept: dict[Key, tuple[str, Any]] = field(default_factory=dict)


_memory = Memory()


@event.listens_for(Engine, "before_cursor_execute")
def _watch(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
    if _memory.holds and not statement.startswith(READS):
        _memory.holds = ""


def begin(source: Databases) -> None:
    """Note that a test begins, with the database as the migrations leave it."""
    _memory.source, _memory.holds = source, MIGRATED


def once(name: str, make: Callable[[], T]) -> T:
    """Return what `make` returns, with the database as it leaves it."""
    if not _memory.holds or _memory.source is None:
        return make()
    key = (_memory.holds, name, clock.now(), clock.machine_now())
    _memory.asked[key] += 1
    if key in _memory.kept:
        kept_as, made = _memory.kept[key]
        _let_go()
        _memory.source.bring_back(kept_as, over=_memory.holds)
    else:
        made = make()
        if _memory.asked[key] == 1 or len(_memory.kept) >= MOST:
            return made
        kept_as = f"{len(_memory.kept):03}"
        _let_go()
        _memory.source.keep(kept_as)
        _memory.kept[key] = kept_as, copy.deepcopy(made)
    _memory.holds = kept_as
    return copy.deepcopy(made)


def _let_go() -> None:
    """Leave nothing that was read over a connection, and none to a file that is about to go."""
    db.session.remove()
    if KIND == "sqlite":
        db.engine.dispose()
