"""What the enterprise's side does by itself."""

from app.core.transactions import transaction
from app.portal.service import guessing


def tidy() -> None:
    """Forget wrong query codes that are long past."""
    with transaction():
        guessing.tidy()
