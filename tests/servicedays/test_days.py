"""Planning, changing and calling off a day: what is refused, and at which field."""

from datetime import date, time
from typing import Any

import pytest
import time_machine

from app.accounts.models import Tenant
from app.accounts.roles import Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, Stale
from app.core.transactions import transaction
from app.servicedays import queries, service
from app.servicedays.workflow import IllegalStep, Inviting, Kind, State
from tests import make
from tests.servicedays.town import DAY, Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
D = date.fromisoformat


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town(plan=False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held_on": D("2026-09-20")}, "held_on"),  # yesterday
        ({"held_on": D("2026-10-17")}, "held_on"),  # a Saturday
        ({"held_on": D("2026-10-01")}, "held_on"),  # a holiday
        ({"ends_at": time(9)}, "ends_at"),
        ({"place": " "}, "place"),
        ({"host_id": 0}, "host_id"),
        ({"unit_ids": (999,)}, "unit_ids"),
        ({"is_online": True}, "online_how"),
        ({"inviting": Inviting.CHOSEN}, "enterprise_ids"),
        ({"inviting": Inviting.CHOSEN, "enterprise_ids": (999,)}, "enterprise_ids"),
        ({"slot_minutes": 200}, "slot_minutes"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(
    town: Town, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        town.plan(**wrong)

    assert refused.value.field == field
    assert queries.coming(viewer=town.clerk) == []


def test_a_clerk_is_no_host_and_another_townships_leader_neither(town: Town) -> None:
    elsewhere = make.user(Role.LEADER, tenant=make.tenant("别处镇"))
    for person_id in (town.clerk.user_id, elsewhere.id):
        with pytest.raises(Invalid):
            town.plan(host_id=person_id)


@pytest.mark.parametrize("day", ["2026-10-10", "2026-10-15"])
def test_a_working_day_may_be_chosen_a_saturday_that_is_worked_too(town: Town, day: str) -> None:
    assert town.plan(held_on=D(day)).held_on == D(day)


def test_a_day_off_needs_a_reason_and_a_working_day_keeps_none(town: Town) -> None:
    off = town.plan(held_on=D("2026-10-17"), exception_reason="企业周六才有空")
    assert off.exception_reason == "企业周六才有空"

    town.change(held_on=D("2026-10-19"), exception_reason="企业周六才有空")

    assert town.day.exception_reason == ""


def test_there_are_not_two_of_a_kind_at_one_hour(town: Town) -> None:
    town.plan()

    with pytest.raises(Invalid):
        town.plan()
    assert town.plan(kind=Kind.SERVICE)
    assert town.plan(begins_at=time(14), ends_at=time(16))


@pytest.mark.parametrize(
    "role", [Role.LEADER, Role.LIAISON, Role.CHIEF, Role.DEPT_HEAD, Role.SUPERVISOR]
)
def test_only_the_office_plans(town: Town, role: Role) -> None:
    with pytest.raises(NotAllowed), transaction():
        service.open_day(town.draft(), actor=make.actor(role))


def test_the_director_plans_and_cancels_as_the_dispatcher_does(town: Town) -> None:
    with transaction():
        town.day_id = service.open_day(town.draft(), actor=town.director).id
    with transaction():
        service.cancel_day(town.day, "领导到县里开会", actor=town.director)

    assert town.day.state is State.CANCELLED


def test_the_suggestion_follows_the_parameter(town: Town) -> None:
    assert queries.suggested(viewer=town.clerk) == D("2026-10-10")
    with transaction():
        db.session.get_one(Tenant, town.tenant_id).settings = {"service_day_of_month": 1}
    assert queries.suggested(viewer=town.clerk) == D("2026-10-08")

    town.plan(held_on=DAY)

    assert queries.suggested(viewer=town.clerk) == D("2026-11-02")


def test_the_second_of_two_who_edit_is_told(town: Town) -> None:
    version = town.plan().version
    town.change(place="企业服务中心")

    with pytest.raises(Stale), transaction():
        service.change_day(town.day, town.draft(), version=version, actor=town.clerk)
    with pytest.raises(Stale), transaction():
        service.cancel_day(town.day, "没有", version=version, actor=town.clerk)


def test_what_was_done_is_in_the_audit_log(town: Town) -> None:
    town.plan()
    town.change(place="企业服务中心")
    town.cancel()

    rows = db.session.scalars(
        db.select(AuditRow).where(AuditRow.subject == "service-day").order_by(AuditRow.id)
    ).all()
    assert [row.action for row in rows] == [
        "安排服务企业家日",
        "修改服务企业家日",
        "取消服务企业家日",
    ]
    assert rows[1].before == {"place": "镇政府二楼会议室"}
    assert rows[1].after == {"place": "企业服务中心"}
    assert rows[2].reason == "领导到县里开会"


def test_saving_without_a_change_is_no_change(town: Town) -> None:
    before = town.plan().version

    town.change()

    assert town.day.version == before


def test_calling_off_asks_why(town: Town) -> None:
    town.plan()

    with pytest.raises(Invalid) as refused:
        town.cancel(" ")

    assert refused.value.field == "reason"


def test_once_somebody_came_it_is_neither_moved_nor_called_off(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.plan()
    guest = town.book()
    go_to(frozen_clock, "2026-10-15")
    town.sign_in(guest)

    with pytest.raises(Invalid) as refused:
        town.change(held_on=D("2026-10-16"))
    assert refused.value.field == "held_on"
    with pytest.raises(Invalid):
        town.cancel()


def test_what_is_off_stays_off(town: Town) -> None:
    town.plan()
    town.cancel()

    for attempt in (town.change, town.cancel, town.hold):
        with pytest.raises(IllegalStep):
            attempt()
