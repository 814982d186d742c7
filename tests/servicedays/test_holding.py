"""A day that was held: what is reported, what stays live, and who hears that all is closed."""

from collections.abc import Callable
from datetime import date, time
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.accounts.roles import Actor, Role
from app.core import clock
from app.core.db import db
from app.core.transactions import transaction
from app.notifications import jobs as notifications
from app.notifications.models import Channel
from app.servicedays import jobs, queries, service
from app.servicedays.models import ReceivedProblem, ServiceDay
from app.servicedays.queries import Outcome
from app.servicedays.workflow import Booking, IllegalStep
from app.tickets import service as tickets
from app.tickets.models import Category, Ticket
from app.tickets.workflow.states import Event, Status
from app.visits import service as visits
from app.visits.models import Mode, TaskState, Visit, VisitTask
from app.visits.service import Problem, VisitDraft
from app.workdays import queries as workdays
from tests import make
from tests.servicedays.town import Town, at_once, go_to, messages, open_town, people, ticket

pytestmark = pytest.mark.usefixtures("app")
Sent = Callable[[], list[EmailMessage]]


@pytest.fixture
def town(app: object, frozen_clock: time_machine.Traveller) -> Town:
    del app
    made = open_town()
    go_to(frozen_clock, "2026-10-15", "09:10")
    return made


def outcome(town: Town, viewer: Actor | None = None) -> Outcome:
    db.session.rollback()
    who = viewer or town.clerk
    return queries.outcome_of(
        town.day,
        queries.appointments_of(town.day, viewer=who),
        viewer=who,
        calendar=workdays.calendar_of(town.tenant_id),
        workdays=5,
    )


def end(*ticket_ids: int, status: Status = Status.CLOSED) -> None:
    """Let tickets be where a whole life would have brought them."""
    with transaction():
        for ticket_id in ticket_ids:
            found = db.session.get_one(Ticket, ticket_id)
            found.status, found.is_open, found.closed_at = status, False, clock.now()


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# ---- reporting ----


def test_a_day_is_held_on_the_day_and_not_before(
    frozen_clock: time_machine.Traveller,
) -> None:
    town = open_town()
    go_to(frozen_clock, "2026-10-14", "17:00")
    with pytest.raises(IllegalStep):
        town.hold()

    go_to(frozen_clock, "2026-10-15", "00:00")
    town.hold()

    assert town.day.is_held
    with pytest.raises(IllegalStep):
        town.hold()


def test_host_and_units_are_told_who_came_and_what_they_brought(town: Town, sent: Sent) -> None:
    absent = make.enterprise("没有来的厂")
    town.book(absent.id)
    town.receive(town.heard(title="小桥限重 13900001111"))

    town.hold()
    notifications.deliver_due()

    assert people("service-day-results") == town.told
    letter = next(one for one in sent() if "栾亦辰" in str(one["To"]))
    assert "到场1家，收到1个问题" in str(letter["Subject"])
    part = letter.get_body(("plain",))
    assert part
    text = str(part.get_content())
    number = db.session.scalars(select(Ticket.number)).one()
    for word in ("塑岭管业", f"小桥限重 （号码从略）（{number}，营商办，待受理）"):
        assert word in text, word
    for kept_out in ("没有来的厂", "13900001111", "宋主任"):
        assert kept_out not in text, kept_out


def test_two_who_mark_it_at_once_report_once(app: Flask, town: Town) -> None:
    day_id, clerk = town.day_id, town.clerk

    at_once(app, lambda _n: service.hold(db.session.get_one(ServiceDay, day_id), actor=clerk))

    assert people("service-day-results") == town.told


