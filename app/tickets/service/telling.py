"""Who hears of what: the last column of the transition table (C2.3), as inbox messages."""

from collections.abc import Callable

from app.accounts.roles import Role
from app.core.i18n import N_
from app.notifications import service as outbox
from app.tickets.models import Proposal, Ticket, TicketEvent
from app.tickets.queries import facts
from app.tickets.service.moving import Move
from app.tickets.workflow.states import Event

RULE = "ticket-event"
OFFICE = frozenset({Role.DISPATCHER})
DIRECTOR = frozenset({Role.OFFICE_DIRECTOR})
UNIT = frozenset({Role.HANDLER, Role.DEPT_HEAD})

Audience = Callable[[Ticket], list[int | None]]


def _office(ticket: Ticket) -> list[int | None]:
    return [*facts.holders(ticket.tenant_id, OFFICE)]


def _director(ticket: Ticket) -> list[int | None]:
    return [*facts.holders(ticket.tenant_id, DIRECTOR)]


def _unit(ticket: Ticket) -> list[int | None]:
    if ticket.lead_unit_id is None:
        return []
    return [*facts.holders(ticket.tenant_id, UNIT, ticket.lead_unit_id)]


def _co_units(ticket: Ticket) -> list[int | None]:
    newest = ticket.dispatches[-1].id if ticket.dispatches else None
    found: list[int | None] = []
    for task in ticket.co_tasks:
        if task.dispatch_id == newest:
            found += facts.holders(ticket.tenant_id, UNIT, task.unit_id)
    return found


def _submitter(ticket: Ticket) -> list[int | None]:
    return [ticket.submitted_by_id]


def _leader(ticket: Ticket) -> list[int | None]:
    return [ticket.leader_id, ticket.escalation_owner_id]


def _revisitor(ticket: Ticket) -> list[int | None]:
    """Return the enterprise's own liaison; without one, the office."""
    return [ticket.liaison_id] if ticket.liaison_id else _office(ticket)


def _enterprise(ticket: Ticket) -> list[int | None]:
    return [*facts.enterprise_people(ticket.enterprise_id)]


AUDIENCES: dict[Event, tuple[Audience, ...]] = {
    Event.SUBMIT: (_office, _enterprise),
    Event.ACCEPT: (_submitter,),
    Event.REJECT: (_submitter, _enterprise),
    Event.REQUEST_SUPPLEMENT: (_submitter,),
    Event.MERGE: (_submitter, _enterprise),
    Event.CLOSE_ON_SITE: (_revisitor,),
    Event.DISPATCH: (_unit, _co_units, _leader),
    Event.SIGN: (_office,),
    Event.AUTO_SIGN: (_unit, _office),
    Event.APPROVE_RETURN: (_unit, _office),
    Event.REASSIGN: (_unit, _co_units),
    Event.APPROVE_EXTENSION: (_unit, _enterprise, _submitter),
    Event.ESCALATE: (_leader, _unit),
    Event.APPROVE_SUSPENSION: (_unit, _enterprise),
    Event.RESUME: (_unit,),
    Event.SUBMIT_REPLY: (_office,),
    Event.RETURN_REPLY: (_unit,),
    Event.APPROVE_REPLY: (_revisitor, _enterprise),
    Event.REVISIT_CLOSE: (_unit, _submitter, _office),
    Event.REVISIT_REWORK: (_unit, _leader),
    Event.CLOSE_UNSATISFIED: (_enterprise, _unit),
    Event.REOPEN: (_unit,),
    Event.CANCEL: (_unit, _submitter),
}
MOVED = N_("{what_label}：{title}（{number}）")
ASKED = N_("请您决定“{what_label}”：{title}（{number}）")
ANSWERED = N_("不同意“{what_label}”：{title}（{number}）")


def tell(event: Event, move: Move, written: TicketEvent) -> None:
    """Tell everybody whom the table names of a step, but not the one who took it."""
    people: list[int | None] = []
    for audience in AUDIENCES.get(event, ()):
        people += audience(move.ticket)
    if event is Event.PROGRESS_NOTE and move.given.for_enterprise:
        people += _enterprise(move.ticket)
    to(people, MOVED, move.ticket, written, what=event.label)


def ask(proposal: Proposal, roles: frozenset[Role], written: TicketEvent) -> None:
    """Tell those whose word a proposal waits for."""
    ticket = proposal.ticket
    unit_id = ticket.lead_unit_id if roles <= UNIT else None
    people = facts.holders(ticket.tenant_id, roles, unit_id)
    to([*people], ASKED, ticket, written, what=proposal.event.label)


def answer(proposal: Proposal, written: TicketEvent) -> None:
    """Tell the one who asked that it was refused."""
    people: list[int | None] = [proposal.asked_by_id]
    to(people, ANSWERED, proposal.ticket, written, what=proposal.event.label)


def to(
    people: list[int | None], subject: str, ticket: Ticket, written: TicketEvent, *, what: str
) -> None:
    """Put a message about one line of the history into the inbox of `people`."""
    outbox.tell(
        [user_id for user_id in people if user_id != written.actor_id],
        tenant_id=ticket.tenant_id,
        rule=RULE,
        period=str(written.id),
        subject=subject,
        link=f"/tickets/{ticket.id}",
        context={"number": ticket.number or "", "title": ticket.title, "what_label": what},
    )
