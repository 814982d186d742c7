"""Keeping the dispatch catalogue, and giving a new township the one to begin with."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import OrgUnit, Tenant
from app.accounts.policy import require, require_own
from app.accounts.roles import Actor, Permission
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.tickets.models import Category
from app.tickets.workflow.catalogue import ENGLISH, ENGLISH_BELOW, STANDARD, Names, Standard
from app.tickets.workflow.states import Complexity, Urgency

SUBJECT = "category"
FIRST_LEVEL = re.compile(r"\d{2}")
SECOND_LEVEL = re.compile(r"(\d{2})\.\d{1,2}")
_ASIDE = re.compile(r"[（(].*?[）)]")


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """What is written down of a category."""

    code: str
    name: str
    name_en: str = ""
    items: str = ""
    lead_unit_id: int | None = None
    co_unit_ids: tuple[int, ...] = ()
    up_units: str = ""
    complexity: Complexity = Complexity.SIMPLE
    urgency: Urgency = Urgency.NORMAL
    quantity: str = ""
    rejects: bool = False
    guidance: str = ""
    confidential: bool = False


def seed(tenant_id: int, units_by_name: Mapping[str, OrgUnit], *, actor: Actor) -> int:
    """Give a tenant without a catalogue the standard one; return how many categories it has.

    A unit that the tenant does not have is left open. A second call changes nothing.
    """
    require(actor, Permission.CATALOGUE_MANAGE)
    if db.session.scalar(select(Category.id).where(Category.tenant_id == tenant_id).limit(1)):
        return 0
    units = {_plain(name): unit for name, unit in units_by_name.items()}
    made = 0
    for order, standard in enumerate(STANDARD):
        made += _plant(tenant_id, standard, units, order=order)
    accounts.log(actor, N_("预置派单目录"), SUBJECT, None, after={"categories": made})
    return made


def add_category(draft: CategoryDraft, *, parent: Category | None = None, actor: Actor) -> Category:
    """Add a category, below `parent` if one is given."""
    require(actor, Permission.CATALOGUE_MANAGE)
    if parent is not None:
        require_own(actor, parent.tenant_id)
    category = Category(
        tenant_id=actor.tenant_id,
        parent_id=parent.id if parent else None,
        sort_order=parent.sort_order if parent else _last_order(actor.tenant_id) + 1,
    )
    _write(category, draft, parent=parent)
    db.session.add(category)
    db.session.flush()  # gives the category the id that it is logged under
    accounts.log(actor, N_("新建类别"), SUBJECT, category.id, after=_told(category))
    return category


def edit_category(
    category: Category, draft: CategoryDraft, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Write down something else of a category, and say why; without a change nothing happens."""
    require(actor, Permission.CATALOGUE_MANAGE)
    require_own(actor, category.tenant_id)
    check_version(category.version, version)
    before, of = _told(category), _called(category)
    _write(category, draft, parent=category.parent)
    was, became = accounts.changes(before, _told(category))
    if became:
        said = accounts.why(reason)
        after = of | became
        accounts.log(
            actor, N_("修改类别"), SUBJECT, category.id, before=was, after=after, reason=said
        )


def put_into_use(
    category: Category, *, in_use: bool, reason: str, version: int | None, actor: Actor
) -> None:
    """Begin or cease to use a category and say why; tickets that have it keep it."""
    require(actor, Permission.CATALOGUE_MANAGE)
    require_own(actor, category.tenant_id)
    check_version(category.version, version)
    if category.is_active == in_use:
        return
    said = accounts.why(reason)
    category.is_active = in_use
    verb = N_("启用类别") if in_use else N_("停用类别")
    accounts.log(actor, verb, SUBJECT, category.id, after=_called(category), reason=said)


def _write(category: Category, draft: CategoryDraft, *, parent: Category | None) -> None:
    """Check `draft` and put it into `category`."""
    _check_code(category, draft.code, parent)
    if draft.rejects and not draft.guidance:
        raise Invalid(N_("请写明应当引导到哪里。"), field="guidance")
    if draft.lead_unit_id is not None and draft.lead_unit_id in draft.co_unit_ids:
        raise Invalid(N_("主办单位不能同时是协办单位。"), field="co_unit_ids")
    kept = {unit.id for unit in [category.lead_unit, *category.co_units] if unit}
    lead = _units(
        category, [draft.lead_unit_id] if draft.lead_unit_id else [], kept, "lead_unit_id"
    )
    category.co_units = _units(category, draft.co_unit_ids, kept, "co_unit_ids")
    category.lead_unit = lead[0] if lead else None
    category.code, category.name, category.items = draft.code, draft.name, draft.items
    category.name_en = draft.name_en
    category.up_units, category.quantity = draft.up_units, draft.quantity
    category.complexity, category.urgency = draft.complexity, draft.urgency
    category.rejects, category.guidance = draft.rejects, draft.guidance
    category.confidential = draft.confidential