def test_whoever_came_without_a_problem_has_a_visit_and_a_task_done(town: Town) -> None:
    with transaction():
        visits.generate_tasks(town.tenant_id, "2026-10")
    guest, absent = town.book(), town.book(town.other_firm_id)
    town.sign_in(guest)

    town.hold()

    visit = db.session.scalars(select(Visit)).one()
    assert (visit.enterprise_id, visit.mode) == (town.firm_id, Mode.SERVICE_DAY)
    assert db.session.scalars(select(VisitTask)).one().state is TaskState.DONE
    assert town.appointment(absent).state is Booking.BOOKED
    assert [one.called for one in outcome(town).absent] == ["速岭物流"]


def record(town: Town, firm_id: int, **more: object) -> Visit:
    """Let the office write a visit of the day down on the page of visits."""
    draft = VisitDraft(
        visited_on=date(2026, 10, 15),
        mode=Mode.SERVICE_DAY,
        enterprise_id=firm_id,
        visitor_ids=(town.host_id,),
        began_at=time(9, 40),
        **more,  # type: ignore[arg-type]
    )
    with transaction():
        return visits.record_visit(draft, actor=town.clerk)


def a_problem(town: Town) -> Problem:
    return Problem(
        title="司机招不到",
        description="长途司机从七月起一直招不到，订单接不了。",
        category_id=town.category_id,
        contact_name="司经理",
        no_secrets=True,
    )


def test_visits_that_were_recorded_elsewhere_are_taken_in_with_their_problems(
    town: Town,
) -> None:
    guest = town.book()
    record(town, town.firm_id)
    record(town, town.other_firm_id, problems=(a_problem(town),))

    town.hold()

    found = outcome(town)
    assert {one.called for one in found.came} == {"塑岭管业", "速岭物流"}
    assert [one.title for one in found.results] == ["司机招不到"]
    assert count(Visit) == 2  # none is recorded twice
    assert town.appointment(guest).has_come


