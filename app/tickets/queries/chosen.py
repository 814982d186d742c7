"""Several tickets at once: those that somebody ticked, and all that a filter finds."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, load_only, selectinload

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor
from app.core.db import db
from app.enterprises.models import Enterprise
from app.tickets import policy
from app.tickets.models import Category, Ticket

MOST = 200  # that may be acted on at once
_CATEGORY = (
    load_only(
        Category.name, Category.name_en, Category.complexity, Category.urgency, Category.up_units
    ),
    joinedload(Category.lead_unit).load_only(OrgUnit.name),
    selectinload(Category.co_units).load_only(OrgUnit.name),
)
_CHOSEN = select(Ticket).options(
    joinedload(Ticket.enterprise).load_only(Enterprise.name, Enterprise.short_name),
    joinedload(Ticket.lead_unit).load_only(OrgUnit.name),
    joinedload(Ticket.handler).load_only(User.name),
    joinedload(Ticket.category).options(*_CATEGORY),
    joinedload(Ticket.subcategory).options(*_CATEGORY),
)


def chosen(ids: Collection[int], *, viewer: Actor) -> Sequence[Ticket]:
    """Return those of the tickets `ids` that the viewer may see, with what bulk pages show.

    The number of statements does not depend on how many they are; beyond MOST none is read.
    """
    few = list(dict.fromkeys(ids))[:MOST]
    found = _CHOSEN.where(Ticket.id.in_(few), policy.visible_to(viewer), Ticket.number.is_not(None))
    return db.session.scalars(found.order_by(Ticket.move_due_at, Ticket.id)).unique().all()
