"""Who sees which service days and appointments, and who may do what with them.

The office sees and keeps all; leaders see the days that they host, or to which a unit of theirs
comes; units the days at which they are present; the liaison officer every day, but of the
appointments those of their enterprises.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from app.accounts.models import OrgUnit
from app.accounts.policy import theirs
from app.accounts.roles import Actor, Permission, Role
from app.core.errors import NotAllowed
from app.core.i18n import N_
from app.enterprises.models import Enterprise
from app.enterprises.policy import visible_to as enterprise_visible_to
from app.servicedays.models import Appointment, ServiceDay, ServiceDayUnit
from app.servicedays.workflow import Action

OFFICE_ONLY = frozenset({Action.EDIT, Action.CANCEL, Action.HOLD})
#: Who sees every appointment of the days that they see.
SEES_APPOINTMENTS = frozenset({Role.LEADER, Role.DEPT_HEAD, Role.HANDLER})


def visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of a day."""
    here = ServiceDay.tenant_id == viewer.tenant_id
    if viewer.may(Permission.SERVICE_DAY_SEE_ALL):
        return here
    rule = _SCOPES.get(viewer.role)
    if rule is None or viewer.user_id is None:
        return false()
    return and_(here, rule(viewer))


def appointments_visible_to(viewer: Actor) -> ColumnElement[bool]:
    """Return the condition under which `viewer` may know of an appointment of a day they see."""
    if sees_all_appointments(viewer):
        return Appointment.day.has(visible_to(viewer))
    if viewer.user_id is None:
        return false()
    return and_(
        Appointment.day.has(visible_to(viewer)),
        or_(
            Appointment.enterprise_id.in_(
                select(Enterprise.id).where(enterprise_visible_to(viewer))
            ),
            Appointment.made_by_id == viewer.user_id,
        ),
    )


def may_know_of_days(viewer: Actor) -> bool:
    """Tell whether days are of any concern to the viewer's role."""
    return viewer.may(Permission.SERVICE_DAY_SEE_ALL) or viewer.role in _SCOPES


def may_manage(viewer: Actor) -> bool:
    """Tell whether `viewer` adds, changes and cancels days."""
    return viewer.may(Permission.SERVICE_DAY_MANAGE)


def may_book(viewer: Actor) -> bool:
    """Tell whether `viewer` makes appointments for enterprises."""
    return viewer.may(Permission.SERVICE_DAY_BOOK)


def sees_all_appointments(viewer: Actor) -> bool:
    """Tell whether `viewer` sees every appointment of the days that they see."""
    return viewer.may(Permission.SERVICE_DAY_SEE_ALL) or viewer.role in SEES_APPOINTMENTS


def may_receive(viewer: Actor) -> bool:
    """Tell whether `viewer` may write down problems: what hands in tickets and records visits."""
    return (
        viewer.may(Permission.TICKET_OPEN)
        and viewer.may(Permission.VISIT_RECORD)
        and may_know_of_days(viewer)
    )


def require(actor: Actor, day: ServiceDay, action: Action) -> None:
    """Raise NotAllowed unless `action` is for the actor's role; the day is seen by them."""
    if actor.tenant_id != day.tenant_id:
        raise NotAllowed(N_("这不是您所在的镇的服务日。"))
    if action in OFFICE_ONLY:
        require_manage(actor)
    elif action is Action.RECEIVE:
        if not may_receive(actor):
            raise NotAllowed(N_("问题由交办员、联络员或包联领导登记，您的角色不能登记。"))
    elif actor.role is not Role.ENTERPRISE_USER and not may_book(actor):
        raise NotAllowed(N_("预约和签到由营商办或联络员登记。"))


def require_manage(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` keeps the days."""
    if not may_manage(actor):
        raise NotAllowed(N_("服务日由营商办安排。"))


def _of_leader(viewer: Actor) -> ColumnElement[bool]:
    in_charge = select(OrgUnit.id).where(theirs(OrgUnit.in_charge_id, viewer))
    comes = exists().where(
        ServiceDayUnit.day_id == ServiceDay.id, ServiceDayUnit.unit_id.in_(in_charge)
    )
    return or_(theirs(ServiceDay.host_id, viewer), comes)


def _of_unit(viewer: Actor) -> ColumnElement[bool]:
    if viewer.unit_id is None:
        return false()
    return exists().where(
        ServiceDayUnit.day_id == ServiceDay.id, ServiceDayUnit.unit_id == viewer.unit_id
    )


def _of_liaison(viewer: Actor) -> ColumnElement[bool]:
    return ServiceDay.tenant_id == viewer.tenant_id


_SCOPES: dict[Role, Callable[[Actor], ColumnElement[bool]]] = {
    Role.LEADER: _of_leader,
    Role.DEPT_HEAD: _of_unit,
    Role.HANDLER: _of_unit,
    Role.LIAISON: _of_liaison,
}
