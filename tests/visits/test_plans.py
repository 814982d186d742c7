"""无事不扰: nobody crowds an enterprise unknowingly; one goes together, or says why not."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotAllowed, NotFound, Stale
from app.core.transactions import transaction
from app.enterprises.models import Linkage
from app.notifications.models import Channel, Message
from app.visits import queries, service
from app.visits.models import TaskState, VisitPlan, VisitTask
from app.visits.queries import Errand
from tests import make
from tests.visits.town import LONG_AGO, Town, go_to, open_town

pytestmark = pytest.mark.usefixtures("app")
ClientFor = Callable[[User | Actor], FlaskClient]
D = date.fromisoformat


class Two:
    """Two parties who go to one firm: the town's, and who looks after the project it builds."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.other_leader = make.actor(Role.LEADER, name="虞景澜")
        self.other_liaison = make.actor(Role.LIAISON, name="褚念慈")
        building = make.project("冷链仓储中心", enterprise_id=town.linkage.enterprise_id)
        link = make.linkage(
            project=building,
            leader=db.session.get_one(User, self.other_leader.user_id),
            liaison=db.session.get_one(User, self.other_liaison.user_id),
            valid_from=D("2026-01-01"),
            created_at=LONG_AGO,
        )
        self.other_link_id = link.id
        town.generate()

    def task_of(self, link_id: int) -> VisitTask:
        db.session.rollback()
        return db.session.scalars(select(VisitTask).where(VisitTask.linkage_id == link_id)).one()

    @property
    def mine(self) -> VisitTask:
        return self.task_of(self.town.linkage_id)

    @property
    def theirs(self) -> VisitTask:
        return self.task_of(self.other_link_id)

    def plan(self, day: str, *, other: bool = False, reason: str = "") -> None:
        task_id = (self.theirs if other else self.mine).id
        actor = self.other_leader if other else self.town.liaison
        with transaction():
            task = db.session.get_one(VisitTask, task_id)
            service.plan(task, D(day), reason=reason, version=None, actor=actor)

    def join(self, other_id: int = 0, *, actor: Actor | None = None) -> None:
        mine, theirs = self.mine.id, other_id or self.theirs.id
        with transaction():
            task = db.session.get_one(VisitTask, mine)
            service.join(task, theirs, version=None, actor=actor or self.town.liaison)

    def do(
        self,
        verb: Callable[..., None],
        *,
        other: bool = False,
        actor: Actor | None = None,
        version: int | None = None,
    ) -> None:
        task_id = (self.theirs if other else self.mine).id
        who = actor or (self.other_liaison if other else self.town.liaison)
        with transaction():
            verb(db.session.get_one(VisitTask, task_id), version=version, actor=who)

    def errand(self, *, other: bool = False) -> Errand:
        task = self.theirs if other else self.mine
        viewer = self.other_liaison if other else self.town.liaison
        (found,) = queries.errands([task], viewer=viewer, today=clock.today())
        return found


@pytest.fixture
def two(app: Flask) -> Two:
    del app
    return Two(open_town())


def told(rule: str) -> list[tuple[int | None, str]]:
    db.session.rollback()
    rows = db.session.scalars(
        select(Message)
        .where(Message.rule == rule, Message.channel == Channel.INBOX)
        .order_by(Message.id)
    )
    return [(row.recipient_id, row.subject.format(**row.context)) for row in rows]


def open_plans() -> list[VisitPlan]:
    db.session.rollback()
    found = select(VisitPlan).where(VisitPlan.ended_at.is_(None)).order_by(VisitPlan.id)
    return list(db.session.scalars(found))


# ---- who is named ----


def test_who_visits_the_project_of_a_firm_crowds_the_firm(two: Two) -> None:
    two.plan("2026-09-25", other=True)

    with pytest.raises(Invalid, match="虞景澜、褚念慈") as refused:
        two.plan("2026-09-28")

    assert refused.value.field == "reason"
    assert two.mine.planned_on is None


