"""What happens to files by the clock."""

import logging

from app.attachments import queries
from app.core import clock, files
from app.core.db import db

log = logging.getLogger(__name__)


def sweep() -> None:
    """Set aside, and after as long again take away, the contents that no attachment has."""
    done = files.sweep(queries.referred_to, clock.machine_now())
    db.session.rollback()  # it only read
    log.info("Files: %s set aside, %s brought back, %s gone", done.aside, done.back, done.gone)
