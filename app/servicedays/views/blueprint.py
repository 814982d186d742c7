"""The blueprint of these pages, and what several of them show."""

from dataclasses import dataclass

from flask import Blueprint
from flask_babel import gettext as _

from app.accounts.roles import Actor
from app.core import clock
from app.core.pieces import Light
from app.servicedays import policy, workflow
from app.servicedays.models import ServiceDay
from app.servicedays.workflow import Action
from app.workdays import queries as workdays

bp = Blueprint("servicedays", __name__)


@dataclass(frozen=True, slots=True)
class May:
    """What the viewer may do with a day now."""

    edit: bool
    cancel: bool
    book: bool
    sign_in: bool
    receive: bool
    hold: bool


def may(day: ServiceDay, viewer: Actor) -> May:
    """Return what `viewer` may do with a day now; services ask again."""

    def now(action: Action) -> bool:
        return workflow.is_possible(day.state, action, opens=day.opens, now=clock.now())

    keeps, books = policy.may_manage(viewer), policy.may_book(viewer)
    return May(
        edit=keeps and now(Action.EDIT),
        cancel=keeps and now(Action.CANCEL),
        book=books and now(Action.BOOK) and (keeps or clock.now() < day.begins),
        sign_in=books and now(Action.SIGN_IN),
        receive=policy.may_receive(viewer) and now(Action.RECEIVE),
        hold=keeps and now(Action.HOLD),
    )


def days_left(day: ServiceDay) -> int:
    """Return how many working days are left until a day; 0 on it and after it."""
    calendar = workdays.calendar_of(day.tenant_id)
    return max(calendar.between(clock.today(), day.held_on), 0)


def day_light(day: ServiceDay) -> Light:
    """Return how a day stands."""
    if day.is_cancelled:
        return Light("grey", "slash-circle", _("取消"))
    if day.is_held:
        return Light("green", "check-circle", _("已举办"))
    if day.held_on < clock.today():
        return Light("red", "exclamation-octagon", _("已过，还没有标为已举办"))
    if day.held_on == clock.today():
        return Light("yellow", "exclamation-triangle", _("今天"))
    left = days_left(day)
    if left == 0:
        return Light("yellow", "exclamation-triangle", _("下一个工作日之前"))
    return Light("grey", "calendar-event", _("还有 %(n)s 个工作日", n=left))
