"""What can be done with a service day, and when. Pure.

Source: the office's inventory A26 and A37: 预告, 已举办, 取消. Pages, services and tests read the
table; who may do it stands in the policy.
"""

from dataclasses import dataclass
from datetime import datetime

from app.core.enums import LabelledEnum
from app.core.errors import DomainError
from app.core.i18n import N_


class Kind(LabelledEnum):
    """What the office calls the day; it has two names for one thing."""

    SERVICE = "service", N_("服务企业家日")
    RECEPTION = "reception", N_("企业家接待日")


class State(LabelledEnum):
    """How far a day has come."""

    ANNOUNCED = "announced", N_("预告")
    HELD = "held", N_("已举办")
    CANCELLED = "cancelled", N_("取消")


class Action(LabelledEnum):
    """What somebody does with a day."""

    EDIT = "edit", N_("修改")
    CANCEL = "cancel", N_("取消")
    BOOK = "book", N_("预约")
    MOVE = "move", N_("改约")
    RELEASE = "release", N_("取消预约")
    SIGN_IN = "sign_in", N_("签到")
    RECEIVE = "receive", N_("受理问题")
    HOLD = "hold", N_("标为已举办")


class Booking(LabelledEnum):
    """How far an appointment has come."""

    BOOKED = "booked", N_("已预约")
    CAME = "came", N_("已到")
    RELEASED = "released", N_("已取消")


class Origin(LabelledEnum):
    """Who made an appointment."""

    OFFICE = "office", N_("营商办")
    LIAISON = "liaison", N_("联络员")
    ENTERPRISE = "enterprise", N_("企业自己")
    WALK_IN = "walk_in", N_("当天到场")


class Inviting(LabelledEnum):
    """Which enterprises are told of a day."""

    NONE = "none", N_("不通知企业")
    LINKED = "linked", N_("全部包联企业")
    CHOSEN = "chosen", N_("选定的企业")


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table. `on_the_day`: not before the morning of the day itself."""

    source: State
    action: Action
    target: State
    on_the_day: bool = False


# fmt: off
TABLE = (
    #    from              action           to                on the day
    Step(State.ANNOUNCED,  Action.EDIT,     State.ANNOUNCED),
    Step(State.ANNOUNCED,  Action.CANCEL,   State.CANCELLED),
    Step(State.ANNOUNCED,  Action.BOOK,     State.ANNOUNCED),
    Step(State.ANNOUNCED,  Action.MOVE,     State.ANNOUNCED),
    Step(State.ANNOUNCED,  Action.RELEASE,  State.ANNOUNCED),
    Step(State.ANNOUNCED,  Action.SIGN_IN,  State.ANNOUNCED,  on_the_day=True),
    Step(State.ANNOUNCED,  Action.RECEIVE,  State.ANNOUNCED,  on_the_day=True),
    Step(State.ANNOUNCED,  Action.HOLD,     State.HELD,       on_the_day=True),
    Step(State.HELD,       Action.SIGN_IN,  State.HELD,       on_the_day=True),
    Step(State.HELD,       Action.RECEIVE,  State.HELD,       on_the_day=True),
)
# fmt: on

_STEPS = {(row.source, row.action): row for row in TABLE}


class IllegalStep(DomainError):
    """The day is not where this could begin."""


def step(state: State, action: Action, *, opens: datetime, now: datetime) -> Step:
    """Return the row for `action` from `state`; raise IllegalStep where there is none now.

    `opens` is the first moment of the day itself.
    """
    found = _STEPS.get((state, action))
    if found is None:
        raise IllegalStep(
            N_("这一天现在是“{state}”，不能{action}。可能刚有人改过，请刷新后再看。"),
            state=state,
            action=action,
        )
    if found.on_the_day and now < opens:
        raise IllegalStep(N_("还没有到这一天，不能{action}。"), action=action)
    return found


def is_possible(state: State, action: Action, *, opens: datetime, now: datetime) -> bool:
    """Tell whether there is a row for `action` from `state` now."""
    found = _STEPS.get((state, action))
    return found is not None and (not found.on_the_day or now >= opens)
