"""How much came from one place or one telephone lately."""

from datetime import timedelta

from sqlalchemy import bindparam, func, select

from app.core import clock, crypto
from app.core.prepared import Numbers
from app.portal.models import Telling

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def key_of(kind: str, value: str) -> str:
    """Return what finds an address or a telephone again, without saying which it is."""
    return crypto.signature(f"tell-{kind}|{value}")


def from_place(ip_key: str) -> int:
    """Return how many tellings came from a place within the hour."""
    return _since(HOUR, _FROM_PLACE, ip_key)


def from_phone(phone_key: str) -> int:
    """Return how many tellings gave a telephone within a day."""
    return _since(DAY, _FROM_PHONE, phone_key)


def _since(span: timedelta, asked: Numbers, key: str) -> int:
    (counted,) = asked.read({"key": key, "since": clock.machine_now() - span})
    return int(counted)


_SENT = select(func.count()).select_from(Telling).where(Telling.sent_at > bindparam("since"))
_FROM_PLACE = Numbers(_SENT.where(Telling.ip_key == bindparam("key")))
_FROM_PHONE = Numbers(_SENT.where(Telling.phone_key == bindparam("key")))
