"""What a person has been told, how they want to be reminded, and how letters are worded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.roles import Actor
from app.core.db import db
from app.core.enums import LabelledEnum
from app.core.errors import NotFound
from app.core.i18n import N_
from app.notifications import policy
from app.notifications.models import Channel, Message, OfficeWording, ReminderChoice
from app.notifications.wordings import WORDINGS, Wording


class Shelf(LabelledEnum):
    """Which messages of the inbox are looked at."""

    PRESENT = "present", N_("近期")
    UNREAD = "unread", N_("未读")
    OLD = "old", N_("旧消息")


class Group(LabelledEnum):
    """What a message is about."""

    REMINDERS = "reminders", N_("定期提醒")
    TICKETS = "tickets", N_("企业问题")
    VISITS = "visits", N_("走访")
    OTHER = "other", N_("其他")


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """What the inbox is narrowed to; what was read before `old_before` is old."""

    old_before: datetime
    shelf: Shelf = Shelf.PRESENT
    group: Group | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many messages stand on each shelf, and in each group of the shelf looked at."""

    of: Mapping[Shelf, int]
    groups: Mapping[Group, int]


@dataclass(frozen=True, slots=True)
class Choices:
    """How a person is reminded besides the inbox."""

    by_sms: bool = False
    off: frozenset[str] = field(default_factory=frozenset)

    def is_off(self, rule: str) -> bool:
        """Tell whether the person does without mail of a rule that one may do without."""
        return rule in self.off and rule in WORDINGS and WORDINGS[rule].may_be_off


NOTHING_CHOSEN = Choices()

#: As which group a message counts: reminders by their rule (R1 to R13), the rest by their page.
_group = case(
    (func.substr(Message.rule, 1, 1) == "R", Group.REMINDERS.value),
    (Message.link.startswith("/tickets"), Group.TICKETS.value),
    (Message.link.startswith("/visits"), Group.VISITS.value),
    else_=Group.OTHER.value,
)


def get(message_id: int, *, viewer: Actor) -> Message:
    """Return a message that was written to `viewer`, or raise NotFound."""
    found = db.session.scalar(inbox(viewer).where(Message.id == message_id))
    if found is None:
        raise NotFound(N_("没有找到这条消息。"))
    return found


def inbox(viewer: Actor) -> Select[Message]:
    """Return what `viewer` has been told, the newest first; the caller paginates."""
    return select(Message).where(_told(viewer)).order_by(Message.id.desc())


def search_inbox(asked: InboxFilter, *, viewer: Actor) -> Select[Message]:
    """Return what `viewer` asks for of what they were told, the newest first."""
    found = inbox(viewer).where(_on_shelf(asked.shelf, asked.old_before))
    if asked.group is not None:
        found = found.where(_group == asked.group.value)
    if asked.text:
        found = found.where(_says(asked.text))
    return found


def inbox_counts(asked: InboxFilter, *, viewer: Actor) -> InboxCounts:
    """Return how much the viewer's inbox holds; the words asked for narrow it."""
    old = _on_shelf(Shelf.OLD, asked.old_before)
    counting = (
        select(_group, Message.read_at.is_(None), old, func.count())
        .where(_told(viewer))
        .group_by(_group, Message.read_at.is_(None), old)
    )
    if asked.text:
        counting = counting.where(_says(asked.text))
    of, groups = dict.fromkeys(Shelf, 0), dict.fromkeys(Group, 0)
    for group, is_unread, is_old, n in db.session.execute(counting):
        stands = [Shelf.OLD if is_old else Shelf.PRESENT] + ([Shelf.UNREAD] if is_unread else [])
        for shelf in stands:
            of[shelf] += n
        if asked.shelf in stands:
            groups[Group(group)] += n
    return InboxCounts(of, groups)


def unread_count(viewer: Actor) -> int:
    """Return how many messages `viewer` has not opened."""
    return _count(_told(viewer), Message.read_at.is_(None))


def _told(viewer: Actor) -> ColumnElement[bool]:
    return and_(policy.addressed_to(viewer), Message.channel == Channel.INBOX)


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Message.id)).where(*conditions)) or 0


def _on_shelf(shelf: Shelf, old_before: datetime) -> ColumnElement[bool]:
    if shelf is Shelf.UNREAD:
        return Message.read_at.is_(None)
    recent = or_(Message.read_at.is_(None), Message.created_at >= old_before)
    return recent if shelf is Shelf.PRESENT else ~recent


def _says(text: str) -> ColumnElement[bool]:
    """Return the condition that a message, or what it is filled in with, holds `text`.

    A context lies in its column as JSON, in which Chinese is escaped.
    """
    escaped = json.dumps(text)[1:-1]
    return or_(
        cast(Message.context, Text).icontains(escaped, autoescape=True),
        Message.subject.contains(text, autoescape=True),
    )


def default_wording(rule: str) -> Wording:
    """Return the default words of a rule's letter, or raise NotFound."""
    if rule not in WORDINGS:
        raise NotFound(N_("没有这样的信。"))
    return WORDINGS[rule]


def optional_wordings() -> list[Wording]:
    """Return the letters that a person may do without."""
    return [one for one in WORDINGS.values() if one.may_be_off]


def office_wording(rule: str, *, viewer: Actor) -> OfficeWording | None:
    """Return what the viewer's office wrote for a rule, in use or not."""
    return db.session.scalar(
        select(OfficeWording)
        .where(OfficeWording.tenant_id == viewer.tenant_id, OfficeWording.rule == rule)
        .options(joinedload(OfficeWording.changed_by))
    )


def office_wordings(*, viewer: Actor) -> dict[str, OfficeWording]:
    """Return what the viewer's office wrote, in use or not, by rule."""
    policy.require_wordings(viewer)
    found = db.session.scalars(
        select(OfficeWording)
        .where(OfficeWording.tenant_id == viewer.tenant_id)
        .options(joinedload(OfficeWording.changed_by))
    )
    return {one.rule: one for one in found}


def choice_of(user_id: int) -> ReminderChoice | None:
    """Return what a person chose, where they ever did."""
    return db.session.scalar(select(ReminderChoice).where(ReminderChoice.user_id == user_id))


def choices_of(user_id: int) -> Choices:
    """Return how a person is reminded."""
    found = db.session.execute(
        select(ReminderChoice.by_sms, ReminderChoice.off).where(ReminderChoice.user_id == user_id)
    ).first()
    return Choices(found.by_sms, frozenset(found.off)) if found else NOTHING_CHOSEN
