"""What an enterprise changes of its own problem, let in by a link or a number and a code.

A link that changed something is worth nothing from then on: another takes its place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.roles import Actor, guest
from app.attachments.service import Prepared
from app.core import links
from app.core.db import db
from app.core.errors import Gone, NotFound
from app.core.i18n import N_
from app.core.links import PublicLink
from app.notifications.models import Message
from app.tickets import service as tickets
from app.tickets.models import Ticket
from app.tickets.service import WhyBack

GONE = N_("这个链接已经换新了，请用最新的那一个，或者凭编号和查询码进入。")


@dataclass(frozen=True, slots=True)
class Came:
    """With which link somebody came, and with which of its tokens; by none, if by number and code.

    `ip` is the address they came from.
    """

    link_id: int | None = None
    serial: int = 0
    ip: str = ""


def supplement(
    ticket_id: int,
    words: str,
    files: Sequence[Prepared],
    *,
    version: int | None,
    came: Came,
) -> None:
    """Add to a problem what its enterprise says; the link with which it came is renewed."""
    ticket, actor = _held(ticket_id, came.ip)
    link = _link(came)
    tickets.supplement(ticket, words, files, version=version, actor=actor)
    _renew(ticket, link)


def withdraw(
    ticket_id: int,
    why: WhyBack,
    words: str,
    *,
    version: int | None,
    came: Came,
) -> None:
    """Take a problem back, or ask for it; the link with which the enterprise came is renewed."""
    ticket, actor = _held(ticket_id, came.ip)
    link = _link(came)
    tickets.withdraw_outside(ticket, why, words, version=version, actor=actor)
    _renew(ticket, link)


def go_on(ticket_id: int, *, version: int | None, came: Came) -> None:
    """Drop the wish to take a problem back; the link with which the enterprise came is renewed."""
    ticket, actor = _held(ticket_id, came.ip)
    link = _link(came)
    tickets.go_on(ticket, version=version, actor=actor)
    _renew(ticket, link)


def _held(ticket_id: int, ip: str) -> tuple[Ticket, Actor]:
    """Return a ticket that nobody else changes meanwhile, and its enterprise as a guest."""
    found: Ticket | None = db.session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(N_("没有找到这件事。"))
    return found, guest(found.tenant_id, found.enterprise_id, name=found.contact_name, ip=ip)


def _link(came: Came) -> PublicLink | None:
    """Return the link with which somebody came; raise Gone where it was renewed meanwhile."""
    if came.link_id is None:
        return None
    found = db.session.scalar(
        select(PublicLink)
        .where(PublicLink.id == came.link_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None or found.serial != came.serial or found.revoked_at is not None:
        raise Gone(GONE)
    return found


def _renew(ticket: Ticket, link: PublicLink | None) -> None:
    """Give the link another token, and send it where the one before was sent."""
    if link is None:
        return
    links.renew(link)
    sent = select(Message.id).where(Message.public_link_id == link.id).limit(1)
    if db.session.scalar(sent) is not None:
        tickets.tell_new_address(ticket, link)
