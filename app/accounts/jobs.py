"""What happens to accounts by the clock."""

from pathlib import Path

from flask import current_app

from app.accounts import service
from app.accounts.queries import absences
from app.core import anchors, audit, beats, clock, jobs
from app.core.jobs import run_each
from app.core.transactions import forget_done, transaction


def tidy() -> None:
    """Forget failures and sessions that are long over."""
    with transaction():
        service.tidy()


def forget_forms() -> None:
    """Forget the forms that were carried out long ago."""
    forget_done(clock.machine_now())


def forget_runs() -> None:
    """Forget what the timetable did long ago, and the schedulers that ended."""
    now = clock.machine_now()
    jobs.forget_runs(now)
    beats.forget_beats(now)


def turn_absences() -> None:
    """Release the deputies of those who are back, and let others hold roles from today on."""
    run_each(absences.to_end(), service.end_absence)
    run_each(absences.to_begin(), service.begin_absence)


def anchor_audit() -> None:
    """Note the end of the audit log outside the database."""
    row_id, digest = audit.head()
    anchors.note(Path(current_app.config["AUDIT_ANCHOR"]), row_id, digest, clock.machine_now())
