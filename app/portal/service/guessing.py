"""The lock on number and query code: a few wrong codes, and nobody tries for a while.

Wrong codes are counted for the number and for the address they come from, whether the number
exists or not; what is counted is kept though the answer is no.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.roles import Role, guest
from app.core import clock
from app.core.db import db, inserting
from app.core.errors import DomainError, Invalid, TooMany
from app.core.i18n import N_
from app.core.networks import network_of
from app.notifications import service as outbox
from app.portal.models import CodeGuesses
from app.portal.queries import following, tellings
from app.tickets.models import Ticket

MOST = 5
LOCK = timedelta(minutes=15)
KEPT = timedelta(days=1)
DIGITS = 6
RULE = "follow-guessing"
OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)
GUESSED = N_("有人连续输错查询码，已锁 15 分钟。企业来电说查不了的，请核实后告诉他们")
WRONG = N_("编号或查询码不对，请核对后再试。还可以试 {left} 次，之后要等 15 分钟。")
LOCKED = N_("输错的次数太多了，请在 {until} 以后再试。着急的话，请打电话给镇营商办。")


@dataclass(frozen=True, slots=True)
class Opened:
    """The ticket that a number and its code open."""

    ticket_id: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was told, and is no ticket: it is looked at first, or was not taken."""

    tenant_id: int
    number: str
    told_at: datetime
    was_discarded: bool


def open_by_code(number: str, code: str, *, ip: str) -> Opened | Waiting | DomainError:
    """Return the ticket that a number and its code open, what is no ticket yet, or why not.

    The refusal is returned, not raised: what it counted must be kept. It is the same whether
    the number exists or not. While it is locked nothing is compared, and nothing is written.
    """
    plain = "".join(number.split()).upper()
    held = _guesses(plain, ip)
    until = _locked_until(held)
    if until is not None:
        return _locked(until)
    named = following.numbered(plain)
    opened = _opened(named, "".join(code.split()))
    if opened is None:
        return _waiting(plain, "".join(code.split()), held) or _refuse(held, named, ip)
    db.session.delete(held[0])  # the address may have guessed at others
    actor = guest(opened.tenant_id, opened.enterprise_id, name=opened.contact_name, ip=ip)
    accounts.log(actor, N_("凭查询码查进度"), "ticket", opened.id)
    return Opened(opened.id)


def tidy() -> None:
    """Forget wrong codes that are long past."""
    old = CodeGuesses.last_at < clock.machine_now() - KEPT
    db.session.execute(delete(CodeGuesses).where(old))


def _guesses(number: str, ip: str) -> list[CodeGuesses]:
    """Return the rows of the number and of the address, locked, in this order.

    They are taken in the order of their keys, so that two who try at once never wait for each
    other.
    """
    keys = [_hash(f"number|{number}"), _hash(f"address|{network_of(ip)}")]
    now = clock.machine_now()
    for key in sorted(keys):
        db.session.execute(
            inserting(CodeGuesses)
            .values(key_hash=key, count=0, last_at=now)
            .on_conflict_do_nothing(index_elements=["key_hash"])
        )
    rows = db.session.scalars(
        select(CodeGuesses)
        .where(CodeGuesses.key_hash.in_(keys))
        .order_by(CodeGuesses.key_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.key_hash: row for row in rows}
    return [found[key] for key in keys]


def _locked_until(held: Sequence[CodeGuesses]) -> datetime | None:
    now = clock.machine_now()
    ends = [row.locked_until for row in held if row.locked_until and row.locked_until > now]
    return max(ends, default=None)


def _opened(named: Sequence[Ticket], code: str) -> Ticket | None:
    """Return the ticket whose code this is; each is compared, in the same time."""
    typed = code if len(code) == DIGITS and code.isascii() and code.isdigit() else ""
    fitting = [
        one
        for one in named
        if hmac.compare_digest(one.query_code.encode(), typed.encode()) and typed
    ]
    return fitting[0] if fitting else None


def _waiting(number: str, code: str, held: Sequence[CodeGuesses]) -> Waiting | None:
    """Return the telling whose number and code these are, if it is looked at before all else."""
    found = tellings.held(number, code)
    if found is None:
        return None
    db.session.delete(held[0])
    return Waiting(found.tenant_id, found.number, found.told_at, found.is_discarded)


def _refuse(held: Sequence[CodeGuesses], named: Sequence[Ticket], ip: str) -> DomainError:
    now = clock.machine_now()
    for row in held:
        if now - row.last_at > LOCK or row.locked_until is not None:
            row.count = 0
        row.count, row.last_at, row.locked_until = row.count + 1, now, None
        if row.count >= MOST:
            row.locked_until = now + LOCK
    until = _locked_until(held)
    if until is None:
        return Invalid(WRONG, field="code", left=MOST - max(row.count for row in held))
    _tell_office(named, ip)
    return _locked(until)


def _locked(until: datetime) -> DomainError:
    return TooMany(LOCKED, until=f"{clock.local(until):%H:%M}")


def _tell_office(named: Sequence[Ticket], ip: str) -> None:
    """Log the lock, and tell the office once a day: of the township that the number names."""
    tenant_ids = {one.tenant_id for one in named} or {one.id for one in people.tenants()[:1]}
    for tenant_id in sorted(tenant_ids):
        accounts.log(guest(tenant_id, None, ip=ip), N_("查询码连续输错，锁定"), "tenant", tenant_id)
        outbox.tell(
            [one.id for one in people.users_with_role(tenant_id, OFFICE)],
            tenant_id=tenant_id,
            rule=RULE,
            period=clock.today().isoformat(),
            subject=GUESSED,
        )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
