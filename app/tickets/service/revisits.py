"""The revisit: what the enterprise says decides which step is taken."""

from dataclasses import replace

from sqlalchemy.orm.attributes import flag_modified

from app.accounts.roles import Actor
from app.core.errors import Invalid
from app.core.i18n import N_
from app.tickets.models import Ticket
from app.tickets.service import guards, moving, telling
from app.tickets.service.effects.closing import note_revisit
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking, closing
from app.tickets.service.moving import Written
from app.tickets.service.steps import authorise, carry_out
from app.tickets.workflow import table
from app.tickets.workflow.states import Event, Note


def revisit(ticket: Ticket, given: StepInput, *, actor: Actor) -> Written:
    """Record a revisit: T21 where the enterprise is content, T22 where it is not.

    Not reached, it is an attempt. Not content after the last round, it is recorded, and the
    director proposes what comes next. Raises what these steps raise.
    """
    close = table.step(ticket.status, Event.REVISIT_CLOSE)
    authorise(close, ticket, actor)
    move = moving.begin(ticket, given, actor=actor)
    guards.OPENERS[Event.REVISIT_CLOSE](move)
    if not given.reached:
        return _attempt(move)
    return heard(move)


def heard(move: moving.Move) -> Written:
    """Let what the enterprise said take effect: T21, T22, or a result for the director.

    The ticket gets another version in any case, so that of two who write down an answer at the
    same time one is told that the other was first.
    """
    ticket = move.ticket
    closing.answered(move.given)
    if closing.is_satisfied(move):
        return carry_out(table.step(ticket.status, Event.REVISIT_CLOSE), move)
    if ticket.round < move.parameters.max_round:
        return carry_out(table.step(ticket.status, Event.REVISIT_REWORK), move)
    note_revisit(move)
    flag_modified(ticket, "status")
    written = moving.close(move, Note.REVISITED)
    telling.to_director(ticket, written)
    return written


def _attempt(move: moving.Move) -> Written:
    asking.given(move.given.channel, "channel", N_("请选怎么联系的。"))
    said = (move.given.solved, move.given.result_score, move.given.attitude_score)
    if any(value is not None for value in said):
        raise Invalid(N_("没有联系上，就不能填企业的评价。"), field="reached")
    closing.check_answers(move.given)
    move.given = replace(move.given, comment=move.given.comment or move.given.words)
    note_revisit(move)
    return moving.close(move, Note.ATTEMPT)
