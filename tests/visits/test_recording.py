"""Recording a visit: what is kept, which task it completes, until when, and its problems."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import func, select

from app.accounts.roles import Actor, Role
from app.core.audit import AuditRow
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound
from app.enterprises.models import Tier
from app.tickets.models import Ticket
from app.tickets.workflow.states import Source, Status
from app.visits.models import COUNTING, Mode, TaskState, Visit
from tests import make
from tests.visits.town import Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
D = date.fromisoformat


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# ---- what is kept ----


def test_a_visit_gets_a_number_of_its_day_and_stands_in_the_audit_log(town: Town) -> None:
    first, second = town.record(), town.record(mode=Mode.PHONE)

    assert [first.number, second.number] == ["ZF20260921-0001", "ZF20260921-0002"]
    of_visits = select(AuditRow).where(AuditRow.subject == "visit").order_by(AuditRow.id)
    logged = db.session.scalars(of_visits).all()
    assert [row.subject_id for row in logged] == [first.id, second.id]


def test_what_was_told_is_kept(town: Town) -> None:
    visit = town.record(
        promises="把县级资金的进度告诉企业",
        output_wan=12.5,
        employees=44,
        persons_met="运营经理",
        visitor_ids=(town.liaison_id, town.leader_id),
    )

    assert [one.text for one in visit.open_promises] == ["把县级资金的进度告诉企业"]
    assert visit.output_wan == pytest.approx(float(Decimal("12.5")))
    assert {person.id for person in visit.visitors} == {town.liaison_id, town.leader_id}
    assert visit.leader_present
    assert visit.recorded_by_id == town.liaison_id
    assert not visit.late_entry


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"visited_on": D("2026-09-22")}, "visited_on"),
        ({"visitor_ids": ()}, "visitor_ids"),
        ({"visitor_ids": (999_999,)}, "visitor_ids"),
        ({"enterprise_id": None, "project_id": None}, "target"),
    ],
)
def test_what_does_not_make_sense_is_refused_at_its_field(
    town: Town, more: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        town.record(**more)

    assert refused.value.field == field
    assert count(Visit) == 0


def test_a_visitor_of_another_township_is_refused(town: Town) -> None:
    stranger = make.user(Role.LIAISON, tenant=make.tenant("别的镇"))

    with pytest.raises(Invalid):
        town.record(visitor_ids=(stranger.id,))


# ---- who may record ----


@pytest.mark.parametrize("role", [Role.LEADER, Role.LIAISON, Role.DISPATCHER, Role.OFFICE_DIRECTOR])
def test_visitors_and_the_office_record_visits(town: Town, role: Role) -> None:
    actors = {Role.LEADER: town.leader, Role.LIAISON: town.liaison}
    actor = actors.get(role) or make.actor(role)

    assert town.record(actor=actor).recorded_by_id == actor.user_id


@pytest.mark.parametrize(
    "role",
    [
        Role.SYS_ADMIN,
        Role.AUDIT_ADMIN,
        Role.CHIEF,
        Role.DEPT_HEAD,
        Role.HANDLER,
        Role.SUPERVISOR,
        Role.VILLAGE_OFFICER,
    ],
)
def test_nobody_else_does(town: Town, role: Role) -> None:
    with pytest.raises(NotAllowed):
        town.record(actor=make.actor(role))


def test_a_visitor_records_only_for_what_they_look_after(town: Town) -> None:
    with pytest.raises(NotFound):
        town.record(actor=make.actor(Role.LIAISON))


def test_the_office_of_another_township_records_nothing_here(town: Town) -> None:
    with pytest.raises(NotFound):
        town.record(actor=make.actor(Role.DISPATCHER, tenant=make.tenant("别的镇")))


# ---- the month's task ----


@pytest.mark.parametrize("mode", list(Mode))
def test_only_a_visit_on_the_spot_completes_the_month(town: Town, mode: Mode) -> None:
    town.generate()

    visit = town.record(mode=mode)

    task = town.task()
    assert task.is_done == (mode in COUNTING)
    assert task.visit_id == (visit.id if mode in COUNTING else None)


@pytest.mark.parametrize(("tier", "alone"), [(Tier.KEY, True), (Tier.GENERAL, False)])
def test_a_key_target_that_the_leader_did_not_visit_is_done_by_the_liaison_officer_only(
    tier: Tier, *, alone: bool
) -> None:
    town = open_town(tier=tier)
    town.generate()

    town.record()

    task = town.task()
    assert task.is_done
    assert task.liaison_only is alone


def test_a_later_visit_with_the_leader_takes_the_place_of_one_without() -> None:
    town = open_town(tier=Tier.KEY)
    town.generate()
    town.record()

    led = town.record(visitor_ids=(town.leader_id, town.liaison_id))

    task = town.task()
    assert task.visit_id == led.id
    assert not task.liaison_only


def test_a_second_visit_completes_the_second_task_of_the_month() -> None:
    town = open_town(per_month=2)
    town.generate()

    first = town.record(visited_on=D("2026-09-02"))
    assert [task.state for task in town.tasks()] == [TaskState.DONE, TaskState.PLANNED]
    second = town.record()

    assert [task.visit_id for task in town.tasks()] == [first.id, second.id]


def test_a_visit_completes_no_task_of_another_month(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.generate("2026-09")
    go_to(frozen_clock, "2026-10-08")
    town.generate("2026-10")

    town.record(visited_on=D("2026-09-30"))

    assert town.task("2026-09").is_done
    assert not town.task("2026-10").is_done


def test_a_waived_task_stays_waived(town: Town) -> None:
    make.task(linkage=town.linkage, state=TaskState.EXEMPT)

    town.record()

    assert town.task().is_waived


def test_a_project_is_visited_like_a_firm() -> None:
    town = open_town(project=True)
    town.generate()

    visit = town.record()

    assert town.task().visit_id == visit.id
    assert visit.enterprise_id is None


# ---- late entry ----


@pytest.mark.parametrize(
    ("today", "role", "taken"),
    [
        ("2026-10-13", Role.LIAISON, True),  # the fifth working day of October
        ("2026-10-14", Role.LIAISON, False),
        ("2026-10-14", Role.LEADER, False),
        ("2026-10-14", Role.DISPATCHER, True),
        ("2026-12-01", Role.DISPATCHER, True),
    ],
)
def test_a_month_stays_open_for_five_working_days_and_for_the_office_longer(
    town: Town, frozen_clock: time_machine.Traveller, today: str, role: Role, *, taken: bool
) -> None:
    town.generate("2026-09")
    go_to(frozen_clock, today)
    actors: dict[Role, Actor] = {Role.LIAISON: town.liaison, Role.LEADER: town.leader}
    actor = actors.get(role, town.clerk)

    if not taken:
        with pytest.raises(Invalid, match="10月13日") as refused:
            town.record(actor=actor, visited_on=D("2026-09-30"))
        assert refused.value.field == "visited_on"
        assert count(Visit) == 0
        return
    visit = town.record(actor=actor, visited_on=D("2026-09-30"))

    assert visit.late_entry
    assert town.task("2026-09").visit_id == visit.id


def test_a_visit_of_the_month_before_last_is_too_late_on_the_first_of_a_month(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-11-02")

    with pytest.raises(Invalid):
        town.record(visited_on=D("2026-09-30"))


def test_a_late_entry_makes_good_an_overdue_task(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    make.task(linkage=town.linkage, period="2026-09", state=TaskState.OVERDUE)
    go_to(frozen_clock, "2026-10-09")

    town.record(visited_on=D("2026-09-29"))

    assert town.task("2026-09").is_done


# ---- problems ----


def test_each_problem_becomes_a_ticket_of_the_visit(town: Town) -> None:
    visit = town.record(problems=(town.problem(), town.problem(title="司机招不到")))

    tickets = db.session.scalars(select(Ticket).order_by(Ticket.id)).all()
    assert [ticket.title for ticket in tickets] == ["场站门口路灯坏了三盏", "司机招不到"]
    assert {ticket.visit_id for ticket in tickets} == {visit.id}
    assert {ticket.status for ticket in tickets} == {Status.PENDING_ACCEPTANCE}
    assert {ticket.source for ticket in tickets} == {Source.VISIT}
    assert [ticket.number for ticket in tickets] == ["QS20260921-0001", "QS20260921-0002"]


def test_a_problem_heard_on_a_service_day_says_so(town: Town) -> None:
    town.record(mode=Mode.SERVICE_DAY, problems=(town.problem(),))

    assert db.session.scalars(select(Ticket)).one().source is Source.SERVICE_DAY


def test_the_main_contact_answers_where_nobody_else_is_named(town: Town) -> None:
    town.record(problems=(town.problem(contact_name="", contact_phone=""),))

    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.contact_name, ticket.contact_phone) == ("宋主任", "14200001234")


def test_one_bad_problem_of_two_and_nothing_is_kept(town: Town) -> None:
    town.generate()

    with pytest.raises(DomainError) as refused:
        town.record(problems=(town.problem(), town.problem(description="太短")))

    assert refused.value.field == "problems-1-description"
    assert (count(Visit), count(Ticket)) == (0, 0)
    assert not town.task().is_done
    assert town.record(problems=(town.problem(),)).number == "ZF20260921-0001"


def test_a_problem_of_a_project_belongs_to_the_firm_that_builds_it() -> None:
    town = open_town(project=True)

    town.record(problems=(town.problem(),))

    ticket = db.session.scalars(select(Ticket)).one()
    assert ticket.enterprise_id == town.linkage.project.enterprise_id  # type: ignore[union-attr]


def test_a_project_without_a_firm_takes_a_visit_but_no_problem(town: Town) -> None:
    building = make.project()
    told = {"enterprise_id": None, "project_id": building.id}

    with pytest.raises(Invalid) as refused:
        town.record(actor=town.clerk, problems=(town.problem(),), **told)
    assert refused.value.field == "target"
    assert town.record(actor=town.clerk, **told).project_id == building.id


def test_what_was_solved_on_the_spot_stays_a_text(town: Town) -> None:
    visit = town.record(solved_on_site="当场讲清了稳岗补贴怎么申请")

    assert visit.solved_on_site
    assert count(Ticket) == 0
