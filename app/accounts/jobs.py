"""What happens to accounts by the clock."""

from pathlib import Path

from flask import current_app

from app.accounts import service
from app.core import anchors, audit, clock
from app.core.transactions import transaction


def tidy() -> None:
    """Forget failures and sessions that are long over."""
    with transaction():
        service.tidy()


def anchor_audit() -> None:
    """Note the end of the audit log outside the database."""
    row_id, digest = audit.head()
    anchors.note(Path(current_app.config["AUDIT_ANCHOR"]), row_id, digest, clock.machine_now())
