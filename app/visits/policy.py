"""Who sees which visits and tasks, and who may record, plan and waive them.

Source: the roles × rights table of the office's ticket rules, C2.6.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from app.accounts.policy import theirs
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.enterprises.models import Linkage
from app.enterprises.policy import active_on
from app.visits.models import Visit, VisitTask, VisitVisitor


def visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a visit.

    Visitors see what they made themselves, and all visits to what they look after now.
    """
    here = Visit.tenant_id == viewer.tenant_id
    if viewer.may(Permission.VISIT_SEE_ALL):
        return here
    if viewer.user_id is None or not viewer.may(Permission.VISIT_RECORD):
        return false()
    went = exists().where(VisitVisitor.visit_id == Visit.id, VisitVisitor.user_id == viewer.user_id)
    mine = _links_of(viewer)
    return and_(
        here,
        or_(
            Visit.recorded_by_id == viewer.user_id,
            went,
            Visit.enterprise_id.in_(select(Linkage.enterprise_id).where(mine)),
            Visit.project_id.in_(select(Linkage.project_id).where(mine)),
        ),
    )


def tasks_visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a task."""
    here = VisitTask.tenant_id == viewer.tenant_id
    if viewer.may(Permission.VISIT_SEE_ALL):
        return here
    owner = _owner(viewer)
    return and_(here, VisitTask.linkage.has(owner)) if owner is not None else false()


def own_tasks(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a task is `viewer`'s own to do."""
    owner = _owner(viewer)
    if owner is None:
        return false()
    return and_(VisitTask.tenant_id == viewer.tenant_id, VisitTask.linkage.has(owner))


def counted_by(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition that a linkage is in the figures that `viewer` may read.

    Whoever sees every visit counts all of them; visitors count what is theirs, also what was.
    """
    here = Linkage.tenant_id == viewer.tenant_id
    if viewer.may(Permission.VISIT_SEE_ALL):
        return here
    owner = _owner(viewer)
    return and_(here, owner) if owner is not None else false()


def may_cover(viewer: Actor) -> bool:
    """Tell whether the figures of visits concern `viewer`: everybody's, or their own."""
    return viewer.may(Permission.VISIT_SEE_ALL) or viewer.role in _OWNS


def require_coverage(viewer: Actor) -> None:
    """Raise NotAllowed for those whom the figures of visits do not concern."""
    if not may_cover(viewer):
        raise NotAllowed(N_("走访情况由营商办、镇领导、督查员和走访的人看。"))


def require_record(actor: Actor) -> int:
    """Return the id of the person who records; raise NotAllowed for others."""
    if actor.user_id is None or not actor.may(Permission.VISIT_RECORD):
        raise NotAllowed(N_("登记走访是包联领导、联络员和营商办的事，您的角色不能登记。"))
    return actor.user_id


def require_exempt(actor: Actor, task: VisitTask) -> int:
    """Return the id of the person who decides; raise NotAllowed for others, and for who asked."""
    if actor.user_id is None or not actor.may(Permission.VISIT_EXEMPT):
        raise NotAllowed(N_("免访由营商办批准。"))
    if actor.user_id == task.exempt_asked_by_id:
        raise NotAllowed(N_("申请免访的人不能自己批准，请营商办的另一位同志批准。"))
    return actor.user_id


def may_exempt(viewer: Actor) -> bool:
    """Tell whether `viewer`'s role decides who need not be visited."""
    return viewer.may(Permission.VISIT_EXEMPT)


def may_see_all(viewer: Actor) -> bool:
    """Tell whether `viewer` sees the visits of everybody."""
    return viewer.may(Permission.VISIT_SEE_ALL)


def may_record(viewer: Actor) -> bool:
    """Tell whether `viewer`'s role records visits."""
    return viewer.may(Permission.VISIT_RECORD)


def may_record_late(viewer: Actor) -> bool:
    """Tell whether `viewer` may record a visit of a month that is closed for others."""
    return viewer.may(Permission.VISIT_RECORD_LATE)


def _links_of(viewer: Actor) -> ColumnElement[bool]:
    owner = _owner(viewer)
    if owner is None:
        return false()
    return and_(Linkage.tenant_id == viewer.tenant_id, owner, active_on(clock.today()))


_OWNS: dict[Role, Callable[[Actor], ColumnElement[bool]]] = {
    Role.LEADER: lambda viewer: theirs(Linkage.leader_id, viewer),
    Role.LIAISON: lambda viewer: theirs(Linkage.liaison_id, viewer),
}


def looks_after(actor: Actor, linkage: Linkage) -> bool:
    """Tell whether a linkage is `actor`'s, or that of somebody for whom they stand in."""
    return actor.acts_for(linkage.leader_id) or actor.acts_for(linkage.liaison_id)


def _owner(viewer: Actor) -> ColumnElement[bool] | None:
    """Return the condition that a linkage is `viewer`'s in their role; None where none is."""
    rule = _OWNS.get(viewer.role)
    return rule(viewer) if rule and viewer.user_id is not None else None
