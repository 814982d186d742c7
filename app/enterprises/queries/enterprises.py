"""Reading enterprises and the people in them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from app.accounts.models import OrgUnit
from app.accounts.roles import Actor
from app.core import clock
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.enterprises import policy
from app.enterprises.models import (
    Enterprise,
    EnterpriseContact,
    Linkage,
    Operation,
    Scale,
    Tier,
)

UNKNOWN = N_("没有找到这家企业，可能不在您能看的范围内。")
LONGEST = 40  # characters of a question that are looked at


@dataclass(frozen=True, slots=True)
class EnterpriseFilter:
    """What the list of enterprises was asked to show; an empty field asks nothing."""

    text: str = ""
    tier: Tier | None = None
    village_id: int | None = None
    scale: Scale | None = None
    above_scale: bool = False
    near_scale: bool = False
    operation: Operation | None = None
    not_running: bool = False
    leader_id: int | None = None
    liaison_id: int | None = None
    unlinked: bool = False
    sort: str = ""
    downwards: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many enterprises the viewer may see, and of which sorts."""

    all: int
    key: int
    above_scale: int
    near_scale: int
    not_running: int
    unlinked: int


def get(enterprise_id: int, *, viewer: Actor) -> Enterprise:
    """Return one enterprise; raise NotFound where the viewer may not know of it."""
    found: Enterprise | None = db.session.scalar(
        select(Enterprise).where(Enterprise.id == enterprise_id, policy.visible_to(viewer))
    )
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def contact(contact_id: int, *, enterprise_id: int, viewer: Actor) -> EnterpriseContact:
    """Return one contact of one enterprise; raise NotFound where there is none to know of."""
    found: EnterpriseContact | None = db.session.scalar(
        select(EnterpriseContact)
        .join(EnterpriseContact.enterprise)
        .where(EnterpriseContact.id == contact_id, Enterprise.id == enterprise_id)
        .where(policy.visible_to(viewer))
    )
    if found is None:
        raise NotFound(N_("没有找到这位联系人，可能已被移除。"))
    return found


def primary_contact(enterprise_id: int) -> EnterpriseContact | None:
    """Return the person to call first, or None."""
    found: EnterpriseContact | None = db.session.scalar(
        _PRIMARY_CONTACT, {"enterprise_id": enterprise_id}
    )
    return found


_PRIMARY_CONTACT = (
    select(EnterpriseContact)
    .where(EnterpriseContact.enterprise_id == bindparam("enterprise_id"))
    .order_by(EnterpriseContact.is_primary.desc(), EnterpriseContact.id)
    .limit(1)
)


def primary_contacts(enterprise_ids: Collection[int]) -> Mapping[int, EnterpriseContact]:
    """Return the person to call first in each of some enterprises."""
    found = db.session.scalars(
        select(EnterpriseContact)
        .where(EnterpriseContact.enterprise_id.in_(enterprise_ids))
        .order_by(EnterpriseContact.is_primary, EnterpriseContact.id.desc())
    )
    return {one.enterprise_id: one for one in found}  # the last of each counts


def posts_of(enterprise_ids: Collection[int]) -> Mapping[int, str]:
    """Return the post of the person to call first in each of some enterprises, and no more."""
    found = db.session.execute(
        select(EnterpriseContact.enterprise_id, EnterpriseContact.post)
        .where(EnterpriseContact.enterprise_id.in_(enterprise_ids))
        .order_by(EnterpriseContact.is_primary, EnterpriseContact.id.desc())
    )
    return {enterprise_id: post for enterprise_id, post in found}  # noqa: C416 - as above


def matching(text: str) -> ColumnElement[bool]:
    """Return the condition that an enterprise answers `text`.

    It may be part of its name or short name, the initials of either in pinyin, or part of
    its credit code.
    """
    words = "".join(text.split())[:LONGEST]
    lowered = words.lower()
    found: list[ColumnElement[bool]] = [
        func.lower(Enterprise.name).contains(lowered, autoescape=True),
        func.lower(Enterprise.short_name).contains(lowered, autoescape=True),
    ]
    if words.isascii():
        found += [
            Enterprise.pinyin.contains(lowered, autoescape=True),
            Enterprise.uscc.contains(words.upper(), autoescape=True),
        ]
    return or_(*found)


def search(asked: EnterpriseFilter, *, viewer: Actor) -> Select[Enterprise]:
    """Return the enterprises asked for; the caller paginates."""
    found = (
        select(Enterprise)
        .outerjoin(Enterprise.village)
        .where(policy.visible_to(viewer), *_asked_for(asked))
        .options(joinedload(Enterprise.village))
    )
    if asked.text.strip():
        found = found.where(matching(asked.text))
    return found.order_by(*_order(asked))


def _asked_for(asked: EnterpriseFilter) -> list[ColumnElement[bool]]:
    """Return one condition for each field of the filter that asks something."""
    equal: tuple[tuple[InstrumentedAttribute[Any], object], ...] = (
        (Enterprise.tier, asked.tier),
        (Enterprise.village_id, asked.village_id),
        (Enterprise.scale, asked.scale),
        (Enterprise.operation, asked.operation),
    )
    ticked = (
        (_is_above_scale(), asked.above_scale),
        (Enterprise.near_scale.is_(True), asked.near_scale),
        (_is_not_running(), asked.not_running),
        (not_(_is_linked()), asked.unlinked),
    )
    persons: tuple[tuple[InstrumentedAttribute[Any], int | None], ...] = (
        (Linkage.leader_id, asked.leader_id),
        (Linkage.liaison_id, asked.liaison_id),
    )
    return [
        *(column == value for column, value in equal if value is not None),
        *(condition for condition, wanted in ticked if wanted),
        *(_is_linked(column == value) for column, value in persons if value is not None),
    ]


def _order(asked: EnterpriseFilter) -> list[SQLColumnExpression[Any]]:
    column: SQLColumnExpression[Any] = Enterprise.pinyin
    if asked.sort == "tier":
        column = case((Enterprise.tier == Tier.KEY, 0), else_=1)
    elif asked.sort == "village":
        column = OrgUnit.sort_order
    return [column.desc() if asked.downwards else column.asc(), Enterprise.pinyin, Enterprise.id]


def tally(*, viewer: Actor) -> Tally:
    """Return how many enterprises the viewer may see, and of which sorts."""

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = db.session.execute(
        select(
            func.count(),
            counted(Enterprise.tier == Tier.KEY),
            counted(_is_above_scale()),
            counted(Enterprise.near_scale.is_(True)),
            counted(_is_not_running()),
            counted(not_(_is_linked())),
        )
        .select_from(Enterprise)
        .where(policy.visible_to(viewer))
    ).one()
    return Tally(*row)


def _is_above_scale() -> ColumnElement[bool]:
    return Enterprise.scale != Scale.BELOW


def _is_not_running() -> ColumnElement[bool]:
    return Enterprise.operation != Operation.RUNNING


def _is_linked(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a linkage of today, such as described, holds."""
    return (
        select(Linkage.id)
        .where(Linkage.enterprise_id == Enterprise.id, policy.active_on(clock.today()))
        .where(*conditions)
        .exists()
    )


def choices(*, viewer: Actor) -> list[tuple[int, str]]:
    """Return the enterprises that the viewer may see, for a field to choose from."""
    rows = db.session.execute(
        select(Enterprise.id, Enterprise.short_name, Enterprise.name)
        .where(policy.visible_to(viewer), Enterprise.operation != Operation.DEREGISTERED)
        .order_by(Enterprise.pinyin, Enterprise.id)
    )
    return [(id_, short_name or name) for id_, short_name, name in rows]
