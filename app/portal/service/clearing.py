"""What the office does with tellings that are held: it lets them in, or does not take them."""

from app.accounts import service as accounts
from app.accounts.models import User
from app.accounts.roles import Actor, guest, system
from app.attachments import service as files
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.service import ContactDraft, EnterpriseDraft
from app.portal import policy
from app.portal.models import Telling, TellingState
from app.portal.queries import doors
from app.portal.service.telling import CARD, Words, open_for
from app.tickets import service as tickets
from app.tickets.models import Ticket

LONGEST = 200
HANDLED = N_("这封来信已经处理过了，请刷新页面看最新情况。")


def release(telling: Telling, enterprise_name: str, *, version: int | None, actor: Actor) -> Ticket:
    """Let a telling in under a name that was corrected.

    Raises Invalid where no enterprise, or more than one, is called so.
    """
    _begin(telling, version, actor)
    firm = doors.firm_named(telling.tenant_id, enterprise_name)
    if firm is None:
        raise Invalid(
            N_("没有正好叫这个名字的企业。请写企业档案里的全称，或先建档。"),
            field="enterprise_name",
        )
    return release_to(telling, firm, version=version, actor=actor)


def release_to_new(
    telling: Telling,
    draft: EnterpriseDraft,
    *,
    keeps_contact: bool,
    version: int | None,
    actor: Actor,
) -> Ticket:
    """Begin the file of the enterprise that a telling comes from, and let the telling in.

    The one who wrote may be kept in the file as the person to call.
    """
    _begin(telling, version, actor)
    firm = enterprises.create_enterprise(draft, actor=actor)
    if keeps_contact:
        caller = ContactDraft(telling.contact_name, phone=telling.contact_phone or "")
        enterprises.add_contact(firm, caller, actor=actor)
    return release_to(telling, firm, version=version, actor=actor)


def release_to(telling: Telling, firm: Enterprise, *, version: int | None, actor: Actor) -> Ticket:
    """Let a telling in: it becomes a ticket of `firm`, whose waiting is counted from the telling.

    Its words and its contact stand in the ticket from then on, and nowhere else.
    """
    _begin(telling, version, actor)
    if not telling.is_held:
        raise Invalid(HANDLED)
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
    _empty(telling)
    _settle(telling, TellingState.RELEASED, actor)
    accounts.log(
        actor,
        N_("核实来信后登记"),
        "telling",
        telling.id,
        after={"number": telling.number, "ticket_id": ticket.id, "enterprise_id": firm.id},
    )
    return ticket


def discard(telling: Telling, why: str, *, version: int | None, actor: Actor) -> None:
    """Do not take a telling, with a reason; its words are kept, and it can be brought back."""
    _begin(telling, version, actor)
    if not telling.is_held:
        raise Invalid(HANDLED)
    if not why.strip():
        raise Invalid(N_("请写明为什么不收，企业来问时好回答。"), field="why")
    telling.settled_why = why.strip()[:LONGEST]
    _settle(telling, TellingState.DISCARDED, actor)
    told = {"number": telling.number}
    accounts.log(actor, N_("不收来信"), "telling", telling.id, after=told, reason=why.strip())


def reveal_phone(telling: Telling, *, actor: Actor) -> str:
    """Return the whole number of the one who wrote, and log who asked for it."""
    policy.check_may_clear(actor)
    told = {"number": telling.number}
    accounts.log(actor, N_("查看联系电话"), "telling", telling.id, after=told)
    return telling.contact_phone or ""


def bring_back(telling: Telling, *, version: int | None, actor: Actor) -> None:
    """Let a telling that was not taken wait again."""
    _begin(telling, version, actor)
    if not telling.may_come_back:
        raise Invalid(N_("只有不收的来信可以恢复；原话已经清除的不能。"))
    telling.state, telling.settled_at, telling.settled_by_id = TellingState.HELD, None, None
    telling.settled_why = ""
    told = {"number": telling.number}
    accounts.log(actor, N_("恢复来信"), "telling", telling.id, after=told)


def empty_discarded(telling_id: int) -> None:
    """Let go of what was written in a letter that was not taken, by whom, and of its files.

    What the office did with it stays in the audit log. A second call changes nothing.
    """
    telling = db.session.get_one(Telling, telling_id)
    if not telling.may_come_back:
        return
    actor = system(telling.tenant_id)
    files.let_go(telling_id=telling.id, actor=actor)
    _empty(telling)
    telling.enterprise_name = telling.ip_key = telling.phone_key = ""
    telling.emptied_at = clock.now()
    told = {"number": telling.number}
    accounts.log(actor, N_("清除不收的来信"), "telling", telling.id, after=told)


def _begin(telling: Telling, version: int | None, actor: Actor) -> None:
    policy.check_may_clear(actor)
    check_version(telling.version, version)


def _empty(telling: Telling) -> None:
    """Let go of what was written and by whom."""
    telling.title = telling.description = telling.wish = telling.contact_name = ""
    telling.contact_phone = None


def _settle(telling: Telling, state: TellingState, actor: Actor) -> None:
    telling.state, telling.settled_at = state, clock.now()
    telling.settled_by_id = actor.user_id
