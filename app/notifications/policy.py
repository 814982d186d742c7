"""Whose messages a person may see."""

from sqlalchemy import ColumnElement, false

from app.accounts.roles import Actor, Permission
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.notifications.models import Message


def addressed_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which a message is `viewer`'s own."""
    if viewer.user_id is None:
        return false()
    return (Message.tenant_id == viewer.tenant_id) & (Message.recipient_id == viewer.user_id)


def watched_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` looks after the sending of a message."""
    if not viewer.may(Permission.OUTBOX_MANAGE):
        return false()
    return Message.tenant_id == viewer.tenant_id


def require_outbox(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` looks after what is sent."""
    if not actor.may(Permission.OUTBOX_MANAGE):
        raise NotAllowed(N_("发件箱由营商办和系统管理员管理。"))


def require_wordings(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` keeps the words of letters."""
    if not actor.may(Permission.WORDING_MANAGE):
        raise NotAllowed(N_("信件用语由营商办主任和系统管理员管理。"))
