"""The roles in which a person is asked for a word: one actor for each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts import queries as people
from app.accounts.models import User
from app.accounts.queries import absences
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.reports.workflow import DIRECTORS, READERS
from app.tickets import policy
from app.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Seat:
    """A role that a person holds, as an actor; `holding_id` is what the switch of roles names."""

    actor: Actor
    holding_id: int


def of(user_id: int, *, first: Role | None = None, ip: str = "") -> tuple[Seat, ...]:
    """Return the seats of a person, the chief's first; or that in which they act now.

    A page and a mail ask the same: whoever is chief and leader is shown both at once.
    """
    person = db.session.get_one(User, user_id)
    found: dict[Role, Seat] = {}
    for held in people.holdings_of(user_id):
        if held.role not in READERS or held.role in found:
            continue
        actor = Actor(
            tenant_id=held.tenant_id,
            user_id=user_id,
            role=held.role,
            name=person.name,
            unit_id=held.unit_id,
            ip=ip,
            stands_in_for=absences.stood_in_for(user_id, held.role),
        )
        found[held.role] = Seat(actor, held.id)
    order = sorted(READERS, key=lambda role: (role is not first, READERS.index(role)))
    return tuple(found[role] for role in order if role in found)


def stood_in_for(seats: Sequence[Seat]) -> frozenset[int]:
    """Return for whom a person stands in, in any of their seats."""
    return frozenset(away for seat in seats for away in seat.actor.stands_in_for)


def to_direct(ticket_id: int, seats: Sequence[Seat]) -> tuple[Ticket, Actor]:
    """Return a ticket and the seat in which a person writes a directive on it.

    Raises NotFound where they may know of it in no seat that writes directives.
    """
    for seat in seats:
        if seat.actor.role in DIRECTORS:
            found = select(Ticket).where(Ticket.id == ticket_id, policy.visible_to(seat.actor))
            ticket = db.session.scalar(found)
            if ticket is not None:
                return ticket, seat.actor
    raise NotFound(N_("没有找到这件企业问题，可能不在您能看的范围内。"))
