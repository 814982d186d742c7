"""Who hears of what: the last column of the transition table (C2.3), as inbox messages."""

from collections.abc import Callable, Sequence

from app.accounts.roles import Role
from app.core.i18n import N_
from app.notifications import service as outbox
from app.tickets import policy
from app.tickets.models import Proposal, Ticket
from app.tickets.queries import facts
from app.tickets.queries.facts import Holders
from app.tickets.service import readers
from app.tickets.service.moving import Move, Written
from app.tickets.workflow.codes import Discontent
from app.tickets.workflow.states import Event

RULE = "ticket-event"
OFFICE = frozenset({Role.DISPATCHER})
DIRECTOR = frozenset({Role.OFFICE_DIRECTOR})
UNIT = frozenset({Role.HANDLER, Role.DEPT_HEAD})

#: Who is meant: a person, or whoever holds a role.
Hearer = int | Holders | None
Audience = Callable[[Ticket], list[Hearer]]


def _office(_ticket: Ticket) -> list[Hearer]:
    return [Holders(OFFICE)]


def _unit(ticket: Ticket) -> list[Hearer]:
    return unit(UNIT, ticket)


def _co_units(ticket: Ticket) -> list[Hearer]:
    return [Holders(UNIT, unit_id=task.unit_id) for task in ticket.present_co_tasks]


def _released(ticket: Ticket) -> list[Hearer]:
    """Return the unit whose dispatch has ended, and the co-units whose task fell away with it."""
    ended = [one for one in ticket.dispatches if one.ended_at is not None]
    if not ended:
        return []
    last = ended[-1]
    fell = (
        task.unit_id
        for task in ticket.co_tasks
        if task.dispatch_id == last.id and task.settled_at == last.ended_at
    )
    return [Holders(UNIT, unit_id=unit_id) for unit_id in (last.lead_unit_id, *fell)]


def _unit_or_director(ticket: Ticket) -> list[Hearer]:
    """Return the lead unit; what was answered on the spot has none, and needs one now (T06)."""
    return _unit(ticket) or [Holders(DIRECTOR)]


def _submitter(ticket: Ticket) -> list[Hearer]:
    return [ticket.submitted_by_id]


def _writer(ticket: Ticket) -> list[Hearer]:
    """Return who handed it in, and who has to go on with it where that is another by now."""
    return [ticket.submitted_by_id, ticket.created_by_id]


def _leader(ticket: Ticket) -> list[Hearer]:
    return [ticket.leader_id, ticket.escalation_owner_id]


def revisitor(ticket: Ticket) -> list[Hearer]:
    """Return the enterprise's own liaison; without one, the office."""
    return [ticket.liaison_id] if ticket.liaison_id else _office(ticket)


def _enterprise(ticket: Ticket) -> list[Hearer]:
    return [Holders(enterprise_id=ticket.enterprise_id)]


def unit(roles: frozenset[Role], ticket: Ticket) -> list[Hearer]:
    """Return whoever holds one of `roles` in the lead unit, where there is one."""
    return [] if ticket.lead_unit_id is None else [Holders(roles, unit_id=ticket.lead_unit_id)]


AUDIENCES: dict[Event, tuple[Audience, ...]] = {
    Event.SUBMIT: (_office, _enterprise),
    Event.ACCEPT: (_submitter,),
    Event.REJECT: (_submitter, _enterprise),
    Event.REQUEST_SUPPLEMENT: (_writer,),
    Event.MERGE: (_submitter, _enterprise),
    Event.CLOSE_ON_SITE: (revisitor,),
    Event.DISPATCH: (_unit, _co_units, _leader),
    Event.SIGN: (_office,),
    Event.AUTO_SIGN: (_unit, _office),
    Event.APPROVE_RETURN: (_released, _office),
    Event.REASSIGN: (_unit, _co_units, _released),
    Event.APPROVE_EXTENSION: (_unit, _enterprise, _submitter),
    Event.ESCALATE: (_leader, _unit),
    Event.APPROVE_SUSPENSION: (_unit, _enterprise),
    Event.RESUME: (_unit,),
    Event.SUBMIT_REPLY: (_office,),
    Event.RETURN_REPLY: (_unit,),
    Event.APPROVE_REPLY: (revisitor, _enterprise),
    Event.REVISIT_CLOSE: (_unit, _submitter, _office),
    Event.REVISIT_REWORK: (_unit_or_director, _co_units, _leader),
    Event.CLOSE_UNSATISFIED: (_enterprise, _unit),
    Event.REOPEN: (_unit,),
    Event.CANCEL: (_unit, _released, _submitter),
}
MOVED = N_("{what_label}：{title}（{number}）")
REWORKED = N_("{what_label}：{title}（{number}）。理由：{why}")
NOT_CONTENT = N_("最后一轮办完企业仍不认可，请提请提级重办或不满意认定")
ASKED = N_("请您决定“{what_label}”：{title}（{number}）")
ANSWERED = N_("不同意“{what_label}”：{title}（{number}）")
#: What is said of a confidential ticket: neither its title nor its number.
MOVED_FOR_FEW = N_("{what_label}：一件限知件")
WHY_SHOWN = 120  # characters of a reason in a message
FOR_FEW = {
    ASKED: N_("请您决定“{what_label}”：一件限知件"),
    ANSWERED: N_("不同意“{what_label}”：一件限知件"),
}


