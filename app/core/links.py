"""Links that open one thing for one purpose to whoever holds them, without an account.

A link is signed, bound to its purpose, expires, can be revoked, and is kept as a hash. Its token
is not stored: it is written anew from the key of the installation where a letter needs it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ForeignKey, Index, String, Table, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock, crypto
from app.core.db import Base, db, fresh
from app.core.enums import LabelledEnum
from app.core.i18n import N_

PLACE = "{token}"  # where the token stands in an address
_PARTS = 3
_MOST_DIGITS = 9


class Standing(LabelledEnum):
    """Whether a link still opens anything."""

    GOOD = "good", N_("有效")
    USED = "used", N_("已经用过")
    EXPIRED = "expired", N_("已过期")
    REVOKED = "revoked", N_("已作废")


class PublicLink(Base):
    """One link. `subject` names what it opens ("ticket:7"); `serial` grows when it is renewed."""

    __tablename__ = "public_links"
    __table_args__ = (Index("ix_public_links_subject", "tenant_id", "purpose", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    purpose: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(60))
    serial: Mapped[int] = mapped_column(default=1)
    token_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    @property
    def subject_id(self) -> int:
        """The id in its subject."""
        return int(self.subject.partition(":")[2])


@dataclass(frozen=True, slots=True)
class Found:
    """A link that a token of ours names, and whether it still opens anything."""

    link: PublicLink
    standing: Standing

    @property
    def is_good(self) -> bool:
        """Whether it opens what it names."""
        return self.standing is Standing.GOOD


def make(purpose: str, subject: str, *, tenant_id: int, lasts: timedelta) -> PublicLink:
    """Write down a new link in the transaction of its cause."""
    now = clock.now()
    row = {
        "tenant_id": tenant_id,
        "purpose": purpose,
        "subject": subject,
        "serial": 1,
        "token_hash": "",
        "made_at": now,
        "expires_at": now + lasts,
    }
    link_id: int = db.session.execute(_MAKE, row).scalar_one()
    digest = _digest(_token(purpose, link_id, 1))  # signed with the id that it was just given
    db.session.execute(_SIGN, {"link_id": link_id, "digest": digest})
    return fresh(PublicLink, link_id)


_LINKS = cast("Table", PublicLink.__table__)
_MAKE = insert(_LINKS).returning(_LINKS.c.id)
_SIGN = (
    update(_LINKS).where(_LINKS.c.id == bindparam("link_id")).values(token_hash=bindparam("digest"))
)


def token_of(link: PublicLink) -> str:
    """Return the token of a link as it is now."""
    return _token(link.purpose, link.id, link.serial)


def find(token: str, purpose: str) -> Found | None:
    """Return the link that a token names, or None where it is not of ours or for another purpose.

    A token from before the link was renewed is known, and said to be used.
    """
    named = _read(token)
    if named is None or not _same(_token(purpose, *named), token):
        return None
    link = db.session.get(PublicLink, named[0])
    if link is None or link.purpose != purpose:
        return None
    return Found(link, _standing(link, token))


def tenant_of(token: str) -> int | None:
    """Return whose link a token says that it is, be it right or wrong; None where there is none."""
    named = _read(token)
    link = db.session.get(PublicLink, named[0]) if named else None
    return link.tenant_id if link else None


def renew(link: PublicLink) -> str:
    """Give a link another token: the one before opens nothing any more. Return the new one."""
    link.serial += 1
    token = token_of(link)
    link.token_hash = _digest(token)
    return token


def use(link: PublicLink) -> None:
    """Note that a link did what it was for; it opens nothing any more."""
    link.used_at = link.used_at or clock.now()


def revoke(*, tenant_id: int, purpose: str, subject: str) -> None:
    """Let every link to a subject for this purpose open nothing any more."""
    db.session.execute(
        update(PublicLink)
        .where(PublicLink.tenant_id == tenant_id, PublicLink.purpose == purpose)
        .where(PublicLink.subject == subject, PublicLink.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def renew_all(*, tenant_id: int, purpose: str, subject: str) -> None:
    """Give every link to a subject for this purpose that does its work still another token."""
    found = db.session.scalars(
        select(PublicLink)
        .where(PublicLink.tenant_id == tenant_id, PublicLink.purpose == purpose)
        .where(PublicLink.subject == subject, PublicLink.used_at.is_(None))
        .where(PublicLink.revoked_at.is_(None))
    )
    for link in found:
        renew(link)


def good(*, tenant_id: int, purpose: str, subject: str) -> PublicLink | None:
    """Return the newest link to a subject for this purpose that still opens it."""
    asked = {"tenant_id": tenant_id, "purpose": purpose, "subject": subject}
    return db.session.scalar(_GOOD, asked | {"now": clock.now()})


_GOOD = (
    select(PublicLink)
    .where(PublicLink.tenant_id == bindparam("tenant_id"))
    .where(PublicLink.purpose == bindparam("purpose"))
    .where(PublicLink.subject == bindparam("subject"))
    .where(PublicLink.expires_at > bindparam("now"))
    .where(PublicLink.revoked_at.is_(None), PublicLink.used_at.is_(None))
    .order_by(PublicLink.id.desc())
    .limit(1)
)


def _standing(link: PublicLink, token: str) -> Standing:
    if link.revoked_at is not None:
        return Standing.REVOKED
    if link.used_at is not None or not _same(link.token_hash, _digest(token)):
        return Standing.USED
    return Standing.EXPIRED if link.expires_at <= clock.now() else Standing.GOOD


def _token(purpose: str, link_id: int, serial: int) -> str:
    return f"{link_id}-{serial}-{crypto.signature(f'link|{purpose}|{link_id}|{serial}')}"


def _same(one: str, other: str) -> bool:
    """Compare without telling by the time it takes where they differ."""
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))


def _read(token: str) -> tuple[int, int] | None:
    parts = token.split("-", _PARTS - 1)
    if len(parts) != _PARTS or not all(_is_number(part) for part in parts[:2]):
        return None
    return int(parts[0]), int(parts[1])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
