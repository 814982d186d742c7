"""What happens to accounts by the clock."""

from app.accounts import service
from app.core.transactions import transaction


def tidy() -> None:
    """Forget failures and sessions that are long over."""
    with transaction():
        service.tidy()
