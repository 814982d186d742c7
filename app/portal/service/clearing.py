"""What the office does with tellings that are held: it lets them in, or does not take them."""

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.roles import Actor, guest
from app.attachments import service as files
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.portal import policy
from app.portal.models import Telling, TellingState
from app.portal.queries import doors
from app.portal.service.telling import CARD, Words, open_for
from app.tickets import service as tickets
from app.tickets.models import Ticket

LONGEST = 200


def release(telling: Telling, enterprise_name: str, *, version: int | None, actor: Actor) -> Ticket:
    """Let a telling in: it becomes a ticket, whose waiting is counted from the telling.

    Raises Invalid where no enterprise, or more than one, is called so.
    """
    _begin(telling, version, actor)
    if not telling.is_held:
        raise Invalid(N_("这封来信已经处理过了，请刷新页面看最新情况。"))
    firm = doors.firm_named(telling.tenant_id, enterprise_name)
    if firm is None:
        raise Invalid(
            N_("没有正好叫这个名字的企业。请写企业档案里的全称，或先建档。"),
            field="enterprise_name",
        )
    by = db.session.get(User, telling.brought_by_id) if telling.brought_by_id else None
    words = Words(
        title=telling.title,
        description=telling.description,
        wish=telling.wish,
        category_id=telling.category_id,
        contact_name=telling.contact_name,
        contact_phone=telling.contact_phone or "",
        no_secrets=True,
    )
    teller = guest(telling.tenant_id, firm.id, name=telling.contact_name, ip=actor.ip)
    card = CARD.format(name=by.name) if by else ""
    telling.enterprise_id = firm.id
    telling.ticket_id = open_for(telling, words, teller, by_card=card)
    ticket = db.session.get_one(Ticket, telling.ticket_id)
    hidden = tickets.is_for_few(ticket)
    files.hand_on(telling_id=telling.id, ticket_id=ticket.id, actor=teller, hidden=hidden)
    telling.title = telling.description = telling.wish = ""  # they stand in the ticket now
    _settle(telling, TellingState.RELEASED, actor)
    accounts.log(
        actor,
        N_("核实来信后登记"),
        "telling",
        telling.id,
        after={"number": telling.number, "ticket_id": ticket.id},
    )
    return ticket


def discard(telling: Telling, why: str, *, version: int | None, actor: Actor) -> None:
    """Do not take a telling, with a reason; its words are kept, and it can be brought back."""
    _begin(telling, version, actor)
    if not telling.is_held:
        raise Invalid(N_("这封来信已经处理过了，请刷新页面看最新情况。"))
    if not why.strip():
        raise Invalid(N_("请写明为什么不收，企业来问时好回答。"), field="why")
    telling.settled_why = why.strip()[:LONGEST]
    _settle(telling, TellingState.DISCARDED, actor)
    told = {"number": telling.number}
    accounts.log(actor, N_("不收来信"), "telling", telling.id, after=told, reason=why.strip())


def bring_back(telling: Telling, *, version: int | None, actor: Actor) -> None:
    """Let a telling that was not taken wait again."""
    _begin(telling, version, actor)
    if not telling.is_discarded:
        raise Invalid(N_("只有不收的来信可以恢复。"))
    telling.state, telling.settled_at, telling.settled_by_id = TellingState.HELD, None, None
    telling.settled_why = ""
    told = {"number": telling.number}
    accounts.log(actor, N_("恢复来信"), "telling", telling.id, after=told)


def _begin(telling: Telling, version: int | None, actor: Actor) -> None:
    policy.check_may_clear(actor)
    check_version(telling.version, version)


def _settle(telling: Telling, state: TellingState, actor: Actor) -> None:
    telling.state, telling.settled_at = state, clock.now()
    telling.settled_by_id = actor.user_id