def test_a_visit_that_is_recorded_later_is_taken_in_by_the_clock(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.hold()
    go_to(frozen_clock, "2026-10-19")
    record(town, town.other_firm_id, problems=(a_problem(town),))
    record(town, town.firm_id)

    jobs.tell_finished()
    jobs.tell_finished()

    found = outcome(town)
    assert {one.called for one in found.came} == {"塑岭管业", "速岭物流"}
    assert len(found.results) == 1
    assert count(ReceivedProblem) == 1


# ---- live ----


def test_the_results_say_where_each_problem_stands_now(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    first, second, third = town.receive(
        town.heard(), town.heard(title="司机招不到"), town.heard(title="停车位")
    )
    town.hold()
    assert [one.state_label for one in outcome(town).results] == ["待受理"] * 3
    assert [one.light.word for one in outcome(town).results if one.light] == [
        "剩 {n} 个工作日答复"
    ] * 3

    go_to(frozen_clock, "2026-10-22", "17:00")  # the fifth working day
    with transaction():
        db.session.get_one(Ticket, first).replied_at = clock.now()
    go_to(frozen_clock, "2026-10-23", "10:00")
    with transaction():
        db.session.get_one(Ticket, second).replied_at = clock.now()
    end(first)

    now = outcome(town)
    assert [one.light.word for one in now.results if one.light] == [
        "按时答复",
        "超时答复",
        "超过 {n} 个工作日没有答复",
    ]
    assert (now.open, now.in_time) == (2, 1)
    assert third


def test_what_was_merged_is_as_open_as_what_it_was_merged_into(town: Town) -> None:
    (mine,) = town.receive()
    master = make.ticket(Status.IN_PROGRESS, enterprise=db.session.get_one(Ticket, mine).enterprise)
    town.hold()
    end(mine, status=Status.MERGED)
    with transaction():
        db.session.get_one(Ticket, mine).master_id = master.id

    assert outcome(town).open == 1
    assert queries.tallies([town.day_id])[town.day_id].open == 1
    end(master.id)

    assert outcome(town).open == 0
    assert queries.tallies([town.day_id])[town.day_id].open == 0


def test_nobody_but_its_few_reads_what_is_confidential(town: Town, sent: Sent) -> None:
    with transaction():
        db.session.add(
            Category(tenant_id=town.tenant_id, code="19", name="服务效能", confidential=True)
        )
    secret = db.session.scalars(select(Category.id).where(Category.code == "19")).one()
    (made,) = town.receive(town.heard(title="窗口推诿三次", category_id=secret))
    town.hold()
    notifications.deliver_due()

    for viewer in (town.host, town.head, town.liaison, make.actor(Role.CHIEF)):
        (shown,) = outcome(town, viewer).results
        assert (shown.is_for_few, shown.title, shown.number, shown.unit) == (True, "", "", "")
    (own,) = outcome(town, town.clerk).results
    assert own.title == "窗口推诿三次"
    for letter in sent():
        part = letter.get_body(("plain",))
        assert part
        assert "窗口推诿三次" not in str(part.get_content())
        assert str(ticket(made).number) not in str(part.get_content())


def test_a_unit_is_not_shown_what_is_said_about_it(town: Town) -> None:
    (made,) = town.receive()
    with transaction():
        db.session.get_one(Ticket, made).complained_unit_id = town.unit_id

    assert outcome(town, town.head).results == []
    assert len(outcome(town, town.host).results) == 1


def test_a_page_of_results_costs_the_same_however_many_there_are(
    town: Town, statements: list[str]
) -> None:
    def cost() -> int:
        statements.clear()
        outcome(town)
        return len(statements)

    town.receive()
    few = cost()
    for _ in range(6):
        town.receive(town.heard(), town.heard(title="停车位"), enterprise_id=make.enterprise().id)

    assert cost() <= few


# ---- all closed ----


def test_the_host_is_told_once_that_everything_is_closed(town: Town, sent: Sent) -> None:
    first, second = town.receive(town.heard(), town.heard(title="停车位"))
    town.hold()
    end(first)
    jobs.tell_finished()
    assert people("service-day-finished") == []

    end(second)
    for _ in range(3):
        jobs.tell_finished()
    notifications.deliver_due()

    assert people("service-day-finished") == [town.host_id]
    assert people("service-day-finished", Channel.INBOX) == [town.host_id]
    assert any("2个问题全部办结" in str(one["Subject"]) for one in sent())
    with transaction():  # and a problem that comes back later does not repeat it
        db.session.get_one(Ticket, first).is_open = True
        db.session.get_one(Ticket, first).status = Status.IN_PROGRESS
    end(first)
    jobs.tell_finished()
    assert people("service-day-finished") == [town.host_id]


@pytest.mark.parametrize("held", [True, False])
def test_a_day_without_problems_or_not_yet_held_is_not_reported_as_closed(
    town: Town, *, held: bool
) -> None:
    if held:
        town.hold()
    else:
        end(*town.receive())

    jobs.tell_finished()

    assert messages("service-day-finished", None) == []


def test_two_schedulers_tell_the_end_once(app: Flask, town: Town) -> None:
    made = town.receive()
    town.hold()
    end(*made)
    day_id = town.day_id

    at_once(app, lambda _n: service.finish(day_id), times=4)

    assert people("service-day-finished") == [town.host_id]


def test_what_was_rejected_or_withdrawn_is_closed(town: Town) -> None:
    first, second = town.receive(town.heard(), town.heard(title="停车位"))
    town.hold()
    end(first, status=Status.REJECTED)
    end(second, status=Status.CANCELLED)

    jobs.tell_finished()

    assert people("service-day-finished") == [town.host_id]


def test_what_was_sent_back_to_be_completed_is_not_closed(town: Town) -> None:
    (made,) = town.receive()
    town.hold()
    with transaction():
        given = tickets.StepInput(items="请补充桥的位置。")
        tickets.take(
            db.session.get_one(Ticket, made), Event.REQUEST_SUPPLEMENT, given, actor=town.clerk
        )

    jobs.tell_finished()

    assert outcome(town).open == 1
    assert messages("service-day-finished", None) == []
