"""Tickets as rows, in any state, for reading them back: nobody walked them there."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Self

from sqlalchemy import event

from app.accounts.models import OrgUnit, User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.desk.queries import worklist
from app.desk.queries.parts import Part, Worklist
from app.enterprises.models import Enterprise
from app.tickets.models import Proposal, Ticket
from app.tickets.workflow.states import OPEN, RUNNING, Event, Status
from tests import make

_serial = count(1)
NEXT_EVENING = datetime(2026, 9, 22, 9, 30, tzinfo=UTC)  # Tuesday 17:30 in the office


def ticket(
    status: Status = Status.PENDING_ACCEPTANCE,
    *,
    due: timedelta = timedelta(),
    unit: OrgUnit | None = None,
    enterprise: Enterprise | None = None,
    **more: Any,
) -> Ticket:
    """Save a ticket whose next deadline is Tuesday evening, or `due` later."""
    number = next(_serial)
    firm = enterprise or make.enterprise()
    at = NEXT_EVENING + due
    runs = status in RUNNING
    made = Ticket(
        tenant_id=firm.tenant_id,
        enterprise_id=firm.id,
        number=more.pop("number", f"QS20260921-{number:04}"),
        title=more.pop("title", f"第{number}件"),
        description="东门的路灯坏了三盏，员工下夜班不安全。",
        status=status,
        is_open=status in OPEN,
        is_running=runs,
        created_at=clock.now(),
        dispatched_at=clock.now() if runs else None,
        lead_unit_id=unit.id if unit else None,
        due_at=more.pop("due_at", at if runs else None),
        warn_on=more.pop("warn_on", clock.local(at).date() if runs else None),
        move_due_at=at if status in OPEN else None,
        limit_workdays=5 if runs else None,
        **more,
    )
    db.session.add(made)
    db.session.commit()
    return made


def proposal(of: Ticket, what: Event, *, by: User | Actor, **more: Any) -> Proposal:
    """Save a proposal that waits for a decision."""
    user_id = by.user_id if isinstance(by, Actor) else by.id
    made = Proposal(
        tenant_id=of.tenant_id,
        ticket_id=of.id,
        event=what,
        asked_by_id=user_id,
        asked_role=by.role if isinstance(by, Actor) else Role.DEPT_HEAD,
        asked_at=clock.now(),
        decide_due_at=NEXT_EVENING,
        comment=more.pop("comment", "等派出所的意见，来不及"),
        **more,
    )
    db.session.add(made)
    db.session.commit()
    return made


def part(desk: Worklist, key: str) -> Part:
    """Return one group of a worklist."""
    return next(each for each in desk.parts if each.key == key)


def shown(viewer: Actor, key: str = "mine") -> list[str]:
    """Return the titles of one group."""
    return [row.title for row in part(worklist.of(viewer), key).rows]


def mine(viewer: Actor) -> set[str]:
    """Return the titles of all that waits for the viewer."""
    desk = worklist.of(viewer)
    return {row.title for each in desk.parts if each.is_mine for row in each.rows}


class Statements:
    """Counts what is sent to the database inside the block."""

    def __enter__(self) -> Self:
        self.said: list[str] = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cur: Any, text: str, *_: Any) -> None:
        self.said.append(text)
