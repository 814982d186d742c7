"""What the viewer may do with a ticket now, as buttons and sentences."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from app.core.locale import said, translated
from app.tickets.forms.steps import FORMS
from app.tickets.service import Kind, Offer
from app.tickets.views import words
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
