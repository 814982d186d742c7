"""Asking the enterprise whether an approved answer has solved it: by a link, and once more (R13).

It is asked only while the ticket waits for its word. What goes out, and does not come back,
counts as an attempt to reach it by link or text message (T24); silence is nothing else. Where
nothing reaches it in writing, whoever revisits it is told to call.
"""

from datetime import timedelta
from typing import Any

from app.accounts import queries as people
from app.accounts import roles
from app.accounts.models import Tenant
from app.core import clock, links
from app.core.db import db
from app.core.i18n import N_
from app.core.links import PublicLink
from app.enterprises import queries as enterprises
from app.notifications import queries as notifications
from app.notifications import service as outbox
from app.tickets.models import RatingRequest, Ticket
from app.tickets.queries import facts
from app.tickets.queries import rating as queries
from app.tickets.queries.facts import Holders
from app.tickets.queries.rating import PURPOSE, UNREACHED
from app.tickets.service import moving, telling
from app.tickets.service.effects.closing import note_revisit
from app.tickets.service.given import StepInput
from app.tickets.service.moving import Move
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import Note, Status
from app.workdays.queries import calendar_of

FIRST, AGAIN = "rating", "R13"
LASTS = timedelta(days=30)
LINK = f"/rate/{links.PLACE}"
RATE = N_("{tenant}营商办请您说说“{title}”办得怎么样")
RATE_FOR_FEW = N_("{tenant}营商办请您说说您反映的一件事办得怎么样")
RETRACTED = N_("企业已经回答，或者又在办理，没有再发")
CALL = N_("请打电话回访，请企业评价的信送不到")


def subject_of(ticket_id: int) -> str:
    """Return what a rating link is about."""
    return f"ticket:{ticket_id}"


def ask(ticket_id: int) -> None:
    """Ask the enterprise, if the ticket still waits and it is time; for the timetable.

    Once for each number of a round, however often it runs. Of an enterprise that nobody can
    reach in writing the revisitor is told to call.
    """
    one = queries.still_waiting(ticket_id)
    if one is None:
        return
    ticket = db.session.get_one(Ticket, ticket_id)
    tenant, calendar = people.tenant(ticket.tenant_id), calendar_of(ticket.tenant_id)
    now = clock.now()
    if not queries.is_due(one, calendar=calendar, parameters=tenant.parameters, now=now):
        return
    contact = enterprises.primary_contact(ticket.enterprise_id)
    written = contact is not None and bool(contact.email or contact.phone)
    accounts = facts.holders(ticket.tenant_id, Holders(enterprise_id=ticket.enterprise_id))
    if not (written or accounts):
        call_instead(ticket.id)
        return
    reply = queries.answer_of(ticket.id, ticket.round)
    request = RatingRequest(
        ticket_id=ticket.id,
        reply_id=reply.id if reply else None,
        link_id=_link(ticket).id,
        round=ticket.round,
        number=one.times + 1,
        at=now,
    )
    db.session.add(request)
    if written:
        _send(ticket, request, tenant)
    _tell_accounts(ticket, request, accounts, tenant)
    _note(ticket, request, written=written)


def call_instead(ticket_id: int) -> None:
    """Tell whoever revisits it, and the office, to call: nothing in writing has reached it.

    Once for each round.
    """
    ticket = db.session.get_one(Ticket, ticket_id)
    people = [*telling.revisitor(ticket), Holders(telling.OFFICE)]
    period = queries.round_period(ticket.id, ticket.round)
    telling.remind(people, ticket, what=CALL, rule=UNREACHED, period=period)


def _link(ticket: Ticket) -> PublicLink:
    """Return the link of this round; another one where that opens nothing any more."""
    made = queries.current(ticket.id)
    if made is not None and made.revoked_at is None and made.expires_at > clock.now():
        return made
    subject = subject_of(ticket.id)
    return links.make(PURPOSE, subject, tenant_id=ticket.tenant_id, lasts=LASTS)


def _rule(request: RatingRequest) -> str:
    return FIRST if request.number == 1 else AGAIN


def _period(request: RatingRequest) -> str:
    return f"{request.ticket_id}/{request.round}/{request.number}"


def _send(ticket: Ticket, request: RatingRequest, tenant: Tenant) -> None:
    link = db.session.get_one(PublicLink, request.link_id)
    outbox.tell_enterprise(
        ticket.enterprise_id,
        tenant_id=ticket.tenant_id,
        rule=_rule(request),
        period=_period(request),
        subject=RATE_FOR_FEW if ticket.confidential else RATE,
        context=_context(ticket, tenant),
        link=LINK,
        public_link=link,
        matters_until=link.expires_at,
    )


def _context(ticket: Ticket, tenant: Tenant) -> dict[str, Any]:
    """Return what a letter says; of a confidential ticket neither its title nor its number."""
    told: dict[str, Any] = {
        "tenant": tenant.name,
        "target": ticket.enterprise.called,
        "phone": tenant.office_phone,
        "is_demo": tenant.is_demo,
        "title": "",
        "number": "",
        "code": "",
        "unit": "",
    }
    if ticket.confidential:
        return told
    return told | {
        "title": ticket.title,
        "number": ticket.number or "",
        "code": ticket.query_code,
        "unit": ticket.lead_unit.name if ticket.lead_unit else "",
    }


def _tell_accounts(
    ticket: Ticket, request: RatingRequest, accounts: list[int], tenant: Tenant
) -> None:
    """Put the same into the inbox of the enterprise's people who have an account."""
    outbox.tell(
        accounts,
        tenant_id=ticket.tenant_id,
        rule=_rule(request),
        period=_period(request),
        subject=RATE_FOR_FEW if ticket.confidential else RATE,
        link=f"/rate/mine/{ticket.id}",
        context={"tenant": tenant.name} | ({} if ticket.confidential else {"title": ticket.title}),
        deputies=False,
    )


def _note(ticket: Ticket, request: RatingRequest, *, written: bool) -> None:
    """Write into the history that it was asked; a letter is an attempt once it is out (T24)."""
    given = StepInput(reached=False, channel=ContactChannel.LINK)
    move = moving.begin(ticket, given, actor=roles.system(ticket.tenant_id))
    if written:
        note_revisit(move).message_id = notifications.letter_id(
            tenant_id=ticket.tenant_id, rule=_rule(request), period=_period(request)
        )
    move.payload = {"channel": ContactChannel.LINK.value if written else ""}
    moving.close(move, Note.RATING_ASKED)


def after(move: Move) -> None:
    """Send no more of what asks, once the ticket has left the revisit."""
    ticket = move.ticket
    if move.status_before is not Status.PENDING_REVISIT or ticket.status is move.status_before:
        return
    reworked = ticket.status is Status.IN_PROGRESS
    for request in queries.requests_of(ticket.id, ticket.round - reworked):
        outbox.forget(
            tenant_id=ticket.tenant_id,
            rule=_rule(request),
            period=_period(request),
            reason=RETRACTED,
        )
