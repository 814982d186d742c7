"""The year of the demo township: its counts exactly, and every history true."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Tenant, User
from app.accounts.roles import Actor, Role
from app.core import audit, clock
from app.core.db import db
from app.enterprises.models import Enterprise, KeyProject, Linkage
from app.notifications.models import Channel, Message, MessageState
from app.servicedays import queries as servicedays
from app.servicedays.models import ServiceDay
from app.servicedays.workflow import State
from app.tickets import clocks
from app.tickets.models import (
    Category,
    DueChange,
    Proposal,
    ProposalState,
    Revisit,
    SupervisionNote,
    Ticket,
    TicketEvent,
)
from app.tickets.queries import facts
from app.tickets.workflow import table
from app.tickets.workflow.codes import ContactChannel
from app.tickets.workflow.states import UNCOUNTED, Closing, Event, NoteLevel, Outcome, Status
from app.visits import queries
from app.visits.models import (
    COUNTING,
    Campaign,
    FinancingNeed,
    HouseholdCount,
    LaborNeed,
    Mode,
    NeedState,
    PolicyPush,
    Promise,
    PromiseState,
    Recheck,
    StillFine,
    TaskState,
    VillageVisit,
    Visit,
    VisitOutcome,
    VisitTask,
)
from app.workdays.calendar import WorkCalendar
from app.workdays.queries import calendar_of

pytestmark = pytest.mark.usefixtures("app")

OVER = {Status.CLOSED, Status.ARCHIVED}


@pytest.fixture
def tickets(app: Flask) -> list[Ticket]:
    del app  # it is only there
    return list(db.session.scalars(select(Ticket).order_by(Ticket.id)))


@pytest.fixture
def calendar(app: Flask) -> WorkCalendar:
    del app  # it is only there
    return calendar_of(db.session.scalars(select(Tenant.id)).one())


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def titled(words: str) -> Ticket:
    return db.session.scalars(select(Ticket).where(Ticket.title.contains(words))).one()


# ---- the counts ----


def test_it_is_a_demo_whose_clock_shows_the_anchor() -> None:
    assert db.session.scalars(select(Tenant)).one().is_demo
    assert clock.local(clock.now()).isoformat() == "2026-09-30T09:00:00+08:00"


def test_it_has_36_enterprises_11_leaders_13_liaison_officers_and_6_projects() -> None:
    linked = db.session.scalars(select(Linkage).where(Linkage.enterprise_id.is_not(None))).all()
    firms = Counter(link.leader_id for link in linked)

    assert db.session.scalar(select(func.count(Enterprise.id))) == 36
    assert db.session.scalar(select(func.count(KeyProject.id))) == 6
    assert sorted(firms.values(), reverse=True) == [5, 5, 4, 4, 4, 3, 3, 2, 2, 2, 2]
    assert len({link.liaison_id for link in linked}) == 13
    assert Counter(link.tier.label for link in linked) == {"重点": 14, "一般": 22}


def test_of_68_numbers_62_problems_are_collected(tickets: list[Ticket]) -> None:
    numbered = [ticket for ticket in tickets if ticket.number]
    collected = [ticket for ticket in numbered if ticket.status not in UNCOUNTED]
    uncounted = Counter(ticket.status for ticket in numbered if ticket.status in UNCOUNTED)

    assert len(numbered) == len(tickets) == 68
    assert len(collected) == 62
    assert all(ticket.accepted_at for ticket in collected)
    assert uncounted == {Status.REJECTED: 3, Status.MERGED: 2, Status.CANCELLED: 1}


def test_62_are_47_solved_4_explained_2_suspended_and_9_under_way(tickets: list[Ticket]) -> None:
    over = [ticket for ticket in tickets if ticket.status in OVER]
    explained = [ticket for ticket in over if ticket.outcome is Outcome.EXPLAINED]
    under_way = Counter(ticket.status for ticket in tickets if ticket.is_open)

    assert len(over) - len(explained) == 47
    assert len(explained) == 4
    assert under_way == {
        Status.SUSPENDED: 2,
        Status.PENDING_DISPATCH: 1,
        Status.PENDING_SIGN: 1,
        Status.IN_PROGRESS: 5,
        Status.PENDING_REVIEW: 1,
        Status.PENDING_REVISIT: 1,
    }


def test_the_collected_have_the_mix_of_categories(tickets: list[Ticket]) -> None:
    codes = {row.id: row.code for row in db.session.scalars(select(Category))}
    mix = Counter(
        codes[ticket.category_id or 0] for ticket in tickets if ticket.status not in UNCOUNTED
    )

    assert mix == {
        "01": 9,
        "02": 10,
        "03": 7,
        "04": 6,
        "06": 7,
        "07": 4,
        "13": 4,
        "14": 4,
        "08": 3,
        "09": 4,
        "11": 2,
        "12": 1,
        "16": 1,
    }


def test_46_enterprises_say_how_satisfied_they_are_and_5_are_not_reached(
    tickets: list[Ticket],
) -> None:
    scores = Counter(
        db.session.scalars(select(Revisit.result_score).where(Revisit.result_score.is_not(None)))
    )
    closings = Counter(ticket.closing for ticket in tickets if ticket.closing)

    assert scores == {5: 21, 4: 17, 3: 6, 2: 2}
    assert closings == {Closing.REVISITED: 44, Closing.UNSATISFIED: 2, Closing.UNREACHABLE: 5}


def test_it_has_2_returns_4_extensions_1_escalation_and_3_reworks(tickets: list[Ticket]) -> None:
    reworks = select(func.count(TicketEvent.id)).where(TicketEvent.kind == Event.REVISIT_REWORK)

    assert sum(ticket.return_count for ticket in tickets) == 2
    assert sum(ticket.extension_count for ticket in tickets) == 4
    assert sum(ticket.escalation_level > 0 for ticket in tickets) == 1
    assert db.session.scalar(reworks) == 3


def test_324_tasks_are_312_done_9_exempt_and_3_not_done() -> None:
    """The task of September is planned on this morning: its day is not over."""
    states = Counter(db.session.scalars(select(VisitTask.state)))
    september = Counter(
        db.session.scalars(select(VisitTask.state).where(VisitTask.period == "2026-09"))
    )
    exempt = select(VisitTask.linkage_id).where(VisitTask.state == TaskState.EXEMPT)

    assert states == {
        TaskState.DONE: 312,
        TaskState.EXEMPT: 9,
        TaskState.OVERDUE: 2,
        TaskState.PLANNED: 1,
    }
    assert september == {TaskState.DONE: 34, TaskState.EXEMPT: 1, TaskState.PLANNED: 1}
    assert sorted(Counter(db.session.scalars(exempt)).values()) == [4, 5]


def test_the_figures_of_visits_are_312_of_315_and_36_of_36() -> None:
    tenant = db.session.scalars(select(Tenant)).one()
    chief = Actor(tenant_id=tenant.id, user_id=None, role=Role.CHIEF)

    september = queries.coverage("2026-09", viewer=chief)
    year = queries.coverage("2026-09", viewer=chief, since="2026-01")

    assert (september.completed.n, september.completed.d) == (34, 35)
    assert (september.completed.percent, september.covered.percent) == ("97.1%", "97.1%")
    assert (year.completed.n, year.completed.d, year.completed.percent) == (312, 315, "99.0%")
    assert (year.covered.n, year.covered.d, year.covered.percent) == (36, 36, "100.0%")
    assert year.timely.d == year.problems.d == 378
    assert (september.overdue, year.overdue) == (0, 2)  # September's last day is not over


def test_378_visits_reach_all_36_enterprises_and_27_are_on_4_service_days() -> None:
    visits = db.session.scalars(select(Visit)).all()
    service_days = Counter(visit.visited_on for visit in visits if visit.mode is Mode.SERVICE_DAY)

    assert len(visits) == 378
    assert len({visit.enterprise_id for visit in visits if visit.mode in COUNTING}) == 36
    assert len(service_days) == 4
    assert sum(service_days.values()) == 27


def test_7_enterprises_look_for_money_and_9_for_hands() -> None:
    money = db.session.scalars(select(FinancingNeed)).all()
    hands = db.session.scalars(select(LaborNeed)).all()

    assert len({need.enterprise_id for need in money}) == len(money) == 7
    assert sum(need.amount_wan for need in money) == 4650
    assert sum(need.amount_wan for need in money if need.state is NeedState.MET) == 1900
    assert len({need.enterprise_id for need in hands}) == len(hands) == 9
    assert sum(need.headcount for need in hands) == 186
    assert sum(need.headcount for need in hands if need.state is NeedState.MET) == 112


def test_most_promises_were_kept_and_some_are_still_open() -> None:
    states = Counter(db.session.scalars(select(Promise.state)))

    assert states[PromiseState.KEPT] > 4 * states[PromiseState.OPEN] > 0
    assert set(states) == {PromiseState.KEPT, PromiseState.OPEN}
    assert set(db.session.scalars(select(Recheck.answer))) == {StillFine.FINE}


def test_two_attempts_came_to_nothing_and_completed_no_task() -> None:
    failed = db.session.scalars(select(Visit).where(Visit.outcome != VisitOutcome.VISITED)).all()
    completing = select(VisitTask.visit_id).where(VisitTask.visit_id.in_([v.id for v in failed]))

    assert {v.outcome for v in failed} == {VisitOutcome.DECLINED, VisitOutcome.NOT_FOUND}
    assert not any(v.counts for v in failed)
    assert db.session.scalars(completing).all() == []


def test_campaigns_policies_villages_and_households_are_there() -> None:
    campaigns = dict(
        db.session.execute(
            select(Campaign.name, func.count(Visit.id))
            .join(Visit, Visit.campaign_id == Campaign.id)
            .group_by(Campaign.name)
        ).all()
    )
    days = Counter(db.session.scalars(select(VillageVisit.leader_id)))

    assert set(campaigns) == {"新春访万企", "金秋助企行动"}
    assert min(campaigns.values()) > 10
    assert db.session.scalar(select(func.count(PolicyPush.document_id.distinct()))) == 4
    assert len(days) == 11
    assert set(days.values()) == {8, 9}
    assert db.session.scalar(select(func.count(HouseholdCount.id))) == 9 * 11


def test_the_4_service_days_were_held_by_whom_the_visits_say_and_one_is_to_come() -> None:
    days = db.session.scalars(select(ServiceDay).order_by(ServiceDay.held_on)).all()
    found = servicedays.tallies([day.id for day in days])

    assert [(str(day.held_on), day.state) for day in days] == [
        ("2026-03-26", State.HELD),
        ("2026-05-21", State.HELD),
        ("2026-07-16", State.HELD),
        ("2026-09-17", State.HELD),
        ("2026-10-15", State.ANNOUNCED),
    ]
    assert [found[day.id].came for day in days] == [7, 7, 7, 6, 0]
    assert [found[day.id].problems for day in days] == [1, 1, 1, 2, 0]
    assert [found[day.id].open for day in days] == [0, 0, 0, 2, 0]
    assert found[days[-1].id].booked == 5


# ---- where things stand on the morning of the anchor ----


@pytest.mark.parametrize(
    ("title", "colour", "due"),
    [
        ("园区东路限高架挡住大件运输", "yellow", "2026-10-09T17:30"),
        ("消防检查标准前后不一", "yellow", "2026-10-08T17:30"),
        ("2025 年技改奖补资金", "red", "2026-09-24T17:30"),
        ("高新技术企业复审", "green", "2026-10-15T17:30"),
        ("厂区水压不足", "green", "2026-10-10T17:30"),
        ("想招两名模具维修工", "green", "2026-10-12T17:30"),
        ("扩建厂房用地性质调整", "grey", ""),
        ("矿石夜间运输路线", "grey", ""),
    ],
)
def test_each_light_is_as_it_should_be(
    calendar: WorkCalendar, title: str, colour: str, due: str
) -> None:
    ticket = titled(title)

    light = clocks.handling_light(
        ticket.status, ticket.due_at, ticket.warn_on, calendar=calendar, now=clock.now()
    )

    assert light
    assert light.colour == colour
    assert not due or ticket.due_at == at(due)


def test_the_red_one_has_a_blue_note_that_waits_for_an_answer() -> None:
    note = db.session.scalars(select(SupervisionNote)).one()

    assert note.ticket is titled("2025 年技改奖补资金")
    assert note.level is NoteLevel.BLUE
    assert clock.local(note.raised_at).isoformat() == "2026-09-29T08:45:00+08:00"
    assert note.answered_at is None


def test_the_suspended_ones_wait_for_the_plan_and_for_county_funds() -> None:
    plan, road = titled("扩建厂房用地性质调整"), titled("塘口机耕路")

    assert str(plan.next_review_on) == "2026-10-15"
    assert plan.renewal_count == 1
    assert road.status is Status.SUSPENDED
    assert "县级" in road.events[-1].payload["plan"]


def test_the_one_in_review_came_yesterday_at_1640_and_the_call_at_1510_was_missed() -> None:
    review, revisit = titled("矿石夜间运输路线"), titled("手工瓷器版权登记")

    assert review.reply_submitted_at == at("2026-09-29T16:40")
    calls = [attempt for attempt in revisit.revisits if attempt.message_id is None]
    assert [call.reached for call in calls] == [False, False]
    assert calls[-1].at == at("2026-09-29T15:10")


def test_the_rework_is_in_its_second_round() -> None:
    assert titled("厂区水压不足").status_label == "重办中"


# ---- every history is true ----


def test_every_history_is_a_path_of_the_table(tickets: list[Ticket]) -> None:
    steps = {event.value for event in Event}
    for ticket in tickets:
        taken = [event for event in ticket.events if event.kind in steps]

        assert taken[0].kind == Event.SUBMIT
        assert taken[-1].target is ticket.status
        for event in taken:
            assert table.step(event.source, Event(event.kind)).target is event.target
        for before, after in pairwise(taken):
            assert before.target is after.source
        assert [event.at for event in ticket.events] == sorted(e.at for e in ticket.events)


def test_people_work_in_working_hours(tickets: list[Ticket], calendar: WorkCalendar) -> None:
    moments = [event.at for ticket in tickets for event in ticket.events if event.actor_id]
    moments += db.session.scalars(select(Visit.recorded_at)).all()

    assert [m for m in moments if not calendar.is_working_time(m)] == []
    assert max(moments) <= clock.now()


def test_nobody_decides_on_what_they_asked_for() -> None:
    proposals = db.session.scalars(select(Proposal)).all()

    assert {proposal.state for proposal in proposals} == {ProposalState.APPROVED}
    for proposal in proposals:
        people = [proposal.asked_by_id, proposal.decided_by_id]
        people += [proposal.checked_by_id] if proposal.checked_by_id else []
        assert len(set(people)) == len(people)


def test_nobody_who_handled_asks_the_enterprise(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        assert not {revisit.by_id for revisit in ticket.revisits} & facts.handled_by(ticket.id)


def test_a_problem_is_closed_only_after_a_revisit(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        if ticket.closing is Closing.UNREACHABLE:
            tries = [attempt for attempt in ticket.revisits if not attempt.reached]
            assert len(tries) >= 3
            assert len({clock.local(attempt.at).date() for attempt in tries}) >= 2
            assert ContactChannel.LINK in {attempt.channel for attempt in tries}
        elif ticket.closing:
            assert any(attempt.reached for attempt in ticket.revisits)


def test_every_deadline_that_stands_has_a_row_that_says_why(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        if ticket.due_at:
            moved = [c for c in ticket.due_history if c.clock.value == "handle"]
            assert moved[-1].due_at == ticket.due_at
    assert db.session.scalar(select(func.count(DueChange.id)).where(~DueChange.confirmed)) == 0


def test_numbers_follow_the_days(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        assert ticket.number
        assert ticket.submitted_at
        assert ticket.number.startswith(f"QS{clock.local(ticket.submitted_at):%Y%m%d}-")
    assert sorted(t.number or "" for t in tickets) == [t.number for t in tickets]


def test_the_audit_log_holds() -> None:
    assert audit.first_break({}) is None


def test_the_mail_of_each_first_working_day_lies_in_the_outbox(township: Path) -> None:
    mails = db.session.scalars(
        select(Message).where(Message.rule == "R1", Message.channel == Channel.MAIL)
    ).all()
    days = Counter(clock.local(mail.created_at).isoformat() for mail in mails)
    letters = Counter(path.name[:13] for path in (township / "outbox").glob("*-R1-*.eml"))

    assert {mail.state for mail in mails} == {MessageState.SENT}
    assert len(days) == 9
    assert set(days.values()) == {24}
    assert "2026-09-01T08:35:00+08:00" in days
    assert letters["20260901-0835"] == 24
    assert sum(letters.values()) == 9 * 24


def test_nobody_of_the_liaison_officers_belongs_to_a_unit_that_handles() -> None:
    people = db.session.scalars(select(User)).all()
    for person in people:
        roles = {held.role: held.unit_id for held in person.roles}
        if Role.LIAISON in roles:
            assert not {Role.HANDLER, Role.DEPT_HEAD} & set(roles)