@pytest.mark.parametrize(("day", "crowded"), [("2026-09-28", True), ("2026-09-29", False)])
def test_seven_days_are_too_near_and_eight_are_not(two: Two, day: str, *, crowded: bool) -> None:
    make.visit(
        linkage=db.session.get_one(Linkage, two.other_link_id),
        on=D("2026-09-21"),
        visitors=[db.session.get_one(User, two.other_leader.user_id)],
    )

    if crowded:
        with pytest.raises(Invalid):
            two.plan(day)
    else:
        two.plan(day)
        assert two.mine.planned_on == D(day)


def test_who_goes_anyway_says_why_and_the_others_hear_of_it(two: Two) -> None:
    two.plan("2026-09-25", other=True)

    two.plan("2026-09-28", reason="企业约在这一天验收")

    assert two.mine.planned_on == D("2026-09-28")
    assert open_plans()[-1].reason == "企业约在这一天验收"
    assert {who for who, _words in told("visit-near")} == {
        two.other_leader.user_id,
        two.other_liaison.user_id,
    }


def test_two_leaders_with_the_same_liaison_officer_are_two_visits(two: Two) -> None:
    with transaction():
        db.session.get_one(Linkage, two.other_link_id).liaison_id = two.town.liaison_id
    two.plan("2026-09-25", other=True)

    with pytest.raises(Invalid, match="虞景澜"):
        two.plan("2026-09-28")
    with transaction():
        db.session.get_one(Linkage, two.other_link_id).leader_id = two.town.leader_id
    two.plan("2026-09-28")

    assert two.mine.planned_on == D("2026-09-28")


def test_of_two_who_plan_one_after_the_other_both_see_it(two: Two) -> None:
    two.plan("2026-09-25", other=True)
    two.plan("2026-09-28", reason="企业约在这一天验收")

    assert [one.on for one in two.errand().near] == [D("2026-09-25")]
    assert [one.on for one in two.errand(other=True).near] == [D("2026-09-28")]


def test_one_s_own_plan_is_no_crowd_not_even_for_the_office(two: Two) -> None:
    two.plan("2026-09-25")
    task_id = two.mine.id

    with transaction():
        task = db.session.get_one(VisitTask, task_id)
        service.plan(task, D("2026-09-28"), version=None, actor=two.town.clerk)

    assert two.mine.planned_on == D("2026-09-28")


def test_of_two_who_plan_at_the_same_moment_only_one_does_so_unknowingly(
    app: Flask, two: Two
) -> None:
    tasks = {False: two.mine.id, True: two.theirs.id}
    actors = {False: two.town.liaison, True: two.other_liaison}
    db.session.remove()
    start = Barrier(2)

    def attempt(other: bool) -> str:  # noqa: FBT001 - handed over by a pool
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    task = db.session.get_one(VisitTask, tasks[other])
                    service.plan(task, D("2026-09-28"), version=None, actor=actors[other])
            except DomainError as error:
                return error.field
            finally:
                db.session.remove()
            return "planned"

    for _round in range(3):
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(attempt, (False, True))) == ["planned", "reason"]
        with transaction():
            for plan in db.session.scalars(select(VisitPlan)):
                plan.ended_at = clock.now()
            for task in db.session.scalars(select(VisitTask)):
                task.planned_on = None
        db.session.remove()


# ---- together ----


def test_one_button_joins_the_other_s_plan_and_both_appear_as_going_together(
    two: Two, client_for: ClientFor
) -> None:
    two.plan("2026-09-25", other=True)
    browser = client_for(two.town.liaison)
    address = f"/visits/tasks/{two.mine.id}/plan/join/{two.theirs.id}"
    assert address in browser.get("/visits/mine").text
    assert address in browser.get(f"/visits/tasks/{two.mine.id}/plan").text

    answer = browser.post(address, data={"idempotency_key": "a" * 32, "version": "1"})

    assert answer.status_code == 303
    assert two.mine.planned_on == D("2026-09-25")
    assert "虞景澜、褚念慈" in browser.get("/visits/mine").text
    assert [p.task_id for p in two.errand(other=True).planned.together] == [two.mine.id]
    assert two.errand().near == []
    assert two.errand(other=True).near == []
    assert {who for who, _words in told("visit-joined")} == {
        two.other_leader.user_id,
        two.other_liaison.user_id,
    }
    assert all(two.town.liaison.name in words for _who, words in told("visit-joined"))


