"""Who sees which visits and tasks, and who may record, plan and waive them.

Source: the roles × rights table of the office's ticket rules, C2.6.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from app.accounts.policy import theirs
from app.accounts.roles import Actor, Permission, Role
from app.core import clock
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import N_
from app.enterprises.models import Linkage
from app.enterprises.policy import active_on
from app.visits.models import VillageVisit, Visit, VisitTask, VisitVisitor


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


def may_read(viewer: Actor) -> bool:
    """Tell whether `viewer` reads what visits bring: who records them, and who sees them all."""
    return viewer.may(Permission.VISIT_RECORD) or viewer.may(Permission.VISIT_SEE_ALL)


def require_reading(viewer: Actor) -> None:
    """Raise NotAllowed unless `viewer` reads what visits bring."""
    if not may_read(viewer):
        raise NotAllowed(N_("走访的情况只有走访人和营商办看得到，您的角色不能看。"))


def may_keep_campaigns(viewer: Actor) -> bool:
    """Tell whether `viewer` begins and ends campaigns."""
    return viewer.may(Permission.CAMPAIGN_MANAGE)


def require_campaigns(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` begins and ends campaigns."""
    if not may_keep_campaigns(actor):
        raise NotAllowed(N_("专项活动由营商办设立和结束。"))


def may_follow_needs(viewer: Actor) -> bool:
    """Tell whether `viewer` says how far a need has come."""
    return viewer.may(Permission.NEED_MANAGE)


def require_needs(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` says how far a need has come."""
    if not may_follow_needs(actor):
        raise NotAllowed(N_("需求的上报和对接由营商办登记。"))


def may_add_files(viewer: Actor, visit: Visit) -> bool:
    """Tell whether `viewer` may add files to a visit they see: its recorder, and the office."""
    if viewer.user_id is None or not viewer.may(Permission.VISIT_RECORD):
        return False
    return viewer.acts_for(visit.recorded_by_id) or may_see_all(viewer)


def require_files(actor: Actor, visit: Visit) -> None:
    """Raise NotAllowed unless `actor` may add files to a visit."""
    if visit.tenant_id != actor.tenant_id or not may_add_files(actor, visit):
        raise NotAllowed(N_("附件由登记这次走访的人或营商办补充。"))


def leads(viewer: Actor) -> tuple[int, ...]:
    """Return the ids of the leaders for whom `viewer` acts: themselves, and those who are away."""
    if viewer.role is not Role.LEADER or viewer.user_id is None:
        return ()
    return (viewer.user_id, *viewer.stands_in_for)


def may_record_for(actor: Actor, leader_id: int) -> bool:
    """Tell whether `actor` writes down what a leader did in the villages."""
    return leader_id in leads(actor) or (may_see_all(actor) and may_record(actor))


def require_record_for(actor: Actor, leader_id: int) -> int:
    """Return the id of the person who records for a leader; raise NotAllowed for others."""
    if actor.user_id is None or not may_record_for(actor, leader_id):
        raise NotAllowed(N_("入村调研和走访户数由班子成员自己登记，或由营商办代为登记。"))
    return actor.user_id


def villages_visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a village day: one's own, or all."""
    here = VillageVisit.tenant_id == viewer.tenant_id
    if viewer.may(Permission.VISIT_SEE_ALL):
        return here
    mine = leads(viewer)
    return and_(here, VillageVisit.leader_id.in_(mine)) if mine else false()


def require_visible(actor: Actor, tenant_id: int) -> None:
    """Raise NotFound where a thing is another township's."""
    if actor.tenant_id != tenant_id:
        raise NotFound(N_("没有找到，可能已被移走，或者不在您能看的范围内。"))


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
