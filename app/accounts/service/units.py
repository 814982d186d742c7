"""Tenants, their units, and what they set."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import Field, asdict, dataclass, fields
from typing import Any

from sqlalchemy import func, select

from app.accounts import policy, queries
from app.accounts.models import (
    OFFICE_PHONE,
    Control,
    OrgUnit,
    RoleHolding,
    Tenant,
    UnitKind,
    User,
)
from app.accounts.parameters import Parameters, clock_time, described
from app.accounts.roles import Actor, Permission, Role, system
from app.accounts.service.audit import OF, changes, log, why
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, check_version
from app.core.i18n import N_

PHONE = re.compile(r"\+?[0-9][0-9 \-]{2,24}")
HOURS = ("morning_from", "morning_to", "afternoon_from", "afternoon_to")

#: What may not be larger than what; the first one is where the sentence stands.
ORDERED = (
    ("limit_simple", "limit_consult"),
    ("limit_complex", "limit_simple"),
    ("limit_hard", "limit_complex"),
    ("limit_simple", "yellow_short"),
    ("limit_complex", "yellow_middle"),
    ("limit_hard", "yellow_long"),
    ("limit_hard", "interim_workdays"),
    ("revisit_attempts", "revisit_days"),
    ("afternoon_from", "morning_to"),
)
RISING = (
    ("orange_after", "blue_after"),
    ("red_after", "orange_after"),
    ("morning_to", "morning_from"),
    ("afternoon_to", "afternoon_from"),
)


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """What is written down of a unit."""

    name: str
    kind: UnitKind
    control: Control = Control.TOWN
    in_charge_id: int | None = None
    sort_order: int = 0
    is_active: bool = True


def create_tenant(
    name: str, *, is_demo: bool = False, parent_id: int | None = None, actor: Actor | None = None
) -> Tenant:
    """Add a tenant; without an actor it is the installation that does."""
    tenant = Tenant(name=name, is_demo=is_demo, parent_id=parent_id, settings={})
    db.session.add(tenant)
    db.session.flush()  # gives the tenant its id
    log(actor or system(tenant.id), N_("新建"), "tenant", tenant.id, after={"name": name})
    return tenant


def create_unit(draft: UnitDraft, *, actor: Actor) -> OrgUnit:
    """Add a unit to the actor's tenant."""
    policy.require(actor, Permission.ACCOUNT_MANAGE)
    _check(draft, actor.tenant_id, unit_id=None)
    unit = OrgUnit(tenant_id=actor.tenant_id, **asdict(draft))
    db.session.add(unit)
    db.session.flush()  # gives the unit the id that the log names
    log(actor, N_("新增单位"), "unit", unit.id, after=_told(draft))
    return unit


def edit_unit(
    unit: OrgUnit, draft: UnitDraft, *, reason: str, version: int | None, actor: Actor
) -> None:
    """Change a unit, or end it once nobody works there, and say why."""
    policy.require(actor, Permission.ACCOUNT_MANAGE)
    policy.require_own(actor, unit.tenant_id)
    check_version(unit.version, version)
    _check(draft, unit.tenant_id, unit_id=unit.id)
    if unit.is_active and not draft.is_active:
        _check_empty(unit)
    before = UnitDraft(**{f.name: getattr(unit, f.name) for f in fields(UnitDraft)})
    if before == draft:
        return
    said = why(reason)
    for name, value in asdict(draft).items():
        setattr(unit, name, value)
    was, became = changes(_told(before), _told(draft))
    of = {OF: before.name}
    log(actor, N_("修改单位"), "unit", unit.id, before=was, after=of | became, reason=said)


def set_parameters(
    tenant: Tenant,
    values: Mapping[str, Any],
    *,
    reason: str,
    version: int | None,
    actor: Actor,
) -> None:
    """Set parameters of a tenant. Deadlines that already run keep what they were given.

    Raises Invalid where a value is out of its bounds or contradicts another one.
    """
    policy.require(actor, Permission.PARAMETER_MANAGE)
    policy.require_own(actor, tenant.id)
    check_version(tenant.version, version)
    said = why(reason)
    before = asdict(tenant.parameters)
    after = {**before, **{name: value for name, value in values.items() if name in before}}
    check_parameters(after)
    was, became = changes(before, after)
    if not became:
        raise Invalid(N_("没有改动任何参数。"), field="reason")
    defaults = asdict(Parameters())
    others = {n: value for n, value in tenant.settings.items() if n not in defaults}
    tenant.settings = others | {n: value for n, value in after.items() if value != defaults[n]}
    tenant.calendar_stamp = secrets.token_hex(8)  # working hours belong to the calendar
    log(
        actor,
        N_("修改参数"),
        "parameters",
        tenant.id,
        before=_in_words(was),
        after=_in_words(became),
        reason=said,
    )