def test_joining_twice_by_a_double_click_is_joining_once(two: Two, client_for: ClientFor) -> None:
    two.plan("2026-09-25", other=True)
    browser = client_for(two.town.liaison)
    address = f"/visits/tasks/{two.mine.id}/plan/join/{two.theirs.id}"

    for _ in range(2):
        sent = {"idempotency_key": "a" * 32, "version": "1"}
        assert browser.post(address, data=sent).status_code == 303

    assert len(open_plans()) == 2


def test_taking_it_back_brings_the_day_before_back(two: Two) -> None:
    two.plan("2026-09-22")
    two.plan("2026-09-30", other=True)
    two.join()

    two.do(service.leave)

    assert two.mine.planned_on == D("2026-09-22")
    assert two.theirs.planned_on == D("2026-09-30")
    assert two.errand().planned.together == []
    assert {who for who, _words in told("visit-left")} == {
        two.other_leader.user_id,
        two.other_liaison.user_id,
    }


def test_taking_it_back_without_a_day_before_leaves_none(two: Two) -> None:
    two.plan("2026-09-25", other=True)
    two.join()

    two.do(service.leave)

    assert two.mine.planned_on is None
    with pytest.raises(Invalid):
        two.do(service.leave)


def test_when_the_host_changes_the_day_the_guest_goes_along_and_is_told(two: Two) -> None:
    two.plan("2026-09-25", other=True)
    two.join()

    two.plan("2026-09-29", other=True)

    assert two.mine.planned_on == D("2026-09-29")
    assert two.errand().planned.is_guest
    assert {who for who, _words in told("visit-moved")} == {
        two.town.leader_id,
        two.town.liaison_id,
    }


def test_when_the_host_gives_up_the_guest_still_goes_alone_and_is_told(two: Two) -> None:
    two.plan("2026-09-25", other=True)
    two.join()

    two.do(service.cancel_plan, other=True)

    assert two.theirs.planned_on is None
    assert two.mine.planned_on == D("2026-09-25")
    assert not two.errand().planned.is_guest
    assert {who for who, _words in told("visit-given-up")} == {
        two.town.leader_id,
        two.town.liaison_id,
    }


def test_what_is_not_planned_or_of_another_firm_is_not_joined(two: Two) -> None:
    stranger = make.task(planned_on=D("2026-09-25"))
    theirs, other = two.theirs.id, stranger.id

    for wrong in (theirs, other, 999_999):
        with pytest.raises(NotFound):
            two.join(wrong)
    assert open_plans() == []


def test_a_day_that_was_noted_before_plans_were_rows_may_be_joined_and_cancelled(two: Two) -> None:
    with transaction():
        db.session.get_one(VisitTask, two.theirs.id).planned_on = D("2026-09-25")

    two.join()
    two.do(service.cancel_plan, other=True)

    assert two.mine.planned_on == D("2026-09-25")
    assert two.theirs.planned_on is None


def test_only_who_owes_it_plans_joins_and_cancels(two: Two) -> None:
    two.plan("2026-09-25", other=True)

    for actor in (make.actor(Role.LIAISON), make.actor(Role.CHIEF), two.town.liaison):
        with pytest.raises(NotAllowed):
            two.do(service.cancel_plan, other=True, actor=actor)
    with pytest.raises(NotAllowed):
        two.join(actor=two.other_liaison)


def test_a_plan_is_cancelled_by_a_button_on_its_page(two: Two, client_for: ClientFor) -> None:
    two.plan("2026-09-28")
    browser, task = client_for(two.town.liaison), two.mine
    address = f"/visits/tasks/{task.id}/plan/cancel"
    assert address in browser.get(f"/visits/tasks/{task.id}/plan").text
    sent = {"idempotency_key": "a" * 32, "version": str(task.version)}

    assert browser.post(address, data=sent).status_code == 303

    assert two.mine.planned_on is None
    assert open_plans() == []


def test_a_stale_button_is_refused_on_the_page_of_the_plan(two: Two, client_for: ClientFor) -> None:
    two.plan("2026-09-28")
    address = f"/visits/tasks/{two.mine.id}/plan/cancel"

    answer = client_for(two.town.liaison).post(
        address, data={"idempotency_key": "a" * 32, "version": "1"}
    )

    assert answer.status_code == 409
    assert "有人改过" in answer.text
    assert two.mine.planned_on == D("2026-09-28")


