"""How much came from one place or one telephone lately."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from app.core import clock, crypto
from app.core.db import db
from app.portal.models import Telling

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def key_of(kind: str, value: str) -> str:
    """Return what finds an address or a telephone again, without saying which it is."""
    return crypto.signature(f"tell-{kind}|{value}")


def from_place(ip_key: str) -> int:
    """Return how many tellings came from a place within the hour."""
    return _since(HOUR, Telling.ip_key == ip_key)


def from_phone(phone_key: str) -> int:
    """Return how many tellings gave a telephone within a day."""
    return _since(DAY, Telling.phone_key == phone_key)


def _since(span: timedelta, same: ColumnElement[bool]) -> int:
    since = clock.machine_now() - span
    asked = select(func.count()).select_from(Telling).where(same, Telling.sent_at > since)
    return db.session.scalar(asked) or 0
