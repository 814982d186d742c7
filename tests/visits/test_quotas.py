"""What each leader owes: visits a month, a village a week, households a month."""

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.accounts.models import Tenant, UnitKind, User
from app.accounts.roles import Actor, Role
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, Stale
from app.core.transactions import transaction
from app.visits import queries, service
from app.visits.calendar import Month, Week, weeks_of
from app.visits.models import HouseholdCount, TaskState, VillageVisit
from app.visits.queries import LeaderQuotas
from app.visits.service import VillageDraft
from app.workdays import queries as workdays
from tests import make
from tests.visits.town import LONG_AGO, Town, go_to, open_town

ClientFor = Callable[[User | Actor], FlaskClient]
D = date.fromisoformat
SEPTEMBER = Month(2026, 9)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def want(town: Town, **settings: int) -> None:
    with transaction():
        db.session.get_one(Tenant, town.tenant_id).settings = settings


def of(town: Town, viewer: Actor | None = None, month: Month = SEPTEMBER) -> LeaderQuotas:
    calendar = workdays.calendar_of(town.tenant_id)
    found = queries.quotas(month, viewer=viewer or town.leader, calendar=calendar)
    return next(one for one in found if one.leader.id == town.leader_id)


def told(quota: queries.Quota | None) -> tuple[int, int] | None:
    return (quota.done, quota.owed) if quota else None


# ---- weeks ----


@pytest.mark.parametrize("month", [Month(2026, n) for n in range(1, 13)])
def test_every_week_is_counted_to_one_month_and_none_is_left_out(month: Month) -> None:
    mine, next_ones = weeks_of(month), weeks_of(month.following)

    assert {week.month for week in mine} == {month}
    assert mine[-1].following == next_ones[0]
    assert all(week.monday.weekday() == 0 for week in mine)
    assert len(mine) in {4, 5}


def test_a_week_of_holidays_asks_for_nothing(town: Town) -> None:
    calendar = workdays.calendar_of(town.tenant_id)

    assert not Week.of(D("2026-02-18")).is_worked(calendar)
    assert Week.of(D("2026-09-21")).is_worked(calendar)


# ---- visits a month ----


@pytest.mark.parametrize(
    ("own", "wanted", "owed"), [(1, 1, 1), (1, 3, 3), (2, 1, 2), (2, 3, 3), (3, 2, 3)]
)
def test_a_firm_is_owed_the_number_of_the_parameter_at_least(
    own: int, wanted: int, owed: int
) -> None:
    town = open_town(per_month=own)
    want(town, visit_per_month=wanted)

    town.generate()

    assert len(town.tasks()) == owed


def test_a_project_is_owed_its_own_number() -> None:
    town = open_town(project=True)
    want(town, visit_per_month=4, project_per_month=2)

    town.generate()

    assert len(town.tasks()) == 2
    assert told(of(town).projects) == (0, 2)
    assert told(of(town).enterprises) == (0, 0)


