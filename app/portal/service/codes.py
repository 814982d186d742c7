"""Making, renewing and revoking the QR codes that lead to the public page."""

from datetime import timedelta
from typing import Protocol

from app.accounts import service as accounts
from app.accounts.roles import Actor
from app.core import links
from app.core.i18n import N_
from app.portal.queries import codes
from app.portal.queries.codes import CodeKind
from app.portal.queries.doors import PURPOSE

LASTS = timedelta(days=3 * 365)


class Verb(Protocol):
    """What can be done with a code."""

    def __call__(self, kind: CodeKind, thing_id: int, *, actor: Actor) -> None:
        """Do it."""


def make(kind: CodeKind, thing_id: int, *, actor: Actor) -> None:
    """Make a code where there is no good one; the printed ones stay good."""
    found = codes.code(kind, thing_id, viewer=actor)
    if found.link is None:
        _write(found.subject, actor)
        accounts.log(actor, N_("制作二维码"), "code", thing_id, after={"subject": found.subject})


def renew(kind: CodeKind, thing_id: int, *, actor: Actor) -> None:
    """Make another code: what was printed before opens nothing any more."""
    found = codes.code(kind, thing_id, viewer=actor)
    links.revoke(tenant_id=actor.tenant_id, purpose=PURPOSE, subject=found.subject)
    _write(found.subject, actor)
    accounts.log(actor, N_("更换二维码"), "code", thing_id, after={"subject": found.subject})


def revoke(kind: CodeKind, thing_id: int, *, actor: Actor) -> None:
    """Let every code of this subject open nothing any more."""
    found = codes.code(kind, thing_id, viewer=actor)
    links.revoke(tenant_id=actor.tenant_id, purpose=PURPOSE, subject=found.subject)
    accounts.log(actor, N_("作废二维码"), "code", thing_id, after={"subject": found.subject})


def _write(subject: str, actor: Actor) -> None:
    links.make(PURPOSE, subject, tenant_id=actor.tenant_id, lasts=LASTS)
