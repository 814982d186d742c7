"""What the page of a ticket offers beside itself: its neighbours in a list, notes, a print."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from flask import request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.accounts.roles import Actor
from app.tickets import policy, queries
from app.tickets.forms import register
from app.tickets.models import Ticket
from app.tickets.queries.register import around
from app.tickets.service import Offer
from app.tickets.views.blueprint import reading
from app.tickets.workflow.states import Note

LONGEST = 1000  # characters of a list's address
FARTHEST = 5000  # how far down a list one may step from ticket to ticket
BEFORE = 3  # places that a ticket may have moved up meanwhile
WINDOW = 8


@dataclass(frozen=True, slots=True)
class Beside:
    """The list one came from and the tickets next to this one; a key for a note; a print."""

    list_url: str = ""
    previous_url: str = ""
    next_url: str = ""
    comment_key: str = ""
    note_url: str = ""


def beside(ticket: Ticket, offers: tuple[Offer, ...], viewer: Actor) -> Beside:
    """Return what stands beside this ticket for this viewer."""
    comments = any(offer.name == Note.COMMENTED for offer in offers)
    prints = ticket.dispatched_at is not None and policy.may_print_note(viewer)
    list_url, previous, following = _neighbours(ticket.id)
    return Beside(
        list_url=list_url,
        previous_url=previous,
        next_url=following,
        comment_key=uuid4().hex if comments else "",
        note_url=url_for(".note", ticket_id=ticket.id) if prints else "",
    )


def came(page_number: int, size: int) -> tuple[str, int]:
    """Return what the links of a register page carry, and the place of its first row."""
    query = register.cleaned(request.args)[:LONGEST]
    return f"?{urlencode({'list': query})}&at=", (page_number - 1) * size


def _neighbours(ticket_id: int) -> tuple[str, str, str]:
    """Return the addresses of the list, and of the tickets before and after in its order."""
    at = request.args.get("at", type=int)
    query = request.args.get("list", "")[:LONGEST]
    if at is None or not 0 <= at <= FARTHEST:
        return "", "", ""
    args = MultiDict(parse_qsl(query))
    asked = register.read(args, queries.filter_lists(viewer=current_user)).filter
    first = max(0, at - BEFORE)
    ids = around(asked, viewer=current_user, reading=reading(), place=first, size=WINDOW)
    if ticket_id in ids:
        place = ids.index(ticket_id)
        before, after = place - 1, place + 1
    else:  # it moved on: whatever stands in its place comes next
        before, after = at - first - 1, at - first
    return (
        url_for(".index") + (f"?{query}" if query else ""),
        _link(ids, before, first, query),
        _link(ids, after, first, query),
    )


def _link(ids: list[int], place: int, first: int, query: str) -> str:
    if not 0 <= place < len(ids):
        return ""
    return url_for(".detail", ticket_id=ids[place], list=query, at=first + place)
