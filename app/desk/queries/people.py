"""What the settings page says about the person who looks at it."""

from app.accounts.models import User
from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_


def oneself(viewer: Actor) -> User:
    """Return the account of `viewer`."""
    found = db.session.get(User, viewer.user_id) if viewer.user_id is not None else None
    if found is None:
        raise NotFound(N_("没有找到您的账号。"))
    return found
