"""Digests of what waits for a leader: promised once, confirmed by a click, reminded of once.

No telephone number, no figure of a firm and no word of a confidential problem goes into mail.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import Tenant, User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db, inserting
from app.core.i18n import N_
from app.core.private import without_figures
from app.notifications import service as outbox
from app.notifications.channels import worded
from app.reports import policy
from app.reports.models import Digest, DigestMark
from app.reports.queries import asks, digests, seats
from app.reports.queries.asks import Item
from app.reports.workflow import Rule
from app.tickets import service as ticket_service
from app.tickets.models import LeaderDirective

LINK = "/digest"
REMIND = "digest-unread"
MOST_ROWS = 20  # of a mail
HIDDEN = "一件限知件"  # of which mail names nothing
NOTHING = N_("没有要定的事")
TOLD_TODAY = N_("当天已送每周要定的，不再另送")
INBOX = {
    Rule.WEEKLY: N_("本周有 {n} 件事要您定"),
    Rule.MONTHLY: N_("{month}月还有 {n} 件事要您定"),
}
UNREAD = N_("{day_on}送您的“{rule_label}”还没有点“我已阅”，共 {n} 件")
KEY = ["tenant_id", "rule", "period", "user_id"]


def promise(user_id: int, rule: Rule, period: str, matters_until: datetime) -> bool:
    """Promise a person the digest of a period; tell whether it is a new promise.

    Nothing to decide, no mail: the row says so, and so it does where the week's digest of the same
    day says the same. A second run, or a second scheduler, finds the
    row and promises nothing.
    """
    person = db.session.get_one(User, user_id)
    told = rule is Rule.MONTHLY and digests.was_told_on(user_id, clock.today())
    found = [] if told else asks.of(seats.of(user_id))
    made = db.session.execute(
        inserting(Digest)
        .values(
            tenant_id=person.tenant_id,
            user_id=person.id,
            rule=rule,
            period=period,
            item_count=len(found),
            why_not="" if found else TOLD_TODAY if told else NOTHING,
            promised_at=clock.now(),
            matters_until=matters_until,
        )
        .on_conflict_do_nothing(index_elements=KEY)
        .returning(Digest.id)
    ).first()
    if made is None or not found:
        return False
    return outbox.remind(
        person.id,
        tenant_id=person.tenant_id,
        rule=rule.value,
        period=period,
        subject=INBOX[rule],
        context=_context(person, period, found),
        inbox=("n", "month"),
        link=LINK,
        matters_until=matters_until,
    )


def _context(person: User, period: str, found: Sequence[Item]) -> dict[str, Any]:
    tenant = db.session.get_one(Tenant, person.tenant_id)
    today = clock.today()
    month = today.month if "W" in period else int(period[-2:])
    return {
        "tenant": tenant.name,
        "name": person.name,
        "n": len(found),
        "month": month,
        "day": f"{today.month}月{today.day}日",
        "rows": [_row(place, item) for place, item in enumerate(found[:MOST_ROWS], start=1)],
        "more": max(len(found) - MOST_ROWS, 0),
        "is_demo": tenant.is_demo,
    }


def _row(place: int, item: Item) -> dict[str, Any]:
    """Return an item as mail tells of it; of what is confidential, that there is one."""
    row: dict[str, Any] = {"no": place, "ask": item.ask.label, "due": _due(item)}
    if item.is_for_few:
        return row | {"title": HIDDEN, "why": ""}
    said = "；".join(worded(words.text, words.values) for words in item.why)
    return row | {
        "title": without_figures(item.title),
        "why": without_figures(said),
        "enterprise": item.enterprise,
        "number": item.number,
        "unit": item.unit,
    }


def _due(item: Item) -> str:
    if item.due_at is None:
        return ""
    here = clock.local(item.due_at)
    return f"{here.month}月{here.day}日 {here:%H:%M}"


def confirm(upto: int, *, actor: Actor) -> int:
    """Note that `actor` read what was sent up to a digest; return how many are confirmed by it.

    A deliberate click, and never the opening of a mail or a page. Whoever stands in for somebody
    confirms for them too, and is named as the deputy. A second click changes nothing.
    """
    by_id, owners = _reader(actor)
    found = digests.open_for(owners, by_id, upto=upto)
    for digest in found:
        is_deputy = digest.user_id != by_id
        db.session.add(
            DigestMark(digest_id=digest.id, by_id=by_id, is_deputy=is_deputy, at=clock.now())
        )
        accounts.log(
            actor,
            N_("确认已阅"),
            "digest",
            digest.id,
            after={"rule": digest.rule, "period": digest.period, "deputy": is_deputy},
        )
    return len(found)


def direct(ticket_id: int, text: str, version: int | None, *, actor: Actor) -> LeaderDirective:
    """Write a directive on a ticket from the page of the digest; return it.

    In whichever seat of theirs the person may: whoever is chief and leader need not change roles
    first. Raises NotFound where the ticket is none of theirs, and what `give_directive` raises.
    """
    by_id, owners = _reader(actor)
    ticket, seat = seats.to_direct(ticket_id, seats.of(by_id, first=actor.role, ip=actor.ip))
    ticket_service.check_version(ticket, version)
    ticket_service.give_directive(ticket, text, actor=seat)
    given = db.session.scalars(
        select(LeaderDirective)
        .where(LeaderDirective.ticket_id == ticket.id, LeaderDirective.by_id == by_id)
        .order_by(LeaderDirective.id.desc())
        .limit(1)
    ).one()
    newest = digests.newest_of(owners)
    if newest is not None:
        db.session.add(
            DigestMark(
                digest_id=newest.id,
                by_id=by_id,
                is_deputy=newest.user_id != by_id,
                at=clock.now(),
                directive_id=given.id,
            )
        )
    return given


def _reader(actor: Actor) -> tuple[int, list[int]]:
    """Return the person, and whose digests are theirs to confirm: their own and who is away."""
    held = seats.of(actor.user_id or 0, first=actor.role) if actor.user_id else ()
    policy.require_asked(seat.actor.role for seat in held)
    by_id = actor.user_id or 0
    return by_id, [by_id, *sorted(seats.stood_in_for(held))]


def remind(digest_id: int) -> None:
    """Tell a person in the inbox, once, that they have not confirmed a digest."""
    digest = db.session.get_one(Digest, digest_id, with_for_update=True)
    if digest.reminded_at is not None or digests.is_read(digest.id):
        return
    digest.reminded_at = clock.now()
    outbox.tell(
        [digest.user_id],
        tenant_id=digest.tenant_id,
        rule=REMIND,
        period=f"{digest.rule.value}:{digest.period}",
        subject=UNREAD,
        link=LINK,
        context={
            "day_on": clock.local(digest.promised_at).date().isoformat(),
            "rule_label": digest.rule.label,
            "n": digest.item_count,
        },
    )
