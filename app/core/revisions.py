"""Whether the database is of this version: what the migrations make, and what is there."""

from enum import Enum, auto

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from app.core.db import db


class Standing(Enum):
    """How a database stands to this version of the product."""

    READY = auto()
    EMPTY = auto()
    BEHIND = auto()
    AHEAD = auto()  # a later version has migrated it


def standing() -> Standing:
    """Return how the database stands; raise OperationalError where it does not answer."""
    with db.engine.connect() as connection:
        there = MigrationContext.configure(connection).get_current_heads()
    if not there:
        return Standing.EMPTY
    scripts = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    if set(there) == set(scripts.get_heads()):
        return Standing.READY
    known = {script.revision for script in scripts.walk_revisions()}
    return Standing.BEHIND if known.issuperset(there) else Standing.AHEAD
