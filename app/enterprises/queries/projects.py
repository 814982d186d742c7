"""Reading key projects."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises import policy
from app.enterprises.models import KeyProject, Linkage
from app.enterprises.queries.enterprises import LONGEST

UNKNOWN_PROJECT = N_("没有找到这个项目，可能不在您能看的范围内。")


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """What the list of key projects was asked to show."""

    text: str = ""
    leader_id: int | None = None
    ended: bool = False


def project(project_id: int, *, viewer: Actor) -> KeyProject:
    """Return one key project; raise NotFound where the viewer may not know of it."""
    found: KeyProject | None = db.session.scalar(
        select(KeyProject)
        .where(KeyProject.id == project_id, policy.project_visible_to(viewer))
        .options(joinedload(KeyProject.enterprise))
    )
    if found is None:
        raise NotFound(UNKNOWN_PROJECT)
    return found


def search_projects(asked: ProjectFilter, *, viewer: Actor) -> Select[KeyProject]:
    """Return the key projects asked for, the largest first; the caller paginates."""
    found = (
        select(KeyProject)
        .where(policy.project_visible_to(viewer), KeyProject.is_active.is_(not asked.ended))
        .options(joinedload(KeyProject.enterprise))
        .order_by(func.coalesce(KeyProject.investment_yi, 0).desc(), KeyProject.id)
    )
    if asked.text.strip():
        words = asked.text.strip()[:LONGEST].lower()
        found = found.where(func.lower(KeyProject.name).contains(words, autoescape=True))
    if asked.leader_id is not None:
        led = select(Linkage.project_id).where(
            Linkage.leader_id == asked.leader_id,
            Linkage.project_id.is_not(None),
            policy.active_on(clock.today()),
        )
        found = found.where(KeyProject.id.in_(led))
    return found


def project_choices(*, viewer: Actor) -> list[tuple[int, str]]:
    """Return the projects that the viewer may see, for a field to choose from."""
    rows = db.session.execute(
        select(KeyProject.id, KeyProject.name)
        .where(policy.project_visible_to(viewer), KeyProject.is_active)
        .order_by(KeyProject.id)
    )
    return [(id_, name) for id_, name in rows]


def projects_of(enterprise_id: int, *, viewer: Actor) -> Sequence[KeyProject]:
    """Return the key projects that an enterprise builds, as far as the viewer may know."""
    return db.session.scalars(
        select(KeyProject)
        .where(KeyProject.enterprise_id == enterprise_id, policy.project_visible_to(viewer))
        .order_by(KeyProject.id)
    ).all()
