"""The file of an enterprise: begun, changed, and filled with the figures of a year."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from stdnum.cn import uscc as credit_code
from stdnum.exceptions import InvalidChecksum, ValidationError

from app.accounts import queries as accounts_queries
from app.accounts import service as accounts
from app.accounts.models import Tenant, UnitKind
from app.accounts.roles import Actor
from app.core import pinyin
from app.core.db import db
from app.core.errors import Invalid, check_version
from app.core.i18n import N_
from app.enterprises import policy
from app.enterprises.models import (
    Enterprise,
    EnterpriseYear,
    Operation,
    OrgType,
    Scale,
    Tier,
)

CODE = 18  # characters of a credit code
FIRST_YEAR, LAST_YEAR = 1949, 2100
PINYIN = 80  # characters that are kept


@dataclass(frozen=True, slots=True)
class EnterpriseDraft:
    """What is written in the file of an enterprise."""

    name: str
    short_name: str = ""
    uscc: str = ""
    uscc_confirmed: bool = False
    org_type: OrgType = OrgType.COMPANY
    registration_type: str = ""
    industry_code: str = ""
    industry: str = ""
    established_on: date | None = None
    registered_capital_wan: float | None = None
    legal_rep: str = ""
    address: str = ""
    village_id: int | None = None
    park: str = ""
    longitude: float | None = None
    latitude: float | None = None
    operation: Operation = Operation.RUNNING
    scale: Scale = Scale.BELOW
    near_scale: bool = False
    size_class: str = ""
    tier: Tier = Tier.GENERAL
    qualifications: str = ""
    main_products: str = ""
    notes: str = ""
    figures_confidential: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class YearDraft:
    """The figures of one year, in 万元 unless named otherwise."""

    year: int
    revenue_wan: float | None = None
    output_wan: float | None = None
    tax_wan: float | None = None
    employees: int | None = None
    fixed_investment_wan: float | None = None
    power_kwh: float | None = None
    source: str = ""


def code_doubt(code: str) -> str:
    """Return what is odd about a credit code, as a sentence; nothing where it is in order.

    A doubt warns and never blocks: some codes that were issued fail the check.
    """
    plain = plain_code(code)
    if not plain:
        return ""
    if len(plain) != CODE:
        return N_("统一社会信用代码应是 18 位，现在是 {n} 位。")
    try:
        credit_code.validate(plain)
    except InvalidChecksum:
        return N_("代码的校验位不对，可能有一位抄错了。")
    except ValidationError:
        return N_("代码里有不该出现的字符，可能有一位抄错了。")
    return ""


def plain_code(code: str) -> str:
    """Return a credit code as it is stored: capitals, no spaces."""
    return "".join(code.split()).upper()


def create_enterprise(draft: EnterpriseDraft, *, actor: Actor) -> Enterprise:
    """Begin the file of an enterprise.

    Raises Invalid where another file of the tenant has its name or its credit code.
    """
    policy.require_edit(actor)
    made = Enterprise(tenant_id=actor.tenant_id)
    _write(made, draft, actor=actor)
    db.session.add(made)
    db.session.flush()  # gives the file the id that the audit log names
    accounts.log(actor, N_("新建企业档案"), "enterprise", made.id, after=_told(draft))
    return made


def edit_enterprise(
    enterprise: Enterprise, draft: EnterpriseDraft, *, version: int | None = None, actor: Actor
) -> None:
    """Change the file of an enterprise; raise Invalid as `create_enterprise` does."""
    policy.require_edit(actor, enterprise)
    check_version(enterprise.version, version)
    before = {name: getattr(enterprise, name) for name in asdict(draft)}
    _write(enterprise, draft, actor=actor)
    after = {name: getattr(enterprise, name) for name in before}
    changed = {name for name in before if before[name] != after[name]}
    if changed:
        accounts.log(
            actor,
            N_("修改企业档案"),
            "enterprise",
            enterprise.id,
            before={name: before[name] for name in sorted(changed)},
            after={name: after[name] for name in sorted(changed)},
        )


def save_year(
    enterprise: Enterprise, draft: YearDraft, *, version: int | None = None, actor: Actor
) -> EnterpriseYear:
    """Write down the figures of one year, in place of those that were there."""
    policy.require_edit(actor, enterprise)
    if not FIRST_YEAR <= draft.year <= LAST_YEAR:
        raise Invalid(N_("年份应在 1949 到 2100 之间。"), field="year")
    _wait_in_line(actor.tenant_id)
    found: EnterpriseYear | None = db.session.scalar(
        select(EnterpriseYear).where(
            EnterpriseYear.enterprise_id == enterprise.id, EnterpriseYear.year == draft.year
        )
    )
    if found is not None:
        check_version(found.version, version)
    year = found or EnterpriseYear(enterprise_id=enterprise.id, year=draft.year)
    before = {name: getattr(year, name) for name in asdict(draft)} if found else None
    for name, value in asdict(draft).items():
        setattr(year, name, value)
    if found is None:
        enterprise.years.append(year)
    accounts.log(
        actor,
        N_("登记年度数据"),
        "enterprise",
        enterprise.id,
        before=before,
        after=_told(draft),
    )
    return year


def _write(enterprise: Enterprise, draft: EnterpriseDraft, *, actor: Actor) -> None:
    """Carry a draft over into the file, after what only the database knows was asked."""
    _wait_in_line(enterprise.tenant_id)
    code = plain_code(draft.uscc)
    _refuse_twin(enterprise, Enterprise.name == draft.name, field="name")
    if code:
        _refuse_twin(enterprise, Enterprise.uscc == code, field="uscc")
    if draft.village_id is not None:
        village = accounts_queries.unit(draft.village_id, viewer=actor)
        if village.kind is not UnitKind.VILLAGE:
            raise Invalid(N_("“{name}”不是村（社区）。"), field="village_id", name=village.name)
    for name, value in asdict(draft).items():
        setattr(enterprise, name, value)
    enterprise.uscc = code or None
    enterprise.uscc_confirmed = draft.uscc_confirmed and bool(code_doubt(code))
    found = f"{pinyin.initials(draft.short_name)} {pinyin.initials(draft.name)}".strip()
    enterprise.pinyin = found[:PINYIN]


def _refuse_twin(enterprise: Enterprise, same: ColumnElement[bool], *, field: str) -> None:
    """Raise Invalid where another file of the tenant has the same."""
    with db.session.no_autoflush:
        twin: Enterprise | None = db.session.scalar(
            select(Enterprise).where(Enterprise.tenant_id == enterprise.tenant_id, same)
        )
    if twin is None or twin.id == enterprise.id:
        return
    if field == "uscc":
        raise Invalid(N_("“{name}”已经用了这个代码，请核对营业执照。"), field=field, name=twin.name)
    raise Invalid(N_("已有同名的企业档案，不用再建：“{name}”。"), field=field, name=twin.name)


def _wait_in_line(tenant_id: int) -> None:
    """Let two people who write files at the same moment come one after the other."""
    db.session.execute(
        select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True)
    )


def _told(draft: EnterpriseDraft | YearDraft) -> dict[str, Any]:
    """Return what a draft says, without what it leaves empty."""
    return {name: value for name, value in asdict(draft).items() if value not in ("", None, False)}