# ---- what ends a plan ----


def test_a_visit_ends_the_plan_of_what_it_completes(two: Two) -> None:
    two.plan("2026-09-21")

    two.town.record()

    assert two.mine.state is TaskState.DONE
    assert open_plans() == []


def test_a_telephone_call_does_not(two: Two) -> None:
    two.plan("2026-09-21")

    two.town.record(mode="phone")

    assert len(open_plans()) == 1


def test_what_nobody_owes_any_more_is_not_planned(two: Two) -> None:
    two.plan("2026-09-28")
    with transaction():
        db.session.get_one(Linkage, two.town.linkage_id).valid_to = D("2026-09-20")

    two.town.generate()

    assert two.mine.state is TaskState.CANCELLED
    assert open_plans() == []


def test_recording_a_visit_names_who_else_goes_and_tells_them(
    two: Two, client_for: ClientFor
) -> None:
    two.plan("2026-09-25", other=True)
    browser = client_for(two.town.liaison)
    assert "虞景澜、褚念慈" in browser.get(f"/visits/new?task={two.mine.id}").text

    visit = two.town.record()

    assert {who for who, _words in told("visit-made-near")} == {
        two.other_leader.user_id,
        two.other_liaison.user_id,
    }
    assert "虞景澜、褚念慈" in browser.get(f"/visits/{visit.id}").text


def test_who_went_along_is_not_told_of_it(two: Two) -> None:
    two.plan("2026-09-25", other=True)

    two.town.record(visitor_ids=(two.town.liaison_id, two.other_liaison.user_id))

    assert [who for who, _words in told("visit-made-near")] == [two.other_leader.user_id]


def test_a_firm_is_asked_about_without_a_task_too(two: Two) -> None:
    two.plan("2026-09-25", other=True)
    firm_id = two.town.linkage.enterprise_id or 0

    found = queries.neighbours_of_firm(firm_id, on=D("2026-09-28"), but=two.town.liaison)

    assert [(one.names, one.on) for one in found] == [("虞景澜、褚念慈", D("2026-09-25"))]
    own = queries.neighbours_of_firm(firm_id, on=D("2026-09-28"), but=two.other_liaison)
    assert own == []


def test_of_two_buttons_pressed_on_the_same_page_the_second_is_told(two: Two) -> None:
    two.plan("2026-09-28")
    version = two.mine.version
    two.plan("2026-09-29")

    with pytest.raises(Stale):
        two.do(service.cancel_plan, version=version)


@pytest.mark.parametrize("more", [0, 6])
def test_one_s_month_takes_as_many_statements_however_many_plans_there_are(
    two: Two, client_for: ClientFor, statements: list[str], more: int
) -> None:
    two.plan("2026-09-25", other=True)
    two.join()
    liaison = db.session.get_one(User, two.town.liaison_id)
    for _ in range(more):
        link = make.linkage(liaison=liaison, created_at=LONG_AGO)
        rival = make.linkage(
            project=make.project(enterprise_id=link.enterprise_id), created_at=LONG_AGO
        )
        task = make.task(linkage=link, planned_on=D("2026-09-28"))
        make.task(linkage=rival, planned_on=D("2026-09-27"))
        with transaction():
            db.session.add(
                VisitPlan(
                    tenant_id=task.tenant_id,
                    task_id=task.id,
                    planned_on=D("2026-09-28"),
                    made_at=clock.now(),
                )
            )
    browser = client_for(two.town.liaison)
    browser.get("/visits/mine")
    statements.clear()

    page = browser.get("/visits/mine")

    assert page.status_code == 200
    assert len(statements) <= MOST, len(statements)


MOST = 24


def test_the_plan_of_yesterday_is_not_brought_back(
    two: Two, frozen_clock: time_machine.Traveller
) -> None:
    two.plan("2026-09-22")
    two.plan("2026-09-30", other=True)
    two.join()
    go_to(frozen_clock, "2026-09-23")

    two.do(service.leave)

    assert two.mine.planned_on is None
    assert clock.today() - timedelta(days=1) == D("2026-09-22")
