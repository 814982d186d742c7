"""What waits to be sent, and what the office should know of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, text
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.accounts.policy import visible_users
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.core.prepared import Numbers
from app.enterprises.models import EnterpriseContact
from app.notifications import policy
from app.notifications.models import (
    CONTACT,
    Bounce,
    Channel,
    GroupRobot,
    Message,
    MessageState,
    Outage,
    Resend,
    SmsGateway,
)

BATCH = 100
LOOKED_AT = 500  # of the newest, where a list has no pages
FURTHEST = timedelta(minutes=35)  # nothing waits longer for its next try: the clock was set back
USER = "user:"
OUTGOING = text("messages.channel <> 'inbox'")  # as the index has it
WAITING = text("messages.state = 'queued'")  # same


@dataclass(frozen=True, slots=True)
class OutboxFilter:
    """What the office asked of the outbox; an empty field asks nothing."""

    state: MessageState = MessageState.FAILED
    rule: str = ""
    channel: Channel | None = None
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Unreached:
    """Somebody whom mail does not reach: a person with an account, or of an enterprise."""

    name: str
    user_id: int | None = None
    enterprise_id: int | None = None
    enterprise: str = ""
    address: str = ""
    reason: str = ""
    at: datetime | None = None


# ---- what waits ----


def is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition under which a queued message may be taken up.

    A time to try again that is farther than any can be was set before the clock was put back;
    a lease that is as far is believed, for somebody may be at it.
    """
    return or_(
        Message.next_try_at <= now,
        and_(Message.is_claimed.is_(False), Message.next_try_at > now + FURTHEST),
    )


def due(channel: Channel) -> Select[int]:
    """Return the ids of what is to be sent now on a channel, the longest waiting first."""
    return (
        select(Message.id)
        .where(WAITING, Message.channel == channel, is_due(clock.machine_now()))
        .order_by(Message.next_try_at, Message.id)
    )


def due_keys(channel: Channel) -> Sequence[str]:
    """Return to whom something is to be sent now on a channel."""
    found = due(channel).order_by(None).with_only_columns(Message.recipient_key)
    return db.session.scalars(found.distinct().limit(BATCH)).all()


def letter_id(*, tenant_id: int, rule: str, period: str) -> int | None:
    """Return the message that was promised to somebody outside under a rule and period."""
    found: int | None = db.session.scalar(
        select(Message.id)
        .where(Message.tenant_id == tenant_id, Message.rule == rule, Message.period == period)
        .where(OUTGOING)
    )
    return found


def due_channels() -> list[Channel]:
    """Return the channels on which something is to be sent now."""
    waits = select(Message.channel).where(WAITING, is_due(clock.machine_now())).distinct()
    found = set(db.session.scalars(waits))
    return [kind for kind in Channel if kind in found]


def due_ids(limit: int = BATCH) -> Sequence[int]:
    """Return the ids of the messages to send now, the longest waiting first."""
    return db.session.scalars(
        select(Message.id)
        .where(WAITING, is_due(clock.machine_now()))
        .order_by(Message.next_try_at, Message.id)
        .limit(limit)
    ).all()


# ---- a person's own ----


def person(viewer: Actor) -> User:
    """Return the person behind `viewer`."""
    return db.session.get_one(User, viewer.user_id)


# ---- the office's ----


def outbox(asked: OutboxFilter, *, viewer: Actor) -> Select[Message]:
    """Return what is asked for, with every attempt, the newest first; the caller paginates."""
    return (
        select(Message)
        .where(_asked(asked, viewer), Message.state == asked.state)
        .options(joinedload(Message.recipient), selectinload(Message.deliveries))
        .order_by(Message.id.desc())
    )


def outbox_counts(asked: OutboxFilter, *, viewer: Actor) -> dict[MessageState, int]:
    """Return how much of what is asked for is in each state; a state without any is missing."""
    counted = db.session.execute(
        select(Message.state, func.count()).where(_asked(asked, viewer)).group_by(Message.state)
    )
    return {state: number for state, number in counted}  # noqa: C416 - a row is no pair to mypy


def failed_ids(asked: OutboxFilter, *, viewer: Actor) -> Select[int]:
    """Return the ids of what is asked for and could not be sent."""
    return select(Message.id).where(_asked(asked, viewer), Message.state == MessageState.FAILED)


def outages() -> Sequence[Outage]:
    """Return the ways out that take nothing at present."""
    return db.session.scalars(select(Outage).order_by(Outage.since)).all()


def resend(resend_id: int, *, viewer: Actor) -> Resend:
    """Return what was queued once more at one stroke, or raise NotFound."""
    policy.require_outbox(viewer)
    asked = select(Resend).where(Resend.id == resend_id, Resend.tenant_id == viewer.tenant_id)
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound(N_("没有找到这次重发。"))
    return found


def resend_counts(found: Resend) -> dict[MessageState, int]:
    """Return how far it is."""
    counted = db.session.execute(
        select(Message.state, func.count())
        .where(Message.resend_id == found.id)
        .group_by(Message.state)
    )
    return {state: number for state, number in counted}  # noqa: C416 - a row is no pair to mypy


def without_address(viewer: Actor) -> list[Unreached]:
    """Return who should get mail and has no address: colleagues, and contacts of enterprises."""
    policy.require_outbox(viewer)
    people = db.session.scalars(
        select(User)
        .where(visible_users(viewer), User.is_active, User.email == "")
        .where(User.roles.any(is_active=True))
        .order_by(User.name, User.id)
    ).all()
    keys = db.session.scalars(
        select(Message.recipient_key)
        .where(_outgoing(viewer), Message.state == MessageState.SKIPPED)
        .where(Message.recipient_key.startswith(CONTACT), Message.outsider_address.is_(None))
        .distinct()
        .limit(LOOKED_AT)
    ).all()
    silent = [one for one in _contacts(keys).values() if not one.email and not one.phone]
    return [
        *(_of(person) for person in people),
        *(_of_enterprise(one) for one in silent),
    ]


