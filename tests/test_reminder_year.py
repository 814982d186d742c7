"""A year of a small office through the real timetable: exactly these mails on exactly these days.

The days are worked out by hand on a wall calendar of 2026, with the notice of the State Council
beside it. Nobody ever visits anybody, one problem is overdue, one waits for a call, and one is
suspended until 30 October: so whoever may be reminded is.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app import schedule
from app.accounts.models import OrgUnit, RoleHolding, User
from app.accounts.roles import Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications.models import Channel, Message
from app.tickets.models import TicketEvent
from app.tickets.workflow.states import Event, Status
from app.visits.models import TaskState, VisitTask
from tests import make
from tests.visits.town import Town, open_town

pytestmark = pytest.mark.usefixtures("app")

MONTHLY = {  # R1, R2, R3 and R4; what is not there gives way
    "R1": "01-04 02-02 03-02 04-01 05-06 06-01 07-01 08-03 09-01 10-08 11-02 12-01",
    "R2": "01-15 03-16 04-15 05-15 06-15 07-15 08-17 09-15 10-15 11-16 12-15",
    "R3": "01-23 02-14 03-24 04-23 05-22 06-23 07-24 08-24 09-22 10-23 11-23 12-24",
    "R4": "01-29 02-27 03-30 04-29 05-28 06-29 07-30 08-28 09-29 10-29 11-27 12-30",
}
LOOKING_BACK = "02-02 03-02 04-01 05-06 06-01 07-01 08-03 09-01 10-08 11-02 12-01"
WEEKS = (
    "01-05 01-12 01-19 01-26 02-02 02-09 02-24 03-02 03-09 03-16 03-23 03-30 "
    "04-07 04-13 04-20 04-27 05-06 05-11 05-18 05-25 06-01 06-08 06-15 06-22 06-29 "
    "07-06 07-13 07-20 07-27 08-03 08-10 08-17 08-24 08-31 09-07 09-14 09-21 09-28 "
    "10-08 10-12 10-19 10-26 11-02 11-09 11-16 11-23 11-30 12-07 12-14 12-21 12-28"
)
INTEGRITY = "02-13 04-02 04-29 06-17 09-23 09-29 12-30"
REVIEWS = "10-16 10-28"  # ten and two workdays before 30 October
DAYS_OFF = (
    "01-01..03 02-15..23 04-04..06 05-01..05 06-19..21 09-25..27 10-01..07",
    "01-04 02-14 02-28 05-09 09-20 10-10",  # worked instead
)
OF_A_MONTH = {"R1", "R2", "R3", "R4"}


def days(text: str) -> set[date]:
    found = set()
    for part in text.split():
        first, _dots, last = part.partition("..")
        begin = date.fromisoformat(f"2026-{first}")
        end = begin.replace(day=int(last)) if last else begin
        found |= {begin + timedelta(days=n) for n in range((end - begin).days + 1)}
    return found


def workdays() -> set[date]:
    """Return the days on which the office works in 2026: there are 248."""
    off, won = (days(text) for text in DAYS_OFF)
    year = {date(2026, 1, 1) + timedelta(days=n) for n in range(365)}
    return {day for day in year if day in won or (day.weekday() < 5 and day not in off)}


@pytest.fixture
def town(frozen_clock: time_machine.Traveller) -> Town:
    """Make an office in which everybody has an address and something to be reminded of."""
    frozen_clock.move_to(at("2025-12-29", "08:00"), tick=False)
    town = open_town(created_at=clock.now())
    director, chief = make.actor(Role.OFFICE_DIRECTOR), make.actor(Role.CHIEF)
    head = make.user(Role.DEPT_HEAD)
    unit_id = db.session.scalars(
        select(RoleHolding.unit_id).where(RoleHolding.user_id == head.id)
    ).one()
    handler = make.user(Role.HANDLER, unit=db.session.get_one(OrgUnit, unit_id))
    firm = town.linkage.enterprise
    late = at("2025-12-30", "17:30")
    own = {"enterprise": firm, "lead_unit_id": unit_id, "handler_id": handler.id}
    make.ticket(Status.IN_PROGRESS, due_at=late, warn_on=date(2025, 12, 29), **own)
    make.ticket(Status.PENDING_REVISIT, revisit_due_at=late, liaison_id=town.liaison_id, **own)
    waits = make.ticket(Status.SUSPENDED, next_review_on=date(2026, 10, 30), **own)
    with transaction():
        db.session.add(
            TicketEvent(
                ticket_id=waits.id,
                kind=Event.APPROVE_SUSPENSION,
                source=Status.IN_PROGRESS,
                target=Status.SUSPENDED,
                actor_role=Role.CHIEF,
                at=clock.now(),
                payload={"cause": "planning", "plan": "等规划批复"},
            )
        )
        named = (town.leader_id, "领导"), (town.liaison_id, "联络员"), (director.user_id, "主任")
        more = (chief.user_id, "书记"), (town.clerk.user_id, "交办员")
        for person_id, name in (*named, *more, (head.id, "负责人"), (handler.id, "承办人")):
            person = db.session.get_one(User, person_id)
            person.name, person.email = name, f"p{person.id}@example.com"
    return town


def at(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=clock.LOCAL)


WATCHED = {*(f"R{n}" for n in range(1, 10)), "R12"}
OTHERS = {"remind-co-tasks", "remind-unread"}  # in the inbox only


def of_reminders() -> tuple[schedule.Job, ...]:
    """Return what plans mail and visits, as it stands in the timetable; the rest is not watched."""
    names = {"generate-tasks", "close-overdue-tasks"}
    found = [
        job
        for job in schedule.TIMETABLE
        if job.name in names or (job.name.startswith("remind-") and job.name not in OTHERS)
    ]
    assert len(found) == 9
    return tuple(found)


def pass_time(since: datetime, until: datetime) -> None:
    for moment, job in schedule.slots_between(since, until, of_reminders()):
        with clock.held(moment):
            schedule.run_at(job, moment)


def mails() -> dict[tuple[str, str], list[date]]:
    """Return on which days each rule wrote to each person; fail where it did twice on one."""
    found: dict[tuple[str, str], list[date]] = defaultdict(list)
    db.session.rollback()
    for mail in db.session.scalars(
        select(Message)
        .where(Message.channel == Channel.MAIL, Message.rule.in_(WATCHED))
        .order_by(Message.id)
    ):
        here = clock.local(mail.created_at)
        assert f"{here:%H:%M}" == "08:35"
        assert here.date() not in found[mail.rule, mail.recipient_name]
        found[mail.rule, mail.recipient_name].append(here.date())
    return found


def test_the_hand_written_year_has_its_248_workdays() -> None:
    assert len(workdays()) == 248
    for text in (*MONTHLY.values(), LOOKING_BACK, WEEKS, INTEGRITY, REVIEWS):
        assert days(text) <= workdays()


@pytest.mark.long
def test_in_a_year_exactly_these_mails_go_out_on_exactly_these_days(app: Flask, town: Town) -> None:
    del app, town
    pass_time(clock.now(), at("2026-12-31", "18:00"))

    first = date(2026, 1, 1)  # the days before let nothing be caught up
    found = {who: {day for day in sent if day >= first} for who, sent in mails().items()}
    expected: dict[tuple[str, str], set[date]] = {}
    for rule, text in MONTHLY.items():
        copied = ("主任", "交办员") if rule in {"R3", "R4"} else ()
        for name in ("领导", "联络员", *copied):
            expected[rule, name] = days(text)
    for name in ("主任", "书记"):  # who visits finds it in R1
        expected["R5", name] = days(LOOKING_BACK)
    for name in ("领导", "联络员", "主任", "书记", "交办员"):
        expected["R12", name] = days(INTEGRITY)
    expected["R6", "负责人"] = days(WEEKS)
    expected["R7", "承办人"] = expected["R8", "联络员"] = workdays()
    for name in ("负责人", "主任", "交办员"):
        expected["R9", name] = days(REVIEWS)
    assert found.keys() == expected.keys()
    for who, wanted in expected.items():
        assert found[who] == wanted, (who, found[who] ^ wanted)


def test_who_sleeps_three_days_over_a_months_end_is_told_the_next_and_not_the_last(
    town: Town,
) -> None:
    del town
    pass_time(at("2026-03-20", "18:00"), at("2026-03-27", "18:00"))
    before = len(mails()["R3", "领导"])

    pass_time(at("2026-03-30", "09:00"), at("2026-04-02", "18:00"))  # R4 was slept through

    found = mails()
    assert before == 1
    assert found["R4", "领导"] == [date(2026, 3, 31)]  # the last day, still in time
    assert found["R1", "领导"] == [date(2026, 4, 1)]
    assert found["R5", "书记"] == [date(2026, 4, 1)]


def test_whoever_comes_back_after_the_due_day_is_told_of_no_countdown(town: Town) -> None:
    del town
    pass_time(at("2026-03-01", "18:00"), at("2026-03-13", "18:00"))

    pass_time(at("2026-03-31", "09:00"), at("2026-04-02", "18:00"))

    rules = {rule for rule, _name in mails()}
    assert not rules & {"R2", "R3", "R4"}
    assert mails()["R5", "主任"] == [date(2026, 4, 1)]


def test_two_schedulers_and_a_clock_set_back_send_nothing_twice(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    del town
    since = at("2026-03-30", "18:00")
    pass_time(since, at("2026-04-01", "09:00"))
    before = mails()

    pass_time(since, at("2026-04-01", "09:00"))  # as the other one would
    frozen_clock.move_to(at("2026-04-01", "08:00"), tick=False)
    schedule.run_due()
    frozen_clock.move_to(at("2026-04-01", "08:40"), tick=False)
    schedule.run_due()

    assert {rule: sent for (rule, _), sent in before.items()}.keys() >= {"R1", "R5", "R7", "R8"}
    now = mails()
    assert {who: now[who] for who in before} == before


def test_a_review_that_came_up_while_the_scheduler_slept_is_told_when_it_is_back(
    town: Town,
) -> None:
    del town
    pass_time(at("2026-10-14", "18:00"), at("2026-10-15", "18:00"))

    pass_time(at("2026-10-18", "18:00"), at("2026-10-19", "18:00"))  # the 16th was slept through

    assert mails()["R9", "负责人"] == [date(2026, 10, 19)]


def test_nobody_visits_in_that_year_so_all_of_it_is_overdue_but_december(town: Town) -> None:
    pass_time(at("2026-08-31", "18:00"), at("2026-10-02", "18:00"))

    states = {task.period: task.state for task in db.session.scalars(select(VisitTask))}
    assert town.linkage
    assert states == {"2026-09": TaskState.OVERDUE}
