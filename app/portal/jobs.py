"""What the enterprise's side does by itself."""

from datetime import timedelta

from app.accounts import queries as accounts
from app.core import clock, guesses
from app.core.jobs import run_each
from app.core.transactions import transaction
from app.portal.queries import tellings
from app.portal.service import clearing


def tidy() -> None:
    """Forget wrong query codes and links that are long past."""
    with transaction():
        guesses.tidy()


def empty_letters() -> None:
    """Let go of what letters said that were not taken, after the days that a township keeps it."""
    for tenant in accounts.tenants():
        before = clock.now() - timedelta(days=tenant.parameters.letter_days)
        run_each(tellings.to_empty_ids(tenant.id, before=before), clearing.empty_discarded)
