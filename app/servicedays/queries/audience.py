"""Who is told of a day: people, and enterprises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts import queries as people
from app.accounts.models import OrgUnit
from app.accounts.queries import absences
from app.accounts.roles import Role
from app.core.db import db
from app.notifications.models import Channel, Message
from app.servicedays.models import Invitation, ServiceDay

NOTICE = "R11"  # the rules of the letters about a day
NOTICE_TO_FIRMS = "R11-enterprise"
CHANGED = "R11-changed"
CHANGED_TO_FIRMS = "R11-changed-enterprise"
PLANNED = "service-day-new"


@dataclass(frozen=True, slots=True)
class Told:
    """When a day was announced, and to how many."""

    at: datetime
    people: int
    enterprises: int


def period_of(day: ServiceDay) -> str:
    """Return the key under which a day is announced: a day that is moved is announced anew."""
    return f"{day.id}/{day.held_on.isoformat()}"


def recipients_of(day: ServiceDay) -> list[int]:
    """Return who is told: the host, who is in charge of the units, their heads, and deputies."""
    unit_ids = [unit.id for unit in day.units]
    meant: list[int] = [day.host_id]
    in_charge = select(OrgUnit.in_charge_id).where(OrgUnit.id.in_(unit_ids))
    meant += [one for one in db.session.scalars(in_charge) if one is not None]
    for unit_id in unit_ids:
        heads = people.users_with_role(day.tenant_id, (Role.DEPT_HEAD,), unit_id)
        meant += [person.id for person in heads]
    meant += absences.deputies_of(meant)
    return list(dict.fromkeys(meant))


def told_people(day: ServiceDay) -> list[int]:
    """Return who was told of a day at any time, under whichever date."""
    found = (
        select(Message.recipient_id)
        .where(Message.tenant_id == day.tenant_id, Message.recipient_id.is_not(None))
        .where(Message.rule.in_([PLANNED, NOTICE, CHANGED]))
        .where(Message.period.like(f"{day.id}/%"))
        .distinct()
        .order_by(Message.recipient_id)
    )
    return [one for one in db.session.scalars(found) if one is not None]


def already_told(day: ServiceDay, since: datetime) -> set[int]:
    """Return who needs no announcement: told of this date, or of a change to it since then."""
    period = period_of(day)
    announced = (Message.rule == NOTICE) & (Message.period == period)
    changed = (
        (Message.rule == CHANGED)
        & Message.period.like(f"{period}/%")
        & (Message.created_at >= since)
    )
    found = select(Message.recipient_id).where(
        Message.tenant_id == day.tenant_id, or_(announced, changed)
    )
    return {one for one in db.session.scalars(found) if one is not None}


def invitations_to_tell(day: ServiceDay, lately: datetime) -> Sequence[Invitation]:
    """Return the enterprises that are to be told of a day and have not been, or not `lately`.

    Who was told before that was told of another date: the day has been moved since.
    """
    waits = or_(Invitation.told_at.is_(None), Invitation.told_at < lately)
    return db.session.scalars(
        select(Invitation).where(Invitation.day_id == day.id, waits).order_by(Invitation.id)
    ).all()


def told_invitations(day: ServiceDay) -> Sequence[Invitation]:
    """Return the enterprises that were told of a day."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.day_id == day.id, Invitation.told_at.is_not(None))
        .options(joinedload(Invitation.enterprise))
        .order_by(Invitation.id)
    ).all()


def invitation_of(day_id: int, enterprise_id: int) -> Invitation | None:
    """Return the invitation of an enterprise, or None."""
    return db.session.scalar(
        select(Invitation).where(
            Invitation.day_id == day_id, Invitation.enterprise_id == enterprise_id
        )
    )


def told_summary(day: ServiceDay) -> Told | None:
    """Return when a day was announced and to how many, or None before it."""
    announced = (
        select(Message.created_at)
        .where(Message.tenant_id == day.tenant_id, Message.rule == NOTICE)
        .where(Message.period.like(f"{day.id}/%"), Message.channel == Channel.INBOX)
        .order_by(Message.id)
    )
    told = db.session.scalars(announced).all()
    firms = select(func.count(Invitation.id)).where(
        Invitation.day_id == day.id, Invitation.told_at.is_not(None)
    )
    return Told(told[0], len(told), db.session.scalar(firms) or 0) if told else None
