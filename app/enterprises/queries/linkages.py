"""Reading linkages: who looks after whom, from when to when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises import policy
from app.enterprises.models import Enterprise, KeyProject, Linkage, Seat


@dataclass(frozen=True, slots=True)
class Targets:
    """Whom a person looks after."""

    enterprises: Sequence[Enterprise]
    projects: Sequence[KeyProject]


def linkage_of(enterprise_id: int, on: date) -> Linkage | None:
    """Return who looks after an enterprise on a day, or None."""
    found: Linkage | None = db.session.scalar(
        _linkages(on).where(Linkage.enterprise_id == enterprise_id)
    )
    return found


def linkage_of_project(project_id: int, on: date) -> Linkage | None:
    """Return who looks after a key project on a day, or None."""
    found: Linkage | None = db.session.scalar(_linkages(on).where(Linkage.project_id == project_id))
    return found


def linkage(linkage_id: int, *, viewer: Actor) -> Linkage:
    """Return one linkage of a target that the viewer may know of, or raise NotFound."""
    found: Linkage | None = db.session.scalar(
        _loaded()
        .outerjoin(Linkage.enterprise)
        .outerjoin(Linkage.project)
        .where(Linkage.id == linkage_id, Linkage.tenant_id == viewer.tenant_id)
        .where(or_(policy.visible_to(viewer), policy.project_visible_to(viewer)))
    )
    if found is None:
        raise NotFound(N_("没有找到这段包联关系。"))
    return found


def linkages_on(tenant_id: int, on: date) -> Sequence[Linkage]:
    """Return every linkage of a tenant that holds on a day."""
    return db.session.scalars(_linkages(on).where(Linkage.tenant_id == tenant_id)).all()


def linkages_of_person(user_id: int, on: date) -> Sequence[Linkage]:
    """Return the linkages that a person has on a day, as leader or as liaison officer."""
    theirs = or_(Linkage.leader_id == user_id, Linkage.liaison_id == user_id)
    return db.session.scalars(_linkages(on).where(theirs)).all()


def linkages_by_enterprise(
    enterprise_ids: Collection[int], on: date
) -> Mapping[int | None, Linkage]:
    """Return who looks after each of some enterprises on a day."""
    found = db.session.scalars(_linkages(on).where(Linkage.enterprise_id.in_(enterprise_ids)))
    return {one.enterprise_id: one for one in found}


def linkages_by_project(project_ids: Collection[int], on: date) -> Mapping[int | None, Linkage]:
    """Return who looks after each of some projects on a day, or is the next to do so."""
    found = _loaded().where(
        Linkage.project_id.in_(project_ids),
        or_(Linkage.valid_to.is_(None), Linkage.valid_to >= on),
    )
    latest_first = db.session.scalars(found.order_by(Linkage.valid_from.desc(), Linkage.id.desc()))
    return {one.project_id: one for one in latest_first}


def targets_of(user_id: int, on: date) -> Targets:
    """Return whom a person looks after on a day."""
    found = linkages_of_person(user_id, on)
    return Targets(
        enterprises=[one.enterprise for one in found if one.enterprise],
        projects=[one.project for one in found if one.project],
    )


def history(
    *, enterprise_id: int | None = None, project_id: int | None = None
) -> Sequence[Linkage]:
    """Return every linkage that a target has or had, the newest first."""
    if enterprise_id is not None:
        of_target = Linkage.enterprise_id == enterprise_id
    elif project_id is not None:
        of_target = Linkage.project_id == project_id
    else:
        return []
    held = _loaded().where(of_target, policy.ever_held())
    found = held.order_by(Linkage.valid_from.desc(), Linkage.id.desc())
    return db.session.scalars(found).all()


def portfolio(user_id: int, seat: Seat, on: date) -> Sequence[Linkage]:
    """Return the linkages in which a person has a seat on a day, or later."""
    holder = Linkage.leader_id if seat is Seat.LEADER else Linkage.liaison_id
    found = _loaded().where(
        holder == user_id,
        policy.ever_held(),
        or_(Linkage.valid_to.is_(None), Linkage.valid_to >= on),
    )
    return db.session.scalars(found.order_by(Linkage.valid_from, Linkage.id)).all()


def succession(root_id: int) -> Sequence[Linkage]:
    """Return the linkages that continue one another from the first on, in the order of time."""
    found = select(Linkage).where(
        or_(Linkage.id == root_id, Linkage.origin_id == root_id), policy.ever_held()
    )
    return db.session.scalars(found.order_by(Linkage.valid_from, Linkage.id)).all()


def _linkages(on: date) -> Select[Linkage]:
    return _loaded().where(policy.active_on(on)).order_by(Linkage.id)


def _loaded() -> Select[Linkage]:
    return select(Linkage).options(
        joinedload(Linkage.leader),
        joinedload(Linkage.liaison),
        joinedload(Linkage.project),
        joinedload(Linkage.enterprise).joinedload(Enterprise.village),
    )
