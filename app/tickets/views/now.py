"""The card at the top of a ticket: what this viewer must do now, or whose move it is."""

from datetime import datetime

from flask import url_for

from app.core import clock, locale
from app.core.i18n import N_
from app.core.locale import spoken as _
from app.core.locale import translated
from app.core.pieces import Card
from app.tickets import clocks
from app.tickets.models import CoTaskState, Ticket
from app.tickets.queries import Reading, TicketPage, supervision
from app.tickets.service import Offer
from app.tickets.views import words
from app.tickets.views.actions import Action, decisions
from app.tickets.workflow.states import Clock, Event, Note, Status

ANSWER = N_("督办答复")
#: The clock of each state, by which whoever holds the ball is measured.
MOVES = {
    Status.PENDING_ACCEPTANCE: Clock.ACCEPTANCE,
    Status.PENDING_DISPATCH: Clock.DISPATCH,
    Status.PENDING_SIGN: Clock.SIGN,
    Status.PENDING_REVIEW: Clock.REVIEW,
    Status.PENDING_REVISIT: Clock.REVISIT,
}


#: What is owed beside the handling, and pauses with it.
BESIDE = frozenset({Note.CO_SUBMITTED, Note.SUPERVISION_ANSWERED, Note.DIRECTIVE_ANSWERED})


def card(
    page: TicketPage, offers: tuple[Offer, ...], actions: list[Action], reading: Reading
) -> Card:
    """Return the one thing to do first; where there is nothing, whose move it is."""
    ticket = page.ticket
    asked = decisions(offers)
    if asked:
        return _decision(page, asked[0])
    possible = {action.name: action for action in actions if not action.reason}
    for name in words.FIRST:
        if name in possible and not _is_settled(ticket, name):
            return _first(ticket, possible[name], reading)
    blocked = next((a for a in actions if a.name == Event.SUBMIT_REPLY and a.reason), None)
    if blocked:
        return _blocked(blocked, possible)
    return _waiting(page, reading)


def rating(ticket: Ticket) -> Card:
    """Return the card that asks the enterprise's own people what they say of the answer."""
    return Card(
        title=_("有答复了，请您评价"),
        text=_("您说解决了才算办结；没解决，我们接着办。"),
        url=url_for("portal.rate_mine", ticket_id=ticket.id),
        verb=_("去评价"),
        icon="chat-left-text",
    )


def _is_settled(ticket: Ticket, name: str) -> bool:
    """Tell whether it may be done, and need not be: a meeting once the ticket is handed out."""
    return name == Note.MEETING and ticket.status is not Status.PENDING_DISPATCH


def _decision(page: TicketPage, offer: Offer) -> Card:
    proposal = offer.proposal
    who = page.names.users.get(proposal.asked_by_id, "") if proposal else ""
    text = _(
        "%(who)s在%(at)s提出，最迟%(due)s决定。",
        who=who,
        at=locale.moment(proposal.asked_at if proposal else None),
        due=locale.moment(proposal.decide_due_at if proposal else None),
    )
    late = bool(proposal and proposal.decide_due_at and proposal.decide_due_at < clock.now())
    return Card(
        title=_("请决定是否同意：%(what)s", what=translated(offer.label)),
        text=text,
        tone="red" if late else "",
        url=url_for(
            ".proposal",
            ticket_id=page.ticket.id,
            proposal_id=proposal.id if proposal else 0,
        ),
        verb=_("看申请并决定"),
        icon="check2-circle",
    )


def _first(ticket: Ticket, action: Action, reading: Reading) -> Card:
    url, verb = action.url, action.verb
    if action.name == Event.SUBMIT:
        url, verb = url_for(".edit", ticket_id=ticket.id), _("接着写")
    text, late = _deadline(ticket, action.name, reading)
    return Card(
        title=translated(words.FIRST[action.name]),
        text=text,
        tone="red" if late else "",
        url=url,
        verb=verb,
        icon=action.icon,
    )


