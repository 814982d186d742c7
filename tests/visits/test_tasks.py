"""The tasks of a month: made once, planned, waived by another person, overdue."""

from datetime import date, datetime

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, Stale
from app.core.transactions import transaction
from app.notifications.models import Message
from app.visits import jobs, queries, service
from app.visits.models import ExemptGround, TaskState, VisitTask
from tests import make
from tests.visits.town import LONG_AGO, Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
D = date.fromisoformat


@pytest.fixture
def town(app: object) -> Town:
    del app
    return open_town()


# ---- generation ----


def test_every_active_linkage_owes_its_visits_once_however_often_it_is_asked(town: Town) -> None:
    make.linkage(per_month=2, created_at=LONG_AGO)

    assert town.generate() == 3
    assert town.generate() == 0

    tasks = town.tasks()
    assert [(task.linkage_id == town.linkage_id, task.seq) for task in tasks] == [
        (True, 1),
        (False, 1),
        (False, 2),
    ]
    assert {task.due_on for task in tasks} == {D("2026-09-30")}
    assert {task.state for task in tasks} == {TaskState.PLANNED}


@pytest.mark.parametrize(("created", "owes"), [("2026-09-15", True), ("2026-09-16", False)])
def test_a_linkage_begun_after_the_fifteenth_owes_its_first_visit_next_month(
    frozen_clock: time_machine.Traveller, created: str, *, owes: bool
) -> None:
    go_to(frozen_clock, created)
    town = open_town(created_at=clock.now())
    go_to(frozen_clock, "2026-09-17")

    assert town.generate("2026-09") == int(owes)

    go_to(frozen_clock, "2026-10-08")
    assert town.generate("2026-10") == 1


def test_a_linkage_that_begins_next_month_owes_nothing_yet() -> None:
    town = open_town(valid_from=D("2026-10-01"))

    assert town.generate() == 0


def test_what_a_linkage_owed_is_cancelled_when_it_ends(town: Town) -> None:
    town.generate()
    with transaction():
        town.linkage.valid_to = D("2026-09-20")

    town.generate()

    assert town.task().state is TaskState.CANCELLED
    assert queries.month_of(town.liaison, "2026-09") == []


def test_what_was_done_stays_done_when_the_linkage_ends(town: Town) -> None:
    town.generate()
    town.record(visited_on=D("2026-09-10"))
    with transaction():
        town.linkage.valid_to = D("2026-09-20")

    town.generate()

    assert town.task().is_done