def test_more_is_asked_for_from_the_next_month_on(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.generate()
    want(town, visit_per_month=2)

    assert town.generate() == 0
    go_to(frozen_clock, "2026-10-08")

    assert town.generate("2026-10") == 2


def test_a_new_linkage_begins_with_the_number_of_the_parameter(
    town: Town, client_for: ClientFor
) -> None:
    want(town, visit_per_month=2, project_per_month=3)
    firm, project = make.enterprise(), make.project()
    office = client_for(town.clerk)

    assert 'name="per_month" required type="number" value="2"' in _field(
        office.get(f"/enterprises/{firm.id}/linkage").text
    )
    assert 'name="per_month" required type="number" value="3"' in _field(
        office.get(f"/projects/{project.id}/linkage").text
    )


def _field(page: str) -> str:
    line = next(part for part in page.split("<input") if 'name="per_month"' in part)
    names = sorted(
        part
        for part in line.split(">")[0].split()
        if part.split("=")[0] in {"name", "required", "type", "value"}
    )
    return " ".join(names)


def test_waived_tasks_are_not_owed(town: Town) -> None:
    leader = db.session.get_one(User, town.leader_id)
    for state in TaskState:
        make.task(linkage=make.linkage(leader=leader), state=state)

    assert told(of(town).enterprises) == (1, 3)


# ---- a village a week ----


def test_a_day_in_a_village_counts_for_its_week(town: Town) -> None:
    leader = db.session.get_one(User, town.leader_id)
    assert told(of(town).week) == (0, 1)
    assert told(of(town).weeks) == (0, 4)  # 9-1, 9-7, 9-14 and 9-21 have begun

    make.village_visit(leader=leader, on=D("2026-09-21"))
    make.village_visit(leader=leader, on=D("2026-09-08"))
    make.village_visit(leader=leader, on=D("2026-09-09"))
    make.village_visit(on=D("2026-09-15"))

    assert told(of(town).week) == (1, 1)
    assert told(of(town).weeks) == (2, 4)


def test_of_another_month_there_is_no_this_week(town: Town) -> None:
    found = of(town, month=Month(2026, 8))

    assert found.week is None
    assert told(found.weeks) == (0, 4)


def test_where_nothing_is_asked_for_nothing_is_owed(town: Town) -> None:
    want(town, village_per_week=0, household_per_month=0)

    assert of(town).is_met


def recorded(town: Town, actor: Actor, **more: object) -> VillageVisit:
    village = make.unit(kind=UnitKind.VILLAGE)
    values = {
        "leader_id": town.leader_id,
        "village_id": village.id,
        "visited_on": D("2026-09-21"),
        "findings": "看了水渠，东头渠埂要补。",
    }
    with transaction():
        return service.record_village_visit(VillageDraft(**(values | more)), actor=actor)  # type: ignore[arg-type]


def test_a_leader_records_for_themselves_and_the_office_for_all(town: Town) -> None:
    recorded(town, town.leader)
    recorded(town, town.clerk)

    for role in (Role.LEADER, Role.LIAISON, Role.CHIEF, Role.SUPERVISOR):
        with pytest.raises(NotAllowed):
            recorded(town, make.actor(role))
    assert db.session.scalar(select(func.count(VillageVisit.id))) == 2


def test_a_deputy_records_for_the_leader_who_is_away(town: Town) -> None:
    deputy = make.actor(Role.LEADER)
    standing_in = Actor(
        deputy.tenant_id, deputy.user_id, Role.LEADER, stands_in_for=(town.leader_id,)
    )

    assert recorded(town, standing_in).leader_id == town.leader_id


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"visited_on": D("2026-09-22")}, "visited_on"),
        ({"visited_on": D("2026-07-31")}, "visited_on"),
        ({"findings": "看了"}, "findings"),
    ],
)
def test_what_does_not_make_sense_is_refused_at_its_field(
    town: Town, more: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(town, town.leader, **more)

    assert refused.value.field == field


def test_only_a_village_is_a_village(town: Town) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(town, town.leader, village_id=make.unit(kind=UnitKind.DEPT).id)
    assert refused.value.field == "village_id"
    foreign = make.unit(kind=UnitKind.VILLAGE, tenant=make.tenant("别的镇"))
    with pytest.raises(DomainError):
        recorded(town, town.leader, village_id=foreign.id)


# ---- households ----


def counted(
    town: Town, number: int, *, actor: Actor | None = None, version: int | None = None
) -> None:
    with transaction():
        service.count_households(
            town.leader_id, SEPTEMBER, number, version=version, actor=actor or town.leader
        )


def test_of_households_the_number_alone_is_kept(town: Town) -> None:
    counted(town, 2)
    counted(town, 3, version=2)
    with pytest.raises(Stale):
        counted(town, 4, version=2)

    (row,) = db.session.scalars(select(HouseholdCount)).all()
    assert (row.number, row.period) == (3, "2026-09")
    assert told(of(town).households) == (3, 1)
    kept = {column.name for column in HouseholdCount.__table__.columns}
    assert kept == {
        "id",
        "tenant_id",
        "leader_id",
        "period",
        "number",
        "changed_by_id",
        "changed_at",
        "version",
    }


@pytest.mark.parametrize("number", [-1, 1000])
def test_a_number_that_cannot_be_is_refused(town: Town, number: int) -> None:
    with pytest.raises(Invalid):
        counted(town, number)


def test_a_month_that_is_closed_is_the_office_s_to_count(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-14")

    with pytest.raises(Invalid):
        counted(town, 2)
    counted(town, 2, actor=town.clerk)

    assert told(of(town).households) == (2, 1)


# ---- the page ----


def test_a_leader_sees_what_they_owe_and_the_office_sees_all(
    town: Town, client_for: ClientFor
) -> None:
    town.generate()
    other = make.user(Role.LEADER, name="虞景澜")

    mine = client_for(town.leader).get("/visits/quotas").text
    all_of_them = client_for(town.clerk).get("/visits/quotas").text

    assert "9月还差：企业 1 家，入村 1 次，走访户 1 户次" in mine
    assert "虞景澜" not in mine
    assert other.name in all_of_them
    assert "0 / 1 家，还差 1" in all_of_them
    assert "速岭物流" in all_of_them


def test_the_page_says_when_all_is_done(town: Town, client_for: ClientFor) -> None:
    town.generate()
    town.record()
    counted(town, 1)
    make.village_visit(leader=db.session.get_one(User, town.leader_id))

    assert "指标都完成了" in client_for(town.leader).get("/visits/quotas").text


def test_village_days_and_households_are_written_on_their_pages(
    town: Town, client_for: ClientFor
) -> None:
    village = make.unit("桑园坞村", kind=UnitKind.VILLAGE)
    browser = client_for(town.leader)
    data = {
        "idempotency_key": "a" * 32,
        "leader_id": str(town.leader_id),
        "village_id": str(village.id),
        "visited_on": "2026-09-21",
        "findings": "看了水渠，东头渠埂要补。",
    }

    short = browser.post("/visits/villages/new", data=data | {"findings": "看了"})
    assert short.status_code == 422
    assert browser.post("/visits/villages/new", data=data).status_code == 303
    assert "东头渠埂要补" in browser.get("/visits/villages").text
    db.session.rollback()
    other = client_for(make.actor(Role.LEADER))
    assert "东头渠埂要补" not in other.get("/visits/villages").text
    assert "东头渠埂要补" in client_for(town.clerk).get("/visits/villages").text
    households = {"idempotency_key": "b" * 32, "leader_id": str(town.leader_id), "number": "4"}
    answer = browser.post("/visits/quotas/households?period=2026-09", data=households)
    assert answer.status_code == 303
    assert "4 / 1 户次" in browser.get("/visits/quotas").text
    foreign = other.post(
        "/visits/quotas/households", data=households | {"idempotency_key": "c" * 32}
    )
    assert foreign.status_code == 422


@pytest.mark.parametrize("period", ["2026-08", "2027-01", "nonsense", ""])
def test_any_month_may_be_looked_at(town: Town, client_for: ClientFor, period: str) -> None:
    assert client_for(town.clerk).get(f"/visits/quotas?period={period}").status_code == 200


def test_the_page_costs_the_same_however_many_leaders_there_are(
    town: Town, client_for: ClientFor
) -> None:
    browser = client_for(town.clerk)
    statements: list[str] = []

    def asked() -> int:
        town.generate()
        browser.get("/visits/quotas")
        statements.clear()
        assert browser.get("/visits/quotas").status_code == 200
        return len(statements)

    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    few = asked()
    for _ in range(5):
        link = make.linkage(created_at=LONG_AGO)
        make.village_visit(leader=link.leader)

    assert asked() <= few + 1


# ---- set right later ----


def changed(visit_id: int, actor: Actor, version: int | None = None, **more: object) -> None:
    with transaction():
        visit = db.session.get_one(VillageVisit, visit_id)
        values = {
            "leader_id": visit.leader_id,
            "village_id": visit.village_id,
            "visited_on": visit.visited_on,
            "findings": "看了水渠，渠埂已经补好。",
        }
        draft = VillageDraft(**(values | more))  # type: ignore[arg-type]
        service.change_village_visit(visit, draft, version=version, actor=actor)


def test_who_records_for_a_leader_may_set_a_village_day_right_and_the_second_of_two_loses(
    town: Town,
) -> None:
    visit_id = recorded(town, town.leader).id

    changed(visit_id, town.clerk, version=1)
    with pytest.raises(Stale):
        changed(visit_id, town.leader, version=1, findings="看了学校，校门口要装灯。")

    visit = db.session.get_one(VillageVisit, visit_id)
    assert visit.findings == "看了水渠，渠埂已经补好。"
    assert visit.changed_by_id == town.clerk.user_id
    assert visit.recorded_by_id == town.leader_id


def test_nobody_else_sets_a_village_day_right(town: Town) -> None:
    visit_id = recorded(town, town.leader).id

    for role in (Role.LEADER, Role.LIAISON, Role.CHIEF, Role.SUPERVISOR):
        with pytest.raises(NotAllowed):
            changed(visit_id, make.actor(role))


def test_a_village_day_of_a_closed_month_is_the_office_s_to_set_right(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    visit_id = recorded(town, town.leader).id
    go_to(frozen_clock, "2026-10-20")

    with pytest.raises(Invalid) as refused:
        changed(visit_id, town.leader, visited_on=D("2026-10-19"))
    changed(visit_id, town.clerk)

    assert refused.value.field == "visited_on"
    assert db.session.get_one(VillageVisit, visit_id).version == 2


def test_a_village_day_is_set_right_on_its_page_and_whoever_is_late_sees_both(
    town: Town, client_for: ClientFor
) -> None:
    visit = recorded(town, town.leader)
    where, data = (
        f"/visits/villages/{visit.id}/edit",
        {
            "version": "1",
            "leader_id": str(town.leader_id),
            "village_id": str(visit.village_id),
            "visited_on": "2026-09-21",
            "findings": "看了水渠，渠埂已经补好。",
        },
    )
    browser, clerk = client_for(town.leader), client_for(town.clerk)

    assert where in browser.get("/visits/villages").text
    assert "东头渠埂要补" in browser.get(where).text
    assert browser.post(where, data=data | {"idempotency_key": "a" * 32}).status_code == 303
    late = clerk.post(
        where, data=data | {"idempotency_key": "b" * 32, "findings": "看了学校，校门口要装一盏灯。"}
    )

    assert late.status_code == 409
    assert "有人先改了这里" in late.text
    assert "渠埂已经补好" in late.text
    assert "要装一盏灯" in late.text


def test_the_office_does_not_overwrite_a_number_that_it_has_not_seen(
    town: Town, client_for: ClientFor
) -> None:
    make.user(Role.LEADER, name="虞景澜")  # so that the office has to choose
    clerk = client_for(town.clerk)
    page = clerk.get("/visits/quotas").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    counted(town, 5)  # by the leader, meanwhile

    data = {"leader_id": str(town.leader_id), "number": "2", "seen": seen}
    late = clerk.post("/visits/quotas/households", data=data | {"idempotency_key": "d" * 32})
    db.session.rollback()
    kept = db.session.scalar(select(HouseholdCount.number))
    again = late.text.split('name="seen" value="')[1].split('"')[0]
    now = clerk.post(
        "/visits/quotas/households", data=data | {"idempotency_key": "e" * 32, "seen": again}
    )

    assert late.status_code == 409
    assert kept == 5
    assert now.status_code == 303