def _check_code(category: Category, code: str, parent: Category | None) -> None:
    below = SECOND_LEVEL.fullmatch(code)
    if parent is None and not FIRST_LEVEL.fullmatch(code):
        raise Invalid(N_("编号是两位数字，例如 06。"), field="code")
    if parent is not None and (below is None or below[1] != parent.code[:2]):
        raise Invalid(N_("编号以上级编号开头，例如 {code}.1。"), field="code", code=parent.code)
    if parent is not None and parent.parent_id is not None:
        raise Invalid(N_("小类下面不能再分小类。"))
    # Locked, so that two who take the same code wait for each other instead of colliding.
    db.session.get_one(Tenant, category.tenant_id, with_for_update=True)
    taken = db.session.scalar(
        select(Category.id).where(
            Category.tenant_id == category.tenant_id,
            Category.code == code,
            Category.id != (category.id or 0),
        )
    )
    if taken:
        raise Invalid(N_("编号 {code} 已经有了，请换一个。"), field="code", code=code)


def _units(category: Category, ids: Iterable[int], kept: set[int], field: str) -> list[OrgUnit]:
    """Return the units of these ids: the tenant's, and in use or already in the category."""
    wanted = set(ids)
    asked = select(OrgUnit).where(OrgUnit.tenant_id == category.tenant_id, OrgUnit.id.in_(wanted))
    found = [unit for unit in db.session.scalars(asked) if unit.is_active or unit.id in kept]
    if len(found) != len(wanted):
        raise Invalid(N_("没有这个单位，请从列表中选。"), field=field)
    return found


def _last_order(tenant_id: int) -> int:
    asked = (
        select(Category.sort_order)
        .where(Category.tenant_id == tenant_id)
        .order_by(Category.sort_order.desc())
        .limit(1)
    )
    return db.session.scalar(asked) or 0


def _called(category: Category) -> dict[str, Any]:
    return {accounts.OF: f"{category.code} {category.name}"}


def _told(category: Category) -> dict[str, Any]:
    return {
        "code": category.code,
        "name": category.name,
        "name_en": category.name_en,
        "items": category.items,
        "lead_unit": category.lead_unit.name if category.lead_unit else "",
        "co_units": [unit.name for unit in category.co_units],
        "up_units": category.up_units,
        "complexity": category.complexity.label,
        "urgency": category.urgency.label,
        "quantity": category.quantity,
        "rejects": category.rejects,
        "guidance": category.guidance,
        "confidential": bool(category.confidential),
    }


def _plant(tenant_id: int, standard: Standard, units: Mapping[str, OrgUnit], *, order: int) -> int:
    """Make one category of the standard catalogue and those below it; return how many."""
    category = Category(
        tenant_id=tenant_id,
        code=standard.code,
        name=standard.name,
        name_en=ENGLISH[standard.code],
        items="、".join(item.name for item in standard.items),
        lead_unit=_first(standard.lead, units),
        co_units=[unit for names in standard.co if (unit := _first(names, units))],
        up_units=standard.up,
        complexity=standard.complexity,
        urgency=standard.urgency,
        quantity=standard.quantity,
        rejects=standard.rejects,
        guidance=standard.guidance,
        confidential=standard.confidential,
        sort_order=order,
    )
    db.session.add(category)
    db.session.flush()  # gives the category the id that those below it point at
    below = zip(standard.items, ENGLISH_BELOW[standard.code], strict=True)
    for number, (item, english) in enumerate(below, start=1):
        db.session.add(
            Category(
                tenant_id=tenant_id,
                parent_id=category.id,
                code=f"{standard.code}.{number}",
                name=item.name,
                name_en=english,
                lead_unit=_first(item.lead, units),
                complexity=standard.complexity,
                urgency=standard.urgency,
                rejects=standard.rejects,
                guidance=standard.guidance if standard.rejects else "",
                sort_order=order,
            )
        )
    return 1 + len(standard.items)


def _first(names: Names, units: Mapping[str, OrgUnit]) -> OrgUnit | None:
    return next((units[name] for name in names if name in units), None)


def _plain(name: str) -> str:
    """Return a unit's name without what stands in brackets."""
    return _ASIDE.sub("", name).strip()
