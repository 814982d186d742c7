"""Steps that need two persons: one asks, another decides, and for some a third looks between."""

from dataclasses import replace
from datetime import datetime

from app.accounts.roles import Actor, Role
from app.core.errors import DomainError, Invalid, NotAllowed
from app.core.i18n import N_
from app.tickets import clocks, policy
from app.tickets.models import Proposal, ProposalState, Ticket
from app.tickets.queries import facts
from app.tickets.service import guards, moving, telling
from app.tickets.service.given import StepInput
from app.tickets.service.guards import asking
from app.tickets.service.moving import Move, Written
from app.tickets.service.steps import carry_out
from app.tickets.workflow import table
from app.tickets.workflow.states import Event, Note
from app.tickets.workflow.table import Step

NOT_YOURS = N_("您现在的身份不能就“{event}”这样做。")


def propose(ticket: Ticket, event: Event, given: StepInput, *, actor: Actor) -> Proposal:
    """Ask for a step that another person decides on. Guards are asked now and again then.

    Raises like `take`; and DomainError where the same is already asked for.
    """
    step = table.step(ticket.status, event)
    if not may_ask(step, ticket, actor):
        raise NotAllowed(NOT_YOURS, event=event)
    if any(p.is_open and p.event is event for p in ticket.proposals):
        raise DomainError(N_("已经有人提出“{event}”，正等决定。"), event=event)
    move = moving.begin(ticket, given, actor=actor)
    if step.lifts:
        move = _lifted(move)
    guards.check(event, move)
    proposal = Proposal(
        tenant_id=ticket.tenant_id,
        event=event,
        payload=move.given.as_json(),
        comment=given.comment,
        asked_by_id=_person(actor),
        asked_role=actor.role,
        asked_at=move.at,
        decide_due_at=_decide_by(event, move),
    )
    ticket.proposals.append(proposal)
    note = moving.close(move, Note.PROPOSED, about=event)
    telling.ask(proposal, deciders(step), note)
    return proposal


def may_ask(step: Step, ticket: Ticket, actor: Actor) -> bool:
    """Tell whether `actor` may ask for this step of this ticket."""
    asks = step.lifts[0] if step.lifts else step.asks
    return actor.role in asks and policy.is_concerned(actor, ticket, step.event)


def may_decide(step: Step, proposal: Proposal, actor: Actor) -> bool:
    """Tell whether `actor` is the one whose word this proposal waits for."""
    if actor.user_id is None or actor.user_id in {proposal.asked_by_id, proposal.checked_by_id}:
        return False
    if not policy.is_concerned(actor, proposal.ticket, step.event):
        return False
    if step.checks and proposal.state is ProposalState.PENDING:
        return actor.role in step.checks
    return actor.role in _who(step, proposal.ticket)


def deciders(step: Step) -> frozenset[Role]:
    """Return the roles that hear of a proposal first."""
    if step.checks:
        return frozenset(step.checks)
    return frozenset(step.lifts[1] if step.lifts else step.who)


def _who(step: Step, ticket: Ticket) -> frozenset[Role]:
    """Return the roles that decide: the second extension is the chief's (T14)."""
    if step.lifts:
        return frozenset(step.lifts[1])
    if step.event is Event.APPROVE_EXTENSION:
        second = ticket.extension_count > 0
        return frozenset({table.C if second else table.OD})
    return frozenset(step.who)


def decide(proposal: Proposal, given: StepInput, *, approve: bool, actor: Actor) -> Written:
    """Approve a proposal, and thereby take the step; pass it on; or refuse it with a reason.

    Raises NotAllowed to whoever asked or looked at it before, and DomainError where it was
    decided already or its conditions no longer hold.
    """
    ticket = proposal.ticket
    if not proposal.is_open:
        raise DomainError(N_("这条申请已经是“{state}”。"), state=proposal.state)
    step = table.step(ticket.status, proposal.event)
    if not may_decide(step, proposal, actor):
        own = actor.user_id in {proposal.asked_by_id, proposal.checked_by_id}
        message = N_("自己提出或审核过的，要由别人决定。") if own else NOT_YOURS
        raise NotAllowed(message, event=proposal.event)
    if not approve:
        return _refuse(proposal, given, actor)
    if step.checks and proposal.state is ProposalState.PENDING:
        return _pass_on(step, proposal, given, actor)
    return _approve(step, proposal, given, actor)


