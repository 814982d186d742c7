"""Promising messages: in the transaction of their cause, once for each rule, period, recipient."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Insert, Table, select, update
from sqlalchemy.sql.dml import ReturningInsert

from app.accounts.models import User
from app.accounts.queries import absences
from app.core import clock
from app.core.db import db, inserting
from app.core.i18n import N_
from app.core.links import PublicLink
from app.core.prepared import Writing
from app.enterprises import queries as enterprises
from app.notifications import queries
from app.notifications.models import CONTACT, SWITCHED_OFF, Channel, Message, MessageState
from app.notifications.wordings import WORDINGS

KEY = ["tenant_id", "rule", "period", "recipient_key", "channel"]
NO_ADDRESS = N_("没有邮箱")
COMES_BACK = N_("邮箱退信，没有再发；改好邮箱后重发")
NO_PHONE = N_("没有手机号")
NO_SMS = N_("没有配置短信")
ALWAYS = frozenset({"tenant", "phone", "is_demo"})  # what tells nothing of a matter
BY_SMS = N_("{rule_label}：请登录系统查看")  # names nobody and no firm


@dataclass(frozen=True, slots=True)
class Outsider:
    """A recipient without an account: `key` tells them from all others ("contact:7")."""

    key: str
    name: str
    address: str


def tell(
    recipient_ids: Iterable[int | None],
    *,
    tenant_id: int,
    rule: str,
    period: str,
    subject: str,
    link: str = "",
    context: Mapping[str, Any] | None = None,
    deputies: bool = True,
) -> None:
    """Put one inbox message for each recipient into the transaction of its cause.

    `subject` is a constant, marked for translation, whose `str.format` names are filled from
    `context` where it is shown. Who was told under this rule and period is not told again.
    Who is away finds it on coming back, and their deputy reads it today; `deputies` leaves
    those out where what is told is for nobody else.
    """
    now, at = clock.machine_now(), clock.now()
    meant = [one for one in recipient_ids if one is not None]
    if meant and deputies:
        meant += absences.deputies_of(meant)
    rows = [
        {
            "tenant_id": tenant_id,
            "rule": rule,
            "period": period,
            "recipient_key": _key(recipient_id),
            "recipient_id": recipient_id,
            "outsider_name": "",
            "channel": Channel.INBOX,
            "subject": subject,
            "context": dict(context or {}),
            "link": link,
            "message_id": _message_id(tenant_id, rule, period, _key(recipient_id), Channel.INBOX),
            "state": MessageState.SENT,
            "created_at": at,
            "attempts": 0,
            "sent_at": now,
            "last_error": "",
            "is_claimed": False,
        }
        for recipient_id in dict.fromkeys(meant)
    ]
    if rows:
        _PROMISE.write(*rows)


def _promising() -> Insert:
    """Return the INSERT of a promise that was not made before."""
    return inserting(Message).on_conflict_do_nothing(index_elements=KEY)


def enqueue(
    recipient: int | Outsider,
    *,
    tenant_id: int,
    rule: str,
    period: str,
    channel: Channel,
    subject: str,
    context: Mapping[str, Any] | None = None,
    link: str = "",
    public_link: PublicLink | None = None,
    matters_until: datetime | None = None,
    unwanted: str = "",
) -> bool:
    """Promise a message in the transaction of its cause; tell whether it is a new promise.

    A promise is made once for (rule, period, recipient, channel), whoever makes it first.
    `recipient` is the id of a person with an account, or an Outsider. An inbox message has
    arrived with its row; what has no address to go to is kept as skipped, for the office's list,
    and so is what is `unwanted`, for this reason.
    `link` is a path of ours; where it holds `{token}`, `public_link` gives it.
    """
    inside = isinstance(recipient, int)
    key = _key(recipient) if isinstance(recipient, int) else recipient.key
    state, reason = _first_state(recipient, channel, tenant_id=tenant_id, unwanted=unwanted)
    now = clock.machine_now()
    row = {
        "tenant_id": tenant_id,
        "rule": rule,
        "period": period,
        "recipient_key": key,
        "recipient_id": recipient if inside else None,
        "outsider_name": "" if isinstance(recipient, int) else recipient.name,
        "outsider_address": None if isinstance(recipient, int) else recipient.address,
        "channel": channel,
        "subject": subject,
        "context": dict(context or {}),
        "link": link,
        "public_link_id": public_link.id if public_link else None,
        "message_id": _message_id(tenant_id, rule, period, key, channel),
        "state": state,
        "created_at": clock.now(),
        "next_try_at": now if state is MessageState.QUEUED else None,
        "matters_until": matters_until,
        "attempts": 0,
        "sent_at": now if state is MessageState.SENT else None,
        "last_error": reason,
        "is_claimed": False,
    }
    return _PROMISE_ONE.returned(row) is not None


def _promising_one() -> ReturningInsert[int]:
    """Return the INSERT of a promise, which gives an id where it was not made before."""
    return inserting(Message).on_conflict_do_nothing(index_elements=KEY).returning(_MESSAGES.c.id)


_MESSAGES = cast("Table", Message.__table__)
_PROMISE, _PROMISE_ONE = Writing(_promising), Writing(_promising_one)


def remind(
    recipient_id: int,
    *,
    tenant_id: int,
    rule: str,
    period: str,
    subject: str,
    context: Mapping[str, Any],
    inbox: Iterable[str],
    link: str,
    matters_until: datetime | None = None,
) -> bool:
    """Promise one person a reminder, in the inbox and by mail; tell whether it is a new promise.

    `inbox` names what of the context the inbox keeps: what `subject` asks for. Who wants it is
    sent a text message too, that only says to look. A mail that the person switched off is kept
    as skipped, so that the log is whole; nothing is ever missing from the inbox.
    """
    chosen = queries.choices_of(recipient_id)
    off = SWITCHED_OFF if chosen.is_off(rule) else ""
    said: dict[Channel, tuple[str, Mapping[str, Any], str]] = {
        Channel.INBOX: (subject, {name: context[name] for name in inbox}, ""),
        Channel.MAIL: (subject, context, off),
    }
    if chosen.by_sms and rule in WORDINGS:
        said[Channel.SMS] = (BY_SMS, {"rule_label": WORDINGS[rule].label}, off)
    promised = False
    for channel, (words, known, unwanted) in said.items():
        promised |= enqueue(
            recipient_id,
            tenant_id=tenant_id,
            rule=rule,
            period=period,
            channel=channel,
            subject=words,
            context=known,
            link=link,
            matters_until=matters_until,
            unwanted=unwanted,
        )
    return promised


def tell_enterprise(
    enterprise_id: int,
    *,
    tenant_id: int,
    rule: str,
    period: str,
    subject: str,
    context: Mapping[str, Any],
    link: str = "",
    public_link: PublicLink | None = None,
    matters_until: datetime | None = None,
    unwanted: str = "",
) -> bool:
    """Promise an enterprise's first contact a letter, or a text message where there is no mail.

    Tell whether it is a new promise; an enterprise without any contact is told nothing.
    """
    contact = enterprises.primary_contact(enterprise_id)
    if contact is None:
        return False
    key = f"{CONTACT}{contact.id}"
    reaches = bool(contact.email) and not queries.comes_back(
        key, contact.email, tenant_id=tenant_id
    )
    channel = Channel.MAIL if reaches or not contact.phone else Channel.SMS
    address = contact.email if channel is Channel.MAIL else contact.phone
    return enqueue(
        Outsider(key, contact.name, address or ""),
        tenant_id=tenant_id,
        rule=rule,
        period=period,
        channel=channel,
        subject=subject,
        context=context,
        link=link,
        public_link=public_link,
        matters_until=matters_until,
        unwanted=unwanted,
    )


def _first_state(
    recipient: int | Outsider, channel: Channel, *, tenant_id: int, unwanted: str
) -> tuple[MessageState, str]:
    """Return what becomes of a promise at once, and why."""
    if channel is Channel.INBOX:
        return MessageState.SENT, ""
    if channel is Channel.ROBOT:  # whose place is known where it is claimed
        return MessageState.QUEUED, ""
    reason = unwanted or _obstacle(recipient, channel, tenant_id)
    return (MessageState.SKIPPED, reason) if reason else (MessageState.QUEUED, "")


def _obstacle(recipient: int | Outsider, channel: Channel, tenant_id: int) -> str:
    """Return why a recipient is not reached on a channel; empty where they are."""
    if isinstance(recipient, int):
        key, address = _key(recipient), address_of(recipient, channel)
    else:
        key, address = recipient.key, recipient.address
    if not address:
        return NO_PHONE if channel is Channel.SMS else NO_ADDRESS
    if channel is Channel.MAIL and queries.comes_back(key, address, tenant_id=tenant_id):
        return COMES_BACK
    if channel is Channel.SMS and not queries.has_gateway(tenant_id):
        return NO_SMS
    return ""


def forget(*, tenant_id: int, rule: str, period: str, reason: str) -> None:
    """Skip what was promised under this rule and period and has not been sent."""
    db.session.execute(
        update(Message)
        .where(Message.tenant_id == tenant_id, Message.rule == rule, Message.period == period)
        .where(Message.state == MessageState.QUEUED)
        .values(state=MessageState.SKIPPED, next_try_at=None, last_error=reason[:500])
    )


def hush(link: str, *, tenant_id: int, subject: str) -> None:
    """Let every message about `link` say no more than `subject` from now on."""
    db.session.execute(
        update(Message)
        .where(Message.tenant_id == tenant_id, Message.link == link)
        .values(subject=subject, context={})
    )


def hush_linked(about: str, *, tenant_id: int, subject: str) -> None:
    """Let every letter with a link to `about` say no more than `subject` from now on.

    One that waits is still sent: with nothing in it but the link, and who writes.
    """
    told = (
        select(Message)
        .join(PublicLink, PublicLink.id == Message.public_link_id)
        .where(PublicLink.tenant_id == tenant_id, PublicLink.subject == about)
    )
    for message in db.session.scalars(told):
        known = message.context.items()
        message.subject = subject
        message.context = {name: said if name in ALWAYS else "" for name, said in known}


def address_of(recipient_id: int, channel: Channel) -> str:
    """Return where a person is reached, or nothing."""
    person = db.session.get(User, recipient_id)
    return reached_at(person, channel) if person else ""


def reached_at(person: User, channel: Channel) -> str:
    """Return where a person is reached on a channel, or nothing."""
    return (person.phone or "") if channel is Channel.SMS else person.email


def _key(user_id: int) -> str:
    return f"user:{user_id}"


def _message_id(tenant_id: int, rule: str, period: str, recipient_key: str, channel: str) -> str:
    """Return the local part of the Message-ID: the same whenever this promise is made."""
    key = f"{tenant_id}|{rule}|{period}|{recipient_key}|{channel}"
    return hashlib.sha256(key.encode()).hexdigest()[:32]
