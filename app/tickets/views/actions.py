"""What the viewer may do with a ticket now, as buttons and sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from app.accounts.roles import Actor
from app.core.locale import said, translated
from app.tickets import policy
from app.tickets.forms.steps import FORMS
from app.tickets.models import Proposal
from app.tickets.queries import TicketPage
from app.tickets.service import Kind, Offer
from app.tickets.views import words
from app.tickets.views.telling import asked
from app.tickets.workflow.states import Event

#: They end with the same form: what the enterprise says decides.
REVISITS = (Event.REVISIT_CLOSE, Event.REVISIT_REWORK)
#: Below the others: what ends a ticket, or undoes what was done.
LAST = (Event.REJECT, Event.CLOSE_UNSATISFIED, Event.CANCEL, Event.DISCARD, Event.ARCHIVE)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that may be done now; or, with a `reason`, one that may not."""

    name: str
    verb: str
    icon: str
    url: str
    asks: bool = False
    grave: bool = False
    reason: str = ""


def decisions(offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers to decide on what somebody asked for."""
    return [offer for offer in offers if offer.kind is Kind.DECIDE]


def actions(ticket_id: int, offers: Iterable[Offer]) -> list[Action]:
    """Return what may be done, each thing once, and below it what has become impossible."""
    found: dict[tuple[str, bool], Action] = {}
    for offer in offers:
        if offer.kind is Kind.DECIDE or offer.name not in FORMS:
            continue
        action = _action(ticket_id, offer)
        found.setdefault((action.name, action.asks), action)
    return sorted(found.values(), key=lambda action: (bool(action.reason), action.grave))


def _action(ticket_id: int, offer: Offer) -> Action:
    asks = offer.kind is Kind.ASK
    name = offer.name
    if name in REVISITS and not asks:
        name = Event.REVISIT_CLOSE.value
    return Action(
        name=name,
        verb=translated(words.ASKS[name] if asks else words.VERBS[name]),
        icon=FORMS[name].icon,
        url=url_for(".step", ticket_id=ticket_id, name=name),
        asks=asks,
        grave=name in LAST,
        reason=said(offer.refusal) if offer.refusal else "",
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A proposal that waits, as the page of its ticket shows it."""

    id: int
    what: str
    who: str
    asked_at: datetime
    decide_due_at: datetime | None
    facts: list[tuple[str, str]]
    url: str  # of its own page
    decides: bool  # whether it waits for the viewer
    withdraw_url: str  # where whoever asked takes it back


def proposals(page: TicketPage, offers: Iterable[Offer], viewer: Actor) -> list[Asked]:
    """Return the proposals that wait for somebody, with a way to decide for whom they wait for."""
    mine = {offer.proposal.id for offer in decisions(offers) if offer.proposal}
    return [
        told(page, proposal, decides=proposal.id in mine, viewer=viewer)
        for proposal in page.ticket.proposals
        if proposal.is_open
    ]


def told(page: TicketPage, proposal: Proposal, *, decides: bool, viewer: Actor) -> Asked:
    """Return one proposal as pages show it."""
    here: dict[str, Any] = {"ticket_id": page.ticket.id, "proposal_id": proposal.id}
    hidden = policy.SAID if page.is_rated else frozenset()
    payload = {key: value for key, value in proposal.payload.items() if key not in hidden}
    return Asked(
        id=proposal.id,
        what=translated(proposal.event.label),
        who=page.names.users.get(proposal.asked_by_id, ""),
        asked_at=proposal.asked_at,
        decide_due_at=proposal.decide_due_at,
        facts=asked(proposal.event, payload, page.names),
        url=url_for(".proposal", **here),
        decides=decides,
        withdraw_url=url_for(".withdraw", **here) if proposal.asked_by_id == viewer.user_id else "",
    )
