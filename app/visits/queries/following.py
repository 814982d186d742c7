"""What the next visit has to ask about: promises that are open, problems closed since the last."""

from collections.abc import Sequence
from datetime import date, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.tickets import policy as tickets_policy
from app.tickets.models import Ticket
from app.tickets.workflow.states import Status
from app.visits import policy
from app.visits.models import Promise, PromiseState, Recheck, Visit

CLOSED = (Status.CLOSED, Status.ARCHIVED)
LONG_AGO = timedelta(days=92)  # how far back, where nobody has visited the firm yet
MOST_ASKED = 5  # closed problems that one visit asks about


def promise(promise_id: int, *, viewer: Actor) -> Promise:
    """Return one promise, or raise NotFound where the viewer may not know of its visit."""
    found = db.session.scalar(
        select(Promise)
        .join(Visit, Visit.id == Promise.visit_id)
        .where(Promise.id == promise_id, policy.visible_to(viewer))
        .options(joinedload(Promise.asked_by))
    )
    if found is None:
        raise NotFound(N_("没有找到这件答应的事，或者不在您能看的范围内。"))
    return found


def visit_of(promise: Promise) -> Visit:
    """Return the visit on which something was promised."""
    return db.session.get_one(Visit, promise.visit_id)


def open_promises_of(
    *, enterprise_id: int | None = None, project_id: int | None = None
) -> Sequence[Promise]:
    """Return what was promised to one target and nobody has settled.

    For those who look after it: who else may see its visits has been asked before.
    """
    if (enterprise_id is None) == (project_id is None):
        return ()
    target = (
        Visit.enterprise_id == enterprise_id
        if enterprise_id is not None
        else Visit.project_id == project_id
    )
    return db.session.scalars(
        select(Promise)
        .join(Visit, Visit.id == Promise.visit_id)
        .where(Promise.state == PromiseState.OPEN, target)
        .order_by(Promise.id)
    ).all()


def promises_to(enterprise_id: int, *, viewer: Actor) -> Sequence[Promise]:
    """Return the open promises to an enterprise, of those visits that the viewer may know."""
    return db.session.scalars(
        select(Promise)
        .join(Visit, Visit.id == Promise.visit_id)
        .where(policy.visible_to(viewer), Visit.enterprise_id == enterprise_id)
        .where(Promise.state == PromiseState.OPEN)
        .order_by(Promise.id)
    ).all()


def last_visit_to(enterprise_id: int) -> date | None:
    """Return the day of the last visit to an enterprise that counted."""
    return db.session.scalar(
        select(func.max(Visit.visited_on)).where(
            Visit.enterprise_id == enterprise_id, Visit.counts.is_(True)
        )
    )


def closed_since(firm_id: int | None, last: date | None, *, viewer: Actor) -> Sequence[Ticket]:
    """Return the problems of a firm that were closed since its last visit and not asked about.

    What only a few may know of is not asked about on visits.
    """
    if firm_id is None:
        return ()
    since = last or clock.today() - LONG_AGO
    asked = select(Recheck.id).where(Recheck.ticket_id == Ticket.id).exists()
    return db.session.scalars(
        select(Ticket)
        .where(tickets_policy.visible_to(viewer), Ticket.enterprise_id == firm_id)
        .where(Ticket.status.in_(CLOSED), Ticket.confidential.is_(False), ~asked)
        .where(Ticket.closed_at >= clock.at(since, time(0)))
        .order_by(Ticket.closed_at.desc(), Ticket.id.desc())
        .limit(MOST_ASKED)
    ).all()
