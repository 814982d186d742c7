"""The library: who keeps it, what holds on which day, and that nothing is lost."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.accounts.roles import PEOPLE, Actor, Permission, Role
from app.core import clock
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.library import queries, service
from app.library.models import CannedAnswer, PolicyDocument, Standing
from app.library.service import AnswerDraft, DocumentDraft
from tests import make

KEEPERS = {Role.SYS_ADMIN, Role.OFFICE_DIRECTOR, Role.DISPATCHER}
READERS = set(PEOPLE) - {Role.AUDIT_ADMIN, Role.VILLAGE_OFFICER, Role.ENTERPRISE_USER}
WHY = "按新文件改"
TEXT = "您反映的（用水）问题，我们已经会同水务站核实，处理情况如下。"


@pytest.fixture
def clerk(app: Flask) -> Actor:
    del app  # the database must be there
    return make.actor(Role.DISPATCHER)


def keep(clerk: Actor, **more: object) -> PolicyDocument:
    with transaction():
        return service.add(
            DocumentDraft(**({"title": "企业用水保障办法（示例）"} | more)), actor=clerk
        )


def listed(clerk: Actor, **asked: object) -> list[str]:
    found = queries.search_documents(queries.DocumentFilter(**asked), viewer=clerk)
    return [one.title for one in db.session.scalars(found)]


@pytest.mark.usefixtures("app")
def test_the_office_and_the_administrator_keep_it_and_everybody_who_answers_reads() -> None:
    for role in PEOPLE:
        actor = make.actor(role)
        assert actor.may(Permission.LIBRARY_MANAGE) == (role in KEEPERS)
        assert actor.may(Permission.LIBRARY_READ) == (role in READERS)
        if role not in KEEPERS:
            with pytest.raises(NotAllowed):
                service.add(DocumentDraft("文件"), actor=actor)
            with pytest.raises(NotAllowed):
                service.add(AnswerDraft("标题", TEXT), actor=actor)
        if role not in READERS:
            with pytest.raises(NotAllowed):
                queries.answers(viewer=actor)


def test_a_document_holds_from_its_day_to_its_last_day(
    clerk: Actor, frozen_clock: time_machine.Traveller
) -> None:
    today = clock.today()
    found = keep(clerk, issued_on=today + timedelta(days=1), valid_to=today + timedelta(days=2))

    held = []
    for _ in range(4):
        held.append(found.standing(clock.today()))
        ids = [one.id for one in queries.citable([found.id], tenant_id=clerk.tenant_id)]
        assert (ids == [found.id]) == (held[-1] is Standing.VALID)
        frozen_clock.shift(timedelta(days=1))

    assert held == [Standing.COMING, Standing.VALID, Standing.VALID, Standing.ENDED]


def test_the_list_shows_what_holds_and_what_does_no_longer_apart(clerk: Actor) -> None:
    keep(clerk, title="有效的")
    keep(clerk, title="过期的", valid_to=clock.today() - timedelta(days=1))
    withdrawn = keep(clerk, title="停用的")
    with transaction():
        service.withdraw(withdrawn, reason=WHY, version=withdrawn.version, actor=clerk)

    assert listed(clerk) == ["有效的"]
    assert set(listed(clerk, ended=True)) == {"过期的", "停用的"}


@pytest.mark.parametrize("text", ["保障", "霁政办", "霁政办 保障", "水务站", "供水管网"])
def test_a_document_is_found_by_its_words(clerk: Actor, text: str) -> None:
    keep(clerk, doc_no="霁政办〔2026〕7号（示例）", issued_by="水务站", summary="供水管网改造期间")
    keep(clerk, title="别的文件")

    assert listed(clerk, text=text) == ["企业用水保障办法（示例）"]
    assert listed(clerk, text=f"{text} 没有的词") == []
    assert listed(clerk, text="%") == []


def test_the_dates_must_follow_each_other_and_the_address_be_one(clerk: Actor) -> None:
    with pytest.raises(Invalid) as order:
        keep(clerk, issued_on=date(2026, 9, 2), valid_to=date(2026, 9, 1))
    with pytest.raises(Invalid) as address:
        keep(clerk, link="javascript:alert(1)")

    assert (order.value.field, address.value.field) == ("valid_to", "link")


def test_changes_are_kept_with_before_and_after(clerk: Actor) -> None:
    found = keep(clerk, doc_no="旧文号")
    with transaction():
        service.edit(
            found,
            DocumentDraft(found.title, "新文号"),
            reason=WHY,
            version=found.version,
            actor=clerk,
        )

    row = db.session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert row is not None
    assert (row.before, row.after, row.reason) == (
        {"doc_no": "旧文号"},
        {"of": found.title, "doc_no": "新文号"},
        WHY,
    )


def test_the_second_of_two_writers_is_told(clerk: Actor) -> None:
    found = keep(clerk)
    seen = found.version
    with transaction():
        service.edit(found, DocumentDraft("先改的"), reason=WHY, version=seen, actor=clerk)

    with pytest.raises(Stale), transaction():
        service.edit(found, DocumentDraft("后改的"), reason=WHY, version=seen, actor=clerk)


def test_what_was_withdrawn_is_not_changed_or_withdrawn_again(clerk: Actor) -> None:
    with transaction():
        found = service.add(AnswerDraft("用水", TEXT), actor=clerk)
    with transaction():
        service.withdraw(found, reason=WHY, version=None, actor=clerk)

    with pytest.raises(DomainError):
        service.withdraw(found, reason=WHY, version=None, actor=clerk)
    with pytest.raises(DomainError):
        service.edit(found, AnswerDraft("改", TEXT), reason=WHY, version=None, actor=clerk)
    assert list(queries.answers(viewer=clerk)) == []
    assert list(queries.answers(viewer=clerk, withdrawn=True)) == [found]


def test_an_answer_to_begin_from_is_as_long_as_an_answer(clerk: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        service.add(AnswerDraft("用水", "太短"), actor=clerk)

    assert refused.value.field == "text"


def test_another_township_has_a_library_of_its_own(clerk: Actor) -> None:
    found = keep(clerk)
    with transaction():
        canned = service.add(AnswerDraft("用水", TEXT), actor=clerk)
    stranger = make.actor(Role.DISPATCHER, tenant=make.tenant())

    assert listed(stranger) == []
    assert queries.citable([found.id], tenant_id=stranger.tenant_id) == []
    assert list(queries.to_cite(None, viewer=stranger)) == []
    assert list(queries.to_begin_from(None, viewer=stranger)) == []
    with pytest.raises(NotFound):
        queries.kept(PolicyDocument, found.id, viewer=stranger)
    with pytest.raises(NotFound):
        queries.kept(CannedAnswer, canned.id, viewer=stranger)
    with pytest.raises(NotFound):
        service.edit(found, DocumentDraft("改"), reason=WHY, version=None, actor=stranger)
    with pytest.raises(NotFound):
        service.withdraw(canned, reason=WHY, version=None, actor=stranger)


def test_a_change_needs_a_reason_and_what_changes_nothing_needs_none(clerk: Actor) -> None:
    found = keep(clerk)
    same, other = DocumentDraft(found.title), DocumentDraft("改过的")
    before = len(db.session.scalars(select(AuditRow)).all())

    service.edit(found, same, reason="", version=None, actor=clerk)
    assert len(db.session.scalars(select(AuditRow)).all()) == before
    for act in (
        lambda: service.edit(found, other, reason=" ", version=None, actor=clerk),
        lambda: service.withdraw(found, reason="", version=None, actor=clerk),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.field == "reason"
    assert (found.title, found.is_active) == (same.title, True)