def _approve(step: Step, proposal: Proposal, given: StepInput, actor: Actor) -> Written:
    asked = StepInput.from_json(proposal.payload)
    move = moving.begin(proposal.ticket, asked, actor=actor, proposal=proposal)
    move.lifted = step.lifts is not None
    move.payload |= {
        "asked_by_id": proposal.asked_by_id,
        "decision": given.comment,
    }
    proposal.state = ProposalState.APPROVED
    _decided(proposal, given, move)
    return carry_out(step, move)


def _pass_on(step: Step, proposal: Proposal, given: StepInput, actor: Actor) -> Written:
    move = moving.begin(proposal.ticket, given, actor=actor, proposal=proposal)
    proposal.state = ProposalState.CHECKED
    proposal.checked_by_id, proposal.checked_at = actor.user_id, move.at
    event = moving.close(move, Note.REVIEWED, about=proposal.event)
    telling.ask(proposal, frozenset(step.who), event)
    return event


def _refuse(proposal: Proposal, given: StepInput, actor: Actor) -> Written:
    asking.text(given.comment, "comment", least=2)
    move = moving.begin(proposal.ticket, given, actor=actor, proposal=proposal)
    proposal.state = ProposalState.REFUSED
    _decided(proposal, given, move)
    if proposal.event is Event.APPROVE_RETURN and proposal.ticket.dispatches:
        proposal.ticket.dispatches[-1].return_locked = True
    event = moving.close(move, Note.REFUSED, about=proposal.event)
    telling.answer(proposal, event)
    return event


def _decided(proposal: Proposal, given: StepInput, move: Move) -> None:
    proposal.decided_by_id, proposal.decided_at = move.actor.user_id, move.at
    proposal.decision = given.comment


def withdraw(proposal: Proposal, *, actor: Actor) -> Written:
    """Take one's own proposal back while nobody has decided on it."""
    if proposal.asked_by_id != actor.user_id:
        raise NotAllowed(N_("只有提出的人能撤回。"))
    if not proposal.is_open:
        raise DomainError(N_("这条申请已经是“{state}”。"), state=proposal.state)
    move = moving.begin(proposal.ticket, StepInput(), actor=actor, proposal=proposal)
    proposal.state, proposal.decided_at = ProposalState.WITHDRAWN, move.at
    return moving.close(move, Note.WITHDRAWN, about=proposal.event)


def _lifted(move: Move) -> Move:
    """Carry the enterprise's recorded no into a rework that is lifted (T22 with T15)."""
    said = [r for r in facts.attempts(move.ticket.id, move.ticket.round) if r.reached]
    if not said:
        raise DomainError(N_("先登记这一轮的回访结果，再提请提级重办。"))
    last = said[-1]
    answers = replace(
        move.given,
        reached=True,
        channel=last.channel,
        solved=last.solved,
        result_score=last.result_score,
        attitude_score=last.attitude_score,
        contacted=last.contacted,
    )
    if move.ticket.round < move.parameters.max_round:
        raise DomainError(
            N_("还没有办满 {n} 轮，由回访人直接转重办。"), n=move.parameters.max_round
        )
    return replace(move, given=answers, lifted=True)


def _decide_by(event: Event, move: Move) -> datetime:
    if event is Event.APPROVE_RETURN:
        return clocks.ruling_deadline(move.at, move.calendar)
    return move.calendar.due_at(move.at, 1)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Invalid(N_("要由一个人提出。"))
    return actor.user_id
