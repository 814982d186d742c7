"""Who may know of an enterprise or a project, and who may change its file."""

from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.policy import theirs
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.enterprises.models import Enterprise, KeyProject, Linkage


def visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of an enterprise."""
    inside = Enterprise.tenant_id == viewer.tenant_id
    if viewer.may(Permission.ENTERPRISE_SEE_ALL):
        return inside
    if viewer.role in {Role.LEADER, Role.LIAISON}:
        return and_(inside, Enterprise.id.in_(_looked_after(viewer, Linkage.enterprise_id)))
    if viewer.role is Role.VILLAGE_OFFICER and viewer.unit_id is not None:
        return and_(inside, Enterprise.village_id == viewer.unit_id)
    if viewer.role is Role.ENTERPRISE_USER and viewer.enterprise_id is not None:
        return and_(inside, Enterprise.id == viewer.enterprise_id)
    return false()


def project_visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a key project."""
    inside = KeyProject.tenant_id == viewer.tenant_id
    if viewer.may(Permission.ENTERPRISE_SEE_ALL):
        return inside
    if viewer.role in {Role.LEADER, Role.LIAISON}:
        return and_(inside, KeyProject.id.in_(_looked_after(viewer, Linkage.project_id)))
    if viewer.role is Role.ENTERPRISE_USER and viewer.enterprise_id is not None:
        return and_(inside, KeyProject.enterprise_id == viewer.enterprise_id)
    return false()


def active_on(day: date) -> ColumnElement[bool]:
    """Return the condition under which a linkage holds on `day`."""
    return and_(Linkage.valid_from <= day, or_(Linkage.valid_to.is_(None), Linkage.valid_to >= day))


def ever_held() -> ColumnElement[bool]:
    """Return the condition under which a linkage holds, or held, on some day at all."""
    return or_(Linkage.valid_to.is_(None), Linkage.valid_to >= Linkage.valid_from)


def may_edit(actor: Actor, thing: Enterprise | KeyProject | None = None) -> bool:
    """Tell whether `actor` may change the file of `thing`, or begin a new file."""
    inside = thing is None or thing.tenant_id == actor.tenant_id
    return inside and actor.may(Permission.ENTERPRISE_EDIT)


def may_link(actor: Actor, thing: Enterprise | KeyProject | None = None) -> bool:
    """Tell whether `actor` may say who looks after `thing`."""
    inside = thing is None or thing.tenant_id == actor.tenant_id
    return inside and actor.may(Permission.LINKAGE_EDIT)


def require_edit(actor: Actor, thing: Enterprise | KeyProject | None = None) -> None:
    """Raise NotAllowed where `actor` may not change the file of `thing`."""
    if not may_edit(actor, thing):
        raise NotAllowed(N_("企业和项目的档案由营商办维护，有变化请告诉营商办。"))


def require_link(actor: Actor, thing: Enterprise | KeyProject | None = None) -> None:
    """Raise NotAllowed where `actor` may not say who looks after `thing`."""
    if not may_link(actor, thing):
        raise NotAllowed(N_("包联由营商办安排，要调整请告诉营商办。"))


def may_see_figures(viewer: Actor, enterprise: Enterprise) -> bool:
    """Tell whether the yearly figures of an enterprise that `viewer` knows may be shown.

    Figures marked confidential are for the office, the chief and the enterprise itself.
    """
    if not enterprise.figures_confidential:
        return True
    if viewer.role is Role.ENTERPRISE_USER:
        return viewer.enterprise_id == enterprise.id
    return viewer.role is Role.CHIEF or may_edit(viewer, enterprise)


def _looked_after(
    viewer: Actor, target: InstrumentedAttribute[int | None]
) -> ScalarSelect[int | None]:
    """Return the targets of the linkages that `viewer` has today, in the role they act in.

    Those of somebody for whom they stand in are theirs meanwhile.
    """
    person = Linkage.leader_id if viewer.role is Role.LEADER else Linkage.liaison_id
    return (
        select(target)
        .where(
            Linkage.tenant_id == viewer.tenant_id,
            theirs(person, viewer),
            target.is_not(None),
            active_on(clock.today()),
        )
        .scalar_subquery()
    )
