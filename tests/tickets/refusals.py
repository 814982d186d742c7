"""How a test reads refusals, and sets the rules that it tries the edges of."""

from collections.abc import Callable, Iterable
from typing import Any

from app.accounts.models import Tenant
from app.core.db import db
from app.core.errors import DomainError
from app.core.transactions import transaction
from tests.office import Office

LET_IN = "let in"
Cases = Iterable[tuple[dict[str, Any], str]]


def refused_at(call: Callable[[], object]) -> str:
    """Return the field at which a call is refused, and `LET_IN` where it is not."""
    try:
        call()
    except DomainError as error:
        return error.field
    return LET_IN


def refusals(act: Callable[..., object], cases: Cases) -> list[tuple[dict[str, Any], str]]:
    """Return each case with the field at which it is refused."""
    return [(given, refused_at(lambda given=given: act(**given))) for given, _ in cases]


def set_rules(office: Office, **settings: int) -> None:
    """Let the township have other parameters."""
    with transaction():
        db.session.get_one(Tenant, office.tenant_id).settings = settings