def tell(event: Event, move: Move, written: Written) -> None:
    """Tell everybody whom the table names of a step, but not the one who took it."""
    people: list[Hearer] = []
    for audience in AUDIENCES.get(event, ()):
        people += audience(move.ticket)
    if event is Event.PROGRESS_NOTE and move.given.for_enterprise:
        people += _enterprise(move.ticket)
    if event is Event.SUBMIT and move.ticket.confidential:
        people.append(Holders(frozenset({Role.OFFICE_DIRECTOR})))  # who names a dispatcher
    if event is Event.REVISIT_REWORK and (why := _why(move)):
        to(people, REWORKED, move.ticket, written, what=event.label, why=why)
        return
    to(people, MOVED, move.ticket, written, what=event.label)


def _why(move: Move) -> str:
    """Return why it is handled again, as the units are told: never what the enterprise said.

    Where its words stand for a reason, the reasons that were chosen are told instead.
    """
    comment, heard = move.given.comment, [one.words for one in move.ticket.revisits]
    if not policy.is_verbatim(comment, (move.given.words, *heard)):
        return comment
    return "；".join(Discontent(one).label for one in move.given.reasons)


def to_director(ticket: Ticket, written: Written) -> None:
    """Tell the director that the last round was not enough: what comes next is theirs."""
    to([Holders(DIRECTOR)], MOVED, ticket, written, what=NOT_CONTENT)


def ask(proposal: Proposal, roles: frozenset[Role], written: Written) -> None:
    """Tell those whose word a proposal waits for."""
    ticket = proposal.ticket
    people = unit(roles, ticket) if roles <= UNIT else [Holders(roles)]
    to(people, ASKED, ticket, written, what=proposal.event.label)


def answer(proposal: Proposal, written: Written) -> None:
    """Tell the one who asked that it was refused."""
    to([proposal.asked_by_id], ANSWERED, proposal.ticket, written, what=proposal.event.label)


def to(
    people: Sequence[Hearer],
    subject: str,
    ticket: Ticket,
    written: Written,
    *,
    what: str,
    why: str = "",
) -> None:
    """Put a message about one line of the history into the inbox of `people`.

    Of a confidential ticket only its readers are told, and no title or number.
    """
    _put(
        people,
        subject,
        ticket,
        what=what,
        key=(RULE, str(written.id)),
        but=written.actor_id,
        why=why,
    )


def remind(people: Sequence[Hearer], ticket: Ticket, *, what: str, rule: str, period: str) -> None:
    """Put a message of the timetable into the inbox of `people`, once for this rule and period."""
    _put(people, MOVED, ticket, what=what, key=(rule, period), but=None)


def _put(
    people: Sequence[Hearer],
    subject: str,
    ticket: Ticket,
    *,
    what: str,
    key: tuple[str, str],
    but: int | None,
    why: str = "",
) -> None:
    ids = [one for one in people if isinstance(one, int)]
    meant = [one for one in people if isinstance(one, Holders)]
    ids += facts.holders(ticket.tenant_id, *meant)
    context = {"number": ticket.number or "", "title": ticket.title, "what_label": what}
    if why:
        context["why"] = why[:WHY_SHOWN]
    if ticket.confidential:
        ids = readers.told(ticket, ids)
        subject = FOR_FEW.get(subject, MOVED_FOR_FEW)
        context = {"what_label": what}
    rule, period = key
    told = [user_id for user_id in ids if user_id != but]
    outbox.tell(
        told,
        tenant_id=ticket.tenant_id,
        rule=rule,
        period=period,
        subject=subject,
        link=f"/tickets/{ticket.id}",
        context=context,
        deputies=not ticket.confidential,
    )