def comes_back(recipient_key: str, address: str, *, tenant_id: int) -> bool:
    """Tell whether mail comes back from this very address of a recipient.

    Who has another address by now is written to again; so is who got the letter that had come
    back, once the office sent it again.
    """
    found = db.session.scalar(
        select(Bounce)
        .where(Bounce.tenant_id == tenant_id, Bounce.recipient_key == recipient_key, ~_arrived())
        .order_by(Bounce.id.desc())
        .limit(1)
    )
    return found is not None and found.address == address


def _arrived() -> ColumnElement[bool]:
    """Return the condition that what had come back was sent again and has not come back."""
    return exists().where(Message.id == Bounce.message_id, Message.state == MessageState.SENT)


def bounced(viewer: Actor) -> list[Unreached]:
    """Return whose address mail comes back from; who has another by now is not listed."""
    policy.require_outbox(viewer)
    newest = select(func.max(Bounce.id)).group_by(Bounce.recipient_key)
    found = db.session.scalars(
        select(Bounce)
        .where(Bounce.tenant_id == viewer.tenant_id, ~_arrived())
        .where(Bounce.id.in_(newest.where(Bounce.tenant_id == viewer.tenant_id)))
        .order_by(Bounce.id.desc())
        .limit(LOOKED_AT)
    ).all()
    keys = [one.recipient_key for one in found]
    people, contacts = _people(keys), _contacts(keys)
    listed = []
    for one in found:
        owner = people.get(one.recipient_key) or contacts.get(one.recipient_key)
        if owner is None or not owner.email or owner.email != one.address:
            continue
        whose = _of_enterprise(owner) if isinstance(owner, EnterpriseContact) else _of(owner)
        listed.append(replace(whose, address=owner.email, reason=one.reason, at=one.at))
    return listed


# ---- robots and text messages ----


def robots(viewer: Actor) -> Sequence[GroupRobot]:
    """Return the office's robots, those in use first."""
    policy.require_outbox(viewer)
    return db.session.scalars(
        select(GroupRobot)
        .where(GroupRobot.tenant_id == viewer.tenant_id)
        .order_by(GroupRobot.is_active.desc(), GroupRobot.name)
    ).all()


def robot(robot_id: int, *, viewer: Actor) -> GroupRobot:
    """Return a robot of the viewer's office, or raise NotFound."""
    policy.require_outbox(viewer)
    asked = select(GroupRobot).where(
        GroupRobot.id == robot_id, GroupRobot.tenant_id == viewer.tenant_id
    )
    found = db.session.scalar(asked)
    if found is None:
        raise NotFound(N_("没有找到这个机器人。"))
    return found


def hearing(tenant_id: int, rule: str) -> list[GroupRobot]:
    """Return the robots in use that hear a rule."""
    asked = select(GroupRobot).where(GroupRobot.tenant_id == tenant_id, GroupRobot.is_active)
    return [one for one in db.session.scalars(asked.order_by(GroupRobot.id)) if rule in one.rules]


def gateway(tenant_id: int) -> SmsGateway | None:
    """Return the text-message service of a tenant, if one was entered."""
    return db.session.scalar(select(SmsGateway).where(SmsGateway.tenant_id == tenant_id))


def has_gateway(tenant_id: int) -> bool:
    """Tell whether text messages of a tenant can be sent."""
    return any(is_active for (is_active,) in _GATEWAY_IN_USE.rows({"tenant_id": tenant_id}))


_GATEWAY_IN_USE = Numbers(
    select(SmsGateway.is_active).where(SmsGateway.tenant_id == bindparam("tenant_id"))
)


def _outgoing(viewer: Actor) -> ColumnElement[bool]:
    return and_(policy.watched_by(viewer), OUTGOING)


def _asked(asked: OutboxFilter, viewer: Actor) -> ColumnElement[bool]:
    conditions = [_outgoing(viewer)]
    if asked.rule:
        conditions.append(Message.rule == asked.rule)
    if asked.channel is not None:
        conditions.append(Message.channel == asked.channel)
    if asked.recipient:
        named = select(User.id).where(
            visible_users(viewer), User.name.contains(asked.recipient, autoescape=True)
        )
        conditions.append(
            or_(
                Message.recipient_id.in_(named),
                Message.outsider_name.contains(asked.recipient, autoescape=True),
            )
        )
    return and_(*conditions)


def _numbers(keys: Iterable[str], kind: str) -> list[int]:
    return [int(key.removeprefix(kind)) for key in keys if key.startswith(kind)]


def _people(keys: Iterable[str]) -> dict[str, User]:
    found = db.session.scalars(select(User).where(User.id.in_(_numbers(keys, USER))))
    return {f"{USER}{one.id}": one for one in found}


def _contacts(keys: Iterable[str]) -> dict[str, EnterpriseContact]:
    asked = select(EnterpriseContact).where(EnterpriseContact.id.in_(_numbers(keys, CONTACT)))
    found = db.session.scalars(asked.options(joinedload(EnterpriseContact.enterprise)))
    return {f"{CONTACT}{one.id}": one for one in found}


def _of(person: User) -> Unreached:
    return Unreached(person.name, user_id=person.id)


def _of_enterprise(contact: EnterpriseContact) -> Unreached:
    firm = contact.enterprise
    return Unreached(contact.name, enterprise_id=firm.id, enterprise=firm.short_name or firm.name)


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Message.id)).where(*conditions)) or 0
