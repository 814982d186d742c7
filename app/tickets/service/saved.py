"""Keeping filters of the register under a name."""

from sqlalchemy import func, select

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, check_version
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import SavedView
from app.tickets.queries import saved
from app.tickets.service.guards import asking

NAME_LONGEST, QUERY_LONGEST = 40, 500  # characters
MOST_OWN = 20  # that one person keeps


def save_view(name: str, query: str, *, is_shared: bool = False, actor: Actor) -> SavedView:
    """Keep a query string of the register, already cleaned, under a name of one's own."""
    if actor.user_id is None or policy.is_outside(actor):
        raise NotAllowed(N_("您没有做这件事的权限。"))
    if len(query) > QUERY_LONGEST:
        raise Invalid(N_("条件太长，请减少一些。"), field="query")
    own = select(func.count()).where(SavedView.owner_id == actor.user_id)
    if (db.session.scalar(own.select_from(SavedView)) or 0) >= MOST_OWN:
        raise DomainError(N_("最多保存 {n} 个筛选，请先删掉不用的。"), n=MOST_OWN)
    view = SavedView(
        tenant_id=actor.tenant_id,
        owner_id=actor.user_id,
        name=_free(name, actor.user_id),
        query=query,
        is_shared=is_shared,
        created_at=clock.now(),
    )
    db.session.add(view)
    return view


def change_view(
    view: SavedView, name: str, *, is_shared: bool, version: int | None, actor: Actor
) -> None:
    """Rename a saved view, or share it, or share it no more."""
    if not saved.is_changed_by(view, actor):
        raise NotAllowed(N_("只有保存的人能改名和共享。"))
    check_version(view.version, version)
    view.name = _free(name, view.owner_id, but=view.id)
    view.is_shared = is_shared


def remove_view(view: SavedView, *, actor: Actor) -> None:
    """Delete a saved view: one's own, or for the director a shared one."""
    if not saved.is_removed_by(view, actor):
        raise NotAllowed(N_("共享的筛选由保存的人或营商办主任删。"))
    db.session.delete(view)


def _free(name: str, owner_id: int, *, but: int | None = None) -> str:
    """Return a name that its owner gave to nothing else."""
    words = asking.text(name, "name")
    if len(words) > NAME_LONGEST:
        raise Invalid(N_("名称最多 {n} 个字。"), field="name", n=NAME_LONGEST)
    found = select(SavedView.id).where(SavedView.owner_id == owner_id, SavedView.name == words)
    taken = db.session.scalar(found)
    if taken is not None and taken != but:
        raise Invalid(N_("您已经有一个筛选叫“{name}”，请换个名称。"), field="name", name=words)
    return words
