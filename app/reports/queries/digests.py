"""Digests: to whom one is still due, what a person has to confirm, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import RoleHolding, User
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.paging import Page, paged
from app.notifications.models import Channel, Delivery, Message
from app.reports import policy
from app.reports.models import Digest, DigestMark
from app.reports.workflow import READERS, Rule
from app.tickets.models import LeaderDirective, Ticket
from app.tickets.policy import visible_to

MOST_OPEN = 20  # digests that one click confirms
MOST_WRITTEN = 20  # directives that a page repeats


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of the mail of a digest: the message, and the other side's last answer."""

    message: Message
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class Line:
    """A digest with what became of it; `sending` is None where nothing was to be sent."""

    digest: Digest
    sending: Sending | None


# ---- for the timetable ----


def to_promise(tenant_id: int, rule: Rule, period: str) -> Sequence[int]:
    """Return whose digest of a period was not thought of yet: chief, leaders, director."""
    held = select(RoleHolding.user_id).where(
        RoleHolding.tenant_id == tenant_id, RoleHolding.is_active, RoleHolding.role.in_(READERS)
    )
    made = select(Digest.user_id).where(
        Digest.tenant_id == tenant_id, Digest.rule == rule, Digest.period == period
    )
    return db.session.scalars(
        select(User.id)
        .where(User.id.in_(held), User.id.not_in(made), User.is_active)
        .order_by(User.id)
    ).all()


def was_told_on(user_id: int, day: date) -> bool:
    """Tell whether a person was sent the week's digest on a day."""
    span = (clock.at(day, time()), clock.at(day + timedelta(days=1), time()))
    found = select(Digest.id).where(
        Digest.user_id == user_id,
        Digest.rule == Rule.WEEKLY,
        Digest.item_count > 0,
        Digest.promised_at >= span[0],
        Digest.promised_at < span[1],
    )
    return db.session.scalar(found.limit(1)) is not None


def unread(tenant_id: int, now: datetime) -> Sequence[Digest]:
    """Return what was sent, still matters, and nobody confirmed or was reminded of."""
    return db.session.scalars(
        select(Digest)
        .where(Digest.tenant_id == tenant_id, Digest.item_count > 0)
        .where(Digest.reminded_at.is_(None), Digest.matters_until > now, ~_is_read())
        .order_by(Digest.id)
    ).all()


def is_read(digest_id: int) -> bool:
    """Tell whether anybody confirmed a digest."""
    found = select(DigestMark.id).where(
        DigestMark.digest_id == digest_id, DigestMark.directive_id.is_(None)
    )
    return db.session.scalar(found.limit(1)) is not None


# ---- for the reader ----


def open_for(owner_ids: Sequence[int], by_id: int, *, upto: int | None = None) -> Sequence[Digest]:
    """Return the digests of these people that `by_id` has not confirmed, the newest first."""
    confirmed = exists().where(
        DigestMark.digest_id == Digest.id,
        DigestMark.directive_id.is_(None),
        DigestMark.by_id == by_id,
    )
    found = (
        select(Digest)
        .where(Digest.user_id.in_(owner_ids), Digest.item_count > 0, ~confirmed)
        .options(joinedload(Digest.user))
        .order_by(Digest.id.desc())
        .limit(MOST_OPEN)
    )
    return db.session.scalars(found if upto is None else found.where(Digest.id <= upto)).all()


def newest_of(owner_ids: Sequence[int]) -> Digest | None:
    """Return the newest digest that was sent to any of these people."""
    found = select(Digest).where(Digest.user_id.in_(owner_ids), Digest.item_count > 0)
    return db.session.scalar(found.order_by(Digest.id.desc()).limit(1))


def last_reading(owner_ids: Sequence[int]) -> DigestMark | None:
    """Return the newest confirmation of any digest of these people."""
    found = (
        select(DigestMark)
        .join(Digest, Digest.id == DigestMark.digest_id)
        .where(Digest.user_id.in_(owner_ids), DigestMark.directive_id.is_(None))
        .options(joinedload(DigestMark.by))
    )
    return db.session.scalar(found.order_by(DigestMark.id.desc()).limit(1))


def written_by(seats: Sequence[Actor]) -> Sequence[LeaderDirective]:
    """Return the directives of a person that wait for their answer, the newest first."""
    gave: list[ColumnElement[bool]] = [
        and_(
            LeaderDirective.by_id.in_((seat.user_id, *seat.stands_in_for)),
            LeaderDirective.ticket_id.in_(select(Ticket.id).where(visible_to(seat))),
        )
        for seat in seats
    ]
    if not gave:
        return ()
    return db.session.scalars(
        select(LeaderDirective)
        .where(LeaderDirective.tenant_id == seats[0].tenant_id, or_(*gave))
        .where(LeaderDirective.answered_at.is_(None))
        .options(joinedload(LeaderDirective.ticket), joinedload(LeaderDirective.unit))
        .order_by(LeaderDirective.id.desc())
        .limit(MOST_WRITTEN)
    ).all()


# ---- for the office ----


def page(period: str, number: int, *, viewer: Actor, size: int) -> Page[Line]:
    """Return digests with what became of each, the newest first; a fixed number of statements."""
    found = (
        select(Digest)
        .where(policy.watched_by(viewer))
        .options(joinedload(Digest.user), selectinload(Digest.marks).joinedload(DigestMark.by))
        .order_by(Digest.id.desc())
    )
    if period:
        found = found.where(Digest.period == period)
    listed = paged(found, number, size=size)
    sent = _sendings(listed.items)
    lines = [Line(one, sent.get((one.rule, one.period, one.user_id))) for one in listed.items]
    return Page(
        lines, listed.number, listed.size, listed.total, listed.total_capped, listed.has_next
    )


def periods(viewer: Actor, limit: int = 12) -> Sequence[str]:
    """Return the newest periods of which there are digests."""
    found = (
        select(Digest.period)
        .where(policy.watched_by(viewer))
        .group_by(Digest.period)
        .order_by(func.max(Digest.id).desc())
    )
    return db.session.scalars(found.limit(limit)).all()


def _sendings(digests: Sequence[Digest]) -> Mapping[tuple[str, str, int], Sending]:
    """Return the mail of each digest with the last attempt to send it; one statement."""
    if not digests:
        return {}
    last = (
        select(Delivery.message_id, func.max(Delivery.id).label("id"))
        .group_by(Delivery.message_id)
        .subquery()
    )
    rows = db.session.execute(
        _mails(digests)
        .outerjoin(last, last.c.message_id == Message.id)
        .outerjoin(Delivery, Delivery.id == last.c.id)
    )
    return {
        (message.rule, message.period, message.recipient_id or 0): Sending(message, delivery)
        for message, delivery in rows
    }


def _mails(digests: Sequence[Digest]) -> Select[Message, Delivery]:
    return select(Message, Delivery).where(
        Message.tenant_id == digests[0].tenant_id,
        Message.channel == Channel.MAIL,
        Message.rule.in_({one.rule.value for one in digests}),
        Message.period.in_({one.period for one in digests}),
        Message.recipient_id.in_({one.user_id for one in digests}),
    )


def _is_read() -> ColumnElement[bool]:
    return exists().where(DigestMark.digest_id == Digest.id, DigestMark.directive_id.is_(None))
