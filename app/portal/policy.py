"""Who looks at what was held back, and who may print a code that leads to the public page."""

from sqlalchemy import ColumnElement, or_, select, true

from app.accounts.roles import Actor, Permission, Role
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.portal.models import Telling
from app.tickets.models import Category


def may_clear(viewer: Actor) -> bool:
    """Tell whether `viewer` decides about tellings that are held."""
    return viewer.may(Permission.TELLING_CLEAR)


def check_may_clear(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` decides about tellings that are held."""
    if not may_clear(viewer):
        raise NotAllowed(N_("待核实的来信由交办员和营商办主任处理。"))


def clearable_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` reads a telling that is held.

    What is told about officials is for the named few from the start: here for the director.
    """
    if viewer.role is Role.OFFICE_DIRECTOR:
        return true()
    closed = select(Category.id).where(Category.confidential.is_(True))
    return or_(Telling.category_id.is_(None), Telling.category_id.not_in(closed))


def may_print(viewer: Actor) -> bool:
    """Tell whether `viewer` calls on enterprises, and so has a card of their own."""
    return viewer.may(Permission.VISIT_RECORD)


def may_print_all(viewer: Actor) -> bool:
    """Tell whether `viewer` prints the code of the township, and of every colleague."""
    return viewer.may(Permission.TELLING_CLEAR)


def check_may_print(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` may print codes at all."""
    if not may_print(viewer):
        raise NotAllowed(N_("二维码由营商办和联系企业的同志打印。"))
