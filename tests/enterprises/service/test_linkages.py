"""Who looks after whom: begun, handed over, ended, never two at once."""

from datetime import date, timedelta

import pytest
from flask import Flask

from app.accounts.roles import Role
from app.core.db import db
from app.core.errors import Invalid, NotFound, Stale
from app.core.transactions import transaction
from app.enterprises import queries, service
from app.enterprises.models import (
    Linkage,
)
from app.enterprises.service import (
    LinkageDraft,
)
from tests import make
from tests.enterprises.given import TODAY, at_once, logged, start

pytestmark = pytest.mark.usefixtures("app")


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


def test_of_several_who_link_one_target_at_once_one_wins(app: Flask) -> None:
    actor, enterprise, leader = make.actor(), make.enterprise(), make.user(Role.LEADER)
    draft = LinkageDraft(leader.id, TODAY, enterprise_id=enterprise.id)

    results = at_once(app, lambda: service.start_linkage(draft, actor=actor))

    assert results.count(None) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 3
    assert db.session.query(Linkage).count() == 1