def test_a_visit_made_before_the_tasks_of_its_month_counts(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    go_to(frozen_clock, "2026-10-03")  # a holiday
    visit = town.record()
    go_to(frozen_clock, "2026-10-08")

    town.generate("2026-10")

    assert town.task("2026-10").visit_id == visit.id


@pytest.mark.parametrize(
    ("now", "made"), [("2026-10-08T05:59", 0), ("2026-10-08T06:00", 1), ("2026-10-20T09:00", 1)]
)
def test_tasks_are_made_from_six_in_the_morning_of_the_first_working_day(
    town: Town, frozen_clock: time_machine.Traveller, now: str, made: int
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=clock.LOCAL)
    frozen_clock.move_to(moment, tick=False)

    jobs.generate_tasks()
    jobs.generate_tasks()

    assert len(town.tasks("2026-10")) == made


@pytest.mark.parametrize(("today", "overdue"), [("2026-09-30", False), ("2026-10-01", True)])
def test_a_task_is_overdue_on_the_day_after_the_last_working_day(
    town: Town, frozen_clock: time_machine.Traveller, today: str, *, overdue: bool
) -> None:
    town.generate()
    go_to(frozen_clock, today)

    jobs.close_overdue_tasks()
    jobs.close_overdue_tasks()

    assert (town.task().state is TaskState.OVERDUE) is overdue


# ---- figures ----


def test_waived_and_cancelled_tasks_are_not_counted(town: Town) -> None:
    for state in TaskState:
        make.task(linkage=make.linkage(), period="2026-09", state=state)

    share = queries.completion("2026-09", viewer=town.clerk)

    assert (share.n, share.d, share.percent) == (1, 3, "33.3%")


def test_nothing_to_count_is_a_dash(town: Town) -> None:
    assert queries.completion("2026-01", viewer=town.clerk).percent == "—"


# ---- planning ----


def planned(town: Town, day: str, *, reason: str = "", version: int | None = None) -> None:
    with transaction():
        task = db.session.scalars(select(VisitTask)).one()
        service.plan(task, D(day), reason=reason, version=version, actor=town.liaison)


def test_a_visit_is_planned_within_its_month(town: Town) -> None:
    town.generate()

    planned(town, "2026-09-28")

    assert town.task().planned_on == D("2026-09-28")
    for wrong in ("2026-09-20", "2026-10-01"):
        with pytest.raises(Invalid):
            planned(town, wrong)


@pytest.mark.parametrize(
    ("visited", "crowded"), [("2026-09-21", True), ("2026-09-20", False), ("2026-09-14", False)]
)
def test_who_else_visits_a_firm_within_seven_days_is_named(
    town: Town, visited: str, *, crowded: bool
) -> None:
    town.generate()
    other = make.user(Role.LEADER, name="虞景澜")
    make.visit(linkage=town.linkage, on=D(visited), visitors=[other])

    if not crowded:
        planned(town, "2026-09-28")
        return
    with pytest.raises(Invalid, match="虞景澜") as refused:
        planned(town, "2026-09-28")
    assert refused.value.field == "reason"
    planned(town, "2026-09-28", reason="企业约在这一天")

    assert town.task().planned_on == D("2026-09-28")


def test_one_s_own_visit_is_no_crowd(town: Town) -> None:
    town.generate()
    make.visit(linkage=town.linkage, on=D("2026-09-21"))

    planned(town, "2026-09-28")


def test_of_two_who_plan_from_the_same_page_the_second_is_told(town: Town) -> None:
    town.generate()
    planned(town, "2026-09-28", version=1)

    with pytest.raises(Stale):
        planned(town, "2026-09-29", version=1)


def test_a_stranger_plans_nothing(town: Town) -> None:
    town.generate()
    stranger = make.actor(Role.LIAISON)

    with pytest.raises(NotAllowed), transaction():
        service.plan(town.task(), D("2026-09-28"), version=None, actor=stranger)


# ---- waivers ----


def asked(town: Town) -> None:
    with transaction():
        task = db.session.scalars(select(VisitTask)).one()
        service.ask_exemption(
            task, ExemptGround.STOPPED, "停产检修", version=None, actor=town.liaison
        )


def decided(town: Town, *, approve: bool, answer: str = "", by: Role = Role.DISPATCHER) -> None:
    actor = town.clerk if by is Role.DISPATCHER else make.actor(by)
    with transaction():
        task = db.session.scalars(select(VisitTask)).one()
        service.decide_exemption(task, approve=approve, answer=answer, version=None, actor=actor)


def test_a_visit_is_waived_when_the_office_agrees(town: Town) -> None:
    town.generate()

    asked(town)
    assert town.task().is_owed
    decided(town, approve=True)

    assert town.task().is_waived
    assert queries.completion("2026-09", viewer=town.clerk).d == 0
    told = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [(message.rule, message.recipient_id) for message in told] == [
        ("exemption-asked", town.clerk.user_id),
        ("exemption-decided", town.liaison_id),
    ]


def test_a_refusal_says_why_and_leaves_the_visit_owed(town: Town) -> None:
    town.generate()
    asked(town)

    with pytest.raises(Invalid) as refused:
        decided(town, approve=False)
    assert refused.value.field == "answer"
    decided(town, approve=False, answer="仍在生产")

    task = town.task()
    assert task.is_owed
    assert task.was_refused
    asked(town)  # and may be asked for anew
    assert town.task().awaits_decision


def test_who_asked_does_not_decide(town: Town) -> None:
    town.generate()
    with transaction():
        task = db.session.scalars(select(VisitTask)).one()
        service.ask_exemption(task, ExemptGround.MOVED, "已经搬走", version=None, actor=town.clerk)

    with pytest.raises(NotAllowed, match="另一位"):
        decided(town, approve=True)


@pytest.mark.parametrize("role", [Role.LEADER, Role.LIAISON, Role.CHIEF, Role.SYS_ADMIN])
def test_only_the_office_decides(town: Town, role: Role) -> None:
    town.generate()
    asked(town)

    with pytest.raises(NotAllowed):
        decided(town, approve=True, by=role)


def test_what_is_done_needs_no_waiver(town: Town) -> None:
    town.generate()
    town.record()

    with pytest.raises(Invalid):
        asked(town)
