"""The filters of the register that people keep under a name."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, false, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import SavedView

MOST_LINKS = 12  # that stand above the register
MOST = 300  # that are listed


@dataclass(frozen=True, slots=True)
class Link:
    """A saved view as the register shows it above its quick filters."""

    name: str
    query: str
    is_shared: bool


_LINKS = (
    select(SavedView.name, SavedView.query, SavedView.is_shared)
    .where(SavedView.tenant_id == bindparam("tenant_id"))
    .where(or_(SavedView.owner_id == bindparam("user_id"), SavedView.is_shared))
    .order_by(SavedView.owner_id != bindparam("user_id"), SavedView.name, SavedView.id)
    .limit(MOST_LINKS)
)


def links(*, viewer: Actor) -> list[Link]:
    """Return the first of what `saved_views` does, as links; the statement is built once."""
    if viewer.user_id is None or policy.is_outside(viewer):
        return []
    asked = {"tenant_id": viewer.tenant_id, "user_id": viewer.user_id}
    return [Link(*line) for line in db.session.execute(_LINKS, asked)]


def saved_views(*, viewer: Actor) -> Sequence[SavedView]:
    """Return one's own saved views and those that colleagues share, one's own first."""
    found = (
        select(SavedView)
        .where(_visible(viewer))
        .options(joinedload(SavedView.owner).load_only(User.name))
        .order_by(SavedView.owner_id != (viewer.user_id or 0), SavedView.name, SavedView.id)
        .limit(MOST)
    )
    return db.session.scalars(found).all()


def saved_view(view_id: int, *, viewer: Actor) -> SavedView:
    """Return one saved view; raise NotFound where it is neither one's own nor shared."""
    found = db.session.scalar(select(SavedView).where(SavedView.id == view_id, _visible(viewer)))
    if found is None:
        raise NotFound(N_("没有找到这个保存的筛选，可能已经删掉了。"))
    return found


def is_changed_by(view: SavedView, viewer: Actor) -> bool:
    """Tell whether the viewer may rename and share it: whose it is."""
    return viewer.user_id is not None and view.owner_id == viewer.user_id


def is_removed_by(view: SavedView, viewer: Actor) -> bool:
    """Tell whether the viewer may delete it: whose it is, or the director one that is shared."""
    directs = viewer.role is Role.OFFICE_DIRECTOR and view.tenant_id == viewer.tenant_id
    return is_changed_by(view, viewer) or (directs and view.is_shared)


def _visible(viewer: Actor) -> ColumnElement[bool]:
    if viewer.user_id is None or policy.is_outside(viewer):
        return false()
    own = SavedView.owner_id == viewer.user_id
    return and_(SavedView.tenant_id == viewer.tenant_id, or_(own, SavedView.is_shared))
