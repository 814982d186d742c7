"""The file of an enterprise: what is written, and what is refused."""

import pytest
from flask import Flask

from app.accounts.models import UnitKind
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotFound, Stale
from app.core.transactions import transaction
from app.enterprises import service
from app.enterprises.models import (
    Enterprise,
    EnterpriseYear,
    Tier,
)
from app.enterprises.service import (
    EnterpriseDraft,
    YearDraft,
)
from tests import make
from tests.enterprises.given import BAD_CODE, GOOD_CODE, at_once, logged

pytestmark = pytest.mark.usefixtures("app")


def test_a_new_file_is_found_by_its_initials_and_logged() -> None:
    actor = make.actor()
    draft = EnterpriseDraft(
        "明岫霁川恒屿包装有限公司", short_name="恒屿包装", uscc=" 913499019d0011qh61 "
    )

    with transaction():
        made = service.create_enterprise(draft, actor=actor)

    assert (made.uscc, made.pinyin) == (GOOD_CODE, "hybz mxjchybzyxgs")
    assert made.tenant_id == actor.tenant_id
    row = logged()
    assert (row.action, row.subject, row.subject_id) == ("新建企业档案", "enterprise", made.id)
    assert row.user_id == actor.user_id


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (EnterpriseDraft("恒屿包装"), "name"),
        (EnterpriseDraft("别的名字", uscc=GOOD_CODE.lower()), "uscc"),
    ],
)
def test_a_name_or_code_that_is_taken_is_refused_and_the_other_file_named(
    draft: EnterpriseDraft, field: str
) -> None:
    actor = make.actor()
    make.enterprise("恒屿包装", uscc=GOOD_CODE)

    with pytest.raises(Invalid, match="恒屿包装") as refusal, transaction():
        service.create_enterprise(draft, actor=actor)

    assert refusal.value.field == field
    assert db.session.query(Enterprise).count() == 1


def test_another_township_may_have_the_same_name_and_code() -> None:
    make.enterprise("恒屿包装", uscc=GOOD_CODE, tenant=make.tenant())
    actor = make.actor(tenant=make.tenant())

    with transaction():
        service.create_enterprise(EnterpriseDraft("恒屿包装", uscc=GOOD_CODE), actor=actor)

    assert db.session.query(Enterprise).count() == 2


def test_many_files_may_have_no_code() -> None:
    actor = make.actor()

    with transaction():
        service.create_enterprise(EnterpriseDraft("一"), actor=actor)
        service.create_enterprise(EnterpriseDraft("二"), actor=actor)

    assert db.session.query(Enterprise).filter(Enterprise.uscc.is_(None)).count() == 2


def test_a_changed_file_logs_only_what_changed() -> None:
    actor, enterprise = make.actor(), make.enterprise("恒屿包装")
    draft = EnterpriseDraft("恒屿包装", tier=Tier.KEY)

    with transaction():
        service.edit_enterprise(enterprise, draft, version=enterprise.version, actor=actor)

    row = logged()
    assert (row.before, row.after) == ({"tier": "一般"}, {"tier": "重点"})
    assert row.action == "修改企业档案"


def test_saving_a_file_unchanged_logs_nothing() -> None:
    actor, enterprise = make.actor(), make.enterprise("恒屿包装", pinyin="hybz")
    with transaction():
        service.edit_enterprise(enterprise, EnterpriseDraft("恒屿包装"), actor=actor)

    assert db.session.query(AuditRow).count() == 0


def test_who_read_an_older_version_is_told() -> None:
    actor, enterprise = make.actor(), make.enterprise("恒屿包装")
    read_at = enterprise.version
    with transaction():
        service.edit_enterprise(enterprise, EnterpriseDraft("恒屿"), version=read_at, actor=actor)

    with pytest.raises(Stale), transaction():
        service.edit_enterprise(enterprise, EnterpriseDraft("屿"), version=read_at, actor=actor)

    assert enterprise.name == "恒屿"


def test_a_place_that_is_no_village_of_ours_is_refused() -> None:
    actor = make.actor()
    department = make.unit(kind=UnitKind.DEPT)
    elsewhere = make.unit(kind=UnitKind.VILLAGE, tenant=make.tenant())

    with pytest.raises(Invalid) as refusal, transaction():
        service.create_enterprise(EnterpriseDraft("一", village_id=department.id), actor=actor)
    assert refusal.value.field == "village_id"
    with pytest.raises(NotFound), transaction():
        service.create_enterprise(EnterpriseDraft("一", village_id=elsewhere.id), actor=actor)


@pytest.mark.parametrize(
    ("code", "doubt"),
    [
        ("", ""),
        (GOOD_CODE, ""),
        ("9134 9901 9D00 11QH 61", ""),
        (BAD_CODE, "校验位"),
        ("91349901", "18 位"),
        ("91349901IO0011QH61", "不该出现的字符"),
        ("代码代码代码代码代码代码代码代码代码", "不该出现的字符"),
    ],
)
def test_a_credit_code_that_looks_wrong_is_doubted(code: str, doubt: str) -> None:
    found = service.code_doubt(code)

    assert (doubt in found) if doubt else not found


def test_a_doubtful_code_is_stored_all_the_same() -> None:
    actor = make.actor()

    with transaction():
        made = service.create_enterprise(
            EnterpriseDraft("一", uscc=BAD_CODE, uscc_confirmed=True), actor=actor
        )
        good = service.create_enterprise(
            EnterpriseDraft("二", uscc=GOOD_CODE, uscc_confirmed=True), actor=actor
        )

    assert (made.uscc, made.uscc_confirmed) == (BAD_CODE, True)
    assert not good.uscc_confirmed, "there was nothing to confirm"


def test_the_figures_of_a_year_are_written_once_and_replaced() -> None:
    actor, enterprise = make.actor(), make.enterprise()
    with transaction():
        service.save_year(enterprise, YearDraft(2025, revenue_wan=1720, employees=41), actor=actor)

    with transaction():
        service.save_year(enterprise, YearDraft(2025, revenue_wan=1800.5), actor=actor)

    [year] = enterprise.years
    assert (year.revenue_wan, year.employees) == (1800.5, None)
    before = logged().before
    assert before
    assert before["revenue_wan"] == 1720


def test_the_figures_of_no_year_are_refused() -> None:
    enterprise, actor = make.enterprise(), make.actor()

    with pytest.raises(Invalid) as refusal, transaction():
        service.save_year(enterprise, YearDraft(26), actor=actor)

    assert refusal.value.field == "year"


def test_of_several_who_begin_the_same_file_at_once_one_wins(app: Flask) -> None:
    actor = make.actor()
    draft = EnterpriseDraft("恒屿包装", uscc=GOOD_CODE)

    results = at_once(app, lambda: service.create_enterprise(draft, actor=actor))

    assert results.count(None) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 3
    assert db.session.query(Enterprise).count() == 1


def test_of_several_who_write_one_year_at_once_the_last_remains(app: Flask) -> None:
    actor, enterprise_id = make.actor(), make.enterprise().id

    def write() -> None:
        enterprise = db.session.get_one(Enterprise, enterprise_id)
        service.save_year(enterprise, YearDraft(2025, tax_wan=1), actor=actor)

    assert at_once(app, write) == [None] * 4
    assert db.session.query(EnterpriseYear).count() == 1
