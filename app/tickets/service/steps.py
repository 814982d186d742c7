"""The one function that moves a ticket. Pages, jobs, visits and bulk all go through it."""

from dataclasses import replace

from app.accounts.roles import Actor
from app.core.db import db, read_again
from app.core.errors import NotAllowed, Stale
from app.core.i18n import N_
from app.tickets import policy
from app.tickets.models import Proposal, ProposalState, Ticket
from app.tickets.queries import facts
from app.tickets.service import (
    covering,
    drafting,
    firms,
    guards,
    hiding,
    inviting,
    membership,
    moving,
    parts,
    telling,
)
from app.tickets.service.effects import EFFECTS
from app.tickets.service.given import StepInput, TicketDraft, Told
from app.tickets.service.moving import Move, Written
from app.tickets.workflow import table
from app.tickets.workflow.states import Event, Note
from app.tickets.workflow.table import Step


def check_version(ticket: Ticket, version: int | None) -> None:
    """Raise Stale where the form was read at another version than the ticket is now."""
    read_again(ticket)
    if version is not None and ticket.version != version:
        raise Stale(N_("刚才有人办过这件企业问题。您写的都在，请对照最新情况后再提交。"))


def take(ticket: Ticket, event: Event, given: StepInput, *, actor: Actor) -> Written:
    """Take a step that one person may take alone, and record it.

    Raises IllegalStep where the table has no such step, NotAllowed where it is not this
    actor's, and what the guards of the step raise; then nothing has changed.
    """
    step = table.step(ticket.status, event)
    authorise(step, ticket, actor)
    if step.two_person and not acts_alone(step, ticket, actor):
        raise NotAllowed(N_("{event}要两个人：一人提出，另一人决定。请先提出。"), event=event)
    return carry_out(step, moving.begin(ticket, given, actor=actor))


def hand_in(draft: TicketDraft, *, actor: Actor, told: Told | None = None) -> Ticket:
    """Write a problem down and hand it in at once: the same step as from a draft (T01).

    `told` is what an enterprise was given already, where it told the problem by itself.
    Raises NotAllowed, or Invalid at the field that is wrong; then nothing has changed.
    """
    with db.session.no_autoflush:  # the ticket and its first event are written together
        ticket = drafting.begin_ticket(draft, actor)
        given = StepInput()
        if told is not None:
            ticket.number, ticket.query_code = told.number, told.query_code
            given = StepInput(at=told.at, comment=told.by_card)
        take(ticket, Event.SUBMIT, given, actor=actor)
    return ticket


def authorise(step: Step, ticket: Ticket, actor: Actor) -> None:
    """Raise NotAllowed unless `actor` may take, or decide on, this step of this ticket."""
    if not may_take(step, ticket, actor):
        raise NotAllowed(N_("您现在的身份不能{event}这件企业问题。"), event=step.event)


def may_take(step: Step, ticket: Ticket, actor: Actor) -> bool:
    """Tell whether the step is for this actor's role, and this ticket is their concern."""
    alone = step.event is Event.SUBMIT_REPLY and acts_alone(step, ticket, actor)
    if actor.role not in step.who and not alone:
        return False
    return policy.is_concerned(actor, ticket, step.event)


def acts_alone(step: Step, ticket: Ticket, actor: Actor) -> bool:
    """Tell whether the two-person rule is waived: an answer from a unit of one person (T18)."""
    if step.event is not Event.SUBMIT_REPLY or actor.role not in step.who | step.asks:
        return False
    unit_id = ticket.lead_unit_id
    if unit_id is None or unit_id != actor.unit_id:
        return False
    return facts.people_in(unit_id) == 1


def carry_out(step: Step, move: Move) -> Written:
    """Check the guards, do what the step does, and write it down. Rights are checked before."""
    was_open = not move.ticket.confidential
    with db.session.no_autoflush:  # what is written goes out together, in `close`
        guards.check(step.event, move)
        EFFECTS[step.event](move)
    event = moving.close(move, step.event, target=step.target)
    if any(row.two_person or row.lifts for row in table.steps_from(step.source)):
        _lapse_proposals(step, move)
    if step.event is Event.MERGE:
        _take_in(move)
    if step.event is Event.SUBMIT:
        drafting.index(move.ticket)
    covering.after(move)
    parts.after(move)
    membership.after(step.event, move)
    inviting.after(move)
    if was_open and move.ticket.confidential:
        hiding.follow(move.ticket, actor=move.actor, at=move.at)
    telling.tell(step.event, move, event)
    firms.write(step.event, move, event)
    return event


def _take_in(move: Move) -> None:
    """Write into the master's history what it took in, and whom else to call (T05)."""
    child = move.ticket
    if child.master is None:
        return
    note = moving.begin(child.master, StepInput(), actor=move.actor)
    note.payload = {"number": child.number, "contact": child.contact_name}
    moving.close(note, Note.TOOK_IN)


def _lapse_proposals(step: Step, move: Move) -> None:
    """End every open proposal for a step that can no longer begin.

    What a unit asked for ends with its dispatch: the next unit speaks for itself (T11).
    """
    for proposal in move.ticket.proposals:
        if proposal is move.proposal or not proposal.is_open:
            continue
        if step.event is Event.REASSIGN or not _can_begin(move.ticket, proposal):
            proposal.state = ProposalState.LAPSED
            proposal.decided_at = move.at
            lapsed = replace_move(move)
            moving.close(lapsed, Note.LAPSED, about=proposal.event, comment="")


def replace_move(move: Move) -> Move:
    """Return a fresh move by the same hand at the same moment, for a note beside a step."""
    return replace(
        move,
        given=StepInput(),
        payload={},
        changes=[],
        due_before=move.ticket.due_at,
        status_before=move.ticket.status,
        handler_before=move.ticket.handler_id,
    )


def _can_begin(ticket: Ticket, proposal: Proposal) -> bool:
    return any(row.event is proposal.event for row in table.steps_from(ticket.status))
