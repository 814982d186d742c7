"""Guessing at what opens something without an account: who guesses is locked out, the office told.

A token is longer than a code, and still counted: whoever tries many is not a person with a letter.
"""

from collections.abc import Iterable

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.roles import Role, guest
from app.core import clock, guesses, links
from app.core.errors import DomainError, TooMany
from app.core.i18n import N_
from app.notifications.service import promises

RULE = "follow-guessing"
LINKS = "link-guessing"
OFFICE = (Role.DISPATCHER, Role.OFFICE_DIRECTOR)
LOCKED = N_("打不开的链接试得太多了，请在 {until} 以后再试。着急的话，请打电话给镇营商办。")
GUESSED = N_("有人连续试打不开的链接，已锁 15 分钟。企业来电说打不开的，请核实后重发给他们")
LOGGED = N_("链接连续试错，锁定")


def check_place(ip: str) -> None:
    """Raise TooMany where no link is opened from a place for a while; nothing is compared then."""
    until = guesses.lock_of(guesses.of_address(ip))
    if until is not None:
        raise TooMany(LOCKED, until=f"{clock.local(until):%H:%M}")


def wrong_link(token: str, *, ip: str) -> DomainError | None:
    """Count a link that is none of ours; return the refusal where it was one too many.

    It is returned, not raised: what it counted must be kept. The place alone is counted, so that
    nobody can lock a link for whoever holds it.
    """
    until = guesses.count(guesses.held(guesses.of_address(ip)))
    if until is None:
        return None
    tenant_id = links.tenant_of(token)
    tell_office(
        [] if tenant_id is None else [tenant_id], rule=LINKS, subject=GUESSED, action=LOGGED, ip=ip
    )
    return TooMany(LOCKED, until=f"{clock.local(until):%H:%M}")


def tell_office(
    tenant_ids: Iterable[int], *, rule: str, subject: str, action: str, ip: str
) -> None:
    """Log a lock, and tell the office once a day: of the townships meant, or of the first."""
    for tenant_id in sorted(set(tenant_ids) or {one.id for one in people.tenants()[:1]}):
        accounts.log(guest(tenant_id, None, ip=ip), action, "tenant", tenant_id)
        promises.tell(
            [one.id for one in people.users_with_role(tenant_id, OFFICE)],
            tenant_id=tenant_id,
            rule=rule,
            period=clock.today().isoformat(),
            subject=subject,
        )
