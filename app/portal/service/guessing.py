"""The lock on number and query code: a few wrong codes, and nobody tries for a while.

Wrong codes are counted for the number and for the address they come from, whether the number
exists or not; what is counted is kept though the answer is no.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts import service as accounts
from app.accounts.roles import guest
from app.core import clock, guesses
from app.core.db import db
from app.core.errors import DomainError, Invalid, TooMany
from app.core.guesses import CodeGuesses
from app.core.i18n import N_
from app.notifications.service import guessing
from app.notifications.service.guessing import RULE
from app.portal.queries import following, tellings
from app.tickets.models import Ticket

DIGITS = 6
LOGGED = N_("查询码连续输错，锁定")
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
    held = guesses.held(f"number|{plain}", guesses.of_address(ip))
    until = guesses.locked_until(held)
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
    until = guesses.count(held)
    if until is None:
        left = guesses.MOST - max(row.count for row in held)
        return Invalid(WRONG, field="code", left=left)
    tenant_ids = {one.tenant_id for one in named}
    guessing.tell_office(tenant_ids, rule=RULE, subject=GUESSED, action=LOGGED, ip=ip)
    return _locked(until)


def _locked(until: datetime) -> DomainError:
    return TooMany(LOCKED, until=f"{clock.local(until):%H:%M}")