def set_office_phone(tenant: Tenant, phone: str, *, version: int | None, actor: Actor) -> None:
    """Set the telephone of the office that enterprises are told; empty for none."""
    policy.require(actor, Permission.PARAMETER_MANAGE)
    policy.require_own(actor, tenant.id)
    check_version(tenant.version, version)
    said = phone.strip()
    if said and not PHONE.fullmatch(said):
        raise Invalid(N_("电话只写数字、空格和横线，例如 0563-1234567。"), field="phone")
    before = tenant.office_phone
    tenant.settings = {**tenant.settings, OFFICE_PHONE: said}
    log(
        actor,
        N_("修改营商办电话"),
        "parameters",
        tenant.id,
        before={OFFICE_PHONE: before},
        after={OFFICE_PHONE: said},
    )


def _in_words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as the log keeps them: what was chosen from a list, by its words."""
    lists = {f.name: dict(f.metadata["choices"]) for f in described() if "choices" in f.metadata}
    return {
        name: [lists[name][code] for code in value] if name in lists else value
        for name, value in values.items()
    }


def check_parameters(values: Mapping[str, Any]) -> None:
    """Raise Invalid where `values` cannot all be true."""
    for one in described():
        _check_value(one, values[one.name])
    labels = {one.name: _Word(one.metadata["label"]) for one in described()}
    for larger, smaller in ORDERED:
        if values[larger] < values[smaller]:
            sentence = N_("不能小于“{other}”。")
            raise Invalid(sentence, field=larger, other=labels[smaller])
    for larger, smaller in RISING:
        if values[larger] <= values[smaller]:
            sentence = N_("要大于“{other}”。")
            raise Invalid(sentence, field=larger, other=labels[smaller])


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that a sentence translates along with itself."""

    label: str


def _check_value(one: Field[Any], value: Any) -> None:  # noqa: ANN401 - whatever the field holds
    if "choices" in one.metadata:
        _check_some(one.name, value, dict(one.metadata["choices"]))
        return
    low, high = one.metadata["low"], one.metadata["high"]
    if one.name in HOURS:
        _check_hour(one.name, value, low=low, high=high)
    elif not low <= value <= high:
        sentence = N_("要在 {low} 到 {high} 之间。")
        raise Invalid(sentence, field=one.name, low=low, high=high)


def _check_some(name: str, chosen: Sequence[str], offered: Mapping[str, str]) -> None:
    if not chosen:
        raise Invalid(N_("至少要选一种。"), field=name)
    if not set(chosen) <= set(offered):
        raise Invalid(N_("请从列出的选项里选。"), field=name)


def _check_hour(name: str, value: int, *, low: int, high: int) -> None:
    if not low <= value <= high:
        sentence = N_("要在 {low} 到 {high} 之间。")
        raise Invalid(sentence, field=name, low=_shown(low), high=_shown(high))
    try:
        clock_time(value)
    except ValueError:
        raise Invalid(N_("时间不对，请按 08:30 的样子填写。"), field=name) from None


def _shown(hhmm: int) -> str:
    return f"{hhmm // 100:02}:{hhmm % 100:02}"


def _check(draft: UnitDraft, tenant_id: int, *, unit_id: int | None) -> None:
    same_name = select(OrgUnit.id).where(
        OrgUnit.tenant_id == tenant_id, OrgUnit.name == draft.name, OrgUnit.id != (unit_id or 0)
    )
    if db.session.scalar(same_name):
        raise Invalid(N_("已经有一个单位叫这个名称了。"), field="name")
    if draft.in_charge_id:
        leaders = queries.users_with_role(tenant_id, [Role.LEADER, Role.CHIEF])
        if draft.in_charge_id not in {one.id for one in leaders}:
            raise Invalid(N_("分管领导要从本镇的领导里选。"), field="in_charge_id")


def _check_empty(unit: OrgUnit) -> None:
    people = db.session.scalar(
        select(func.count(RoleHolding.user_id.distinct()))
        .join(User, RoleHolding.user_id == User.id)
        .where(RoleHolding.unit_id == unit.id, RoleHolding.is_active, User.is_active)
    )
    if people:
        sentence = N_("还有 {n} 人在这个单位任职，请先结束或调整他们的岗位。")
        raise NotAllowed(sentence, field="is_active", n=people)


def _told(draft: UnitDraft) -> dict[str, Any]:
    """Return a unit as the log tells of it."""
    told = asdict(draft)
    in_charge = db.session.get(User, draft.in_charge_id) if draft.in_charge_id else None
    told["in_charge"] = in_charge.name if in_charge else ""
    del told["in_charge_id"]
    return told
