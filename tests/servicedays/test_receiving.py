"""On the day: who came, and the problems that become tickets at once."""

from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.accounts.roles import Role
from app.core.db import db
from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.transactions import transaction
from app.enterprises.models import Enterprise, Linkage
from app.servicedays import service
from app.servicedays.models import Appointment, ReceivedProblem
from app.servicedays.service import AppointmentDraft, Reception
from app.servicedays.workflow import Booking, IllegalStep, Origin
from app.tickets import service as tickets
from app.tickets.models import Category, Ticket
from app.tickets.views import beginnings
from app.tickets.workflow.states import (
    Complexity,
    Event,
    Outcome,
    Source,
    Status,
    Urgency,
)
from app.visits import service as visits
from app.visits.models import Mode, TaskState, Visit, VisitTask
from tests import make
from tests.servicedays.town import Town, at_once, go_to, open_town, standing, ticket

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def town(app: object, frozen_clock: time_machine.Traveller) -> Town:
    del app
    made = open_town()
    go_to(frozen_clock, "2026-10-15", "09:10")
    return made


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# ---- who came ----


def test_nobody_signs_in_before_the_day(frozen_clock: time_machine.Traveller) -> None:
    town = open_town()
    guest = town.book()
    go_to(frozen_clock, "2026-10-14", "23:59")

    with pytest.raises(IllegalStep):
        town.sign_in(guest)
    go_to(frozen_clock, "2026-10-15", "00:00")
    town.sign_in(guest)

    assert town.appointment(guest).has_come


def test_a_tick_can_be_taken_back_until_something_was_received(town: Town) -> None:
    guest = town.book()
    town.sign_in(guest)
    town.sign_in(guest)  # a second tap changes nothing
    with transaction():
        service.sign_out(db.session.get_one(Appointment, guest), actor=town.clerk)
    assert town.appointment(guest).state is Booking.BOOKED

    town.receive(appointment_id=guest)

    with pytest.raises(Invalid), transaction():
        service.sign_out(db.session.get_one(Appointment, guest), actor=town.clerk)


def test_whoever_comes_without_an_appointment_is_added_also_where_all_is_booked(
    town: Town,
) -> None:
    town.change(capacity=1)
    town.book()

    with transaction():
        draft = AppointmentDraft(firm_name="路边新店", contact_name="老板")
        made = service.walk_in(town.day, draft, actor=town.clerk).id

    found = town.appointment(made)
    assert (found.origin, found.has_come) == (Origin.WALK_IN, True)
    with transaction():
        service.sign_out(found, actor=town.clerk)
    assert len(standing(town.day_id)) == 1  # a walk-in that was a mistake is gone


# ---- problems ----


def test_each_problem_is_a_ticket_at_once(town: Town) -> None:
    guest = town.book()

    made = town.receive(town.heard(), town.heard(title="司机招不到"), appointment_id=guest)

    found = [ticket(one) for one in made]
    assert [one.title for one in found] == ["进厂小桥限重货车绕行", "司机招不到"]
    for one in found:
        assert one.status is Status.PENDING_ACCEPTANCE
        assert one.source is Source.SERVICE_DAY
        assert one.number
        assert one.heard_on == date(2026, 10, 15)
    visit = db.session.scalars(select(Visit)).one()
    assert visit.mode is Mode.SERVICE_DAY
    assert {one.visit_id for one in found} == {visit.id}
    came = town.appointment(guest)
    assert (came.has_come, came.visit_id) == (True, visit.id)
    assert count(ReceivedProblem) == 2


def test_the_months_task_is_done_and_the_leader_was_there_where_the_host_looks_after_the_firm(
    town: Town,
) -> None:
    with transaction():
        visits.generate_tasks(town.tenant_id, "2026-10")

    town.receive()

    task = db.session.scalars(select(VisitTask)).one()
    assert task.state is TaskState.DONE
    assert db.session.scalars(select(Visit)).one().leader_present


def test_a_host_who_looks_after_others_was_not_its_leader(town: Town) -> None:
    with transaction():
        link = db.session.scalars(select(Linkage)).one()
        link.leader_id = town.in_charge.user_id or 0

    town.receive()

    assert not db.session.scalars(select(Visit)).one().leader_present


def test_a_second_form_of_one_enterprise_belongs_to_the_same_visit(town: Town) -> None:
    town.receive()
    town.receive(town.heard(title="司机招不到"))

    assert count(Visit) == 1
    assert count(Ticket) == 2
    assert len(standing(town.day_id)) == 1


def test_what_was_answered_on_the_spot_is_marked_and_can_be_closed_by_t06(town: Town) -> None:
    said = "申报时间是 11 月，材料清单当场给了。"
    (made,) = town.receive(town.heard(answer=said))

    (received,) = db.session.scalars(select(ReceivedProblem)).all()
    assert received.answer == said
    assert beginnings.closing_on_site(ticket(made)) == {
        "outcome": Outcome.RESOLVED,
        "reply": said,
    }
    assert db.session.scalars(select(Visit)).one().solved_on_site == said
    take(town, made, Event.ACCEPT)
    take(town, made, Event.CLOSE_ON_SITE)
    assert ticket(made).status is Status.PENDING_REVISIT


