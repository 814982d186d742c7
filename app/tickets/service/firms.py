"""Letters to the enterprise about its problem, where nobody of it has an account.

It is told where it stands when that changes for it, not of every step inside; by mail, or by
text message, to its first contact, with a link that opens this one ticket and nothing else.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from app.accounts import service as accounts
from app.accounts.models import Tenant
from app.accounts.roles import Actor, Role
from app.core import clock, links, locale
from app.core.db import db
from app.core.errors import NotAllowed, check_version
from app.core.i18n import N_
from app.core.links import PublicLink
from app.enterprises import queries as enterprises
from app.notifications import service as outbox
from app.notifications.models import Channel
from app.tickets import policy
from app.tickets.models import Ticket
from app.tickets.queries import facts
from app.tickets.queries.facts import Holders
from app.tickets.queries.rating import PURPOSE
from app.tickets.service.moving import Move, Written
from app.tickets.service.numbering import query_code
from app.tickets.workflow.codes import CancelReason, RejectReason
from app.tickets.workflow.states import TERMINAL, Event, Status

FOLLOW = "follow"
OFFICE = frozenset({Role.DISPATCHER, Role.OFFICE_DIRECTOR})
LINK = f"/follow/{links.PLACE}"
LASTS, AFTER = timedelta(days=365), timedelta(days=180)  # of a link; once it is over
MATTERS = timedelta(days=7)  # that a letter may be late
QUIET = N_("企业说不用发进度")
ANEW = "firm-link"

#: Which letter a step brings; one that is only sometimes for the enterprise is in `_concerns`.
LETTERS: Mapping[Event, str] = {
    Event.SUBMIT: "firm-received",
    Event.ACCEPT: "firm-accepted",
    Event.REJECT: "firm-rejected",
    Event.REQUEST_SUPPLEMENT: "firm-supplement",
    Event.CLOSE_ON_SITE: "firm-answered",
    Event.APPROVE_REPLY: "firm-answered",
    Event.REVISIT_CLOSE: "firm-closed",
    Event.CLOSE_UNSATISFIED: "firm-closed",
    Event.CLOSE_UNREACHABLE: "firm-closed",
    Event.MERGE: "firm-news",
    Event.PROGRESS_NOTE: "firm-news",
    Event.APPROVE_EXTENSION: "firm-news",
    Event.APPROVE_SUSPENSION: "firm-news",
    Event.CANCEL: "firm-news",
}
#: What the letter that asks for a rating follows.
ANSWERS = frozenset({Event.APPROVE_REPLY, Event.CLOSE_ON_SITE})
#: What a text message says, and the outbox lists; the code is shown to its reader only.
SUBJECTS: Mapping[str, str] = {
    "firm-received": N_(
        "{tenant}营商办收到您反映的问题（{number}），查询码 {code_secret}，查进度："
    ),
    "firm-accepted": N_("{tenant}营商办受理了您反映的问题（{number}），查进度："),
    "firm-rejected": N_("您反映的问题（{number}）不在{tenant}营商办受理范围，看该找哪里："),
    "firm-supplement": N_("您反映的问题（{number}）要补充几样，请打开填写："),
    "firm-answered": N_("您反映的问题（{number}）有答复了，请打开看："),
    "firm-closed": N_("您反映的问题（{number}）办结了，请打开看："),
    "firm-news": N_("您反映的问题（{number}）有新消息，请打开看："),
    ANEW: N_("您查进度的新链接（{number}），旧的不能用了："),
}
FOR_FEW = N_("{tenant}营商办：您反映的问题有新消息，请打开看：")


def write(event: Event, move: Move, written: Written) -> None:
    """Promise the enterprise the letter of a step, in its transaction, once."""
    rule = LETTERS.get(event)
    if rule is None or not _concerns(event, move):
        return
    ticket = move.ticket
    _let_expire(ticket)
    if _has_account(ticket):
        return
    period = f"{ticket.id}" if event is Event.SUBMIT else f"{ticket.id}/{written.id}"
    said = _SAID[event](move) if event in _SAID else {}
    _send(rule, ticket, period=period, said=said)


def tell_new_address(ticket: Ticket, link: PublicLink) -> None:
    """Promise the enterprise the address that took the place of the one that it had."""
    if not _has_account(ticket):
        _send(ANEW, ticket, period=f"{link.id}/{link.serial}", said={}, link=link)


def link_to(ticket: Ticket) -> PublicLink:
    """Return the link with which the enterprise follows a ticket, made where there is none."""
    about = subject_of(ticket.id)
    found = links.good(tenant_id=ticket.tenant_id, purpose=FOLLOW, subject=about)
    if found is None:
        lasts = AFTER if _is_over(ticket) else LASTS
        return links.make(FOLLOW, about, tenant_id=ticket.tenant_id, lasts=lasts)
    if not _is_over(ticket):
        found.expires_at = max(found.expires_at, clock.now() + AFTER)
    return found


def subject_of(ticket_id: int) -> str:
    """Return what a link to a ticket is about."""
    return f"ticket:{ticket_id}"


def may_revoke(actor: Actor, ticket: Ticket) -> bool:
    """Tell whether `actor`, who sees it, may make its links and its query code worthless."""
    return actor.role in OFFICE and ticket.number is not None


def revoke(
    ticket: Ticket, reason: str, *, send_again: bool, version: int | None, actor: Actor
) -> None:
    """Let no link and no query code of a ticket open it any more, and give it a new code.

    Whoever has looked in so is out at once. A link that asks for a rating gets another token,
    which the page that is followed shows. `send_again` tells the enterprise the new ones.
    """
    if not may_revoke(actor, ticket) or not policy.may_see(actor, ticket):
        raise NotAllowed(N_("查进度的链接由营商办作废。"))
    check_version(ticket.version, version)
    said = accounts.why(reason)
    links.revoke(tenant_id=ticket.tenant_id, purpose=FOLLOW, subject=subject_of(ticket.id))
    links.renew_all(tenant_id=ticket.tenant_id, purpose=PURPOSE, subject=subject_of(ticket.id))
    ticket.query_code = query_code()
    accounts.log(actor, N_("作废查进度的链接"), "ticket", ticket.id, reason=said)
    if send_again:
        link = link_to(ticket)
        _send(ANEW, ticket, period=f"{link.id}/{link.serial}", said={}, link=link)


def _is_over(ticket: Ticket) -> bool:
    return ticket.status in TERMINAL or ticket.status is Status.CLOSED


def _let_expire(ticket: Ticket) -> None:
    """Let links to what is over open it for half a year, and no longer."""
    if not _is_over(ticket):
        return
    ends_at = clock.now() + AFTER
    db.session.execute(
        update(PublicLink)
        .where(PublicLink.tenant_id == ticket.tenant_id, PublicLink.purpose == FOLLOW)
        .where(PublicLink.subject == subject_of(ticket.id), PublicLink.expires_at > ends_at)
        .values(expires_at=ends_at)
    )


def _has_account(ticket: Ticket) -> bool:
    """Tell whether somebody of the enterprise reads it in the inbox."""
    return bool(facts.holders(ticket.tenant_id, Holders(enterprise_id=ticket.enterprise_id)))


def _concerns(event: Event, move: Move) -> bool:
    """Tell whether a step brings a letter: not where the one that asks to rate follows at once."""
    if event in ANSWERS:
        return move.parameters.rating_delay_workdays > 0
    return event is not Event.PROGRESS_NOTE or move.given.for_enterprise


def _send(
    rule: str,
    ticket: Ticket,
    *,
    period: str,
    said: Mapping[str, Any],
    link: PublicLink | None = None,
) -> None:
    """Promise one letter; of a confidential ticket it says no more than that there is news."""
    subject = FOR_FEW if ticket.confidential else SUBJECTS[rule]
    promise: dict[str, Any] = {
        "tenant_id": ticket.tenant_id,
        "rule": rule,
        "period": period,
        "subject": subject,
        "context": _context(ticket, said),
        "link": LINK,
        "matters_until": clock.now() + MATTERS,
        "unwanted": QUIET if ticket.enterprise.quiet else "",
    }
    contact = enterprises.primary_contact(ticket.enterprise_id)
    if contact is not None and (contact.email or contact.phone):
        promise["public_link"] = link or link_to(ticket)
        outbox.tell_enterprise(ticket.enterprise_id, **promise)
    elif ticket.contact_phone:
        promise["public_link"] = link or link_to(ticket)
        caller = outbox.Outsider(subject_of(ticket.id), ticket.contact_name, ticket.contact_phone)
        outbox.enqueue(caller, channel=Channel.SMS, **promise)


def _context(ticket: Ticket, said: Mapping[str, Any]) -> dict[str, Any]:
    tenant = db.session.get_one(Tenant, ticket.tenant_id)
    known: dict[str, Any] = {
        "tenant": tenant.name,
        "phone": tenant.office_phone,
        "is_demo": tenant.is_demo,
        **dict.fromkeys(DETAILS, ""),
    }
    if ticket.confidential:
        return known
    return known | {
        "number": ticket.number or "",
        "code_secret": ticket.query_code,
        "title": ticket.title,
        **said,
    }


#: What a letter may tell of a ticket that is confidential to nobody.
DETAILS = ("number", "code_secret", "title", "due", "why", "guidance", "items", "news")


def _accepted(move: Move) -> dict[str, Any]:
    return {"due": _moment(move.ticket.dispatch_due_at)}


def _rejected(move: Move) -> dict[str, Any]:
    reason = RejectReason(move.given.reason).label if move.given.reason else ""
    return {"why": reason, "guidance": move.given.guidance.strip().rstrip("。")}


def _supplement(move: Move) -> dict[str, Any]:
    return {"items": move.given.items.strip().rstrip("。")}


def _merged(move: Move) -> dict[str, Any]:
    number = move.payload.get("master_number") or ""
    return {
        "news": f"和您反映的另一件是同一件事，并到 {number} 一起办，以后看那一件；您不用做什么。"
    }


def _progress(move: Move) -> dict[str, Any]:
    said = move.given.comment.strip().rstrip("。")
    return {"news": f"承办单位说：{said}。问题还在办。"}


def _extended(move: Move) -> dict[str, Any]:
    until = _moment(move.ticket.due_at)
    return {"news": f"还要多一些时间，最迟{until}答复您。承办单位接着办，您不用做什么。"}


def _suspended(move: Move) -> dict[str, Any]:
    day = move.ticket.next_review_on
    on = f"{day.month}月{day.day}日" if day else "到时候"
    return {"news": f"现在的条件还办不了，先挂在账上，{on}我们再看一次能不能办，您不用做什么。"}


def _cancelled(move: Move) -> dict[str, Any]:
    if move.given.reason == CancelReason.WITHDRAWN.value:
        return {"news": "按您的意思撤回了，不再办理。以后有事随时再说。"}
    return {"news": "登记有误，这一件撤销了。如果问题还在，请告诉我们。"}


_SAID: Mapping[Event, Callable[[Move], dict[str, Any]]] = {
    Event.ACCEPT: _accepted,
    Event.REJECT: _rejected,
    Event.REQUEST_SUPPLEMENT: _supplement,
    Event.MERGE: _merged,
    Event.PROGRESS_NOTE: _progress,
    Event.APPROVE_EXTENSION: _extended,
    Event.APPROVE_SUSPENSION: _suspended,
    Event.CANCEL: _cancelled,
}


def _moment(at: datetime | None) -> str:
    """Return a moment as letters write it: whole, whenever they are read; Chinese."""
    if at is None:
        return ""
    local = clock.local(at)
    return f"{local.month}月{local.day}日（{locale.WEEKDAYS[local.weekday()]}）{local:%H:%M}"
