"""Reading the dispatch catalogue: its two levels, and what a category proposes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import OrgUnit, UnitKind
from app.accounts.policy import require
from app.accounts.roles import Actor, Permission
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import N_
from app.tickets.models import Category, called
from app.tickets.workflow.states import Complexity, Urgency

#: The kinds of unit that a problem may go to by default.
KINDS = (UnitKind.OFFICE, UnitKind.DEPT, UnitKind.VERTICAL, UnitKind.COUNTY_DEPT)


@dataclass(frozen=True, slots=True)
class Branch:
    """A category of the first level, and those below it."""

    category: Category
    children: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the catalogue proposes for a problem; the office may choose otherwise."""

    lead_unit: OrgUnit | None
    co_units: tuple[OrgUnit, ...]
    up_units: str
    complexity: Complexity
    urgency: Urgency
    quantity: str


def tree(*, viewer: Actor, active: bool | None = True) -> tuple[Branch, ...]:
    """Return the catalogue in its order; `active=None` also gives what is no longer used.

    Three statements, however many categories there are. A child of a category that is no
    longer used is not used either.
    """
    found = (
        select(Category)
        .where(Category.tenant_id == viewer.tenant_id)
        .options(joinedload(Category.lead_unit), selectinload(Category.co_units))
        .order_by(Category.sort_order, Category.code)
    )
    if active is not None:
        found = found.where(Category.is_active == active)
    rows = db.session.scalars(found).all()
    below: dict[int, list[Category]] = {}
    for row in rows:
        if row.parent_id is not None:
            below.setdefault(row.parent_id, []).append(row)
    return tuple(Branch(row, tuple(below.get(row.id, ()))) for row in rows if row.parent_id is None)


def choices(*, viewer: Actor) -> list[tuple[int, str]]:
    """Return the categories of the first level for a list to choose from."""
    asked = _in_use(viewer).where(Category.parent_id.is_(None))
    return [
        (row.id, f"{row.code} {called(row.name, row.name_en)}") for row in db.session.execute(asked)
    ]


def subcategory_choices(category_id: int, *, viewer: Actor) -> list[tuple[int, str]]:
    """Return the categories below one for a list to choose from."""
    asked = _in_use(viewer).where(Category.parent_id == category_id)
    return [(row.id, called(row.name, row.name_en)) for row in db.session.execute(asked)]


def category(category_id: int, *, viewer: Actor) -> Category:
    """Return one category for its editor; raise NotFound for another tenant's."""
    require(viewer, Permission.CATALOGUE_MANAGE)
    found = db.session.scalar(
        select(Category)
        .where(Category.id == category_id, Category.tenant_id == viewer.tenant_id)
        .options(joinedload(Category.parent), selectinload(Category.co_units))
    )
    if found is None:
        raise NotFound(N_("没有找到这个类别。"))
    return found


def managed(*, viewer: Actor) -> tuple[Branch, ...]:
    """Return the whole catalogue for who keeps it; raise NotAllowed for everybody else."""
    require(viewer, Permission.CATALOGUE_MANAGE)
    return tree(viewer=viewer, active=None)


def proposed(of: Category, below: Category | None = None) -> Proposed:
    """Return what the catalogue proposes for a category, and for one below it if there is one.

    A category of the second level without units of its own goes where its parent goes.
    """
    own = below or of
    return Proposed(
        lead_unit=own.lead_unit or of.lead_unit,
        co_units=tuple(own.co_units or of.co_units),
        up_units=own.up_units or of.up_units,
        complexity=own.complexity,
        urgency=own.urgency,
        quantity=own.quantity or of.quantity,
    )


def units_to_choose(*, viewer: Actor, also: Sequence[OrgUnit] = ()) -> list[OrgUnit]:
    """Return the units that may stand in the catalogue, and those of `also` that ended."""
    asked = (
        select(OrgUnit)
        .where(OrgUnit.tenant_id == viewer.tenant_id)
        .where(OrgUnit.is_active, OrgUnit.kind.in_(KINDS))
        .order_by(OrgUnit.sort_order, OrgUnit.id)
    )
    units = list(db.session.scalars(asked))
    return units + [unit for unit in also if unit not in units]


def _in_use(viewer: Actor) -> Select[int, str, str, str]:
    return (
        select(Category.id, Category.code, Category.name, Category.name_en)
        .where(Category.tenant_id == viewer.tenant_id, Category.is_active)
        .order_by(Category.sort_order, Category.code)
    )
