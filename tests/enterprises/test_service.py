"""Files, contacts, figures, projects and linkages: what is written, and what is refused."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import UnitKind
from app.accounts.roles import PEOPLE, Actor, Role
from app.core import clock
from app.core.audit import AuditRow, first_break
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.enterprises import queries, service
from app.enterprises.models import (
    Enterprise,
    EnterpriseContact,
    EnterpriseYear,
    KeyProject,
    Linkage,
    Tier,
)
from app.enterprises.service import (
    ContactDraft,
    EnterpriseDraft,
    LinkageDraft,
    ProjectDraft,
    YearDraft,
)
from tests import make

pytestmark = pytest.mark.usefixtures("app")

GOOD_CODE = "913499019D0011QH61"
BAD_CODE = "913499019D0011QH62"
TODAY = date(2026, 9, 21)
PHONE = "14200001234"


def logged() -> AuditRow:
    row = db.session.scalar(select(AuditRow).order_by(AuditRow.id.desc()).limit(1))
    assert row
    return row


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


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("恒屿包装", "hybz"),
        ("重庆长城", "cqcc"),
        ("ABC（中国）3D", "abczg3d"),
        ("", ""),
        ("——", ""),
    ],
)
def test_initials_are_those_one_would_type(words: str, expected: str) -> None:
    assert service.initials(words) == expected


def test_a_number_lies_encrypted_and_is_shown_masked() -> None:
    actor, enterprise = make.actor(), make.enterprise()

    with transaction():
        made = service.add_contact(
            enterprise, ContactDraft("陆之遥", phone=" 142-0000 1234 "), actor=actor
        )

    assert (made.phone, made.masked_phone, made.is_primary) == (PHONE, "142****1234", True)
    stored = db.session.execute(text("SELECT phone FROM enterprise_contacts")).scalar_one()
    assert PHONE.encode() not in bytes(stored)
    assert PHONE not in json.dumps([logged().before, logged().after])


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("055166012345", "055****2345"), ("6601234", "66****34"), ("12345", "****"), ("", "")],
)
def test_short_numbers_are_masked_too(phone: str, shown: str) -> None:
    assert make.contact(phone=phone).masked_phone == shown


@pytest.mark.parametrize(
    ("phone", "doubt"),
    [
        ("", False),
        ("13800138000", False),
        ("+86 138 0013 8000", False),
        ("0551-66012345", False),
        (PHONE, True),
        ("138001380", True),
        ("请打总机", True),
    ],
)
def test_a_number_that_looks_wrong_is_doubted(phone: str, *, doubt: bool) -> None:
    assert bool(service.phone_doubt(phone)) is doubt


def test_there_is_one_primary_contact() -> None:
    actor, enterprise = make.actor(), make.enterprise()

    with transaction():
        first = service.add_contact(enterprise, ContactDraft("甲"), actor=actor)
        second = service.add_contact(enterprise, ContactDraft("乙"), actor=actor)
        third = service.add_contact(enterprise, ContactDraft("丙", is_primary=True), actor=actor)
    assert [one.is_primary for one in (first, second, third)] == [False, False, True]

    with transaction():
        service.remove_contact(third, version=third.version, actor=actor)
    assert [one.is_primary for one in (first, second)] == [True, False]
    assert db.session.query(EnterpriseContact).count() == 2


def test_an_empty_number_leaves_the_stored_one() -> None:
    actor, contact = make.actor(), make.contact(name="甲", phone=PHONE)

    with transaction():
        service.edit_contact(contact, ContactDraft("乙", post="厂长"), actor=actor)
    assert (contact.name, contact.phone) == ("乙", PHONE)

    with transaction():
        service.edit_contact(contact, ContactDraft("乙", phone="13800138000"), actor=actor)
    assert contact.phone == "13800138000"
    after = logged().after
    assert after
    assert after["phone_changed"] is True
    assert "13800138000" not in json.dumps(after)


def test_twenty_contacts_are_enough() -> None:
    actor, enterprise = make.actor(), make.enterprise()

    with transaction():
        for number in range(20):
            service.add_contact(enterprise, ContactDraft(f"{number}"), actor=actor)
    with pytest.raises(Invalid, match="20"), transaction():
        service.add_contact(enterprise, ContactDraft("21"), actor=actor)


def test_whoever_sees_the_enterprise_may_ask_for_a_number_and_the_log_knows() -> None:
    contact = make.contact(phone=PHONE)
    liaison = make.actor(Role.LIAISON)
    me = db.session.get_one(make.User, liaison.user_id)
    make.linkage(enterprise=contact.enterprise, liaison=me)

    with transaction():
        number = service.reveal_phone(contact, actor=liaison)

    assert number == PHONE
    row = logged()
    assert (row.action, row.subject_id, row.user_id) == (
        "查看联系电话",
        contact.id,
        liaison.user_id,
    )
    assert PHONE not in json.dumps(row.after)


def test_a_stranger_gets_no_number() -> None:
    contact, stranger = make.contact(), make.actor(Role.LIAISON)

    with pytest.raises(NotFound), transaction():
        service.reveal_phone(contact, actor=stranger)

    assert db.session.query(AuditRow).count() == 0


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


def test_a_project_is_begun_changed_and_logged() -> None:
    actor = make.actor()
    with transaction():
        made = service.create_project(
            ProjectDraft("冷链仓储中心", stage="在建", investment_yi=0.42), actor=actor
        )

    with transaction():
        draft = ProjectDraft("冷链仓储中心", stage="完工", investment_yi=0.42, is_active=False)
        service.edit_project(made, draft, version=made.version, actor=actor)

    assert (made.stage, made.is_active, made.called) == ("完工", False, "冷链仓储中心")
    assert logged().action == "修改重点项目"


def test_a_project_with_a_taken_name_or_a_foreign_builder_is_refused() -> None:
    actor = make.actor()
    make.project("冷链仓储中心")
    foreign = make.enterprise(tenant=make.tenant())

    with pytest.raises(Invalid) as refusal, transaction():
        service.create_project(ProjectDraft("冷链仓储中心"), actor=actor)
    assert refusal.value.field == "name"
    with pytest.raises(NotFound), transaction():
        service.create_project(ProjectDraft("新的", enterprise_id=foreign.id), actor=actor)
    assert db.session.query(KeyProject).count() == 1


def start(actor: Actor, **more: object) -> Linkage:
    values: dict[str, object] = {
        "leader_id": make.user(Role.LEADER).id,
        "valid_from": date(2026, 1, 1),
        **more,
    }
    if not {"enterprise_id", "project_id"} & set(values):
        values["enterprise_id"] = make.enterprise().id
    with transaction():
        return service.start_linkage(LinkageDraft(**values), actor=actor)  # type: ignore[arg-type]


def test_a_linkage_is_begun_and_logged() -> None:
    actor, liaison = make.actor(), make.user(Role.LIAISON)

    made = start(actor, liaison_id=liaison.id, per_month=2, doc_no="霁营商办〔2026〕5号")

    assert made.is_active_on(TODAY)
    assert (made.per_month, made.created_by_id) == (2, actor.user_id)
    assert (logged().action, logged().subject_id) == ("建立包联", made.id)


@pytest.mark.parametrize("role", [Role.LEADER, Role.CHIEF])
def test_leaders_and_chiefs_may_look_after_somebody(role: Role) -> None:
    assert start(make.actor(), leader_id=make.user(role).id).id


def test_a_project_is_linked_like_an_enterprise() -> None:
    project = make.project()

    made = start(make.actor(), project_id=project.id)

    assert made.target is project


def test_a_second_leader_at_the_same_time_is_refused() -> None:
    actor = make.actor()
    first = start(actor, leader_id=make.user(Role.LEADER, name="谷星野").id)

    for begins in (date(2025, 1, 1), date(2026, 1, 1), TODAY, TODAY + timedelta(days=400)):
        with pytest.raises(Invalid, match="谷星野") as refusal:
            start(actor, enterprise_id=first.enterprise_id, valid_from=begins)
        assert refusal.value.field == "valid_from"

    assert db.session.query(Linkage).count() == 1


def test_a_linkage_that_is_to_come_counts_as_an_overlap() -> None:
    actor = make.actor()
    later = start(actor, valid_from=TODAY + timedelta(days=30))

    with pytest.raises(Invalid):
        start(actor, enterprise_id=later.enterprise_id, valid_from=TODAY)


def test_after_the_last_day_another_may_begin() -> None:
    actor = make.actor()
    first = start(actor)
    with transaction():
        service.end_linkage(first, TODAY, reason="工作调整", version=first.version, actor=actor)

    with pytest.raises(Invalid):
        start(actor, enterprise_id=first.enterprise_id, valid_from=TODAY)
    second = start(actor, enterprise_id=first.enterprise_id, valid_from=TODAY + timedelta(days=1))

    assert queries.history(enterprise_id=first.enterprise_id) == [second, first]
    assert queries.linkage_of(first.enterprise_id or 0, TODAY) is first


def test_changing_the_leader_ends_the_old_one_the_day_before() -> None:
    actor = make.actor()
    old = start(actor)
    successor = make.user(Role.LEADER)

    with transaction():
        new = service.change_linkage(
            old,
            LinkageDraft(successor.id, TODAY, enterprise_id=old.enterprise_id),
            version=old.version,
            actor=actor,
        )

    assert (old.valid_to, new.valid_from, new.valid_to) == (date(2026, 9, 20), TODAY, None)
    assert queries.linkage_of(old.enterprise_id or 0, date(2026, 9, 20)) is old
    assert queries.linkage_of(old.enterprise_id or 0, TODAY) is new
    row = logged()
    assert row.action == "更换包联"
    assert row.before
    assert row.before["linkage_id"] == old.id


def test_a_change_cannot_reach_back_before_the_old_one() -> None:
    actor = make.actor()
    old = start(actor, valid_from=TODAY)

    with pytest.raises(Invalid) as refusal, transaction():
        service.change_linkage(
            old,
            LinkageDraft(old.leader_id, TODAY, enterprise_id=old.enterprise_id),
            actor=actor,
        )

    assert refusal.value.field == "valid_from"
    assert old.valid_to is None


def test_two_who_change_a_linkage_do_not_both_win() -> None:
    actor = make.actor()
    old = start(actor)
    read_at = old.version
    draft = LinkageDraft(make.user(Role.LEADER).id, TODAY, enterprise_id=old.enterprise_id)
    with transaction():
        service.change_linkage(old, draft, version=read_at, actor=actor)

    for late in (
        lambda: service.change_linkage(old, draft, version=read_at, actor=actor),
        lambda: service.end_linkage(old, TODAY, version=read_at, actor=actor),
    ):
        with pytest.raises(Stale), transaction():
            late()

    assert db.session.query(Linkage).count() == 2


def test_what_has_ended_is_not_ended_again() -> None:
    actor = make.actor()
    ended = make.linkage(valid_to=date(2026, 8, 31))

    with pytest.raises(Invalid, match="已经结束"), transaction():
        service.end_linkage(ended, TODAY, actor=actor)
    with pytest.raises(Invalid, match="已经结束"), transaction():
        service.change_linkage(
            ended,
            LinkageDraft(ended.leader_id, TODAY, enterprise_id=ended.enterprise_id),
            actor=actor,
        )


def test_a_linkage_does_not_end_before_it_began() -> None:
    actor, linkage = make.actor(), make.linkage(valid_from=TODAY)

    with pytest.raises(Invalid) as refusal, transaction():
        service.end_linkage(linkage, TODAY - timedelta(days=1), actor=actor)

    assert refusal.value.field == "last_day"


def test_odd_linkages_are_refused_by_their_field() -> None:
    actor = make.actor()
    enterprise_id, project_id = make.enterprise().id, make.project().id
    stranger = make.user(Role.LEADER, tenant=make.tenant())
    handler, leader = make.user(Role.HANDLER), make.user(Role.LEADER)

    for more, field in (
        ({"leader_id": handler.id}, "leader_id"),
        ({"leader_id": stranger.id}, "leader_id"),
        ({"leader_id": 999}, "leader_id"),
        ({"liaison_id": handler.id}, "liaison_id"),
        ({"liaison_id": leader.id}, "liaison_id"),
        ({"per_month": 0}, "per_month"),
        ({"per_month": 9}, "per_month"),
        ({"project_id": project_id}, "enterprise_id"),
        ({"enterprise_id": None}, "enterprise_id"),
    ):
        with pytest.raises(Invalid) as refusal:
            start(actor, **{"leader_id": leader.id, "enterprise_id": enterprise_id, **more})
        assert refusal.value.field == field, more
    foreign = make.enterprise(tenant=make.tenant())
    with pytest.raises(NotFound):
        start(actor, enterprise_id=foreign.id)


def test_a_linkage_is_not_moved_to_another_target() -> None:
    actor, linkage, other = make.actor(), make.linkage(), make.enterprise()

    with pytest.raises(Invalid), transaction():
        service.change_linkage(
            linkage, LinkageDraft(linkage.leader_id, TODAY, enterprise_id=other.id), actor=actor
        )


@pytest.mark.parametrize("role", sorted(set(PEOPLE) - {Role.DISPATCHER, Role.OFFICE_DIRECTOR}))
def test_everybody_but_the_office_is_refused_every_change(role: Role) -> None:
    enterprise = make.enterprise("一")
    contact, project = make.contact(enterprise=enterprise), make.project("二")
    viewer = make.actor(role, enterprise_id=enterprise.id)
    linkage = make.linkage(enterprise=enterprise)
    draft = LinkageDraft(linkage.leader_id, TODAY, enterprise_id=enterprise.id)
    tries = (
        lambda: service.create_enterprise(EnterpriseDraft("三"), actor=viewer),
        lambda: service.edit_enterprise(enterprise, EnterpriseDraft("三"), actor=viewer),
        lambda: service.save_year(enterprise, YearDraft(2025), actor=viewer),
        lambda: service.add_contact(enterprise, ContactDraft("甲"), actor=viewer),
        lambda: service.edit_contact(contact, ContactDraft("甲"), actor=viewer),
        lambda: service.remove_contact(contact, actor=viewer),
        lambda: service.create_project(ProjectDraft("三"), actor=viewer),
        lambda: service.edit_project(project, ProjectDraft("三"), actor=viewer),
        lambda: service.start_linkage(draft, actor=viewer),
        lambda: service.change_linkage(linkage, draft, actor=viewer),
        lambda: service.end_linkage(linkage, TODAY, actor=viewer),
    )

    for attempt in tries:
        with pytest.raises(DomainError) as refusal, transaction():
            attempt()
        assert isinstance(refusal.value, NotAllowed | NotFound)

    db.session.expire_all()
    assert (enterprise.name, project.name, linkage.valid_to) == ("一", "二", None)
    assert db.session.query(AuditRow).count() == 0


def test_the_office_of_another_township_is_refused() -> None:
    enterprise, contact, linkage = make.enterprise(), make.contact(), make.linkage()
    stranger = make.actor(tenant=make.tenant())

    for attempt in (
        lambda: service.edit_enterprise(enterprise, EnterpriseDraft("三"), actor=stranger),
        lambda: service.add_contact(enterprise, ContactDraft("甲"), actor=stranger),
        lambda: service.remove_contact(contact, actor=stranger),
        lambda: service.end_linkage(linkage, TODAY, actor=stranger),
    ):
        with pytest.raises(NotAllowed), transaction():
            attempt()


def test_the_audit_chain_holds_over_all_of_it() -> None:
    actor = make.actor()
    old = start(actor)
    with transaction():
        service.change_linkage(
            old,
            LinkageDraft(make.user(Role.LEADER).id, clock.today(), enterprise_id=old.enterprise_id),
            actor=actor,
        )
        made = service.create_enterprise(
            EnterpriseDraft("一", established_on=TODAY, registered_capital_wan=500.5), actor=actor
        )
        service.add_contact(made, ContactDraft("甲", phone=PHONE), actor=actor)
        service.save_year(made, YearDraft(2025, revenue_wan=1.5), actor=actor)

    assert first_break({}) is None
    assert db.session.query(AuditRow).count() == 5


def at_once(app: Flask, attempt: Callable[[], object], times: int = 4) -> list[object]:
    """Let several people try at the same moment; return what each got, or was refused with."""
    start_line = Barrier(times)

    def one(_number: int) -> object:
        with app.app_context():
            start_line.wait()
            try:
                with transaction():
                    attempt()
            except DomainError as refusal:
                return refusal
            finally:
                db.session.remove()
            return None

    db.session.rollback()
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_of_several_who_begin_the_same_file_at_once_one_wins(app: Flask) -> None:
    actor = make.actor()
    draft = EnterpriseDraft("恒屿包装", uscc=GOOD_CODE)

    results = at_once(app, lambda: service.create_enterprise(draft, actor=actor))

    assert results.count(None) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 3
    assert db.session.query(Enterprise).count() == 1


def test_of_several_who_link_one_target_at_once_one_wins(app: Flask) -> None:
    actor, enterprise, leader = make.actor(), make.enterprise(), make.user(Role.LEADER)
    draft = LinkageDraft(leader.id, TODAY, enterprise_id=enterprise.id)

    results = at_once(app, lambda: service.start_linkage(draft, actor=actor))

    assert results.count(None) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 3
    assert db.session.query(Linkage).count() == 1


def test_of_several_who_write_one_year_at_once_the_last_remains(app: Flask) -> None:
    actor, enterprise_id = make.actor(), make.enterprise().id

    def write() -> None:
        enterprise = db.session.get_one(Enterprise, enterprise_id)
        service.save_year(enterprise, YearDraft(2025, tax_wan=1), actor=actor)

    assert at_once(app, write) == [None] * 4
    assert db.session.query(EnterpriseYear).count() == 1