def take(town: Town, ticket_id: int, event: Event) -> None:
    given = tickets.StepInput(
        urgency=Urgency.NORMAL,
        complexity=Complexity.SIMPLE,
        duplicates_checked=True,
        reply="申报时间和材料清单已经当场告诉企业。",
        outcome=Outcome.RESOLVED,
    )
    with transaction():
        tickets.take(db.session.get_one(Ticket, ticket_id), event, given, actor=town.clerk)


def test_what_nobody_classified_is_other(town: Town) -> None:
    (made,) = town.receive(town.heard(category_id=None))

    assert db.session.get_one(Category, ticket(made).category_id).code == "99"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"problems": ()}, "problems-0-title"),
        ({"no_secrets": False}, "no_secrets"),
        ({"enterprise_id": None}, "firm"),
    ],
)
def test_what_is_wrong_is_refused_at_its_field_and_nothing_is_kept(
    town: Town, wrong: dict[str, object], field: str
) -> None:
    words: dict[str, object] = {
        "enterprise_id": town.firm_id,
        "contact_name": "宋主任",
        "no_secrets": True,
        "problems": (town.heard(),),
    }
    with pytest.raises(Invalid) as refused, transaction():
        service.receive(
            town.day,
            Reception(**(words | wrong)),  # type: ignore[arg-type]
            actor=town.clerk,
        )

    assert refused.value.field == field
    assert (count(Visit), count(Ticket), count(Appointment)) == (0, 0, 0)


def test_of_two_problems_a_bad_one_keeps_both_out(town: Town) -> None:
    with pytest.raises(Invalid) as refused:
        town.receive(town.heard(), town.heard(description="太短"))

    assert refused.value.field == "problems-1-description"
    assert (count(Visit), count(Ticket), count(ReceivedProblem)) == (0, 0, 0)


def test_the_name_and_number_of_the_appointment_are_the_tickets(town: Town) -> None:
    guest = town.book(contact_name="范经理", contact_phone="14200005555")

    (made,) = town.receive(appointment_id=guest, contact_name="")

    found = ticket(made)
    assert (found.contact_name, found.contact_phone) == ("范经理", "14200005555")


def test_an_enterprise_without_a_file_gets_one_where_the_office_says_so(town: Town) -> None:
    guest = town.book(enterprise_id=None, firm_name="路边新店五金")
    with pytest.raises(Invalid) as refused:
        town.receive(appointment_id=guest)
    assert refused.value.field == "makes_file"

    (made,) = town.receive(appointment_id=guest, makes_file=True)

    firm = db.session.get_one(Enterprise, ticket(made).enterprise_id)
    assert firm.name == "路边新店五金"
    assert town.appointment(guest).enterprise_id == firm.id


def test_a_file_of_that_name_is_not_made_twice(town: Town) -> None:
    guest = town.book(enterprise_id=None, firm_name="明岫霁川速岭物流有限公司")

    with pytest.raises(Invalid) as refused:
        town.receive(appointment_id=guest, makes_file=True)

    assert refused.value.field == "makes_file"


def test_the_liaison_officer_receives_from_their_enterprises_only(town: Town) -> None:
    assert town.receive(actor=town.liaison)

    with pytest.raises(NotFound):
        town.receive(actor=town.liaison, enterprise_id=town.other_firm_id)


@pytest.mark.parametrize("role", [Role.OFFICE_DIRECTOR, Role.CHIEF, Role.DEPT_HEAD, Role.HANDLER])
def test_who_hands_in_no_tickets_receives_none(town: Town, role: Role) -> None:
    with pytest.raises(NotAllowed):
        town.receive(actor=make.actor(role))


def test_what_is_entered_from_paper_afterwards_belongs_to_the_day(
    town: Town, frozen_clock: time_machine.Traveller
) -> None:
    town.hold()
    go_to(frozen_clock, "2026-10-16")

    (made,) = town.receive()

    assert db.session.scalars(select(Visit)).one().visited_on == date(2026, 10, 15)
    assert ticket(made).heard_on == date(2026, 10, 15)


def test_two_phones_that_receive_from_one_enterprise_at_once_make_one_visit(
    app: Flask, town: Town
) -> None:
    guest = town.book()

    def receive(number: int) -> int:
        given = Reception(
            appointment_id=guest,
            contact_name="宋主任",
            no_secrets=True,
            problems=(town.heard(title=f"第 {number + 1} 个问题"),),
        )
        return len(service.receive(town.day, given, actor=town.clerk))

    got = at_once(app, receive)

    assert count(Visit) == 1
    assert count(Ticket) == sum(isinstance(one, int) for one in got) >= 1
