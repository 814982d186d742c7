"""How a ticket comes into a common problem and out of it again, and what its own way does to both.

A member stays a ticket of its own. What is merged passes its place to the master, what comes
back after its closing wakes the common problem that had ended, and what is for the named few
leaves it: a common problem is read by everybody.
"""

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core.db import db
from app.core.i18n import N_
from app.tickets.models import CommonProblem, CommonState, Ticket
from app.tickets.service import moving
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Move
from app.tickets.workflow.states import TERMINAL, Event, Note

SUBJECT = "common-problem"
MERGED = N_("并入另一件，由那一件接着归入。")


def hold(common: CommonProblem) -> None:
    """Let nobody else group into it or end it until this transaction is over, and read it anew."""
    db.session.refresh(common, with_for_update={"of": CommonProblem})


def join(ticket: Ticket, common: CommonProblem, *, actor: Actor) -> None:
    """Write into the history of a ticket that it belongs to a common problem from now on."""
    move = moving.begin(ticket, StepInput(), actor=actor)
    ticket.common_id = common.id
    move.payload = {"common": common.number, "common_id": common.id}
    moving.close(move, Note.GROUPED)


def leave(ticket: Ticket, reason: str, *, actor: Actor) -> None:
    """Write into the history of a member that it belongs to it no more, and why."""
    if ticket.common_id is None:
        return
    common = db.session.get_one(CommonProblem, ticket.common_id)
    move = moving.begin(ticket, StepInput(comment=reason), actor=actor)
    ticket.common_id = None
    move.payload = {"common": common.number, "common_id": common.id}
    moving.close(move, Note.UNGROUPED)


def after(event: Event, move: Move) -> None:
    """Let a common problem know what its member has just done."""
    if move.ticket.common_id is None:
        return
    if event is Event.MERGE:
        _pass_on(move.ticket, actor=move.actor)
    if event is Event.REOPEN:
        wake(db.session.get_one(CommonProblem, move.ticket.common_id), actor=move.actor)


def wake(common: CommonProblem, *, actor: Actor) -> None:
    """Open a common problem again that had ended: one of its members came back."""
    hold(common)
    if common.state is not CommonState.ENDED:
        return
    answered = common.published_at is not None
    common.state = CommonState.PUBLISHED if answered else CommonState.OPEN
    accounts.log(
        actor,
        N_("共性问题因企业重启而继续"),
        SUBJECT,
        common.id,
        before={"state": CommonState.ENDED},
        after={"state": common.state},
    )


def _pass_on(child: Ticket, *, actor: Actor) -> None:
    """Give the place of what was merged to the master, where that can still be answered."""
    master = db.session.get_one(Ticket, child.master_id)
    common = db.session.get_one(CommonProblem, child.common_id)
    hold(common)
    if master.common_id is not None or not master.has_a_mover or master.confidential:
        return
    if common.state is CommonState.ENDED or _has_another(common, child):
        return
    leave(child, MERGED, actor=actor)
    join(master, common, actor=actor)


def _has_another(common: CommonProblem, child: Ticket) -> bool:
    """Tell whether the enterprise has one more member: of each, one is enough."""
    found = select(Ticket.id).where(
        Ticket.common_id == common.id,
        Ticket.enterprise_id == child.enterprise_id,
        Ticket.id != child.id,
        Ticket.status.not_in(sorted(TERMINAL)),
    )
    return db.session.scalar(found.limit(1)) is not None
