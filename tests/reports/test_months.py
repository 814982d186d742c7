"""A month that is frozen: counted at its cut-off, never changed, and told to the director once."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from threading import Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app import schedule
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.spans import Span
from app.core.transactions import transaction
from app.notifications import jobs as notifications
from app.reports import jobs, service
from app.reports.calendar import span_of
from app.reports.models import ReportSnapshot
from app.reports.queries import coverage, months
from app.tickets.queries import figures
from app.tickets.queries.figures import Rate
from app.tickets.workflow.states import Complexity, Event, Outcome, Solved, Status
from app.visits.calendar import Month
from app.visits.models import Mode, TaskState
from app.workdays.queries import calendar_of
from tests import make
from tests.guarded import unguarded
from tests.office import Office, approve, reply
from tests.reports.house import go_to, open_house, sent_to, text_of, walk_in_confidence

pytestmark = pytest.mark.usefixtures("app")
Clock = time_machine.Traveller
Sent = Callable[[], list[EmailMessage]]
SEPTEMBER = Month(2026, 9)
THIRD = "2026-10-10"  # the third workday of October


@pytest.fixture
def office() -> Office:
    return open_house()


def freeze(office: Office, period: str = "2026-09") -> bool:
    with transaction():
        return service.freeze(office.tenant_id, period)


def snapshots() -> list[ReportSnapshot]:
    db.session.rollback()
    return list(db.session.scalars(select(ReportSnapshot).order_by(ReportSnapshot.id)))


def content(office: Office) -> dict[str, object]:
    return months.content_of(office.tenant_id, SEPTEMBER)


# ---- what is counted, by real steps ----


def facts(office: Office, span: Span | None = None) -> tuple[figures.Facts, Span]:
    db.session.rollback()
    whole = span or span_of(SEPTEMBER)
    return figures.read(office.tenant_id, whole, calendar_of(office.tenant_id)), whole


def test_a_problem_that_walked_the_loop_is_counted_everywhere_it_belongs(office: Office) -> None:
    office.walk_to(Status.CLOSED)

    given = facts(office)

    assert figures.collected(*given) == figures.solved(*given) == figures.closed(*given) == 1
    assert figures.dispatched(*given) == 1
    assert figures.response_rate(*given) == Rate(1, 1)
    assert figures.on_time(*given).rate == Rate(1, 1)
    assert figures.resolution_rate(*given) == Rate(1, 1)
    assert figures.satisfaction_rate(*given) == Rate(1, 1)
    assert figures.revisit_rate(*given) == Rate(1, 1)
    assert figures.mean_days(*given).n == 1


@pytest.mark.parametrize(
    "status", [Status.DRAFT, Status.PENDING_ACCEPTANCE, Status.PENDING_DISPATCH, Status.SUSPENDED]
)
def test_what_is_not_accepted_is_not_collected(office: Office, status: Status) -> None:
    office.walk_to(status)

    given = facts(office)

    assert figures.collected(*given) == int(status not in {Status.DRAFT, Status.PENDING_ACCEPTANCE})
    assert figures.suspended(*given) == int(status is Status.SUSPENDED)


def test_what_was_cancelled_by_the_cutoff_was_never_valid(office: Office) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    office.take(Event.CANCEL, Role.DISPATCHER)

    assert figures.collected(*facts(office)) == 0


def test_what_happened_after_the_cutoff_changes_nothing(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVISIT)
    open_then = facts(office)
    go_to(frozen_clock, "2026-10-09T10:00")
    office.revisit()

    later = facts(office)

    assert later[0].cases == open_then[0].cases
    assert figures.closed(*later) == 0
    october = facts(office, span_of(SEPTEMBER.following))
    assert figures.closed(*october) == figures.carried_over(*october) == 1


def test_what_was_closed_and_is_opened_again_afterwards_stays_closed_in_its_month(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.CLOSED)
    go_to(frozen_clock, "2026-10-09T10:00")
    office.propose(Event.REOPEN, Role.DISPATCHER)
    office.decide(Role.OFFICE_DIRECTOR)

    assert figures.solved(*facts(office)) == 1


def test_the_deadline_of_the_first_round_counts_however_many_follow(
    office: Office, frozen_clock: Clock
) -> None:
    office.walk_to(Status.PENDING_REVISIT)  # answered on the first day
    first_due = office.ticket.due_at
    go_to(frozen_clock, "2026-09-23T10:00")
    office.revisit(solved=Solved.NO, result_score=1)

    (case,) = facts(office)[0].cases

    assert office.ticket.due_at != first_due
    assert case.due_at == first_due
    assert figures.on_time(*facts(office)).rate == Rate(1, 1)
    reply(office)
    approve(office)
    assert figures.on_time(*facts(office)).rate == Rate(1, 1)


def test_an_extension_moves_the_deadline_and_is_counted_of_its_unit(office: Office) -> None:
    office.walk_to(Status.IN_PROGRESS)
    before = office.ticket.due_at
    office.propose(Event.APPROVE_EXTENSION, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)

    (case,) = facts(office)[0].cases
    (line,) = months.content_of(office.tenant_id, SEPTEMBER)["units"]

    assert case.due_at is not None
    assert before is not None
    assert case.due_at > before
    assert line["numbers"]["extended"] == 1


def test_what_was_answered_on_the_spot_has_no_deadline_and_counts_as_answered(
    office: Office,
) -> None:
    office.walk_to(Status.PENDING_DISPATCH)
    with transaction():
        office.ticket.complexity = Complexity.CONSULT
    office.take(Event.CLOSE_ON_SITE, Role.DISPATCHER)

    given = facts(office)

    assert figures.on_time(*given).rate == Rate(0, 0)
    assert figures.response_rate(*given) == Rate(1, 1)
    assert figures.mean_days(*given).n == 0
    assert given[0].cases[0].outcome is Outcome.RESOLVED


def test_a_unit_that_gave_it_back_is_told_of_its_dispatch_and_its_return(office: Office) -> None:
    office.walk_to(Status.PENDING_SIGN)
    office.propose(Event.APPROVE_RETURN, Role.DEPT_HEAD)
    office.decide(Role.OFFICE_DIRECTOR)
    office.take(Event.DISPATCH, Role.DISPATCHER, lead_unit_id=office.other_unit_id)

    lines = [line["numbers"] for line in months.content_of(office.tenant_id, SEPTEMBER)["units"]]

    assert [(line["dispatched"], line["returned"]) for line in lines] == [(1, 1), (1, 0)]


def test_what_is_confidential_is_counted_in_the_sums_and_in_no_line_by_unit(
    office: Office,
) -> None:
    walk_in_confidence(office)

    found = months.content_of(office.tenant_id, SEPTEMBER)

    assert found["counts"]["accepted"] == found["told"]["collected"] == 1
    assert found["units"] == []


def test_counting_costs_the_same_however_many_problems_there_are(
    office: Office, statements: list[str]
) -> None:
    def counted() -> int:
        db.session.rollback()
        statements.clear()
        content(office)
        return len(statements)

    office.walk_to(Status.CLOSED)
    few = counted()
    for _ in range(5):
        office.walk_to(Status.CLOSED)

    assert counted() <= few


def test_another_township_is_another_count(office: Office) -> None:
    office.walk_to(Status.CLOSED)
    far = make.tenant("别处镇")

    found = months.content_of(far.id, SEPTEMBER)

    assert found["counts"]["accepted"] == 0
    assert found["told"]["leaders"] == 0


# ---- visits ----


def test_the_visits_of_a_month_are_those_recorded_by_its_end(frozen_clock: Clock) -> None:
    go_to(frozen_clock, "2026-09-29T10:00")
    linkages = [make.linkage() for _ in range(4)]
    tenant_id = linkages[0].tenant_id
    done, waived, missed, late = (make.task(linkage=link) for link in linkages)
    visit = make.visit(linkage=linkages[0], visitors=[linkages[0].leader])
    make.visit(linkage=linkages[2], mode=Mode.PHONE)
    make.visit(linkage=linkages[2], mode=Mode.SERVICE_DAY, counts=False)
    done.state, done.visit_id = TaskState.DONE, visit.id
    waived.state, missed.state = TaskState.EXEMPT, TaskState.OVERDUE
    go_to(frozen_clock, "2026-10-09T10:00")
    entered = make.visit(linkage=linkages[3], on=clock.today() - timedelta(days=10))
    late.state, late.visit_id = TaskState.DONE, entered.id
    db.session.commit()

    found = coverage.read(tenant_id, span_of(SEPTEMBER))

    assert found.completion == Rate(1, 3)
    assert found.coverage == Rate(1, 3)
    assert found.led == Rate(1, 1)
    assert (found.overdue, found.visits, found.on_site, found.in_person) == (2, 3, 1, 1)


def test_who_looks_after_whom_is_counted_on_the_cutoff_day(frozen_clock: Clock) -> None:
    go_to(frozen_clock, "2026-09-29T10:00")
    leader = make.user(Role.LEADER)
    first = make.linkage(leader=leader)
    make.linkage(leader=leader, project=make.project())
    make.linkage(valid_to=SEPTEMBER.last - timedelta(days=1))
    make.linkage(valid_from=SEPTEMBER.following.first)

    found = coverage.links(first.tenant_id, span_of(SEPTEMBER))

    assert (found.leaders, found.liaisons, found.enterprises, found.projects) == (1, 2, 1, 1)


# ---- freezing ----


@pytest.mark.parametrize(
    ("when", "frozen"),
    [
        ("2026-10-09T23:00", []),
        (f"{THIRD}T05:59", []),
        (f"{THIRD}T06:00", ["2026-09"]),
        ("2026-10-11T12:00", []),  # a Sunday: it is made good on the Monday
        ("2026-10-13T08:00", ["2026-09"]),  # the scheduler slept
    ],
)
def test_a_month_is_frozen_at_0600_of_the_third_workday(
    office: Office, frozen_clock: Clock, when: str, frozen: list[str]
) -> None:
    del office
    go_to(frozen_clock, when)

    jobs.freeze_month()

    assert [one.period for one in snapshots()] == frozen


def test_a_month_is_frozen_once_and_never_changed(office: Office, frozen_clock: Clock) -> None:
    office.walk_to(Status.CLOSED)
    go_to(frozen_clock, f"{THIRD}T06:00")
    assert freeze(office)
    kept = (snapshots()[0].sha256, snapshots()[0].content)
    office.walk_to(Status.CLOSED)

    assert not freeze(office)
    go_to(frozen_clock, "2026-10-30T06:00")
    jobs.freeze_month()

    (only,) = snapshots()
    assert (only.sha256, only.content) == kept
    assert only.sha256 == months.digest(only.content)
    assert f"{clock.local(only.cutoff_at):%Y-%m-%d %H:%M}" == "2026-10-01 00:00"


def test_a_month_before_the_office_began_has_no_report(office: Office, frozen_clock: Clock) -> None:
    go_to(frozen_clock, "2026-01-08T08:35")
    jobs.freeze_month()
    jobs.send_r10()

    assert office.tenant_id  # whose enterprises are looked after from this January on
    assert snapshots() == []
    assert sent_to("R10") == []


def test_two_schedulers_at_once_freeze_a_month_once(
    app: Flask, office: Office, frozen_clock: Clock
) -> None:
    del office
    go_to(frozen_clock, f"{THIRD}T08:35")
    db.session.rollback()

    def run() -> None:
        with app.app_context():
            jobs.freeze_month()
            jobs.send_r10()

    both = [Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len(snapshots()) == 1
    assert sent_to("R10") == [("虞景澜", "2026-09")]


def test_what_was_tampered_with_is_not_shown(office: Office, frozen_clock: Clock) -> None:
    go_to(frozen_clock, f"{THIRD}T06:00")
    freeze(office)
    (kept,) = snapshots()
    more = kept.content | {"V6": 99}
    with unguarded("report_snapshots"), transaction():
        db.session.execute(update(ReportSnapshot).values(content=more))

    with pytest.raises(DomainError, match="不一样"):
        months.get("2026-09", viewer=office.actor(Role.OFFICE_DIRECTOR))


@pytest.mark.parametrize(
    "statement", ["UPDATE report_snapshots SET sha256 = ''", "DELETE FROM report_snapshots"]
)
def test_the_database_itself_keeps_what_was_frozen(
    office: Office, frozen_clock: Clock, statement: str
) -> None:
    go_to(frozen_clock, f"{THIRD}T06:00")
    freeze(office)

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(statement))

    assert len(snapshots()) == 1


def test_a_report_is_read_in_its_own_township_alone(office: Office, frozen_clock: Clock) -> None:
    go_to(frozen_clock, f"{THIRD}T06:00")
    freeze(office)
    stranger = make.actor(Role.OFFICE_DIRECTOR, tenant=make.tenant("别处镇"))

    assert months.get("2026-09", viewer=office.actor(Role.CHIEF)).month == SEPTEMBER
    for viewer in (stranger, office.actor(Role.HANDLER)):
        with pytest.raises(NotFound):
            months.get("2026-09", viewer=viewer)


# ---- R10 ----


def test_the_director_is_told_once_at_0835_and_nobody_else(
    office: Office, frozen_clock: Clock, sent: Sent
) -> None:
    office.walk_to(Status.CLOSED)
    for when in (f"{THIRD}T08:34", f"{THIRD}T08:35", f"{THIRD}T09:35", "2026-10-12T08:35"):
        go_to(frozen_clock, when)
        jobs.freeze_month()
        jobs.send_r10()
        notifications.deliver_due()

    assert sent_to("R10") == [("虞景澜", "2026-09")]
    (letter,) = [one for one in sent() if "月报" in one["Subject"]]
    assert letter["Subject"] == "【霁川镇营商办】2026年9月的月报草稿已经生成（虞景澜同志）"
    text = text_of(letter)
    for word in ("受理：1 件", "按时办结率：100.0%（1 / 1，样本不足）", "/reports/2026-09"):
        assert word in text, word


def test_r10_freezes_what_the_morning_missed(office: Office, frozen_clock: Clock) -> None:
    del office
    go_to(frozen_clock, f"{THIRD}T08:35")

    jobs.send_r10()

    assert [one.period for one in snapshots()] == ["2026-09"]
    assert len(sent_to("R10")) == 1


def test_the_timetable_does_it_all_once_after_three_days_of_sleep(
    office: Office, frozen_clock: Clock
) -> None:
    del office
    go_to(frozen_clock, "2026-10-09T20:00")
    schedule.run_due()
    go_to(frozen_clock, "2026-10-12T20:00")
    schedule.run_due()
    schedule.run_due()

    assert [one.period for one in snapshots()] == ["2026-09"]
    assert sent_to("R10") == [("虞景澜", "2026-09")]
