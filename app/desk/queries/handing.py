"""What nobody looks after any more, on the office's worklist, and beside a leaving colleague."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounts.roles import Actor, Permission, Role
from app.core.i18n import N_
from app.desk.queries.ask import Ask, Kind
from app.desk.queries.parts import SHOWN, Link, Row, Words
from app.enterprises.models import Seat
from app.visits.queries import handover
from app.visits.queries.handover import Left

CLOSED = N_("账号已停用，名下 {n} 家没有人走访、没有人回访")
NO_SEAT = N_("已经没有“{seat}”这个岗位，名下还有 {n} 家")
HAND_ON = N_("移交")


def left_behind() -> Ask:
    """Return the people whose linkages nobody does: their account is closed, or their role over."""
    return Ask("left", N_("没有人接手的包联"), Kind.HANDOVERS, hot=True)


def rows(viewer: Actor) -> tuple[Row, ...]:
    """Return one row for each of them and each of their seats."""
    found = handover.left_behind(tenant_id=viewer.tenant_id)
    return tuple(_row(left) for left in found[:SHOWN])


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a colleague still looks after, and whether the viewer may hand it on."""

    held: Sequence[Left]
    may_hand_on: bool


def portfolio_of(user_id: int, viewer: Actor, role: Role | None = None) -> Leaving:
    """Return what a colleague still looks after; in one role alone where it is named.

    For the pages on which an account is closed or a role ended: they know nothing of linkages.
    """
    seats = [seat for seat in Seat if role is None or role in handover.HOLDERS[seat]]
    held = handover.held_by(user_id, viewer=viewer, seats=seats)
    return Leaving(held, viewer.may(Permission.LINKAGE_EDIT))


def _row(left: Left) -> Row:
    go = Link("visits.handover_new", {"giver": left.user_id, "seat": left.seat.value})
    told = {"n": left.count, "seat": left.seat}
    return Row(
        title=left.name,
        link=go,
        why=Words(NO_SEAT if left.is_active else CLOSED, told),
        verb=HAND_ON,
        go=go,
    )