def _blocked(blocked: Action, possible: dict[str, Action]) -> Card:
    """Say why the answer cannot be handed in yet, and offer what can be done meanwhile."""
    names = (Note.CO_WAIVED, Event.PROGRESS_NOTE)
    other = next((possible[name] for name in names if name in possible), None)
    return Card(
        title=_("还不能提交答复"),
        text=blocked.reason,
        url=other.url if other else "",
        verb=other.verb if other else "",
        icon=other.icon if other else "",
    )


def _deadline(ticket: Ticket, name: str, reading: Reading) -> tuple[str, bool]:
    """Return until when the move must be made, in a sentence, and whether that has passed."""
    which, due = _clock(ticket, name)
    if due is None:
        return "", False
    light = clocks.move_light(
        due, 1, calendar=reading.calendar, parameters=reading.parameters, now=reading.now
    )
    told = {"clock": translated(which), "due": locale.moment(due)}
    if ticket.status in clocks.STILL and name in BESIDE:
        return _("%(clock)s最迟%(due)s，现在不计时。", **told), False
    return _("%(clock)s最迟%(due)s，%(left)s。", left=word(light), **told), reading.now > due


def _clock(ticket: Ticket, name: str) -> tuple[str, datetime | None]:
    """Return the deadline that a step is measured by, and what it is called."""
    if name == Note.CO_SUBMITTED:
        waiting = [t.due_at for t in ticket.co_tasks if t.state is CoTaskState.OPEN]
        return Clock.CO_TASK.label, min(waiting, default=None)
    if name == Note.SUPERVISION_ANSWERED:
        asked = [n.answer_due_at for n in ticket.supervision_notes if not n.answered_at]
        return ANSWER, min(asked, default=None)
    if name == Note.DIRECTIVE_ANSWERED:
        given = supervision.directives_of(ticket.id, waiting=True)
        return Clock.DIRECTIVE.label, min((one.due_at for one in given), default=None)
    if name == Event.FIRST_CONTACT:
        return Clock.CONTACT.label, ticket.contact_due_at
    if ticket.status is Status.IN_PROGRESS:
        return Clock.HANDLE.label, ticket.due_at
    clock_ = MOVES.get(ticket.status)
    return (clock_.label if clock_ else ""), ticket.move_due_at


def word(light: clocks.Light | None) -> str:
    """Return the word of a light, counted."""
    return translated(light.word).format(n=light.n) if light else ""


def _waiting(page: TicketPage, reading: Reading) -> Card:
    ticket = page.ticket
    unit = ticket.lead_unit.name if ticket.lead_unit else ""
    title = _(words.WAITING[ticket.status], unit=unit)
    if ticket.status in words.ENDED:
        return Card(title=title, text=_ended(ticket), tone="done")
    if ticket.is_over:
        return Card(title=title, text=_told(page), tone="done")
    text, late = _deadline(ticket, "", reading)
    if ticket.status is Status.SUSPENDED:
        text, late = _("%(day)s复核。", day=locale.day(ticket.next_review_on)), False
    elif ticket.status in clocks.PAUSED and late:  # that is told to whoever owes it
        which, due = _clock(ticket, "")
        told = {"clock": translated(which), "due": locale.moment(due)}
        text, late = _("%(clock)s最迟%(due)s。", **told), False
    asked = [p for p in ticket.proposals if p.is_open]
    if asked:
        what = _("、").join(translated(p.event.label) for p in asked)
        text += _("%(what)s正等决定。", what=what)
    return Card(title=title, text=text, tone="red" if late else "")


def _ended(ticket: Ticket) -> str:
    how = translated(ticket.closing.label) if ticket.closing else ""
    return str(_("%(at)s办结：%(how)s。", at=locale.moment(ticket.closed_at), how=how))


def _told(page: TicketPage) -> str:
    ticket = page.ticket
    if ticket.status is Status.MERGED and ticket.master:
        return str(_("以后看 %(number)s。", number=ticket.master.number))
    last = page.events[-1] if page.events else None
    return _("%(at)s。", at=locale.moment(last.at)) if last else ""
