"""Who reads the library, and who keeps it."""

from sqlalchemy import ColumnElement, and_, or_

from app.accounts.policy import require
from app.accounts.roles import Actor, Permission
from app.core import clock
from app.library.models import CannedAnswer, PolicyDocument


def require_reading(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` may read the library."""
    require(viewer, Permission.LIBRARY_READ)


def require_keeping(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` may write in the library."""
    require(actor, Permission.LIBRARY_MANAGE)


def may_keep(actor: Actor) -> bool:
    """Tell whether `actor` may write in the library."""
    return actor.may(Permission.LIBRARY_MANAGE)


def own(model: type[PolicyDocument] | type[CannedAnswer], viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that what stands on a shelf is of the viewer's township."""
    return model.tenant_id == viewer.tenant_id


def valid_today() -> ColumnElement[bool]:
    """Return the condition that a policy document holds today: it can be cited."""
    today = clock.today()
    return and_(
        PolicyDocument.is_active,
        or_(PolicyDocument.issued_on.is_(None), PolicyDocument.issued_on <= today),
        or_(PolicyDocument.valid_to.is_(None), PolicyDocument.valid_to >= today),
    )
