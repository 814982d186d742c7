"""The blueprint of these pages, and what they put on top."""

from datetime import date

from flask import Blueprint
from flask_babel import gettext as _

from app.accounts.roles import Actor
from app.core import clock
from app.core.pieces import Light
from app.visits.calendar import Month
from app.visits.models import VisitTask
from app.visits.queries import Near
from app.workdays import queries as workdays

bp = Blueprint("visits", __name__)

SOON = 3  # working days left, from which on a month's end is yellow


def due_light(due_on: date, *, viewer: Actor) -> Light:
    """Return how near the end of a month's visits is."""
    today = clock.today()
    left = workdays.calendar_of(viewer.tenant_id).between(today, due_on)
    if today > due_on:
        return Light("red", "exclamation-octagon", _("已过%(month)s月底", month=due_on.month))
    if left == 0:
        return Light("yellow", "exclamation-triangle", _("今天到期"))
    word = _("剩 %(n)s 个工作日", n=left)
    if left <= SOON:
        return Light("yellow", "exclamation-triangle", word)
    return Light("green", "check-circle", word)


def may_join(task: VisitTask, near: Near) -> bool:
    """Tell whether one may go along with somebody on their day, in the month of one's own task."""
    last = Month.read(task.period).last
    return near.task_id is not None and task.is_owed and clock.today() <= near.on <= last


def task_light(task: VisitTask) -> Light:
    """Return how a task stands."""
    if task.is_done:
        return Light("green", "check-circle", _("已登记"))
    if task.is_waived:
        return Light("grey", "slash-circle", _("免访"))
    if task.due_on < clock.today():
        return Light("red", "exclamation-octagon", _("逾期未走访"))
    if task.awaits_decision:
        return Light("grey", "hourglass-split", _("已申请免访"))
    return Light("grey", "circle", _("待走访"))
